"""`python -m benchmarks.linkage FOLDER [SET …]`: run methods on sets, and print a table a set."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median

import click

from benchmarks.linkage import labelled
from benchmarks.linkage.labelled import Limits
from benchmarks.processes import Step, StepError, run
from pipelines.link import Quality, evaluate
from synthetic.person_records import generate_records

Method = Callable[[Path, Path], Step]
GENERATED = Path("build/linkage-sets")
GENERATED_SETS = {
    "standard": ("standard", 1.0),
    "hard": ("hard", 1.0),
    "nossn": ("hard", 0.3),
    "brutal": ("brutal", 0.3),
}
"""Set → noise and share of SSNs kept: what is measured on where no folder is given."""

DEDUPE = "dedupe, 200 labels"
RECORDS = 22_400
RATES = ("F1", "prec.", "recall", "B3 F1", "exact")
HEAD = f"{'method':<24}{''.join(f'{rate:>8}' for rate in RATES)}{'seconds':>9}{'peak GiB':>10}{'pairs':>13}"


@click.command()
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("sets", nargs=-1)
@click.option("--method", "names", multiple=True, help="Only this method; may be given several times.")
@click.option("--repeat", default=1, show_default=True, type=click.IntRange(1), help="Runs; seconds are the median.")
@click.option("--dedupe-minutes", default=Limits.minutes, show_default=True, help="How long dedupe may take on a set.")
@click.option("--dedupe-records", default=Limits.records, show_default=True, help="Records a set may have for dedupe.")
@click.option("--dedupe-gib", default=Limits.gib, show_default=True, help="Memory that dedupe may take on a set.")
def main(
    folder: Path | None,
    sets: tuple[str, ...],
    names: tuple[str, ...],
    repeat: int,
    dedupe_minutes: float,
    dedupe_records: int,
    dedupe_gib: int,
) -> None:
    """Accuracy, time and memory of each method on each set of FOLDER (default: LINKAGE_DATA, else generated sets)."""
    place = folder or _default_folder()
    limits = Limits(dedupe_records, dedupe_minutes, dedupe_gib)
    methods = _methods(limits)
    unknown = sorted(set(names) - set(methods))
    if unknown:
        raise click.BadParameter(f"no method {', '.join(unknown)}; there are {', '.join(methods)}")
    told: dict[tuple[str, str], float | None] = {}
    if DEDUPE in (names or methods):
        click.echo(f"dedupe links {limits}; elsewhere its line says why it has no figure")
    for name in sets or sorted(path.parent.name for path in place.glob("*/truth.parquet")):
        click.echo(f"\n── {name} ──\n{HEAD}")
        for method in names or methods:
            told[method, name], line = _measured(method, methods[method], place / name, repeat)
            click.echo(line)
    click.echo(summary(told))


def _methods(limits: Limits) -> dict[str, Method]:
    return {
        "ours": lambda data, out: run("benchmarks.linkage.ours", str(data), str(out)),
        "ours, pinned bundle": lambda data, out: run("benchmarks.linkage.ours", str(data), str(out), "pinned"),
        "Splink, tutorial": lambda data, out: run("benchmarks.linkage.tutorial", str(data), str(out)),
        DEDUPE: lambda data, out: labelled.link(data, out, limits),
        "exact rules": lambda data, out: run("benchmarks.linkage.exact", str(data), str(out)),
    }


def _default_folder() -> Path:
    stated = os.environ.get("LINKAGE_DATA")
    if stated and Path(stated).is_dir():
        return Path(stated)
    click.echo(f"no folder of labelled sets (LINKAGE_DATA): measuring on synthetic ones in {GENERATED}")
    for name, (noise, ssn_kept) in GENERATED_SETS.items():
        if not (GENERATED / name / "records.parquet").exists():
            generate_records(GENERATED / name, records=RECORDS, seed=1, ssn_kept=ssn_kept, noise=noise)
    return GENERATED


def _measured(name: str, method: Method, data: Path, repeat: int) -> tuple[float | None, str]:
    """Pairwise F1, and the line that tells it with the rest; None where the method did not come to an end."""
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "persons.parquet"
        try:
            steps = [method(data, out) for _ in range(repeat)]
        except StepError as error:
            return None, f"{name:<24}  – ({_reason(error)})"
        quality = evaluate(out, data / "truth.parquet").overall
    return quality.f1, f"{name:<24}{_rates(quality)}{_cost(steps)}"


def _reason(error: StepError) -> str:
    """The line that names the error, which what quotes the place may follow."""
    lines = str(error).splitlines()
    return next((line for line in reversed(lines) if "Error" in line), lines[-1])


def summary(told: dict[tuple[str, str], float | None]) -> str:
    """Pairwise F1, a row a method, a column a set."""
    methods, sets = (list(dict.fromkeys(column)) for column in zip(*told, strict=True))
    rows = [f"{'F1':<24}{''.join(f'{name:>12}' for name in sets)}"]
    for method in methods:
        figures = (told[method, name] for name in sets)
        rows.append(f"{method:<24}{''.join(f'{_figure(one):>12}' for one in figures)}")
    return "\n".join(["", "── all sets ──", *rows])


def _rates(quality: Quality) -> str:
    rates = (quality.f1, quality.precision, quality.recall, quality.bcubed_f1, quality.persons_exactly_right)
    return "".join(f"{_figure(rate):>8}" for rate in rates)


def _figure(rate: float | None) -> str:
    return "–" if rate is None else f"{rate:.4f}"


def _cost(steps: list[Step]) -> str:
    pairs = steps[0].told.get("candidate_pairs")
    seconds, peak = median(step.seconds for step in steps), max(step.peak_gib for step in steps)
    return f"{seconds:>9.1f}{peak:>10.2f}{'–' if pairs is None else f'{pairs:,}':>13}"


if __name__ == "__main__":
    main()
