"""What is left of a row tells of nobody: years, three digits, bands, shifts by the person's key; and it is measured."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.products import load_law
from pipelines.products.anonymity import Anonymity, in_small_groups, measured
from pipelines.products.de_identify import DeIdentifier, zip3_of
from pipelines.products.definition import DeIdentified
from pipelines.products.keys import RecipientKey
from pipelines.products.law import Floors

LAW = load_law()
FLOORS = Floors(smallest_k=3, smallest_l=2)
TERMS = DeIdentified(method="safe_harbor", quasi_identifiers=("birth_year", "sex_code"), sensitive=("agencies",))


def people(*rows: tuple[int | None, str | None, str]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["birth_year", "sex_code", "agencies"], orient="row")


@pytest.mark.parametrize(
    ("zip5", "zip3"),
    [
        ("90012", "900"),
        ("03601", "000"),
        ("20301", "000"),
        ("36901", "000"),
        ("89301-1234", "000"),
        ("9001", None),
        (None, None),
    ],
)
def test_three_digits_are_told_where_many_people_live(zip5: str | None, zip3: str | None) -> None:
    rows = pl.DataFrame({"zip5": [zip5]}, schema={"zip5": pl.String})
    assert rows.select(zip3_of(pl.col("zip5").str.slice(0, 5), LAW.restricted_zip3))["zip3"].to_list() == [zip3]


def test_a_birth_year_falls_into_its_band_and_dates_into_their_year() -> None:
    terms = TERMS.model_copy(update={"birth_year_band": 10})
    persons = pl.DataFrame({"birth_year": [1983, 1990, None]})
    assert DeIdentifier(terms, LAW).table("persons", persons)["birth_year"].to_list() == [1980, 1990, None]
    rows = pl.DataFrame({"period": ["2025Q3"], "index_on": [date(2025, 8, 9)], "shift_days": [9]})
    assert DeIdentifier(terms, LAW).table("person_measures", rows).to_dicts() == [
        {"period": "2025", "index_year": 2025}
    ]


def test_under_an_experts_finding_all_dates_of_a_person_move_together() -> None:
    expert = {"name": "Dr E", "determined_on": date(2026, 1, 1), "document": "risk-2026-01"}
    terms = DeIdentified.model_validate({"method": "expert", "expert": expert, "quasi_identifiers": ("sex_code",)})
    rows = pl.DataFrame({"index_on": [date(2025, 1, 1)], "window_end_on": [date(2026, 1, 1)], "shift_days": [-40]})
    moved = DeIdentifier(terms, LAW).table("person_measures", rows)
    assert moved.row(0) == (date(2024, 11, 22), date(2025, 11, 22))


@given(st.binary(min_size=16, max_size=16))
def test_a_shift_is_never_none_and_never_more_than_the_greatest(vault_id: bytes) -> None:
    key = RecipientKey(b"k" * 32, "ucla", "jir", 1)
    shift = key.shift_days(vault_id, 182)
    assert shift != 0
    assert abs(timedelta(days=shift)) <= timedelta(days=182)
    assert shift == key.shift_days(vault_id, 182)


def test_k_is_the_smallest_group_and_l_the_least_mixed_one() -> None:
    rows = people(*[(1980, "F", "health")] * 3, *[(1980, "M", "health")] * 2, (1980, "M", "sheriff"))
    found = measured(rows, TERMS, FLOORS)
    assert (found.persons, found.groups, found.smallest_k, found.smallest_l) == (6, 2, 3, {"agencies": 1})
    assert not found.holds
    assert measured(rows, TERMS.model_copy(update={"sensitive": ()}), FLOORS).holds


def test_who_lacks_a_value_is_a_group_of_its_own() -> None:
    found = measured(people(*[(1980, "F", "a")] * 3, (1980, None, "a")), TERMS, FLOORS)
    assert (found.smallest_k, found.too_small[0].columns, found.too_small[0].persons) == (1, ("sex_code",), 1)


def test_persons_in_groups_too_small_or_too_little_mixed_are_told() -> None:
    rows = people(*[(1980, "F", one) for one in "aab"], *[(1980, "M", "a")] * 3, (None, None, "b"))
    assert in_small_groups(rows, TERMS, FLOORS).to_list() == [False] * 3 + [True] * 4


def test_mends_tell_what_less_detail_would_give() -> None:
    rows = people(*[(year, "F", agency) for year in range(1980, 1990) for agency in ("a", "b")])
    found = measured(rows, TERMS, FLOORS)
    assert {one.change: one.smallest_k for one in found.mends} == {
        "without birth_year": 20,
        "without sex_code": 2,
        "birth_year_band: 5": 10,
        "birth_year_band: 10": 20,
        "birth_year_band: 20": 20,
    }
    banded = rows.with_columns(pl.col("birth_year") // 10 * 10)
    assert measured(banded, TERMS, FLOORS).holds


def test_nobody_at_all_is_well_hidden() -> None:
    empty: Anonymity = measured(people().cast({"birth_year": pl.Int64}), TERMS, FLOORS)
    assert empty.holds
    assert (empty.persons, empty.smallest_k) == (0, 0)


rows_of_people = st.lists(
    st.tuples(st.integers(1980, 1983), st.sampled_from(["F", "M", None]), st.sampled_from("ab")),
    min_size=1,
    max_size=40,
)


@given(rows_of_people)
def test_a_coarser_table_never_hides_anybody_worse(rows: list[tuple[int, str | None, str]]) -> None:
    table = people(*rows)
    coarse = table.with_columns(pl.col("birth_year") // 2 * 2)
    assert measured(coarse, TERMS, FLOORS).smallest_k >= measured(table, TERMS, FLOORS).smallest_k
