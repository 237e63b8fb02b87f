"""`countylink train`, `link-table` and `evaluate`: a linkage model, what it makes of a table, how good that is."""

from pathlib import Path

import click

from pipelines.commands.options import AS_JSON, DEMO, ENGINE, EXISTING, EXISTING_FILE, FOLDER, NEW_FILE, SPARK_MASTER


@click.command()
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


@click.command("link-table")
@click.option("--records", type=EXISTING_FILE, required=True, help="Parquet table of person records.")
@click.option("--out", type=NEW_FILE, required=True, help="Parquet: source, source_record_id, person_id.")
@click.option(
    "--roles", type=EXISTING_FILE, help="YAML: column → linkage role, or none, where the names are not the usual ones."
)
@click.option(
    "--bundle",
    type=EXISTING,
    help="Folder of a linkage model; default: train on the table itself, or, if that is too small, the shipped one.",
)
@ENGINE
@SPARK_MASTER
def link_table(
    records: Path, out: Path, roles: Path | None, bundle: Path | None, engine: str, spark_master: str
) -> None:
    """Link a table of person records that no contract describes."""
    from linkage_rules.bundle import load_bundle
    from pipelines.link import link_table as link
    from pipelines.link.engine import EngineChoice

    choice = EngineChoice(engine, spark_master)
    linked = link(records, out, roles, load_bundle(bundle) if bundle else None, choice)
    read = ", ".join(name if name == role else f"{name} as {role}" for role, name in linked.columns.items())
    model = "trained on the table" if linked.is_trained else linked.report.bundle_version
    click.echo(f"columns read: {read}; model: {model}")
    if linked.unread:
        click.echo(f"no value of {', '.join(linked.unread)} could be read, so they took no part")
    if silent := linked.report.clients - linked.report.linkable_clients:
        click.echo(f"{silent:,} records say too little to be linked; each is a person of its own")
    click.echo(f"{linked.report.clients:,} records are {linked.report.clusters:,} persons, written to {out}")


@click.command()
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
@AS_JSON
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
