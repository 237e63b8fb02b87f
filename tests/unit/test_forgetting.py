"""A deleted client's rows leave a delivery with all that point at them; a quote is emptied; everybody else stays."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipelines.errors import LakeError
from pipelines.forgotten import CLIENT, SHARED, Forgotten, certificates, forgotten, open_forgotten, remember
from pipelines.ingest import Delivery, forget_in
from pipelines.ingest.delivery import SentFile
from pipelines.ingest.seals import prove_whole, seal, unseal
from pipelines.lake import Lake
from tests.unit.fake_lake import shipped_contracts

NOBODY = Forgotten(b"k" * 32, frozenset())

SHERIFF = {
    "person": {"main_number": ["1", " 2 "], "last_name": ["A", "B"]},
    "booking": {"booking_number": ["b1", "b2"], "main_number": ["1", "2"]},
    "charge": {"charge_id": ["c1", "c2", "c3"], "booking_number": ["b1", "b2", "b2"]},
}
TENANCY = {"tenancy": {"tenancy_id": ["t1", "t2"], "client_id": ["f1", "f2"], "hmis_personal_id": ["H9", "H8"]}}


def knowing(*parts: tuple[str, ...]) -> Forgotten:
    return NOBODY.with_tokens(NOBODY.token(*one) for one in parts)


def delivered(folder: Path, agency: str, tables: dict[str, dict[str, list[str]]]) -> Delivery:
    """A delivery's folder in raw, with a file a table, and its bytes as sent."""
    (folder / "as_sent").mkdir()
    for name, columns in tables.items():
        rows = len(next(iter(columns.values())))
        where = {"_line_number": list(range(2, rows + 2)), "_file_name": [f"{name}.csv"] * rows}
        pl.DataFrame(where | columns).write_parquet(folder / f"{name}.parquet")
        (folder / "as_sent" / f"{name}.csv").write_text("as sent")
    files = tuple(
        SentFile(f"{name}.csv", "", 0, name, rows=len(next(iter(one.values())))) for name, one in tables.items()
    )
    return Delivery(f"{agency}_1", agency, date(2026, 11, 1), 1, "", files, (), ())


def column(folder: Path, table: str, name: str) -> list[str | None]:
    return pl.read_parquet(folder / f"{table}.parquet")[name].to_list()


def test_rows_that_name_the_client_go_and_rows_that_point_at_them(tmp_path: Path) -> None:
    delivery = delivered(tmp_path, "sheriff", SHERIFF)
    left, found = forget_in(tmp_path, delivery, shipped_contracts().of("sheriff"), knowing((CLIENT, "sheriff", "2")))
    assert found.rows == {"person": 1, "booking": 1, "charge": 2}
    assert column(tmp_path, "charge", "charge_id") == ["c1"]
    assert column(tmp_path, "person", "_line_number") == [2]
    assert {one.name: one.rows for one in left.files} == {"person.csv": 1, "booking.csv": 1, "charge.csv": 1}
    assert [one.rule_id for one in left.warnings] == ["delivery.rows_deleted"]
    assert not (tmp_path / "as_sent").exists()


def test_rows_that_point_at_a_row_of_another_delivery_go_too(tmp_path: Path) -> None:
    (one, other) = (tmp_path / name for name in ("one", "other"))
    for folder in (one, other):
        folder.mkdir()
    contracts, known = shipped_contracts().of("sheriff"), knowing((CLIENT, "sheriff", "2"))
    first = {name: SHERIFF[name] for name in ("person", "booking")}
    _, found = forget_in(one, delivered(one, "sheriff", first), contracts, known)
    later = delivered(other, "sheriff", {"charge": SHERIFF["charge"]})
    assert not forget_in(other, later, contracts, known)[1].has_changed
    assert forget_in(other, later, contracts, known.with_tokens(found.tokens))[1].rows == {"charge": 2}


def test_who_was_not_deleted_keeps_every_byte(tmp_path: Path) -> None:
    delivery = delivered(tmp_path, "sheriff", SHERIFF)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    left, found = forget_in(tmp_path, delivery, shipped_contracts().of("sheriff"), knowing((CLIENT, "health", "2")))
    assert (left, found.has_changed) == (delivery, False)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("tables", [SHERIFF, TENANCY])
def test_the_sums_of_tables_are_forgotten_before_the_first_of_them_changes(
    tmp_path: Path, tables: dict[str, dict[str, list[str]]]
) -> None:
    agency = "sheriff" if tables is SHERIFF else "fhsp"
    delivery = delivered(tmp_path, agency, tables)
    seal(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.glob("*.parquet")}
    seen = []

    def killed() -> None:
        unseal(tmp_path)
        seen.append({path: path.read_bytes() for path in tmp_path.glob("*.parquet")})
        raise KeyboardInterrupt

    known = knowing((CLIENT, "sheriff", "2"), (SHARED, "hmis_personal_id", "H9"))
    with pytest.raises(KeyboardInterrupt):
        forget_in(tmp_path, delivery, shipped_contracts().of(agency), known, killed)
    assert seen == [before]
    for table in tables:
        prove_whole(tmp_path, table)  # without sums there is nothing to hold them against
    forget_in(tmp_path, delivery, shipped_contracts().of(agency), known)
    seal(tmp_path)
    for table in tables:
        prove_whole(tmp_path, table)


def test_another_agencys_quote_of_the_client_is_emptied_and_its_row_stays(tmp_path: Path) -> None:
    delivery = delivered(tmp_path, "fhsp", TENANCY)
    known = knowing((SHARED, "hmis_personal_id", "H9"))
    _, found = forget_in(tmp_path, delivery, shipped_contracts().of("fhsp"), known)
    assert (found.cells, dict(found.rows)) == (1, {})
    assert column(tmp_path, "tenancy", "hmis_personal_id") == [None, "H8"]
    assert column(tmp_path, "tenancy", "client_id") == ["f1", "f2"]


def test_an_unreadable_line_that_names_the_client_goes(tmp_path: Path) -> None:
    delivery = delivered(tmp_path, "sheriff", SHERIFF)
    (tmp_path / "unreadable").mkdir()
    lines = pl.DataFrame(
        {"_line_number": [9, 10], "_file_name": ["person.csv"] * 2, "rule_id": ["r", "r"], "text": ['"2","B', "12,C"]}
    )
    lines.write_parquet(tmp_path / "unreadable/person.parquet")
    forget_in(tmp_path, delivery, shipped_contracts().of("sheriff"), knowing((CLIENT, "sheriff", "2")))
    assert pl.read_parquet(tmp_path / "unreadable/person.parquet")["text"].to_list() == ["12,C"]


def test_the_list_of_the_deleted_names_nobody_and_needs_its_key(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    assert forgotten(lake) is None
    known = open_forgotten(lake)
    number = remember(lake, [known.token(CLIENT, "sheriff", "Quolm")], {"clients": 1})
    again = forgotten(lake)
    assert again is not None
    assert number == 1
    assert again.holds(CLIENT, "sheriff", "Quolm")
    assert not again.holds(CLIENT, "health", "Quolm")
    assert "Quolm" not in (tmp_path / "forgotten/00000001.json").read_text()
    assert [one["clients"] for one in certificates(lake)] == [1]
    (tmp_path / "keys/forgotten.key").unlink()
    with pytest.raises(LakeError, match=r"keys/forgotten\.key is not a plain file"):
        forgotten(lake)
