"""`countylink review`: a blind sample of pairs for reviewers, what their labels say, and the review app."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.commands.decide import bundle_at
from pipelines.commands.options import AS_JSON, BUNDLE, EXISTING_FILE, LAKE, NEW_FILE
from pipelines.commands.review_app import serve, user
from pipelines.errors import LakeError

if TYPE_CHECKING:
    from pipelines.review.calibration import Threshold
    from pipelines.review.estimate import SampleEstimate
    from pipelines.review.intervals import Estimate
    from pipelines.review.sample import SampleReport


@click.group()
def review() -> None:
    """Ask people: draw a blind sample and read what its labels say; serve the app in which pairs are decided."""


review.add_command(serve)
review.add_command(user)


@review.command()
@LAKE
@click.option(
    "--out",
    type=NEW_FILE,
    required=True,
    help="The reviewers' file, CSV or Parquet; it names people, so keep it where they may be named.",
)
@click.option("--precision", default=0.02, show_default=True, help="Half width of the 95 % intervals wanted.")
@click.option("--seed", default=1, show_default=True, help="The same lake, seed and precision give the same sample.")
@BUNDLE
def sample(root: Path, out: Path, precision: float, seed: int, bundle: Path | None) -> None:
    """Draw pairs to be labelled, stratified by match weight, agency pair, SSN and ethnicity."""
    from pipelines.audit import record_act
    from pipelines.lake import Lake
    from pipelines.review import draw_sample

    record_act(Lake(root), act="review_sample_drawn", subject=f"seed {seed}", detail={"precision": precision})
    found = draw_sample(Lake(root), bundle_at(bundle, root), out, precision, seed)
    for line in _sample_lines(found, out):
        click.echo(line)


@review.command()
@LAKE
@click.option("--labels", type=EXISTING_FILE, required=True, help="The reviewers' file, its column `label` filled.")
@click.option("--target", default=0.99, show_default=True, help="Precision that the recommended threshold reaches.")
@click.option("--keep", is_flag=True, help="Also keep the labels: every later run tells precision and recall by them.")
@click.option("--as-decisions", is_flag=True, help="Also record the labels same and different as decisions.")
@click.option("--by", help="Who labelled; needed with --as-decisions.")
@BUNDLE
@AS_JSON
def estimate(
    root: Path,
    labels: Path,
    target: float,
    keep: bool,
    as_decisions: bool,
    by: str | None,
    bundle: Path | None,
    as_json: bool,
) -> None:
    """Precision and recall with intervals, overall and by cut; calibration; the threshold to use."""
    from pipelines.lake import Lake
    from pipelines.review import as_statements, decide, keep_labels, read_labels
    from pipelines.review import estimate as estimated

    if as_decisions and not by:
        raise click.UsageError("--as-decisions needs --by: a decision is somebody's")
    if not 0 < target < 1:
        raise LakeError("the target is a precision between 0 and 1, such as 0.99")
    read = read_labels(Lake(root), labels)
    found = estimated(read, target)
    click.echo(json.dumps(found.as_json(), indent=2) if as_json else "\n".join(_estimate_lines(found)))
    if keep:
        click.echo(f"{keep_labels(Lake(root), read):,} labels kept, from the next run on", err=as_json)
    if as_decisions and by:
        number = decide(Lake(root), bundle_at(bundle, root), as_statements(read, by), datetime.now(UTC))
        click.echo(f"recorded as decision batch {number}; it takes effect with the next run", err=as_json)


def _sample_lines(found: "SampleReport", out: Path) -> Iterator[str]:
    yield f"{found.sampled_pairs:,} of {found.frame_pairs:,} pairs drawn, for intervals of ± {found.half_width:g}"
    yield f"{'':<50}{'pairs':>10}{'drawn':>8}"
    for stratum, size in found.strata:
        yield f"{stratum.name:<50}{stratum.pairs:>10,}{size:>8,}"
    yield f"fill the column `label` of {out} with same, different or unsure, then: countylink review estimate"


def _estimate_lines(found: "SampleEstimate") -> Iterator[str]:
    yield f"sample {found.sample_id}: {found.labelled:,} of {found.drawn:,} labelled, {found.unsure:,} unsure"
    yield f"{'precision':<34}{_interval(found.precision)}"
    yield f"{'recall':<34}{_interval(found.recall)}"
    yield f"{'met by a rule, of one person':<34}{_interval(found.completeness)}"
    if found.unsure and found.precision_if_unsure:
        low, high = found.precision_if_unsure
        yield f"{'precision if every unsure were …':<34}{low:.4f} different, {high:.4f} same"
    yield ""
    yield f"{'':<34}{'labels':>7}  {'precision':<26}recall"
    for cut in found.cuts:
        name = f"{cut.cut.replace('_', ' ')}: {cut.value.replace('+', ' + ')}"
        yield f"{name:<34}{cut.labels:>7}  {_interval(cut.precision):<26}{_interval(cut.recall)}"
    yield ""
    yield f"{'match weight':<34}{'labels':>7}  {'one person':<26}believed"
    for band in found.bands:
        yield f"{band.name:<34}{band.labels:>7}  {_interval(band.observed):<26}{band.believed:.4f}"
    fitted = found.calibration
    yield f"log odds = {fitted.intercept:+.2f} {fitted.slope:+.2f} × weight × ln 2 (a calibrated model: 0 and 1)"
    yield _threshold_line(found.threshold)


def _threshold_line(found: "Threshold") -> str:
    if found.weight is None:
        return f"no weight reaches a precision of {found.target_precision:g}"
    lower, upper = ("none" if end is None else f"{end:g}" for end in (found.lower, found.upper))
    return (
        f"pairs from {found.weight:g} bits on reach a precision of {found.target_precision:g} ({lower} to {upper} bits)"
    )


def _interval(found: "Estimate | None") -> str:
    return "–" if found is None else f"{found.estimate:.4f} ({found.lower:.4f}–{found.upper:.4f})"
