"""`countylink run` and `countylink demo`: the nightly job, on a county or on a synthetic one."""

import json
import sys
from pathlib import Path

import click

from pipelines.commands.options import (
    CONTRACTS,
    DEMO,
    ENGINE,
    EXISTING,
    FOLDER,
    OUTCOME_CONTRACTS,
    SHIPPED_CONTRACTS,
    SHIPPED_OUTCOME_CONTRACTS,
    SPARK_MASTER,
    day,
    say_to,
)


@click.command()
@click.option("--landing", type=EXISTING, required=True, help="Folder that the agencies deliver into.")
@click.option("--lake", type=FOLDER, required=True, help="Folder of the lake; made when it is not there.")
@CONTRACTS
@OUTCOME_CONTRACTS
@click.option("--bundle", type=EXISTING, help="Folder of the linkage model; default: the shipped one.")
@click.option("--as-of", callback=day, help="Latest day to look at (YYYY-MM-DD); default: the newest delivered.")
@ENGINE
@SPARK_MASTER
@click.option(
    "--settle-seconds",
    default=0.0,
    show_default=True,
    type=click.FloatRange(0),
    help="A delivery without a marker waits until none of its files has changed for so long.",
)
@click.option("--read-all", "reads_all", is_flag=True, help="Read every delivered file again, though nothing changed.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON; progress goes to standard error.")
def run(
    landing: Path,
    lake: Path,
    contracts: Path,
    outcome_contracts: Path,
    bundle: Path | None,
    as_of: str,
    engine: str,
    spark_master: str,
    settle_seconds: float,
    reads_all: bool,
    as_json: bool,
) -> None:
    """Run the nightly job: exit code 0 only if a release was published or nothing was new, and nothing is held."""
    from pipelines.commands.nightly import RunSettings, run_nightly

    say = say_to(as_json)
    settings = RunSettings(
        lake=lake,
        landing=landing,
        contracts=contracts,
        outcome_contracts=str(outcome_contracts.resolve()),
        bundle=str(bundle.resolve()) if bundle else "",
        as_of=as_of,
        engine=engine,
        spark_master=spark_master,
        settle_seconds=settle_seconds,
        reads_all=reads_all,
    )
    summary = run_nightly(settings, say)
    if as_json:
        click.echo(json.dumps(summary.as_json(), indent=2))
    else:
        for line in summary.lines():
            click.echo(line)
    sys.exit(summary.exit_code)


@click.command()
@click.option("--people", default=20_000, show_default=True, type=click.IntRange(1), help="People in the county.")
@click.option("--seed", default=1, show_default=True, help="Seed of the county.")
@click.option("--days", default=2, show_default=True, type=click.IntRange(1), help="Nights of deliveries.")
@click.option("--out", type=FOLDER, default=DEMO, show_default=True, help="Folder of the demo; made anew each time.")
def demo(people: int, seed: int, days: int, out: Path) -> None:
    """Make a synthetic county, run its nights, and show release, accuracy and headline outcomes."""
    from pipelines.commands.demo import run_demo

    sys.exit(run_demo(out, SHIPPED_CONTRACTS, SHIPPED_OUTCOME_CONTRACTS, people, seed, days, click.echo))
