"""`countylink synth` and `synth-records`: counties and tables of people who do not exist."""

from pathlib import Path

import click

from pipelines.commands.options import FOLDER


@click.command()
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


@click.command("synth-records")
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
