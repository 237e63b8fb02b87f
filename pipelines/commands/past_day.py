"""`countylink past-day`: a past day computed again beside the lake."""

import json
from datetime import datetime
from pathlib import Path

import click

from pipelines.commands.options import AS_JSON, CONTRACTS, LAKE, OUTCOME_CONTRACTS


@click.command("past-day")
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
@LAKE
@CONTRACTS
@OUTCOME_CONTRACTS
@AS_JSON
def past_day_again(day: datetime, root: Path, contracts: Path, outcome_contracts: Path, as_json: bool) -> None:
    """Compute DAY again with today's code, contracts and decisions, and say how it differs from what was published.

    Its release goes to LAKE/past_days/DAY; it is never the latest, and the lake stays as it is.
    """
    from pipelines.defs.locking import clear_leftovers, sole_writer
    from pipelines.defs.past_days import facts, past_day
    from pipelines.defs.resources import CountyResource
    from pipelines.lake import Lake

    lake = Lake(root.resolve())
    county = CountyResource(
        landing="", contracts=str(contracts), outcome_contracts=str(outcome_contracts), bundle="", as_of=""
    )
    with sole_writer(lake.root):
        clear_leftovers(lake)
        verdict = past_day(lake, county, day.date())
    if as_json:
        click.echo(json.dumps(facts(verdict) | {"release": str(verdict.release)}, indent=2))
        return
    click.echo(str(verdict.release))
    if not verdict.published_then:
        click.echo("nothing was published of that day")
    elif verdict.is_same:
        click.echo(f"the same as {verdict.published_then}, which was published of that day")
    else:
        click.echo(f"unlike {verdict.published_then} in {', '.join(verdict.differing_tables)}")
        click.echo(f"what changed since: {', '.join(verdict.causes) or 'no input'}")
