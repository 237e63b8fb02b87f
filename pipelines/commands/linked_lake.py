"""`countylink relink`, `migrate-model` and `person-index`: looking into, and mending, how a lake is linked."""

import json
import sys
from pathlib import Path

import click

from pipelines.commands.options import AS_JSON, EXISTING, NEW_FILE, OUTCOME_CONTRACTS


@click.command()
@click.option("--lake", type=EXISTING, required=True, help="Lake whose linkage is looked at.")
@click.option("--full", "is_full", is_flag=True, help="Write what the full run comes to.")
@click.option("--verify", "is_verify", is_flag=True, help="Compare, and exit with 1 if anything differs.")
@AS_JSON
def relink(lake: Path, is_full: bool, is_verify: bool, as_json: bool) -> None:
    """Score everything anew with the pinned model, and hold it against what the nights came to, bit by bit."""
    from dataclasses import asdict

    from pipelines.commands.relink import relink as run

    if not (is_full or is_verify):
        raise click.UsageError("say --verify, to compare, or --full, to write what a full run comes to, or both")
    found, lines = run(lake, is_written=is_full)
    for line in [json.dumps({**asdict(found), "is_equal": found.is_equal}, indent=2)] if as_json else lines:
        click.echo(line)
    sys.exit(int(is_verify and not found.is_equal))


@click.command("migrate-model")
@click.option("--lake", type=EXISTING, required=True, help="Lake that is linked with another model.")
@click.option("--bundle", type=EXISTING, required=True, help="Folder of the new linkage model.")
@click.option("--out", type=NEW_FILE, help="Report to write: .html or .json, by the ending.")
@OUTCOME_CONTRACTS
@click.option("--switch", "is_switch", is_flag=True, help="Link the lake with the new model from now on.")
def migrate_model(lake: Path, bundle: Path, out: Path | None, outcome_contracts: Path, is_switch: bool) -> None:
    """Show which persons another linkage model would change, and why; with --switch, change to it."""
    from pipelines.commands.model_migration import migrate_model as migrate
    from pipelines.lake import Lake

    for line in migrate(Lake(lake), bundle, out, is_switch=is_switch, outcome_contracts=outcome_contracts):
        click.echo(line)


@click.group("person-index")
def person_index() -> None:
    """Look into the person index."""


@person_index.command("as-of")
@click.option("--lake", type=EXISTING, required=True, help="Lake that the release was made in.")
@click.option("--release", "release_id", required=True, help="Release id, such as 2026-11-01-0123456789ab.")
@click.option("--out", type=NEW_FILE, required=True, help="Parquet to write; it names clients, so keep it protected.")
def person_index_as_of(lake: Path, release_id: str, out: Path) -> None:
    """Write which client was which person when a release was made, and who that person is now."""
    from pipelines.commands.person_index import write_index_as_of
    from pipelines.lake import Lake

    found = write_index_as_of(Lake(lake), release_id, out)
    click.echo(f"version {found.version}: {found.clients:,} clients were {found.persons:,} persons, written to {out}")
    click.echo(f"of these persons {found.persons_merged:,} are another by now, and {found.persons_gone:,} are gone")
