"""The breakers that a contract states: read with their defaults, refused where they cannot be meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.errors import ContractError
from schemas.breaker_terms import Breakers, MonthBreaker, RowCountBreaker, SegmentBreaker, defaults
from tests.intake import VISIT, county


def breakers(tmp_path: Path, stated: str) -> Breakers:
    """The visits' breakers when their contract states these; the clinic's visits are a full table."""
    tmp_path.mkdir(exist_ok=True)
    made = county(tmp_path)
    stated = stated.replace("{", "{{").replace("}", "}}")
    made.write_contract("visit", VISIT + f"      - {{{{property: breakers, value: {stated}}}}}\n")
    contract = made.contracts().get("clinic", "visit")
    assert contract
    return contract.breakers


def test_what_is_left_out_has_its_default(tmp_path: Path) -> None:
    usual = defaults()["row_count"]["full"]
    assert breakers(tmp_path, "{}") == Breakers(
        row_count=RowCountBreaker(usual["fall"], usual["rise"]),
        over=usual["over"],
        at_least=usual["at_least"],
        null_rate_rise=defaults()["null_rate"]["rise"],
        codes_psi=defaults()["codes"]["psi"],
    )


def test_every_default_has_its_reason() -> None:
    stated = defaults()
    parts = [*stated["row_count"].values(), *(stated[name] for name in stated if name != "row_count")]
    assert all(part["reason"] for part in parts)


def test_a_contract_states_its_own_limits_and_switches_breakers_off(tmp_path: Path) -> None:
    stated = (
        "{rowCount: {fall: 0.3, rise: 1, over: 5, atLeast: 2}, segments: [{column: visit_id, fall: 0.9}], "
        "months: {column: started_on}, nullRate: false, codes: {psi: 0.5}}"
    )
    assert breakers(tmp_path, stated) == Breakers(
        row_count=RowCountBreaker(0.3, 1.0),
        over=5,
        at_least=2,
        segments=(SegmentBreaker("visit_id", 0.9),),
        months=MonthBreaker("started_on", 0.8),
        null_rate_rise=None,
        codes_psi=0.5,
    )
    assert breakers(tmp_path / "other", "{rowCount: false}").row_count is None


@pytest.mark.parametrize(
    ("stated", "told"),
    [
        ("[]", "breakers must be a mapping"),
        ("{rowcount: {}}", "breakers.rowcount is not understood"),
        ("{rowCount: {fell: 1}}", "breakers.rowCount.fell is not understood"),
        ("{rowCount: {fall: 1.5}}", "fall must be a share"),
        ("{rowCount: {rise: no}}", "rise must be a number above 0"),
        ("{rowCount: {over: 2, atLeast: 3}}", "needs 1 <= atLeast <= over"),
        ("{rowCount: {over: 2.5}}", "over must be a whole number"),
        ("{segments: [visit_id]}", "segments must be a list"),
        ("{segments: [{column: clinic}]}", "names clinic, which is no column"),
        ("{segments: [{column: patient_id}]}", "tells who a person is"),
        ("{segments: [{column: started_on}]}", "neither text nor an integer"),
        ("{months: {column: visit_id}}", "neither a date nor a timestamp"),
    ],
    ids=str,
)
def test_what_cannot_be_meant_is_refused_with_file_field_and_mend(tmp_path: Path, stated: str, told: str) -> None:
    with pytest.raises(ContractError, match=r"clinic/visit\.odcs\.yaml: .*" + told.replace("[", r"\[")):
        breakers(tmp_path, stated)
