"""`python -m benchmarks`: run a benchmark and print what it found."""

from pathlib import Path

import click

from benchmarks import bare, nightly

SIZES = (100_000, 1_000_000)


@click.group(invoke_without_command=True)
@click.pass_context
def main(context: click.Context) -> None:
    """Without a name: the nightly run at each size."""
    if context.invoked_subcommand is None:
        for clients in SIZES:
            nightly.measure(clients, Path("build/bench"), days=1)


@main.command("nightly")
@click.option(
    "--clients", default=SIZES[0], show_default=True, help="About how many clients all agencies have together."
)
@click.option("--out", default="build/bench", type=click.Path(path_type=Path), help="Where county and lake are made.")
@click.option("--days", default=1, show_default=True, help="Nights of deliveries.")
def nightly_command(clients: int, out: Path, days: int) -> None:
    """The whole nightly run by stage, beside bare Splink predict + cluster on the same identities."""
    nightly.measure(clients, out, days)


@main.command("bare", hidden=True)
@click.argument("lake", type=click.Path(exists=True, path_type=Path))
def bare_command(lake: Path) -> None:
    """Bare Splink on the identities of a lake; the nightly benchmark runs it as a process of its own."""
    bare.measure(lake, click.echo)


if __name__ == "__main__":
    main()
