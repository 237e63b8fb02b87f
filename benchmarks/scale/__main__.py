"""`python -m benchmarks.scale`: measure, and print what was found."""

from __future__ import annotations

from pathlib import Path

import click

from benchmarks.scale import growth, link_table

SIZES = "500000,1000000,5000000"


def _sizes(_: click.Context, __: click.Parameter, value: str | None) -> list[int]:
    try:
        return [int(part) for part in (value or "").split(",") if part]
    except ValueError:
        raise click.BadParameter("write sizes as 500000,1000000") from None


@click.command()
@click.option("--records", default=SIZES, show_default=True, callback=_sizes, help="Sizes of the table.")
@click.option("--link-table", "tables", callback=_sizes, help="Only `countylink link-table` at these sizes.")
@click.option("--verify", is_flag=True, help="Run the second night in full too, and compare the clusters.")
@click.option("--out", default="build/scale", type=click.Path(path_type=Path), help="Where tables and lakes are made.")
def main(records: list[int], tables: list[int], verify: bool, out: Path) -> None:
    """What linking costs as the table grows, beside bare Splink and beside SQL by hand."""
    if tables:
        for line in link_table.lines(tables, out):
            click.echo(line)
        return
    measured = []
    for size in records:
        measured.append(growth.measure(size, out, verify=verify))
        click.echo("\n".join(growth.lines(measured[-1])))
    click.echo("\n".join(growth.growth_lines(measured)))


if __name__ == "__main__":
    main()
