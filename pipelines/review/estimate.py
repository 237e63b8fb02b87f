"""What the labels of a sample say: precision and recall with intervals, calibration, the threshold to use.

Estimands, all of the partition as it stood when the sample was drawn: *precision* – of the pairs of clients put
together, the share that is one person; *recall* – of the pairs at or above the floor that are one person, the share put
together, whether a blocking rule met them or only the wide net holds them; *completeness* – of the same pairs, the
share that was met. Pairs outside the net are in no sample; only a known truth tells of them. `unsure` labels are left
out and counted. What a weight is worth is told of the pairs that were met: no threshold brings in the others.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pipelines.errors import LakeError
from pipelines.lake import Lake
from pipelines.link.decision_store import CODES
from pipelines.review.calibration import Calibration, Threshold, calibrate, threshold
from pipelines.review.deciding import Said
from pipelines.review.design import band_name
from pipelines.review.intervals import Estimate, Labelled, recall, stratified, weighted_share
from pipelines.review.sample import DESIGN, sample_folder

CUTS = ("agency_pair", "ethnicity", "has_ssn")

LEAST_IN_CUT = 30
"""Labels below which a cut is not told: its interval would be wider than a third."""


@dataclass(frozen=True)
class CutQuality:
    """Precision and recall among the pairs of one value of a cut; null where there are too few labels."""

    cut: str
    value: str
    labels: int
    precision: Estimate | None
    recall: Estimate | None


@dataclass(frozen=True)
class Band:
    """A band of match weights: the share of one person that was observed, beside what the model believed."""

    name: str
    labels: int
    observed: Estimate
    believed: float


@dataclass(frozen=True)
class SampleEstimate:
    """What a sample says; shares with 95 % intervals, weights in bits."""

    sample_id: str
    bundle_version: str
    drawn: int
    labelled: int
    unsure: int
    precision: Estimate | None
    recall: Estimate | None
    completeness: Estimate | None
    """Of the pairs of one person, the share that a blocking rule met or a component held."""
    precision_if_unsure: tuple[float, float] | None
    """Precision if every `unsure` pair were two persons, and if it were one."""
    cuts: tuple[CutQuality, ...]
    bands: tuple[Band, ...]
    calibration: Calibration
    threshold: Threshold

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


@dataclass(frozen=True)
class Labels:
    """The labels of one sample beside its key and its design; grain of `pairs`: pair of the sample."""

    pairs: pl.DataFrame
    design: Mapping[str, Any]

    @property
    def clear(self) -> pl.DataFrame:
        """Pairs with a label that says which."""
        return self.pairs.filter(pl.col("label").is_in(["same", "different"]))


def read_labels(lake: Lake, file: Path) -> Labels:
    """A reviewers' file come back: pair_id and label are read, the rest may have been changed or left out.

    Raises:
        LakeError: a column is missing, a label is none of the three, a pair is not of one sample of this lake, or it
            is labelled twice.
    """
    table = pl.read_parquet(file) if file.suffix == ".parquet" else pl.read_csv(file, infer_schema=False)
    missing = [name for name in ("pair_id", "label") if name not in table.columns]
    if missing:
        raise LakeError(f"{file.name}: {', '.join(missing)} missing")
    said = table.select(
        pl.col("pair_id").cast(pl.String),
        pl.col("label").cast(pl.String).fill_null("").str.strip_chars().str.to_lowercase(),
    )
    strange = said.filter(~pl.col("label").is_in(["", *CODES])).height
    if strange:
        raise LakeError(f"{file.name}: {strange} labels are none of {', '.join(CODES)}")
    said = said.filter(pl.col("label") != "")
    samples = sorted({str(pair_id).partition("-")[0] for pair_id in said["pair_id"]})
    if len(samples) != 1:
        raise LakeError(f"{file.name}: the labels are of {len(samples)} samples; give those of one")
    folder = sample_folder(lake, samples[0])
    if not (folder / DESIGN).exists():
        raise LakeError(f"{file.name}: its sample was not drawn from this lake")
    key = pl.read_parquet(folder / "key.parquet")
    if said["pair_id"].is_duplicated().any() or said.join(key, on="pair_id", how="anti").height:
        raise LakeError(f"{file.name}: a pair is labelled twice, or was never in the sample")
    return Labels(key.join(said, on="pair_id", how="left").sort("pair_id"), design_of(folder))


def design_of(folder: Path) -> dict[str, Any]:
    """How a sample was drawn."""
    design: dict[str, Any] = json.loads((folder / DESIGN).read_text(encoding="utf-8"))
    return design


def estimate(labels: Labels, target_precision: float) -> SampleEstimate:
    """Everything that the labels say; raises LakeError if none says anything."""
    clear = labels.clear
    if clear.is_empty():
        raise LakeError("no pair is labelled same or different yet")
    strata = _labelled(labels)
    together, apart = (_of(labels, strata, "is_linked", value) for value in (True, False))
    met, unmet = (_of(labels, strata, "is_met", value) for value in (True, False))
    scored = _scored(clear)
    weight, same = scored["match_weight"].to_numpy(), (scored["label"] == "same").cast(pl.Float64).to_numpy()
    counts = _design_weights(labels, scored)
    frame = {float(row["weight"]): int(row["pairs"]) for row in labels.design["frame_weights"]}
    seed = int(labels.design["seed"])
    return SampleEstimate(
        sample_id=labels.design["sample_id"],
        bundle_version=labels.design["bundle_version"],
        drawn=labels.pairs.height,
        labelled=clear.height,
        unsure=labels.pairs.filter(pl.col("label") == "unsure").height,
        precision=stratified(together) if together else None,
        recall=recall(together, apart),
        completeness=recall(met, unmet),
        precision_if_unsure=_if_unsure(labels),
        cuts=tuple(_cuts(labels)),
        bands=tuple(_bands(labels)),
        calibration=calibrate(weight, same, counts),
        threshold=threshold(weight, same, counts, scored["stratum"].to_list(), frame, target_precision, seed),
    )


def as_statements(labels: Labels, by: str) -> list[Said]:
    """The clear labels as decisions; an `unsure` of a blind look takes nothing back that was said before."""
    reason = f"labelled in review sample {labels.design['sample_id']}"
    return [
        Said((row["agency_l"], row["client_id_l"]), (row["agency_r"], row["client_id_r"]), row["label"], by, reason)
        for row in labels.clear.iter_rows(named=True)
    ]


def _labelled(labels: Labels, unsure_is: str | None = None) -> list[Labelled]:
    """Each stratum of the design with its labels; `unsure` left out, or counted as something."""
    said = labels.pairs.with_columns(pl.col("label").replace({"unsure": unsure_is}))
    counted = said.group_by("stratum").agg(
        pl.col("label").is_in(["same", "different"]).sum().alias("labels"),
        (pl.col("label") == "same").sum().alias("same"),
    )
    found = {row["stratum"]: (int(row["labels"]), int(row["same"])) for row in counted.iter_rows(named=True)}
    return [
        Labelled(stratum["pairs"], *found.get(place, (0, 0))) for place, stratum in enumerate(labels.design["strata"])
    ]


def _of(labels: Labels, strata: Sequence[Labelled], trait: str, value: bool) -> list[Labelled]:
    """The strata that have a trait, or lack it."""
    return [one for one, told in zip(strata, labels.design["strata"], strict=True) if bool(told[trait]) == value]


def _scored(pairs: pl.DataFrame) -> pl.DataFrame:
    """Pairs that a threshold decides: met, weighed, and forbidden by no guard."""
    return pairs.filter(pl.col("is_met") & pl.col("match_weight").is_not_null() & ~pl.col("is_forbidden"))


def _if_unsure(labels: Labels) -> tuple[float, float] | None:
    ends = [_of(labels, _labelled(labels, code), "is_linked", True) for code in ("different", "same")]
    if not ends[0]:
        return None
    return stratified(ends[0]).estimate, stratified(ends[1]).estimate


def _design_weights(labels: Labels, pairs: pl.DataFrame) -> np.ndarray:
    """How many pairs of the frame each labelled pair stands for: its stratum's pairs over its stratum's labels."""
    counts = dict(labels.clear.group_by("stratum").len().iter_rows())
    strata = labels.design["strata"]
    return np.array([strata[number]["pairs"] / counts[number] for number in pairs["stratum"].to_list()], dtype=float)


def _cuts(labels: Labels) -> list[CutQuality]:
    clear = labels.clear
    weighted = clear.with_columns(pl.Series("design_weight", _design_weights(labels, clear)))
    return [
        _cut(cut, str(value), weighted.filter(pl.col(cut) == value))
        for cut in CUTS
        for value in sorted(weighted[cut].unique().to_list())
    ]


def _cut(cut: str, value: str, pairs: pl.DataFrame) -> CutQuality:
    linked, same = pairs.filter("is_linked"), pairs.filter(pl.col("label") == "same")
    return CutQuality(
        cut=cut,
        value=value,
        labels=pairs.height,
        precision=_share(linked, (linked["label"] == "same").to_list()),
        recall=_share(same, same["is_linked"].to_list()),
    )


def _share(pairs: pl.DataFrame, met: Sequence[bool]) -> Estimate | None:
    return weighted_share(pairs["design_weight"].to_list(), met) if pairs.height >= LEAST_IN_CUT else None


def _bands(labels: Labels) -> list[Band]:
    scored = _scored(labels.clear)
    scored = scored.with_columns(pl.Series("design_weight", _design_weights(labels, scored)))
    return [
        _band(int(band), scored.filter(pl.col("band") == band)) for band in sorted(scored["band"].unique().to_list())
    ]


def _band(band: int, pairs: pl.DataFrame) -> Band:
    believed = (1 / (1 + 2.0 ** -pairs["match_weight"].clip(-60, 60).to_numpy())).mean()
    observed = weighted_share(pairs["design_weight"].to_list(), (pairs["label"] == "same").to_list())
    return Band(band_name(band), pairs.height, observed, float(believed))
