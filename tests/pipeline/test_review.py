"""A sample is blind, is the same for the same seed, and its labels tell the truth about the linkage."""

from __future__ import annotations

import json
import stat
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner, Result

from linkage_rules.bundle import shipped_bundle
from pipelines.cli import main
from pipelines.errors import LakeError
from pipelines.lake import Lake
from pipelines.link import link
from pipelines.link.decision_store import recorded
from pipelines.person_index import assess
from pipelines.review import SampleEstimate, draw_sample, estimate, labels_by_group, labels_sha256, read_labels
from pipelines.review.design import FLOOR_WEIGHT
from tests.pipeline.counties import NIGHTS, Place

BLIND = ("weight", "rule", "match_key", "cluster", "person", "stratum", "guard", "probability", "linked")


@pytest.fixture(scope="module")
def place(county: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = Place(tmp_path_factory.mktemp("review")).deliver(county, NIGHTS[:1])
    place.run_up_to_link()
    return place


@pytest.fixture(scope="module")
def truth(county: Path) -> dict[tuple[str, str], str]:
    clients = pl.read_parquet(county / "truth" / "clients.parquet")
    return {(agency, client_id): person for agency, client_id, person in clients.iter_rows()}


def countylink(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def reviewed(file: Path, truth: dict[tuple[str, str], str], out: Path) -> Path:
    """What a reviewer who knows the truth makes of a file."""
    rows = pl.read_csv(file, infer_schema=False)
    sides = [zip(rows[f"agency_{side}"], rows[f"client_id_{side}"], strict=True) for side in (1, 2)]
    labels = ["same" if truth[one] == truth[other] else "different" for one, other in zip(*sides, strict=True)]
    rows.with_columns(pl.Series("label", labels)).select("pair_id", "label").write_csv(out)
    return out


def true_figures(lake: Lake, truth: dict[tuple[str, str], str]) -> tuple[float, float]:
    """Precision, and recall over every pair of one person, met or not."""
    joined = pl.read_parquet(lake.path("linked", "clusters")).join(
        pl.read_parquet(lake.path("standard", "clients")), on="client_key"
    )
    rows = [(row["cluster_id"], truth.get((row["agency"], row["client_id"]))) for row in joined.iter_rows(named=True)]
    pairs = [(a[0] == b[0], a[1] == b[1]) for a, b in combinations([row for row in rows if row[1]], 2)]
    found, right = sum(together for together, _ in pairs), sum(together and same for together, same in pairs)
    return right / found, right / sum(same for _, same in pairs)


def quality(place: Place) -> dict[tuple[str, str], dict[str, Any]]:
    """linkage_by_group as a run would write it now."""
    bundle = shipped_bundle()
    assess(place.lake, date(2026, 11, 1), {"deliveries": "d"}, bundle.version, bundle.thresholds, labels_by_group)
    rows = pl.read_parquet(place.lake.path("person_index", "linkage_by_group")).to_dicts()
    return {(row["cut_code"], row["cut_value"]): row for row in rows}


def estimated(place: Place, truth: dict[tuple[str, str], str], folder: Path, seed: int) -> SampleEstimate:
    draw_sample(place.lake, shipped_bundle(), folder / "pairs.csv", 0.03, seed)
    return estimate(read_labels(place.lake, reviewed(folder / "pairs.csv", truth, folder / "labels.csv")), 0.99)


def test_the_labels_of_several_samples_tell_the_true_precision_and_recall(place, truth, tmp_path) -> None:
    precision, full_recall = true_figures(place.lake, truth)
    for seed in (1, 2, 3):
        found = estimated(place, truth, tmp_path, seed)
        assert found.precision is not None and found.recall is not None
        assert found.precision.lower <= precision <= found.precision.upper
        # Pairs that neither a rule nor the wide net holds are in no sample: recall is never told below the whole truth.
        assert found.recall.upper >= full_recall
        assert found.completeness is not None and found.completeness.lower <= found.completeness.estimate
        assert found.labelled == found.drawn


def test_a_sample_reaches_below_the_loose_weight_and_into_what_was_left_apart(place, tmp_path) -> None:
    report = draw_sample(place.lake, shipped_bundle(), tmp_path / "pairs.csv", 0.03, 1)
    key = pl.read_parquet(place.lake.root / "review" / report.sample_id / "key.parquet")
    apart = key.filter(~pl.col("is_linked"))
    assert apart.filter(pl.col("match_weight") < 0).height >= 12
    assert apart["match_weight"].min() >= FLOOR_WEIGHT
    assert set(key["inclusion_probability"] > 0) == {True}
    assert key["agency_pair"].n_unique() >= 5
    assert key.filter(~pl.col("has_ssn")).height > 0 and key["ethnicity"].n_unique() >= 3


def test_a_sample_reaches_pairs_that_no_blocking_rule_met(place, tmp_path) -> None:
    report = draw_sample(place.lake, shipped_bundle(), tmp_path / "pairs.csv", 0.03, 1)
    unmet = [(stratum, size) for stratum, size in report.strata if not stratum.is_met]
    assert unmet and all(size == min(stratum.rows, size) > 0 and not stratum.is_linked for stratum, size in unmet)
    key = pl.read_parquet(place.lake.root / "review" / report.sample_id / "key.parquet")
    drawn = key.filter(~pl.col("is_met"))
    assert drawn.height == sum(size for _, size in unmet)
    met = pl.read_parquet(place.lake.path("linked", "links")).select("client_key_l", "client_key_r")
    assert drawn.join(met, on=["client_key_l", "client_key_r"]).is_empty()


def test_kept_labels_tell_the_next_runs_quality_and_a_changed_client_takes_its_labels_out(
    place, truth, tmp_path
) -> None:
    copy = place.copy(tmp_path / "copy")
    report = draw_sample(copy.lake, shipped_bundle(), tmp_path / "pairs.csv", 0.03, 1)
    labels = reviewed(tmp_path / "pairs.csv", truth, tmp_path / "labels.csv")
    before = labels_sha256(copy.lake)
    assert quality(copy)["all", "all"]["precision_source"] == "model"
    ended = countylink("review", "estimate", "--lake", copy.lake.root, "--labels", labels, "--keep")
    assert f"{report.sampled_pairs:,} labels kept" in ended.output
    assert labels_sha256(copy.lake) != before
    told = quality(copy)["all", "all"]
    precision, _ = true_figures(copy.lake, truth)
    assert told["labelled_precision_lower"] <= precision <= told["labelled_precision_upper"]
    assert (told["precision_source"], told["labelled_pairs"]) == ("labels", report.sampled_pairs)
    agency = pl.read_parquet(copy.lake.path("standard", "clients"))["agency"][0]
    assert 0 < quality(copy)["agency", agency]["labelled_pairs"] < report.sampled_pairs

    key = pl.read_parquet(copy.lake.root / "review" / report.sample_id / "key.parquet")
    touched = key["client_key_l"][0]
    identities = pl.read_parquet(copy.lake.path("standard", "identities"))
    changed = pl.when(pl.col("client_key") == touched).then(pl.col("identity_id") ^ 1).otherwise("identity_id")
    identities.with_columns(identity_id=changed).write_parquet(copy.lake.path("standard", "identities"))
    theirs = key.filter((pl.col("client_key_l") == touched) | (pl.col("client_key_r") == touched)).height
    now = quality(copy)["all", "all"]
    assert (now["labels_set_aside"], now["labelled_pairs"]) == (theirs, report.sampled_pairs - theirs)


def test_a_label_that_became_a_decision_does_not_make_the_linkage_look_better(place, truth, tmp_path) -> None:
    copy = place.copy(tmp_path / "copy")
    draw_sample(copy.lake, shipped_bundle(), tmp_path / "pairs.csv", 0.1, 1)
    labels = reviewed(tmp_path / "pairs.csv", truth, tmp_path / "labels.csv")
    words = ("review", "estimate", "--lake", copy.lake.root, "--labels", labels, "--keep")
    assert countylink(*words).exit_code == 0
    before = quality(copy)["all", "all"]
    assert countylink(*words, "--as-decisions", "--by", "ada").exit_code == 0
    link(copy.lake, shipped_bundle())
    after = quality(copy)["all", "all"]
    told = ("labelled_pairs", "labelled_precision", "labelled_recall")
    assert [after[name] for name in told] == [before[name] for name in told]


def test_reviewers_are_blind_and_the_key_stays_in_the_lake(place, tmp_path) -> None:
    report = draw_sample(place.lake, shipped_bundle(), tmp_path / "pairs.csv", 0.03, 1)
    shown = pl.read_csv(tmp_path / "pairs.csv", infer_schema=False)
    assert not [name for name in shown.columns if any(word in name for word in BLIND)]
    key = pl.read_parquet(place.lake.root / "review" / report.sample_id / "key.parquet").sort("pair_id")
    assert shown.height == report.sampled_pairs == key.height
    linked = key["is_linked"].cast(pl.Int64).to_numpy()
    order = pl.Series(range(len(linked))).to_numpy()
    assert abs(pl.DataFrame({"a": linked, "b": order}).select(pl.corr("a", "b")).item()) < 0.25
    turned = (shown["client_id_1"] != key["client_id_l"]).mean()
    assert 0.3 < turned < 0.7
    assert {"first_name_1", "first_name_2", "birth_date_1", "ssn_2"} <= set(shown.columns)


def test_the_file_and_the_key_are_their_owners_alone(place, tmp_path) -> None:
    for name in ("pairs.csv", "pairs.parquet"):
        report = draw_sample(place.lake, shipped_bundle(), tmp_path / name, 0.1, 1)
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    assert stat.S_IMODE((place.lake.root / "review" / report.sample_id).stat().st_mode) == 0o700


def test_the_same_seed_draws_the_same_pairs_and_another_draws_others(place, tmp_path) -> None:
    files = [tmp_path / f"{number}.csv" for number in range(3)]
    for file, seed in zip(files, (1, 1, 2), strict=True):
        draw_sample(place.lake, shipped_bundle(), file, 0.05, seed)
    assert files[0].read_bytes() == files[1].read_bytes() != files[2].read_bytes()


def test_the_command_tells_counts_and_no_value_of_anybody(place, tmp_path) -> None:
    ended = countylink("review", "sample", "--lake", place.lake.root, "--out", tmp_path / "pairs.csv")
    assert ended.exit_code == 0
    shown = pl.read_csv(tmp_path / "pairs.csv", infer_schema=False)
    names = {name for name in shown["last_name_1"].to_list() if name and len(name) > 4}
    assert names and not [name for name in names if name in ended.output]


def test_labels_become_decisions_and_an_unsure_one_takes_nothing_back(place, truth, tmp_path) -> None:
    copy = place.copy(tmp_path / "copy")
    draw_sample(copy.lake, shipped_bundle(), tmp_path / "pairs.csv", 0.1, 1)
    labels = reviewed(tmp_path / "pairs.csv", truth, tmp_path / "labels.csv")
    rows = pl.read_csv(labels).with_row_index()
    rows = rows.with_columns(label=pl.when(pl.col("index") == 0).then(pl.lit("unsure")).otherwise("label"))
    rows.drop("index").write_csv(labels)
    words = ("review", "estimate", "--lake", copy.lake.root, "--labels", labels, "--as-decisions")
    assert countylink(*words).exit_code == 2
    ended = countylink(*words, "--by", "ada", "--json")
    assert ended.exit_code == 0, ended.output
    told = json.loads(ended.stdout)
    assert told["unsure"] == 1
    assert told["labelled"] == rows.height - 1 == len(recorded(copy.lake))
    assert all(one.evidence["bundle_version"] == shipped_bundle().version for one in recorded(copy.lake))
    report = link(copy.lake, shipped_bundle())
    assert report.must_links + report.cannot_links + report.decisions_set_aside >= rows.height - 1


def test_half_a_file_is_a_sample_too(place, truth, tmp_path) -> None:
    draw_sample(place.lake, shipped_bundle(), tmp_path / "pairs.csv", 0.03, 1)
    labels = reviewed(tmp_path / "pairs.csv", truth, tmp_path / "labels.csv")
    whole = pl.read_csv(labels)
    whole.head(whole.height // 2).write_csv(labels)
    found = estimate(read_labels(place.lake, labels), 0.99)
    precision, _ = true_figures(place.lake, truth)
    assert found.labelled == whole.height // 2
    assert found.precision is not None
    assert found.precision.lower <= precision <= found.precision.upper


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda rows: rows.rename({"label": "said"}), "label missing"),
        (lambda rows: rows.with_columns(label=pl.lit("yes")), "none of same, different, unsure"),
        (lambda rows: pl.concat([rows, rows.head(1)]), "labelled twice"),
        (lambda rows: rows.with_columns(pair_id=pl.lit("0000000000-00001")), "not drawn from this lake"),
        (lambda rows: rows.with_columns(label=pl.lit("")), "0 samples"),
    ],
)
def test_a_file_that_is_not_the_samples_is_refused(place, truth, tmp_path, change, complaint: str) -> None:
    draw_sample(place.lake, shipped_bundle(), tmp_path / "pairs.csv", 0.1, 1)
    labels = reviewed(tmp_path / "pairs.csv", truth, tmp_path / "labels.csv")
    change(pl.read_csv(labels)).write_csv(labels)
    with pytest.raises(LakeError, match=complaint):
        read_labels(place.lake, labels)


def test_a_lake_without_pairs_says_what_to_do(tmp_path) -> None:
    with pytest.raises(LakeError, match="run the nightly job first"):
        draw_sample(Lake(tmp_path), shipped_bundle(), tmp_path / "pairs.csv", 0.02, 1)
