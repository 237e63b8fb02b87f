"""The measures, on five clients counted by hand.

truth: A = {a1 (sheriff), a2 (health), a3 (hmis)}, B = {b1 (sheriff), b2 (health)}
found: {a1, a2}, {a3, b1}, {b2}
True pairs 4, found pairs 2, right pairs 1 (a1-a2).
"""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from pipelines.errors import TableError
from pipelines.link import Evaluation, evaluate

CLIENTS = [("sheriff", "a1"), ("health", "a2"), ("hmis", "a3"), ("sheriff", "b1"), ("health", "b2")]


@pytest.fixture
def evaluation(tmp_path: Path) -> Evaluation:
    _write(tmp_path / "truth.parquet", ["A", "A", "A", "B", "B"])
    _write(tmp_path / "persons.parquet", [1, 1, 2, 2, 3])
    pl.DataFrame({"person_id": ["A", "B"], "sex": ["F", "M"], "ethnicity": ["hispanic", None]}).write_parquet(
        tmp_path / "attributes.parquet"
    )
    return evaluate(tmp_path / "persons.parquet", tmp_path / "truth.parquet", tmp_path / "attributes.parquet")


def _write(path: Path, persons: list[object]) -> None:
    agencies, clients = zip(*CLIENTS, strict=True)
    pl.DataFrame({"agency": agencies, "client_id": clients, "person_id": persons}).write_parquet(path)


def test_pairs(evaluation) -> None:
    overall = evaluation.overall
    assert (overall.true_pairs, overall.found_pairs, overall.right_pairs) == (4, 2, 1)
    assert (overall.precision, overall.recall) == (1 / 2, 1 / 4)
    assert overall.f1 == pytest.approx(2 * 0.5 * 0.25 / 0.75)


def test_b_cubed_is_a_mean_over_clients(evaluation) -> None:
    # precision: a1 1, a2 1, a3 1/2, b1 1/2, b2 1; recall: a1 2/3, a2 2/3, a3 1/3, b1 1/2, b2 1/2
    assert evaluation.overall.bcubed_precision == pytest.approx(4 / 5)
    assert evaluation.overall.bcubed_recall == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1 / 2 + 1 / 2) / 5)


def test_no_person_here_is_exactly_right(evaluation) -> None:
    assert (evaluation.overall.persons, evaluation.overall.persons_exactly_right) == (2, 0.0)


def test_pairs_of_agencies(evaluation) -> None:
    pair = evaluation.by_agency_pair["health+sheriff"]
    assert (pair.true_pairs, pair.found_pairs, pair.right_pairs) == (2, 1, 1)
    assert evaluation.by_agency_pair["hmis+sheriff"].precision == 0.0


def test_a_group_counts_the_pairs_that_touch_it(evaluation) -> None:
    women = evaluation.by_attribute["sex"]["F"]
    assert (women.clients, women.true_pairs, women.found_pairs, women.right_pairs) == (3, 3, 2, 1)
    men = evaluation.by_attribute["sex"]["M"]
    assert (men.clients, men.true_pairs, men.found_pairs, men.right_pairs) == (2, 1, 1, 0)
    assert set(evaluation.by_attribute) == {"sex", "ethnicity"}
    assert set(evaluation.by_attribute["ethnicity"]) == {"hispanic", "unknown"}


def test_it_is_json(evaluation) -> None:
    told = json.loads(evaluation.as_json())
    assert told["overall"]["right_pairs"] == 1
    assert told["by_sex"]["M"]["clients"] == 2


def test_a_client_that_the_persons_lack_is_a_person_of_its_own(tmp_path) -> None:
    _write(tmp_path / "truth.parquet", ["A", "A", "A", "B", "B"])
    pl.read_parquet(tmp_path / "truth.parquet").head(2).rename(
        {"agency": "source", "client_id": "source_record_id"}
    ).write_parquet(tmp_path / "persons.parquet")
    overall = evaluate(tmp_path / "persons.parquet", tmp_path / "truth.parquet").overall
    assert (overall.found_pairs, overall.right_pairs, overall.precision) == (1, 1, 1.0)


def test_a_table_without_persons_is_refused_by_name(tmp_path) -> None:
    pl.DataFrame({"agency": ["a"]}).write_parquet(tmp_path / "p.parquet")
    with pytest.raises(TableError, match="needs a column"):
        evaluate(tmp_path / "p.parquet", tmp_path / "p.parquet")


def test_a_group_of_clients_counts_the_pairs_that_touch_it(tmp_path: Path) -> None:
    _write(tmp_path / "truth.parquet", ["A", "A", "A", "B", "B"])
    persons = tmp_path / "persons.parquet"
    _write(persons, [1, 1, 2, 2, 3])
    pl.read_parquet(persons).with_row_index("client_key").write_parquet(persons)
    own = {name: ["x"] * 5 for name in ("race_ethnicity", "age_band", "sex", "housing_status")}
    clients = pl.DataFrame({"client_key": range(5), "ssn": ["full", "missing", "full", "missing", "full"]})
    agencies = [agency for agency, _ in CLIENTS]
    clients.with_columns(pl.Series("agency", agencies), **{k: pl.Series(v) for k, v in own.items()}).write_parquet(
        tmp_path / "clients.parquet"
    )
    found = evaluate(persons, tmp_path / "truth.parquet", clients=tmp_path / "clients.parquet")
    # a2 and b1 lack a number: true pairs a1-a2, a2-a3, b1-b2; found pairs a1-a2 (right) and a3-b1
    missing = found.by_attribute["client_ssn"]["missing"]
    assert (missing.clients, missing.true_pairs, missing.found_pairs, missing.right_pairs) == (2, 3, 2, 1)
    assert found.by_attribute["client_sex"]["x"].right_pairs == found.overall.right_pairs


def test_a_rate_lies_in_its_interval(evaluation) -> None:
    overall = evaluation.overall
    assert 0 <= overall.precision_lower <= overall.precision <= overall.precision_upper <= 1
    assert 0 <= overall.recall_lower <= overall.recall <= overall.recall_upper <= 1


def test_a_rate_without_an_error_is_not_certain(tmp_path: Path) -> None:
    _write(tmp_path / "truth.parquet", ["A", "A", "A", "B", "B"])
    _write(tmp_path / "persons.parquet", [1, 1, 1, 2, 2])
    overall = evaluate(tmp_path / "persons.parquet", tmp_path / "truth.parquet").overall
    assert overall.precision == 1.0
    assert overall.precision_lower < 0.5, "two persons tell little"


def test_tables_that_cannot_be_measured_are_refused_with_the_column_and_the_mend(tmp_path: Path) -> None:
    truth, persons = tmp_path / "truth.parquet", tmp_path / "persons.parquet"
    _write(truth, ["A", "A", "A", "B", "B"])
    for rows, said in (
        (
            {"agency": ["hmis"] * 2, "client_id": ["1", "1"], "person_id": [1, 2]},
            "1 rows have the agency and client_id",
        ),
        ({"agency": ["hmis"], "client_id": [None], "person_id": [1]}, "person_id is empty in 1 rows"),
        ({"agency": ["hmis"], "client_id": ["1"], "person_id": [1]}, "holds none of the clients of truth.parquet"),
    ):
        pl.DataFrame(rows).write_parquet(persons)
        with pytest.raises(TableError, match=said):
            evaluate(persons, truth)
    persons.write_text("no Parquet")
    with pytest.raises(TableError, match="no Parquet table"):
        evaluate(persons, truth)


def test_tables_of_one_source_need_no_column_for_it(tmp_path: Path) -> None:
    for name in ("truth", "persons"):
        pl.DataFrame({"client_id": [1, 2], "person_id": ["a", "a"]}).write_parquet(tmp_path / f"{name}.parquet")
    assert evaluate(tmp_path / "persons.parquet", tmp_path / "truth.parquet").overall.f1 == 1.0
