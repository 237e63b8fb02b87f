"""Every edge that a measure can stand on, from the rows that agencies sent to the rows of the measure.

The lives are told in `edges.py`. What came of each stands in `edges.txt`, a row a line, worked out by hand from the
measure's text: same day, leap day, open spells, death, transfer, overlap, jail inside a tenancy, and midnights on which
clocks change.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pipelines.lake import Lake
from pipelines.outcomes import load_measures
from tests.golden.edges import CLIENTS, LIVES, ROWS
from tests.golden.test_lives import run

EXPECTED = Path(__file__).parent / "edges.txt"

FOUND = """
select measure_id, life, coalesce(program_code, ''), coalesce(provider_id, ''), coalesce(period, ''), index_on,
    window_end_on, status_code, numerator::decimal(18, 2)::varchar, coalesce(round(person_time, 4)::varchar, ''), flags
from (select *, list_extract($lives::varchar[], person_id) as life from read_parquet($path)) as p
-- quarters and months long after the edges say nothing of them
where period is null or length(period) = 4 or window_end_on <= '2025-03-31' or life in ('opa', 'ora')
order by all
"""


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return run(tmp_path_factory.mktemp("edges"), rows=ROWS, clients=CLIENTS)


@pytest.fixture(scope="module")
def found(lake: Lake) -> dict[str, list[str]]:
    """Measure → its rows as lines."""
    path = str(lake.path("outcomes", "person_measures"))
    with duckdb.connect() as connection:
        rows = connection.execute(FOUND, {"lives": list(LIVES), "path": path}).fetchall()
    lines: dict[str, list[str]] = {}
    for measure, *cells in rows:
        lines.setdefault(measure, []).append(" | ".join(str(cell) for cell in cells).rstrip())
    return lines


def expected() -> dict[str, list[str]]:
    """Measure → its rows as `edges.txt` has them; `#` begins a remark."""
    lines: dict[str, list[str]] = {}
    measure = ""
    for line in EXPECTED.read_text(encoding="utf-8").splitlines():
        text = line.split("#")[0].strip()
        if text.endswith(":"):
            measure = text[:-1]
        elif text:
            lines.setdefault(measure, []).append(text)
    return lines


@pytest.mark.parametrize("measure", sorted(expected()))
def test_what_came_of_each_life_is_what_a_hand_works_out(found: dict[str, list[str]], measure: str) -> None:
    assert found[measure] == expected()[measure]


def test_every_family_of_measures_stands_on_edges() -> None:
    told = expected().keys()
    families = {}
    for measure in load_measures():
        families.setdefault(measure.sql, set()).add(measure.id)
    assert {sql for sql, ids in families.items() if not ids & told} == set()
