"""The `countylink` command: options and printing. What a command does stands in `pipelines/commands/`.

The groups for reviewers (`decide`, `review`, `explain`) bring their own options and printing from there.
"""

import json
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.commands.decide import decide
from pipelines.commands.explain import explain
from pipelines.commands.review import review
from pipelines.errors import CountylinkError
from pipelines.lake import guard_privacy

if TYPE_CHECKING:  # Dagster takes seconds to load, and most commands never need it
    from pipelines.commands.progress import Say

SHIPPED_CONTRACTS = Path(__file__).parents[1] / "data_contracts"
SHIPPED_OUTCOME_CONTRACTS = Path(__file__).parents[1] / "outcome_contracts"
DEMO = Path("build/demo")

FOLDER = click.Path(file_okay=False, path_type=Path)
EXISTING = click.Path(exists=True, file_okay=False, path_type=Path)
ENGINE = click.Choice(["duckdb", "spark"])
NEW_FILE = click.Path(dir_okay=False, path_type=Path)
EXISTING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class Command(click.Group):
    """Says what can be mended as one sentence, without a traceback; anything else keeps its traceback."""

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; an error of ours ends it with exit code 1."""
        try:
            return super().invoke(ctx)
        except CountylinkError as error:
            click.echo(f"countylink: {error}", err=True)
            ctx.exit(1)


@click.group(cls=Command, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
def main() -> None:
    """Link a county's records, and publish the outcomes that its contracts are paid on."""
    guard_privacy()


def _say(as_json: bool) -> "Say":
    """Progress goes to standard error when standard output carries JSON."""
    return lambda line: click.echo(line, err=as_json)


def _day(_: click.Context, __: click.Parameter, value: str | None) -> str:
    if value is None:
        return ""
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise click.BadParameter("write the date as YYYY-MM-DD") from None


@main.command()
@click.option("--landing", type=EXISTING, required=True, help="Folder that the agencies deliver into.")
@click.option("--lake", type=FOLDER, required=True, help="Folder of the lake; made when it is not there.")
@click.option(
    "--contracts", type=EXISTING, default=SHIPPED_CONTRACTS, help="Folder of data contracts; default: shipped."
)
@click.option(
    "--outcome-contracts",
    type=EXISTING,
    default=SHIPPED_OUTCOME_CONTRACTS,
    help="Folder of outcomes contracts and measures.",
)
@click.option("--bundle", type=EXISTING, help="Folder of the linkage model; default: the shipped one.")
@click.option("--as-of", callback=_day, help="Latest day to look at (YYYY-MM-DD); default: the newest delivered.")
@click.option(
    "--engine", type=ENGINE, default="duckdb", show_default=True, help="What scores pairs; see docs/spark.md."
)
@click.option("--spark-master", default="local[*]", show_default=True, help="Spark: local[N], or spark://host:port.")
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
    as_json: bool,
) -> None:
    """Run the nightly job: exit code 0 only if a release was published or nothing was new, and nothing is held."""
    from pipelines.commands.nightly import RunSettings, run_nightly

    say = _say(as_json)
    settings = RunSettings(
        lake=lake,
        landing=landing,
        contracts=contracts,
        outcome_contracts=str(outcome_contracts.resolve()),
        bundle=str(bundle.resolve()) if bundle else "",
        as_of=as_of,
        engine=engine,
        spark_master=spark_master,
    )
    summary = run_nightly(settings, say)
    if as_json:
        click.echo(json.dumps(summary.as_json(), indent=2))
    else:
        for line in summary.lines():
            click.echo(line)
    sys.exit(summary.exit_code)


@main.command()
@click.argument("release", type=EXISTING)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def verify(release: Path, as_json: bool) -> None:
    """Check every byte, row count and contract of a release folder."""
    from dataclasses import asdict

    from pipelines.publish import verify_release

    found = verify_release(release)
    if as_json:
        click.echo(json.dumps({**asdict(found), "is_whole": found.is_whole}, indent=2))
    elif found.is_whole:
        click.echo(f"{found.release_id} is whole: {found.files} files, {found.rows:,} rows")
    for fault in () if as_json else found.faults:
        click.echo(fault)
    sys.exit(int(not found.is_whole))


@main.command()
@click.argument("release", type=EXISTING)
@click.option("--out", type=NEW_FILE, required=True, help="The page to write.")
@click.option("--page", type=click.Choice(["outcomes", "linkage"]), default="outcomes", show_default=True)
@click.option("--against", type=EXISTING, help="Another release, to tell the drift of the linkage from.")
def report(release: Path, out: Path, page: str, against: Path | None) -> None:
    """Draw a page of a release again, for example with a newer template; the release itself is not touched."""
    from pipelines.reports import draw, draw_linkage

    if page == "outcomes" and against is not None:
        raise click.UsageError("--against goes with --page linkage")
    click.echo(str(draw(release, out) if page == "outcomes" else draw_linkage(release, out, against)))


@main.command()
@click.option("--people", default=20_000, show_default=True, type=click.IntRange(1), help="People in the county.")
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same county, byte by byte.")
@click.option("--out", type=FOLDER, required=True, help="New folder for landing/ and truth/.")
@click.option("--days", default=2, show_default=True, type=click.IntRange(1), help="Nights of deliveries.")
def synth(people: int, seed: int, out: Path, days: int) -> None:
    """Make a synthetic county: extracts as agencies send them, and the truth beside them, never among them."""
    from synthetic.county import generate

    try:
        county = generate(out, people=people, seed=seed, days=days, progress=click.echo)
    except (FileExistsError, ValueError) as error:
        raise click.ClickException(str(error)) from None
    for agency, clients in county.clients.items():
        click.echo(f"{agency:<16}{clients:>12,} clients")
    click.echo(f"deliveries in {county.landing}, the truth in {county.truth}")


@main.command("synth-records")
@click.option("--records", default=22_400, show_default=True, type=click.IntRange(1), help="Records in the table.")
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same records, byte by byte.")
@click.option("--ssn-kept", default=1.0, show_default=True, type=click.FloatRange(0, 1), help="Share of SSNs kept.")
@click.option(
    "--noise",
    default="hard",
    show_default=True,
    type=click.Choice(["standard", "hard", "brutal"]),
    help="How often the sources err.",
)
@click.option("--out", type=FOLDER, required=True, help="Folder for records.parquet and truth.parquet.")
def synth_records(records: int, seed: int, ssn_kept: float, noise: str, out: Path) -> None:
    """Make a table of synthetic person records, and its truth, for measuring linkage with `link-table`."""
    from synthetic.person_records import generate_records

    try:
        made = generate_records(out, records=records, seed=seed, ssn_kept=ssn_kept, noise=noise)
    except FileExistsError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{made.records:,} records of {made.persons:,} persons in {out}")


@main.command()
@click.option(
    "--persons",
    type=EXISTING_FILE,
    default=DEMO / "lake/person_index/person_of_client.parquet",
    help="Parquet: agency, client_id, person_id as linked; default: the demo's.",
)
@click.option("--truth", type=EXISTING_FILE, required=True, help="Parquet: agency, client_id, person_id as it is.")
@click.option(
    "--attributes",
    type=EXISTING_FILE,
    help="Parquet: person_id of the truth and what is known of it; default: persons.parquet beside the truth, if any.",
)
@click.option(
    "--clients",
    type=EXISTING_FILE,
    help="Parquet: the groups of each client that every run tells; default: client_attributes beside the persons.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def evaluate(persons: Path, truth: Path, attributes: Path | None, clients: Path | None, as_json: bool) -> None:
    """Measure a linkage against a known truth: overall, by agency pair, and by group of persons and of clients."""
    from pipelines.commands.accuracy import accuracy_lines
    from pipelines.link import evaluate as measure

    beside, groups = truth.with_name("persons.parquet"), persons.with_name("client_attributes.parquet")
    found = measure(
        persons,
        truth,
        attributes or (beside if beside.exists() and beside != truth else None),
        clients or (groups if groups.exists() else None),
    )
    for line in [found.as_json()] if as_json else accuracy_lines(found):
        click.echo(line)


@main.command()
@click.option("--lake", type=EXISTING, required=True, help="Lake whose standardised identities are learnt from.")
@click.option("--out", type=FOLDER, required=True, help="New folder for the bundle.")
@click.option("--version", "name", required=True, help="Version of the bundle, such as 2026.11.")
@click.option("--seed", type=int, help="Seed of the random pairs; default: the one that the rules state.")
def train(lake: Path, out: Path, name: str, seed: int | None) -> None:
    """Train a new linkage model; never part of a night. A run uses it when it is named with --bundle."""
    from pipelines.lake import Lake
    from pipelines.link import train as learn

    report = learn(Lake(lake), out, name, **({} if seed is None else {"seed": seed}))
    click.echo(
        f"bundle {report.version} in {out}: {report.identities:,} identities, {report.levels_trained} levels trained"
    )
    click.echo(f"{len(report.levels_stated)} levels stated: {'; '.join(report.levels_stated)}")


@main.command("link-table")
@click.option("--records", type=EXISTING_FILE, required=True, help="Parquet table of person records.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Parquet: record, person_id."
)
@click.option(
    "--roles", type=EXISTING_FILE, help="YAML: column → linkage role, where the names are not the usual ones."
)
@click.option("--bundle", type=EXISTING, help="Folder of a linkage model; default: train on the table itself.")
@click.option(
    "--engine", type=ENGINE, default="duckdb", show_default=True, help="What scores pairs; see docs/spark.md."
)
@click.option("--spark-master", default="local[*]", show_default=True, help="Spark: local[N], or spark://host:port.")
def link_table(
    records: Path, out: Path, roles: Path | None, bundle: Path | None, engine: str, spark_master: str
) -> None:
    """Link a table of person records that no contract describes."""
    from linkage_rules.bundle import load_bundle
    from pipelines.link import link_table as link
    from pipelines.link.engine import EngineChoice

    choice = EngineChoice(engine, spark_master)
    found = link(records, out, roles, load_bundle(bundle) if bundle else None, choice)
    click.echo(f"{found.clients:,} records are {found.clusters:,} persons, written to {out}")


@main.command()
@click.option("--people", default=20_000, show_default=True, type=click.IntRange(1), help="People in the county.")
@click.option("--seed", default=1, show_default=True, help="Seed of the county.")
@click.option("--days", default=2, show_default=True, type=click.IntRange(1), help="Nights of deliveries.")
@click.option("--out", type=FOLDER, default=DEMO, show_default=True, help="Folder of the demo; made anew each time.")
def demo(people: int, seed: int, days: int, out: Path) -> None:
    """Make a synthetic county, run its nights, and show release, accuracy and headline outcomes."""
    from pipelines.commands.demo import run_demo

    sys.exit(run_demo(out, SHIPPED_CONTRACTS, SHIPPED_OUTCOME_CONTRACTS, people, seed, days, click.echo))


@main.command()
@click.option(
    "--contracts", type=EXISTING, default=SHIPPED_CONTRACTS, help="Folder of data contracts; default: shipped."
)
@click.option(
    "--outcome-contracts",
    type=EXISTING,
    default=SHIPPED_OUTCOME_CONTRACTS,
    help="Folder of outcomes contracts and measures.",
)
def lint(contracts: Path, outcome_contracts: Path) -> None:
    """Check data contracts, published contracts, measures and outcomes contracts."""
    from pipelines.commands.lint import lint_all

    for line in lint_all(contracts, outcome_contracts):
        click.echo(line)


@main.command()
@click.option("--lake", type=EXISTING, required=True, help="Lake whose linkage is looked at.")
@click.option("--full", "is_full", is_flag=True, help="Write what the full run comes to.")
@click.option("--verify", "is_verify", is_flag=True, help="Compare, and exit with 1 if anything differs.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
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


@main.command("migrate-model")
@click.option("--lake", type=EXISTING, required=True, help="Lake that is linked with another model.")
@click.option("--bundle", type=EXISTING, required=True, help="Folder of the new linkage model.")
@click.option("--out", type=NEW_FILE, help="Report to write: .html or .json, by the ending.")
@click.option("--switch", "is_switch", is_flag=True, help="Link the lake with the new model from now on.")
def migrate_model(lake: Path, bundle: Path, out: Path | None, is_switch: bool) -> None:
    """Show which persons another linkage model would change, and why; with --switch, change to it."""
    from pipelines.commands.model_migration import migrate_model as migrate
    from pipelines.lake import Lake

    for line in migrate(Lake(lake), bundle, out, is_switch=is_switch):
        click.echo(line)


@main.group("person-index")
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


main.add_command(decide)
main.add_command(explain)
main.add_command(review)


if __name__ == "__main__":
    main()
