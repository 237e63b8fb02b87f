"""`countylink consent`: opt-outs and consents of clients, taken in and shown."""

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from pipelines.commands.options import AS_JSON, CONTRACTS, EXISTING, EXISTING_FILE, LAKE


@click.group()
def consent() -> None:
    """Take in what clients chose; the next release and every next build of a product keep to it."""


@consent.command("add")
@LAKE
@click.option(
    "--file", "file", type=EXISTING_FILE, required=True, help="CSV: agency, client_id, choice_code, stated_on."
)
@click.option("--by", required=True, help="Who records it.")
@CONTRACTS
def add_choices(root: Path, file: Path, by: str, contracts: Path) -> None:
    """Record a list: opt_out, opt_in, consent or revoke, each of a client as its agency knows it."""
    from pipelines.consent import read_choices, record
    from pipelines.lake import Lake
    from schemas.data_contract import load_contracts

    choices = read_choices(file, load_contracts(contracts).agencies)
    number = record(Lake(root), choices, by)
    click.echo(f"{len(choices):,} choices recorded as list {number}; run, and build products, to put them in force")


@consent.command("take")
@LAKE
@click.option("--from", "folder", type=EXISTING, required=True, help="Folder into which agencies put lists, *.csv.")
@click.option("--by", required=True, help="Who takes them in, such as the name of the nightly job.")
@CONTRACTS
def take(root: Path, folder: Path, by: str, contracts: Path) -> None:
    """Take in every list of a folder that was not taken before; run it before the nightly job."""
    from pipelines.consent import take_choices
    from pipelines.defs.locking import sole_writer
    from pipelines.lake import Lake
    from schemas.data_contract import load_contracts

    with sole_writer(root):
        taken = take_choices(Lake(root), folder, load_contracts(contracts).agencies, by)
    click.echo(f"{taken.choices:,} choices in {taken.lists} lists recorded; {taken.known} lists were known")
    for fault in taken.faults:
        click.echo(fault, err=True)
    if taken.faults:
        raise click.exceptions.Exit(1)


@consent.command("list")
@LAKE
@click.option("--all", "everything", is_flag=True, help="Also what was chosen before and replaced since, or expired.")
@AS_JSON
def list_choices(root: Path, everything: bool, as_json: bool) -> None:
    """Show the choices in force; it names clients by their ids."""
    from pipelines.consent import in_force, recorded
    from pipelines.lake import Lake

    said = recorded(Lake(root))
    shown = said if everything else in_force(said, datetime.now(UTC).date())
    if as_json:
        click.echo(json.dumps([one.as_json() for one in shown], indent=2))
        return
    for one in shown:
        whom = f" for {one.recipient}" if one.recipient else ""
        until = f" until {one.expires_on}" if one.expires_on else ""
        click.echo(
            f"{one.agency}:{one.client_id} · {one.choice_code}{whom} · {one.stated_on}{until} · list {one.number}"
        )
