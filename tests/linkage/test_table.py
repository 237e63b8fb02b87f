"""Tables of strangers: read by the usual names or a roles file, or refused with column, rule and mend."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner

from pipelines import sql
from pipelines.cli import main
from pipelines.errors import TableError
from pipelines.link.columns import Column, columns_by_role
from pipelines.link.table import open_table

ANA = {"source_record_id": "1", "first_name": "Ana", "last_name": "Quistgaard", "dob": "1980-12-05"}


def table(folder: Path, columns: Mapping[str, Any]) -> Path:
    path = folder / "records.parquet"
    pl.DataFrame(
        {name: values if isinstance(values, list | pl.Series) else [values] for name, values in columns.items()}
    ).write_parquet(path)
    return path


def read(folder: Path, columns: Mapping[str, Any], wanted: str) -> list[Any]:
    """What standard.identities holds of a column, in the order of the records' ids."""
    with sql.connect(places=[folder]) as connection:
        open_table(connection, table(folder, columns))
        rows = connection.execute(
            f"select {wanted} from standard.clients left join standard.identities using (client_key) order by client_id"
        ).fetchall()
    return [value for (value,) in rows]


def roles(folder: Path, text: str) -> Path:
    path = folder / "roles.yaml"
    path.write_text(text, encoding="utf-8")
    return path


PRESENT = [Column(name, "VARCHAR") for name in ("id", "fname", "Surname", "dob", "mobile")]


def test_columns_are_known_by_the_usual_names_in_any_case_and_a_roles_file_stands_above_them(tmp_path: Path) -> None:
    stated = roles(tmp_path, "id: client_id\nmobile: phone\ndob: none\n")
    chosen = columns_by_role("people.parquet", PRESENT, stated)
    assert {role: column.name for role, column in chosen.items()} == {
        "client_id": "id", "phone": "mobile", "first_name": "fname", "last_name": "Surname",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id: client_id\nfname: firstname\n", "roles.yaml:2: fname: 'firstname' is no role; write one of agency, "),
        ("id: client_id\nname: first_name\n", "roles.yaml:2: name: people.parquet has no such column"),
        (
            "id: client_id\nfname: last_name\nSurname: last_name\n",
            "roles.yaml:3: Surname: the role last_name is given to",
        ),
        ("fname: first_name\n", "no column has the role client_id"),
        ("- first_name\n", "roles.yaml:1: is no mapping; write lines of COLUMN: role"),
        ("id: [client_id\n", "is not YAML"),
        ("id: {role: client_id}\n", "roles.yaml:1: a line is COLUMN: role"),
    ],
)
def test_a_roles_file_that_cannot_be_meant_is_refused_with_its_line_and_the_mend(tmp_path, text, said) -> None:
    with pytest.raises(TableError) as refused:
        columns_by_role("people.parquet", PRESENT, roles(tmp_path, text))
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (
            ANA | {"source_record_id": ["1", "1"], "dob": ["1980-12-05", "1980-12-06"]},
            "2 records have the source_record_id of",
        ),
        (ANA | {"source_record_id": ["1", None], "dob": ["1980-12-05"] * 2}, "source_record_id is empty in 1 records"),
        (ANA | {"dob": "29560"}, "column dob (birth_date): 1 of 1 values are no date that is read; write YYYY-MM-DD"),
        (ANA | {"first_name": [["Ana"]]}, "column first_name (first_name) is of type VARCHAR[]; give it as text"),
        ({"source_record_id": "1", "hair": "red"}, "no column says who a person is; say in --roles what each holds"),
    ],
)
def test_a_table_that_cannot_be_linked_is_refused_with_the_column_and_the_mend(tmp_path, columns, said) -> None:
    rows = max(len(values) for values in columns.values() if isinstance(values, list)) if any(
        isinstance(values, list) for values in columns.values()
    ) else 1  # fmt: skip
    filled = {name: values if isinstance(values, list) else [values] * rows for name, values in columns.items()}
    with sql.connect(places=[tmp_path]) as connection, pytest.raises(TableError) as refused:
        open_table(connection, table(tmp_path, filled))
    assert said in str(refused.value)
    assert "Quistgaard" not in str(refused.value)


@pytest.mark.parametrize(
    "written",
    [
        date(1980, 12, 31), datetime(1980, 12, 31), 19801231, "1980-12-31", "12/31/1980", "12/31/1980 00:00",
        "12-31-1980", "31.12.1980", "1980/12/31", "31-Dec-1980", "31DEC1980", "December 31, 1980",
    ],
)  # fmt: skip
def test_a_birth_date_is_read_however_it_is_written(tmp_path, written) -> None:
    assert read(tmp_path, ANA | {"dob": written}, "birth_code") == ["19801231"]


def test_what_programs_write_for_nothing_is_nothing(tmp_path) -> None:
    nothing = ["NULL", "nan", "N/A", "", "  "]
    columns = ANA | {"source_record_id": list("12345"), "city": nothing}
    filled = {name: values if isinstance(values, list) else [values] * 5 for name, values in columns.items()}
    assert read(tmp_path, filled, "city") == [None] * 5


def test_numbers_that_were_kept_as_numbers_have_their_zeros_again(tmp_path) -> None:
    assert read(tmp_path, ANA | {"ssn": 39476997}, "ssn") == ["039476997"]
    assert read(tmp_path, ANA | {"zip": 1002.0}, "zip5") == ["01002"]


def test_names_of_other_alphabets_are_compared_as_names(tmp_path) -> None:
    columns = {
        "source_record_id": ["1", "2", "3"], "dob": ["1980-12-31"] * 3,
        "last_name": ["Щербаков", "Shcherbakov", "王"], "first_name": ["Иван", "Ivan", "小明"],
    }  # fmt: skip
    russian, latin, chinese = read(tmp_path, columns, "first_name || ' ' || last_name")
    assert russian == latin == "IVAN SHCHERBAKOV"
    assert chinese not in (None, russian)


def linked(folder: Path, columns: Mapping[str, Any]) -> tuple[list[str], pl.DataFrame]:
    """What `countylink link-table` says line by line, and what it wrote."""
    command = ["link-table", "--records", str(table(folder, columns)), "--out", str(folder / "persons.parquet")]
    ended = CliRunner().invoke(main, command)
    assert ended.exit_code == 0, ended.output
    return ended.output.splitlines(), pl.read_parquet(folder / "persons.parquet")


def test_a_record_that_came_a_hundred_times_is_one_person_by_the_shipped_model(tmp_path) -> None:
    columns = {name: [value] * 100 for name, value in ANA.items()} | {"source_record_id": list(range(100))}
    lines, persons = linked(tmp_path, columns | {"phone": ["+44 20 1234"] * 100})
    assert lines[0].startswith("columns read: source_record_id as client_id, first_name, last_name, dob as birth_date")
    assert lines[1] == "no value of phone could be read, so they took no part"
    assert persons["person_id"].n_unique() == 1
    assert persons["source"].unique().to_list() == ["table"]


def test_an_empty_table_has_no_persons_and_a_record_that_says_too_little_is_one(tmp_path) -> None:
    lines, persons = linked(tmp_path, {name: pl.Series([], dtype=pl.String) for name in ANA})
    assert (lines[-1].split(",")[0], persons.height) == ("0 records are 0 persons", 0)
    lines, persons = linked(tmp_path, {"source_record_id": "1", "first_name": "Ana"})
    assert lines[-2] == "1 records say too little to be linked; each is a person of its own"
    assert persons.height == 1
