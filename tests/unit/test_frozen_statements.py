"""Statements that are final: what is due, what is restated and why, and that nothing stated is ever edited."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.commands.statement import told_due
from pipelines.contracts import DueStatement, due, freeze, frozen_statements, keep, read_outcome_contract, state
from pipelines.errors import LakeError
from pipelines.lake import Lake
from tests.unit.test_contracts_stage import (
    FEW_VISITS,
    MEASURES,
    PERSONS,
    RESULTS,
    SMALL,
    VISITS,
    housed,
    measured_by,
    write,
    write_contract,
)

TWO = housed("1 | JIR | 2023-01-01 | 2023-07-01 | met", "2 | JIR | 2023-01-02 | 2023-07-02 | met")
THREE = housed(
    "1 | JIR | 2023-01-01 | 2023-07-01 | met",
    "2 | JIR | 2023-01-02 | 2023-07-02 | met",
    "3 | JIR | 2023-01-03 | 2023-07-03 | met",
)
RELEASE = {"release_id": "2023-12-01-abc", "person_index_version": 1}
ON = date(2023, 11, 1)


class County:
    """A lake with one contract and the measure rows that a test gives."""

    def __init__(self, folder: Path, contract: dict[str, Any] = SMALL) -> None:
        self.lake = Lake(folder / "lake")
        self.folder = folder / "contracts"
        self.folder.mkdir(parents=True)
        self.use(contract)
        self.ledger()

    def use(self, contract: dict[str, Any]) -> None:
        self.contract = read_outcome_contract(write_contract(self.folder, contract), MEASURES)

    def ledger(self, *events: tuple[int, str, int, int | None, str]) -> None:
        """The person index's ledger: version, event, person, other person, cause."""
        for version in {1, *(event[0] for event in events)}:
            folder = self.lake.zone("person_index") / "versions" / f"{version:06d}"
            folder.mkdir(parents=True, exist_ok=True)
            rows = [event for event in events if event[0] == version]
            with duckdb.connect() as connection:
                connection.execute(
                    "create table t (event_number bigint, version_number bigint, event_code varchar, "
                    "person_id bigint, other_person_id bigint, cause varchar)"
                )
                for number, (_, code, person, other, cause) in enumerate(rows):
                    row = [1000 * version + number, version, code, person, other, cause]
                    connection.execute("insert into t values (?, ?, ?, ?, ?, ?)", row)
                connection.sql("from t").write_parquet(str(folder / "ledger.parquet"))

    def measured(self, persons: str) -> County:
        with duckdb.connect() as connection:
            write(connection, self.lake, "person_measures", f"{PERSONS.strip()}\n{persons}")
            write(connection, self.lake, "measure_results", RESULTS)
        state(self.lake, self.folder)
        return self

    def released(self, release_id: str, as_of: str) -> dict[str, Any]:
        """Keep what is known now as that of a release; returns the release's id and inputs."""
        keep(self.lake, release_id, self.folder)
        return {"release_id": release_id, "as_of": as_of, "person_index_version": 1}

    def due(self, period: str, release: dict[str, Any] | None = None) -> DueStatement:
        return due(self.lake, self.contract, MEASURES, period, release)

    def freeze(self, period: str, on: date = ON, release: dict[str, Any] | None = None) -> Path:
        stated = self.due(period, release)
        return freeze(self.lake, stated, on=on, by="an analyst", release=release or RELEASE)


def told(stated: DueStatement) -> list[tuple[Any, ...]]:
    """Person, period, cause and amount of every line."""
    rows = stated.lines.to_pylist()
    return sorted((row["person_id"], row["period"], row["cause_code"], str(row["amount_usd"])) for row in rows)


def test_a_first_statement_holds_the_lines_of_its_period_and_ties_out(tmp_path: Path) -> None:
    stated = County(tmp_path).measured(TWO).due("2023Q3")
    assert told(stated) == [(1, "2023Q3", "", "333.35"), (2, "2023Q3", "", "333.35")]
    assert (stated.number, stated.restatements, stated.tie_out) == (1, 0, {"housed": 2})
    assert stated.payers() == {"a": Decimal("444.49"), "b": Decimal("222.21")}


def test_what_was_frozen_is_not_due_again(tmp_path: Path) -> None:
    county = County(tmp_path).measured(TWO)
    county.freeze("2023Q3")
    assert county.due("2023Q3").lines.num_rows == 0
    with pytest.raises(LakeError, match="nothing is due for 2023Q3"):
        county.freeze("2023Q3")


def test_a_period_that_was_frozen_is_told_with_what_was_stated_of_it(tmp_path: Path) -> None:
    county = County(tmp_path).measured(TWO)
    assert "stated before" not in "\n".join(told_due(county.due("2023Q3"), False))
    county.freeze("2023Q3")
    again = county.due("2023Q3")
    lines = told_due(again, False)
    assert lines[-2:] == [
        "  stated before: statement 1, frozen on 2023-11-01, 666.70",
        "  above is only what changed since",
    ]
    assert again.as_json()["stated_before"] == [
        {"number": 1, "period": "2023Q3", "frozen_on": "2023-11-01", "total_usd": "666.70"}
    ]
    assert "stated before" not in "\n".join(told_due(county.due("2023Q4"), False))


def test_a_clause_of_a_programme_that_nobody_can_be_in_says_that_it_pays_nothing(tmp_path: Path) -> None:
    misspelt = {**SMALL, "clauses": [{**one, "program_code": "JRI"} for one in SMALL["clauses"][:1]]}
    stated = County(tmp_path, misspelt).measured(TWO).due("2023Q3")
    assert stated.amount_usd == 0
    assert "pays nothing, for no record can be of programme JRI" in told_due(stated, False)[-1]
    assert "pays nothing" not in "\n".join(told_due(County(tmp_path / "right").measured(TWO).due("2023Q3"), False))


def test_a_late_record_is_restated_on_the_next_statement_with_its_cause(tmp_path: Path) -> None:
    county = County(tmp_path).measured(TWO)
    county.freeze("2023Q3")
    stated = county.measured(THREE).due("2023Q4")
    assert told(stated) == [(3, "2023Q3", "later_data", "333.30")]
    assert (stated.number, stated.restatements) == (2, 1)


def test_a_line_that_is_gone_is_taken_back_and_what_a_cap_had_cut_is_paid(tmp_path: Path) -> None:
    county = County(tmp_path, SMALL | {"cap_usd": "500.00"}).measured(TWO)
    county.freeze("2023Q3")
    stated = county.measured(housed("2 | JIR | 2023-01-02 | 2023-07-02 | met")).due("2023Q4")
    assert told(stated) == [(1, "2023Q3", "later_data", "-333.35"), (2, "2023Q3", "cap", "166.70")]


def test_a_merge_of_persons_is_named_as_the_cause(tmp_path: Path) -> None:
    county = County(tmp_path).measured(TWO)
    county.freeze("2023Q3")
    county.ledger((2, "merged", 2, 1, "decisions"))
    stated = county.measured(housed("1 | JIR | 2023-01-01 | 2023-07-01 | met")).due("2023Q4")
    assert told(stated) == [(2, "2023Q3", "person_merged", "-333.35")]
    assert stated.lines.column("person_cause").to_pylist() == ["decisions"]


def test_another_price_restates_every_line_as_a_change_of_the_contract(tmp_path: Path) -> None:
    county = County(tmp_path).measured(TWO)
    county.freeze("2023Q3")
    dearer = SMALL["clauses"][0] | {"price_usd": "400.00"}
    county.use(SMALL | {"version": "1.1.0", "clauses": [dearer]})
    stated = county.measured(TWO).due("2023Q4")
    assert told(stated) == [(1, "2023Q3", "contract_changed", "66.65"), (2, "2023Q3", "contract_changed", "66.65")]


def test_everything_stated_for_a_line_sums_to_what_it_is_worth_on_the_last_statement(tmp_path: Path) -> None:
    county = County(tmp_path).measured(TWO)
    folders = [county.freeze("2023Q3")]
    folders.append(county.measured(THREE).freeze("2023Q4", date(2024, 3, 1)))
    folders.append(county.measured(TWO).freeze("2024Q1", date(2024, 6, 1)))
    with duckdb.connect() as connection:
        for table in ("lines", "line_payers"):
            paths = [str(folder / f"{table}.parquet") for folder in folders]
            query = f"select sum(amount_usd) from read_parquet({paths})"
            assert connection.execute(query).fetchall() == [(Decimal("666.70"),)]
    facts = frozen_statements(county.lake, "small")
    assert [(one["period"], one["total_usd"], one["restatements"]) for one in facts] == [
        ("2023Q3", "666.70", 0),
        ("2023Q4", "333.30", 1),
        ("2024Q1", "-333.30", 1),
    ]
    assert facts[0]["release"] == RELEASE


def test_a_period_is_frozen_only_once_late_data_has_had_its_days(tmp_path: Path) -> None:
    county = County(tmp_path).measured(TWO)
    with pytest.raises(LakeError, match="2023Q3 can be frozen from 2023-10-31 on"):
        county.freeze("2023Q3", date(2023, 10, 30))
    assert county.freeze("2023Q3", date(2023, 10, 31)).name == "0001"


def test_a_period_that_the_contract_does_not_state_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="small is stated every quarter: write the period as in 2023Q1"):
        County(tmp_path).measured(TWO).due("2023-07")


def test_lines_that_the_measure_table_does_not_hold_are_not_stated(tmp_path: Path) -> None:
    county = County(tmp_path).measured(TWO)
    with duckdb.connect() as connection:
        write(connection, county.lake, "person_measures", f"{PERSONS.strip()}\n{THREE}")
    with pytest.raises(LakeError, match=r"small, housed: 2 lines and 3 rows of the measure do not tie out"):
        county.due("2023Q3")


def test_each_line_tells_its_rule_and_what_each_payer_pays_of_it(tmp_path: Path) -> None:
    document = County(tmp_path).measured(TWO).due("2023Q3").as_json()
    assert [(line["rule"], line["payers"]) for line in document["lines"]] == [
        ("housing_stability_6_months 1.0.0", {"a": "222.24", "b": "111.11"}),
        ("housing_stability_6_months 1.0.0", {"a": "222.25", "b": "111.10"}),
    ]
    assert document["stated_elsewhere"] == []


def test_a_clause_that_no_measure_decides_is_said_to_be_stated_elsewhere(tmp_path: Path) -> None:
    points = SMALL["clauses"][0] | {"id": "points", "metric": "points", "pays_per": "population", "unit": "day"}
    by_hand = SMALL["outcome_metrics"][0] | {"id": "points"}
    contract = SMALL | {
        "outcome_metrics": [*SMALL["outcome_metrics"], {k: v for k, v in by_hand.items() if k != "measure"}],
        "clauses": [*SMALL["clauses"], {k: v for k, v in points.items() if k not in ("pays_when", "program_code")}],
    }
    stated = County(tmp_path, contract).measured(TWO).due("2023Q3")
    assert stated.stated_elsewhere == ["points"]
    assert "not counted here, but priced from a file (--quantities): points" in "\n".join(told_due(stated, False))


QUARTER = f"{VISITS} | provider | P1 | 2023Q1 | 11 | 0 | {{estimate}} | 1.0.0"


def test_a_providers_quarter_ties_out_with_the_estimate_that_earned_it(tmp_path: Path) -> None:
    county = County(tmp_path, SMALL | measured_by(VISITS) | {"clauses": [FEW_VISITS]})
    with duckdb.connect() as connection:
        write(connection, county.lake, "person_measures", PERSONS.strip())
        write(connection, county.lake, "measure_results", f"{RESULTS}\n{QUARTER.format(estimate='20.0')}")
        state(county.lake, county.folder)
        assert county.due("2023Q1").tie_out == {"few_visits": 1}
        write(connection, county.lake, "measure_results", f"{RESULTS}\n{QUARTER.format(estimate='20.5')}")
    with pytest.raises(LakeError, match=r"small, few_visits: 1 lines and 0 rows of the measure do not tie out"):
        county.due("2023Q1")


def test_days_tie_out_by_their_number_and_not_by_their_rows_alone(tmp_path: Path) -> None:
    days = SMALL["clauses"][0] | {"unit": "day", "counts": "numerator"}
    county = County(tmp_path, SMALL | measured_by("payable_housing_days") | {"clauses": [days]})
    header = f"{PERSONS.strip()} | numerator"
    row = "payable_housing_days | 1 | JIR | 2023-01-01 | 2023-03-31 | met | 1.0.0 | {days}"
    with duckdb.connect() as connection:
        write(connection, county.lake, "person_measures", f"{header}\n{row.format(days=90)}")
        write(connection, county.lake, "measure_results", RESULTS)
        state(county.lake, county.folder)
        assert county.due("2023Q1").tie_out == {"housed": 1}
        write(connection, county.lake, "person_measures", f"{header}\n{row.format(days=89)}")
    with pytest.raises(
        LakeError, match=r"small, housed: 90\.000000 units on lines and 89\.000000 units of the measure"
    ):
        county.due("2023Q1")


def test_a_statement_can_be_frozen_as_it_was_known_at_an_earlier_release(tmp_path: Path) -> None:
    county = County(tmp_path).measured(TWO)
    then = county.released("r1", "2023-10-01")
    now = county.measured(THREE).released("r2", "2023-11-01")
    assert len(told(county.due("2023Q3"))) == 3
    county.freeze("2023Q3", release=then)
    assert [line[0] for line in told(county.due("2023Q3", then))] == []
    # what came after that release is restated on the next one, as everything that comes late is
    assert told(county.due("2023Q4", now)) == [(3, "2023Q3", "later_data", "333.30")]
    (facts,) = frozen_statements(county.lake, "small")
    assert (facts["release"]["release_id"], facts["total_usd"]) == ("r1", "666.70")


def test_what_was_known_at_a_release_is_kept_once(tmp_path: Path) -> None:
    county = County(tmp_path).measured(TWO)
    assert keep(county.lake, "r1", county.folder)
    county.measured(THREE)
    assert not keep(county.lake, "r1", county.folder)
    assert len(told(county.due("2023Q3", {"release_id": "r1"}))) == 2


def test_a_statement_never_rests_on_an_earlier_release_than_the_one_before(tmp_path: Path) -> None:
    county = County(tmp_path).measured(TWO)
    then, now = county.released("r1", "2023-10-01"), county.released("r2", "2023-11-01")
    county.freeze("2023Q3", release=now)
    with pytest.raises(LakeError, match="statement 1 rests on release r2 as of 2023-11-01, which is later than r1"):
        county.due("2023Q4", then)


def test_a_release_of_other_terms_or_without_its_lines_is_refused_with_what_to_do(tmp_path: Path) -> None:
    county = County(tmp_path).measured(TWO)
    then = county.released("r1", "2023-10-01")
    county.use(SMALL | {"version": "1.1.0"})
    with pytest.raises(LakeError, match=r"r1 was stated under version 1\.0\.0 of small.*name the YAML of that version"):
        county.due("2023Q3", then)
    with pytest.raises(LakeError, match="the statement lines of release r9 were not kept"):
        county.due("2023Q3", {"release_id": "r9"})
