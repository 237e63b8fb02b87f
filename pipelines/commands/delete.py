"""`countylink delete`: a client is deleted from everything the lake keeps, and it is proved."""

import json
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines.commands.options import AS_JSON, CHECKOUT, CONTRACTS, EXISTING, LAKE, OUTCOME_CONTRACTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.commands.progress import Say
    from pipelines.deletion import Certificate, Client
    from pipelines.lake import Lake

LAW = click.option("--law", type=EXISTING, default=CHECKOUT / "data_contracts/law", help="Folder of the law's files.")


@click.command()
@LAKE
@click.option("--client", nargs=2, metavar="AGENCY ID", help="The client, as its agency knows it.")
@click.option("--past-retention", is_flag=True, help="Every client whose rows are all past their retention.")
@click.option("--resume", is_flag=True, help="Take up the deletion that was begun and not ended.")
@click.option("--by", required=True, help="Who deletes.")
@click.option("--approved-by", required=True, help="The second person who agreed.")
@click.option("--reason", required=True, help="Why, without naming anybody; it stands in the certificate.")
@click.option("--on", "on", type=click.DateTime(["%Y-%m-%d"]), help="The day by which rows are old; default: today.")
@CONTRACTS
@OUTCOME_CONTRACTS
@LAW
@AS_JSON
def delete(
    root: Path,
    client: tuple[str, str] | None,
    past_retention: bool,
    resume: bool,
    by: str,
    approved_by: str,
    reason: str,
    on: datetime | None,
    contracts: Path,
    outcome_contracts: Path,
    law: Path,
    as_json: bool,
) -> None:
    """Delete a client, or those past retention, from every zone; runs the nightly job, and searches every byte."""
    from pipelines.audit import shareable
    from pipelines.defs.locking import sole_writer
    from pipelines.lake import Lake
    from pipelines.products.rotation import refuse_one_person

    if [bool(client), past_retention, resume].count(True) != 1:
        raise click.UsageError("say one of --client AGENCY ID, --past-retention and --resume")
    refuse_one_person(by, approved_by, shareable(reason))
    lake, say = Lake(root.resolve()), _say(as_json)
    day = on.date() if on else datetime.now(UTC).date()
    with sole_writer(lake.root):
        clients = _begun(lake) if resume else _clients(lake, contracts, law, client, day)
        if not clients:
            click.echo("there is nobody to delete")
            return
        told = _delete(lake, contracts, outcome_contracts, clients, (by, approved_by, reason), say)
    click.echo(json.dumps(told.as_json(), indent=2) if as_json else "\n".join(_lines(told)))


def _begun(lake: "Lake") -> "list[Client]":
    from pipelines.deletion import read_pending

    pending = read_pending(lake)
    return list(pending.clients) if pending else []


def _clients(lake: "Lake", contracts: Path, law: Path, client: "Client | None", on: date) -> "list[Client]":
    from pipelines.deletion import named_client, past_retention
    from schemas.data_contract import load_contracts

    known = load_contracts(contracts)
    if client:
        return [named_client(lake, known, client)]
    return [one for found in past_retention(lake, known, law, on).values() for one in found]


def _delete(
    lake: "Lake",
    contracts: Path,
    outcome_contracts: Path,
    clients: "list[Client]",
    who: tuple[str, str, str],
    say: "Say",
) -> "Certificate":
    """Erase, run the nightly job over what is left, and prove it."""
    from pipelines.commands.nightly import RunSettings, run_nightly
    from pipelines.deletion import conclude, erase
    from pipelines.errors import LakeError
    from schemas.data_contract import load_contracts

    by, approved_by, reason = who
    erasure = erase(lake, load_contracts(contracts), clients)
    say(f"erased; deletion {erasure.number}")
    with tempfile.TemporaryDirectory() as nothing_new:
        settings = RunSettings(
            lake=lake.root,
            landing=Path(nothing_new),
            contracts=contracts,
            outcome_contracts=str(outcome_contracts.resolve()),
        )
        summary = run_nightly(settings, say)
    if summary.status == "failed":
        raise LakeError("the run after the deletion failed; mend what it tells, then run `countylink delete --resume`")
    return conclude(lake, erasure, by=by, approved_by=approved_by, reason=reason)


def _say(as_json: bool) -> "Say":
    return lambda text: click.echo(text, err=as_json)


def _lines(told: "Certificate") -> list[str]:
    return [
        f"deletion {told.number}: {told.clients:,} clients, certified",
        *(f"  {place}: {rows:,}" for place, rows in sorted(told.rows.items())),
        f"  looked for {told.search.values:,} values in {told.search.files:,} files "
        f"({told.search.bytes:,} bytes): none found",
        *(line for one in told.not_reached for line in _left(one)),
    ]


def _left(one: "Mapping[str, Any]") -> list[str]:
    """What is left to be done in one place."""
    return [f"  not reached: {one['what']}", *(f"    {each}" for each in one["ids"]), f"    → {one['do']}"]
