"""`python -m benchmarks.linkage FOLDER [SET …]`: run methods on sets, and print a table a set."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import click

from benchmarks.linkage import labelled
from benchmarks.linkage.labelled import Budget, Limits
from benchmarks.processes import Step, StepError, StepTimeoutError, run
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

OURS = "ours"
DEDUPE = "dedupe, 200 labels"
ON_THE_PART = "ours, as for dedupe"
"""Ours on the part of a set that dedupe was given, where that is not the whole."""
RECORDS = 22_400
RATES = ("F1", "prec.", "recall", "B3 F1", "exact")
HEAD = f"{'method':<24}{''.join(f'{rate:>8}' for rate in RATES)}{'seconds':>9}{'peak GiB':>10}{'pairs':>13}"


@click.command()
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("sets", nargs=-1)
@click.option("--method", "names", multiple=True, help="Only this method; may be given several times.")
@click.option("--repeat", default=1, show_default=True, type=click.IntRange(1), help="Runs; seconds are the median.")
@click.option("--dedupe-minutes", default=Limits.minutes, show_default=True, help="Time of dedupe for all sets.")
@click.option("--dedupe-records", default=Limits.records, show_default=True, help="Records of a set given to dedupe.")
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
    unknown = sorted(set(names) - {*METHODS, DEDUPE})
    if unknown:
        raise click.BadParameter(f"no method {', '.join(unknown)}; there are {', '.join([*METHODS, DEDUPE])}")
    chosen = sets or tuple(sorted(path.parent.name for path in place.glob("*/truth.parquet")))
    limits = Limits(dedupe_records, dedupe_minutes, dedupe_gib)
    budget = Budget(60 * limits.minutes, len(chosen))
    told: dict[tuple[str, str], str] = {}
    if DEDUPE in (names or (DEDUPE,)):
        click.echo(f"dedupe is given {limits}")
    for name in chosen:
        click.echo(f"\n── {name} ──\n{HEAD}")
        for line in _lines(place / name, names or (*METHODS, DEDUPE), repeat, limits, budget):
            told[line.method, name] = line.f1
            click.echo(line.text)
    click.echo(summary(told))


def _lines(data: Path, names: Sequence[str], repeat: int, limits: Limits, budget: Budget) -> Iterator[Line]:
    """Every method on one set."""
    for name in names:
        if name == DEDUPE:
            yield from _beside_dedupe(data, limits, budget)
        else:
            yield _measured(name, METHODS[name], data, repeat)


def _subprocess(module: str, *arguments: str) -> Method:
    return lambda data, out: run(f"benchmarks.linkage.{module}", str(data), str(out), *arguments)


METHODS: Mapping[str, Method] = {
    OURS: _subprocess("ours"),
    "ours, pinned bundle": _subprocess("ours", "pinned"),
    "Splink, tutorial": _subprocess("tutorial"),
    "exact rules": _subprocess("exact"),
}
"""Every method that is given whole sets and the time it takes."""


def _beside_dedupe(data: Path, limits: Limits, budget: Budget) -> Iterator[Line]:
    """dedupe on the set or a part of it, within its share of the time; on a part ours too, on the same."""
    with tempfile.TemporaryDirectory() as scratch:
        part, seconds = labelled.part_of(data, limits.records, Path(scratch)), budget.share()
        began = time.monotonic()
        yield _measured(DEDUPE, lambda given, out: labelled.link(given, out, limits.gib, seconds), part, 1)
        budget.spend(time.monotonic() - began)
        if part != data:
            yield _measured(ON_THE_PART, METHODS[OURS], part, 1)


def _default_folder() -> Path:
    stated = os.environ.get("LINKAGE_DATA")
    if stated and Path(stated).is_dir():
        return Path(stated)
    click.echo(f"no folder of labelled sets (LINKAGE_DATA): measuring on synthetic ones in {GENERATED}")
    for name, (noise, ssn_kept) in GENERATED_SETS.items():
        if not (GENERATED / name / "records.parquet").exists():
            generate_records(GENERATED / name, records=RECORDS, seed=1, ssn_kept=ssn_kept, noise=noise)
    return GENERATED


@dataclass(frozen=True)
class Line:
    """What is told of a method on a set; where it came to no end, F1 is the reason in short."""

    method: str
    f1: str
    text: str


def _measured(name: str, method: Method, data: Path, repeat: int) -> Line:
    """A method on a set, run so many times."""
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "persons.parquet"
        try:
            steps = [method(data, out) for _ in range(repeat)]
        except StepTimeoutError as error:
            return Line(name, f"> {error.seconds:.0f} s", f"{name:<24}  not finished in {error.seconds:.0f} s")
        except StepError as error:
            return Line(name, "–", f"{name:<24}  – ({_reason(error)})")
        quality = evaluate(out, data / "truth.parquet").overall
    return Line(name, _figure(quality.f1), f"{name:<24}{_rates(quality)}{_cost(steps)}")


def _reason(error: StepError) -> str:
    """The line that names the error, which what quotes the place may follow."""
    lines = str(error).splitlines()
    return next((line for line in reversed(lines) if "Error" in line), lines[-1])


def summary(told: Mapping[tuple[str, str], str]) -> str:
    """Pairwise F1, a row a method, a column a set; – where the method was not asked or came to no end."""
    methods, sets = (list(dict.fromkeys(column)) for column in zip(*told, strict=True))
    rows = [f"{'F1':<24}{''.join(f'{name:>12}' for name in sets)}"]
    for method in methods:
        figures = (told.get((method, name), "–") for name in sets)
        rows.append(f"{method:<24}{''.join(f'{figure:>12}' for figure in figures)}")
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
