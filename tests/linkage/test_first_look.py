"""A first look leaves out only what would not have been a link."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linkage_rules.bundle import shipped_bundle
from linkage_rules.first_look import Bound
from linkage_rules.relaxing import relaxed
from linkage_rules.settings import block_on
from linkage_rules.traits import Trait
from pipelines.link import scoring
from pipelines.link.blocks import MetPairs
from pipelines.link.candidates import TABLE, make_candidates
from pipelines.link.first_look import FirstLook, read_traits
from pipelines.link.places import read_identities
from tests.linkage.records import standardised

FIRST = ["Maria", "Mary", "Maria Elena", "M", "Mría", "Bob", "Robert", "Xochitl", "Garcia", None]
LAST = ["Garcia", "Garcia Lopez", "Lopez", "Garzia", "Smith", "Smyth", "Maria", "O'Brien", None]
BORN = ["1980-12-05", "1980-05-12", "1980-12-06", "1981-12-05", "1980-01-01", "1908-12-05", "2001-07-30", None]
SSNS = ["139-47-6997", "139-47-6987", "139-74-6997", "XXX-XX-6997", "528-91-1234", "912-70-1234", "13947699", None]
HOMES = ["31 Main St", "31 Maine St Apt 2", "99 Elm Ave", "TRANSIENT", None]
RECORD = st.fixed_dictionaries(
    {
        "first_name": st.sampled_from(FIRST),
        "middle_name": st.sampled_from(["Ann", "A", "Robert", None]),
        "last_name": st.sampled_from(LAST),
        "name_suffix": st.sampled_from(["Jr", "Sr", None]),
        "dob": st.sampled_from(BORN),
        "ssn": st.sampled_from(SSNS),
        "sex": st.sampled_from(["F", "M", None]),
        "address": st.sampled_from(HOMES),
        "city": st.sampled_from(["Los Angeles", "Compton", None]),
        "zip": st.sampled_from(["90001", "90002", None]),
        "phone": st.sampled_from(["213-555-1212", "310-555-1212", None]),
    }
)


def first_look(connection: duckdb.DuckDBPyConnection, model: dict[str, Any]) -> FirstLook:
    bound = Bound(model)
    traits = read_traits(connection, shipped_bundle(), model, bound)
    return FirstLook(bound, traits, read_identities(connection).client_keys)


@settings(deadline=None, max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records=st.lists(RECORD, min_size=8, max_size=24))
def test_no_pair_weighs_more_than_its_bound(tmp_path: Path, records: list[dict[str, Any]]) -> None:
    with standardised(tmp_path, records) as connection:
        bundle, identities = shipped_bundle(), read_identities(connection)
        if len(identities) < 2:
            return
        make_candidates(connection)
        model = scoring.population_settings(connection, bundle)
        connection.execute(f"alter table {TABLE} add column everyone integer default 1")
        scoring.open_term_frequencies(connection, bundle)
        linker = scoring.make_linker(
            connection, TABLE, model | {"blocking_rules_to_generate_predictions": [block_on("everyone")]}
        )
        scoring.register_term_frequencies(connection, linker, model)
        scored = linker.inference.predict().physical_name
        rows = connection.execute(
            f"select l.rowid, r.rowid, s.match_weight from {scored} as s "
            f"inner join {TABLE} as l on s.identity_id_l = l.identity_id "
            f"inner join {TABLE} as r on s.identity_id_r = r.identity_id"
        ).fetchall()
        looks = first_look(connection, model)
        for left, right, weight in rows:
            pair = MetPairs(np.array([left]), np.array([right]), np.array([0]))
            assert [len(kept) for kept in looks.plausible([pair], weight)] == [1]


def test_what_is_nowhere_near_a_link_is_left_out(tmp_path: Path) -> None:
    one = {"first_name": "Maria", "last_name": "Garcia", "dob": "1980-12-05", "sex": "F"}
    other = {"first_name": "Bob", "last_name": "Smith", "dob": "1980-12-05", "sex": "M"}
    with standardised(tmp_path, [one, other, one | {"source": "health"}]) as connection:
        make_candidates(connection)
        looks = first_look(connection, shipped_bundle().settings)
        left, right = np.triu_indices(len(read_identities(connection)), 1)
        kept = next(iter(looks.plausible([MetPairs(left, right, np.zeros(len(left), dtype=np.int64))], 0.0)))
        names = connection.execute(f"select first_name from {TABLE}").fetchnumpy()["first_name"]
        assert [(names[a], names[b]) for a, b in zip(*kept.sides, strict=True)] == [("MARIA", "MARIA")]


@pytest.mark.parametrize(
    "condition",
    [
        "ELSE",
        "not a_l = a_r",
        "a_l <> a_r",
        "a_l between 1 and b_r",
        "soundex(a_l) = soundex(a_r)",
        "a_l = 1 or x(b_l)",
    ],
)
def test_a_condition_that_is_not_understood_may_always_hold(condition: str) -> None:
    assert relaxed(condition).holds is None


def test_what_is_understood_beside_what_is_not_still_counts() -> None:
    assert relaxed("a_l = a_r and not (b_l = b_r)").traits == {Trait("a", "same")}


def test_the_conditions_of_the_shipped_model_are_understood() -> None:
    kinds = {trait.kind for trait in Bound(shipped_bundle().settings).traits}
    assert kinds == {
        "same",
        "number",
        "length",
        "first",
        "start",
        "letters",
        "kinds",
        "figures",
        "entries",
        "frequency",
    }
