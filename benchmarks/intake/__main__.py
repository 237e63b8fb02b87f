"""`python -m benchmarks.intake`: a large file taken in by us and in the plainest way, and the ratio of the two."""

from __future__ import annotations

from pathlib import Path

import click

from benchmarks.processes import Step, run

ROWS = 5_000_000
AIM = 2.0
"""Every promise of intake (bytes kept, lines counted, rows split) may cost as much again as reading and checking."""


@click.command()
@click.option("--rows", default=ROWS, show_default=True, help="Rows of the extract, of twenty columns.")
@click.option("--ours-only", is_flag=True, help="Leave the plain way out, which holds the whole table in memory.")
@click.option("--out", default="build/intake", type=click.Path(path_type=Path), help="Where file and lake are made.")
def main(rows: int, ours_only: bool, out: Path) -> None:
    """Ingest, validate and split one CSV file, beside DuckDB to Parquet and pandera on the frame."""
    folder = out / str(rows)
    made = run("benchmarks.intake.steps", "make", str(folder), str(rows))
    click.echo(f"{rows:,} rows x 20 columns, {made.told['bytes'] / 2**30:.2f} GiB of CSV")
    ours = run("benchmarks.intake.steps", "ours", str(folder))
    told = ours.told
    click.echo(
        f"  {_side('countylink', ours)}   (ingest {told['ingest_seconds']:.1f}, "
        f"validate {told['validate_seconds']:.1f} s; "
        f"{told['status']}: {told['accepted']:,} accepted, {told['quarantined']:,} quarantined, "
        f"{told['superseded']:,} superseded)"
    )
    if ours_only:
        return
    bare = run("benchmarks.intake.steps", "bare", str(folder))
    told = bare.told
    click.echo(
        f"  {_side('DuckDB and pandera', bare)}   (read {told['read_seconds']:.1f}, "
        f"pandera {told['pandera_seconds']:.1f} s; {told['broken']:,} broken rules)"
    )
    of_processor = ours.told["cpu_seconds"] / bare.told["cpu_seconds"]
    click.echo(
        f"  ratio                {ours.seconds / bare.seconds:6.2f} : 1, of processor time {of_processor:.2f} : 1   "
        f"(aim: {AIM:.0f} : 1 at most)"
    )


def _side(name: str, step: Step) -> str:
    return f"{name:20} {step.seconds:6.1f} s  {step.told['cpu_seconds']:6.1f} cpu s  {step.peak_gib:.2f} GiB"


if __name__ == "__main__":
    main()
