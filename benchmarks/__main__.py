"""`python -m benchmarks`: run a benchmark and print what it found."""

from pathlib import Path

import click

from benchmarks import bare, nightly, small_night

SIZES = (100_000, 1_000_000)


@click.group(invoke_without_command=True)
@click.pass_context
def main(context: click.Context) -> None:
    """Without a name: the nightly run at each size."""
    if context.invoked_subcommand is None:
        nightly.measure_all(SIZES, Path("build/bench"))


@main.command("nightly")
@click.option(
    "--clients", default=SIZES[0], show_default=True, help="About how many clients all agencies have together."
)
@click.option("--out", default="build/bench", type=click.Path(path_type=Path), help="Where county and lake are made.")
def nightly_command(clients: int, out: Path) -> None:
    """A first night and a night of changes by stage, beside bare Splink and bare DuckDB on the same bytes."""
    nightly.measure(clients, out)


@main.command("small-night")
@click.option("--people", default=60, show_default=True, help="How many people the county has.")
def small_night_command(people: int) -> None:
    """What a night costs whatever its size: two nights of a handful of people by step, in processor seconds."""
    small_night.measure(people)


@main.command("bare", hidden=True)
@click.argument("lake", type=click.Path(exists=True, path_type=Path))
def bare_command(lake: Path) -> None:
    """Bare Splink on the identities of a lake; the nightly benchmark runs it as a process of its own."""
    bare.measure(lake, click.echo)


if __name__ == "__main__":
    main()
