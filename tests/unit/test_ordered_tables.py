"""The order of published rows: by texts as texts, whatever they are while rows are in memory."""

import random
from datetime import date

import duckdb
import pyarrow as pa
import pytest

from pipelines.publish.ordered import FEW_TEXTS, ordered
from pipelines.publish.published_contracts import load_published_contracts
from pipelines.publish.tables import _typed

TEXTS = [None, "", "B", "a", "b", "ä", "é", "10", "9", "Zz", "z", "_", "'"]
CONTRACT = load_published_contracts()["person_measures"]


def _lake(rows: int, seed: int) -> duckdb.DuckDBPyConnection:
    """A connection with person_measures of made rows, and keys whose order is not that of the persons."""
    draw = random.Random(seed)
    made = {
        column.name: [_value(draw, column.physical_type, column.required) for _ in range(rows)]
        for column in CONTRACT.columns
        if column.name != "person_key"
    }
    fields = [field for field in CONTRACT.arrow_schema if field.name != "person_key"]
    table = pa.table(made, schema=pa.schema([field.with_nullable(True) for field in fields]))
    connection = duckdb.connect()
    connection.register("made", table.append_column("person_id", pa.array([at % 5 for at in range(rows)], pa.int64())))
    connection.execute("create schema outcomes; create schema publish")
    connection.execute("create table outcomes.person_measures as from made")
    keys = [(at, f"{draw.random()}") for at in range(5)]
    connection.execute("create table publish.person_keys (person_id bigint, person_key varchar)")
    connection.executemany("insert into publish.person_keys values (?, ?)", keys)
    return connection


def _value(draw: random.Random, kind: str, is_required: bool) -> object:
    if kind == "utf8":
        return draw.choice(TEXTS[1:] if is_required else TEXTS)
    return date(2026, 1, draw.randint(1, 9)) if kind == "date32" else float(draw.randint(0, 3))


@pytest.mark.parametrize("seed", range(3))
def test_rows_stand_in_the_order_of_their_texts_with_nulls_last(seed: int) -> None:
    connection = _lake(500, seed)
    columns = [column.name for column in CONTRACT.columns]
    by = ", ".join(dict.fromkeys([*CONTRACT.sorted_by, *columns]))
    plain = "from outcomes.person_measures join publish.person_keys using (person_id)"
    expected = connection.sql(f"select {', '.join(columns)} {plain} order by {by}").to_arrow_table()
    found = _typed(ordered(connection, CONTRACT, {}).to_arrow_table(), CONTRACT)
    assert found.to_pylist() == expected.to_pylist()
    assert found.schema == CONTRACT.arrow_schema


def test_a_table_without_rows_is_ordered_all_the_same() -> None:
    assert _typed(ordered(_lake(0, 1), CONTRACT, {}).to_arrow_table(), CONTRACT).num_rows == 0


def test_columns_of_few_texts_are_texts_of_the_contract() -> None:
    for name, columns in FEW_TEXTS.items():
        kinds = {one.name: one.physical_type for one in load_published_contracts()[name].columns}
        assert {kinds[column] for column in columns} == {"utf8"}
