"""A county whose links are all right: what is measured is then what truly came about."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pipelines import episodes, ingest, outcomes, sql, standardise, validate
from pipelines.lake import Lake
from pipelines.outcomes.measure import add_person_rows, open_inputs
from schemas.data_contract import load_contracts
from synthetic.county import generate

PEOPLE, SEED = 2500, 5
TRUE_MEASURES = {
    "housing_stability_6_months": "just_in_reach_housed_6_months",
    "housing_stability_12_months": "just_in_reach_housed_12_months",
    "jail_return_after_placement_24_months": "just_in_reach_jail_return_24_months",
    "jail_return_after_placement_24_months_any": "just_in_reach_custody_24_months",
}
"""Measure → what the county's truth calls it."""

COMPARED = """
    select p.measure_id, p.person_id, p.status_code, replace(t.status, 'deceased', 'excluded') as true_status,
        d.died_on is null as is_death_unrecorded
    from outcomes.person_measures as p
    inner join true_names as n on p.measure_id = n.measure_id
    inner join read_parquet($truth) as t on t.measure = n.true_name and t.person_id = person_name(p.person_id)
    inner join episodes.persons as d on p.person_id = d.person_id
    where p.program_code = 'JIR' and p.status_code <> 'immature'
"""

PEOPLE_OF_CLIENTS = """
    select c.client_key, c.agency, c.client_id,
        -- a client that the truth does not name (an extract's dirty row) stands alone
        coalesce(substr(t.person_id, 8)::bigint, 900000000 + row_number() over (order by c.client_key)) as person_id
    from read_parquet($clients) as c
    left join read_parquet($truth) as t using (agency, client_id)
    order by c.client_key
"""


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, int, str, str, bool]]:
    """Measure, person, status, true status, and whether a death stands in no agency's records; mature windows."""
    folder = tmp_path_factory.mktemp("true")
    county = generate(folder, people=PEOPLE, seed=SEED, days=1)
    lake, data_contracts = Lake(folder / "lake"), load_contracts()
    ingest.take_deliveries(lake, county.landing, data_contracts)
    validate.validate_deliveries(lake, data_contracts)
    standardise.standardise(lake, data_contracts)
    link_truly(lake, county.truth)
    episodes.build(lake)
    with sql.connect(lake.spill, places=[Path(county.truth)]) as connection:
        open_inputs(connection, lake)
        for each in outcomes.load_measures():
            if each.id in TRUE_MEASURES:
                add_person_rows(connection, each)
        connection.execute("create macro person_name(number) as 'person-' || lpad(number::varchar, 8, '0')")
        connection.execute("create table true_names (measure_id varchar, true_name varchar)")
        connection.executemany("insert into true_names values (?, ?)", [list(pair) for pair in TRUE_MEASURES.items()])
        return connection.execute(COMPARED, {"truth": str(county.truth / "outcomes.parquet")}).fetchall()


def link_truly(lake: Lake, truth: Path) -> None:
    with duckdb.connect() as connection:
        files = {"clients": str(lake.path("standard", "clients")), "truth": str(truth / "clients.parquet")}
        lake.write("person_index", "person_of_client", connection.sql(PEOPLE_OF_CLIENTS, params=files))


@pytest.mark.slow
@pytest.mark.parametrize("measure", TRUE_MEASURES)
def test_with_every_link_right_the_measure_is_the_truth(
    compared: list[tuple[str, int, str, str, bool]], measure: str
) -> None:
    rows = [row for row in compared if row[0] == measure]
    assert len(rows) >= 10
    # a death that no agency wrote down cannot be known: the one difference that may remain
    wrong = [row for row in rows if row[2] != row[3] and not (row[3] == "excluded" and row[4])]
    assert wrong == []
