"""A table of the lake that is gone, emptied or cut off: named with its mend, and never a county without some people."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import dagster as dg
import duckdb
import pyarrow as pa
import pytest
from click.testing import CliRunner

from pipelines.cli import Command
from pipelines.commands.options import LAKE
from pipelines.damaged import damaged_tables
from pipelines.defs.privacy import told
from pipelines.errors import LakeError
from pipelines.lake import Lake
from pipelines.link.remembered import recall
from pipelines.operations.doctor.the_lake import tables
from pipelines.operations.finding import FAIL, OK
from pipelines.validate.receipts import refuse_lost_tables
from tests.intake import PATIENT_HEADER, County, county, patient


def taken_in(folder: Path) -> tuple[County, Path]:
    made = county(folder)
    made.deliver({"patient.csv": PATIENT_HEADER + patient("p1") + patient("p2")})
    (receipt,) = made.run()
    return made, receipt.folder(made.lake) / "patient.parquet"


@pytest.mark.parametrize("harm", ["gone", "emptied", "cut off"])
def test_accepted_rows_that_are_lost_stop_the_run_and_come_back_out_of_raw(harm: str, tmp_path: Path) -> None:
    made, table = taken_in(tmp_path)
    refuse_lost_tables(made.lake)
    before = made.validated("patient").rows()
    if harm == "gone":
        table.unlink()
    else:
        table.write_bytes(table.read_bytes()[: 0 if harm == "emptied" else 300])
    with pytest.raises(LakeError, match=r"patient\.parquet is gone or damaged; remove validated/clinic/\S+, and run"):
        refuse_lost_tables(made.lake)
    shutil.rmtree(table.parent)
    made.run()
    assert made.validated("patient").rows() == before


def test_damaged_tables_are_named_each_with_its_mend(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    for zone in ("standard", "person_index/versions/000001", "contracts/releases/r", "raw/a/b", "spill", ".staged"):
        (tmp_path / zone).mkdir(parents=True)
        (tmp_path / zone / "t.parquet").write_bytes(b"PAR1 and no end")
    lake.write_arrow("standard", "whole", pa.table({"a": [1]}))
    from_the_backup = "restore it from the newest backup"
    assert dict(damaged_tables(tmp_path)) == {
        "contracts/releases/r/t.parquet": from_the_backup,
        "person_index/versions/000001/t.parquet": from_the_backup,
        "raw/a/b/t.parquet": from_the_backup,
        "standard/t.parquet": "run again: every run makes it anew",
    }


def test_the_doctor_names_what_is_damaged_and_what_is_gone(tmp_path: Path) -> None:
    made, table = taken_in(tmp_path)
    assert [one.level for one in tables(made.lake)] == [OK]
    table.write_bytes(b"PAR1")
    (found,) = tables(made.lake)
    assert (found.level, found.says) == (FAIL, f"{table.relative_to(made.lake.root)} is damaged")
    table.unlink()
    with pytest.raises(LakeError, match="is gone or damaged"):
        list(tables(made.lake))


def test_a_step_that_breaks_over_a_damaged_table_says_which(tmp_path: Path) -> None:
    class Resource:
        root = str(tmp_path)

    @told
    def step(lake: Resource) -> Iterator[dg.MaterializeResult]:
        yield from ()
        raise pa.ArrowInvalid("a row of Alder")

    with pytest.raises(pa.ArrowInvalid):
        list(step(lake=Resource()))
    (tmp_path / "standard").mkdir()
    (tmp_path / "standard" / "clients.parquet").write_bytes(b"")
    with pytest.raises(dg.Failure) as failed:
        list(step(lake=Resource()))
    assert failed.value.description == "standard/clients.parquet is damaged; run again: every run makes it anew"


def test_a_command_that_breaks_over_a_damaged_table_says_which(tmp_path: Path) -> None:
    @click.group(cls=Command)
    def group() -> None:
        """A group."""

    @group.command()
    @LAKE
    def count(root: Path) -> None:
        duckdb.sql(f"from '{root}/standard/clients.parquet'").fetchall()

    tmp_path.chmod(0o700)
    (tmp_path / "standard").mkdir(mode=0o700)
    table = tmp_path / "standard" / "clients.parquet"
    asked = ["count", "--lake", str(tmp_path)]
    assert isinstance(CliRunner().invoke(group, asked).exception, duckdb.Error)
    table.write_bytes(b"PAR1 cut off")
    found = CliRunner().invoke(group, asked)
    mend = "run again: every run makes it anew"
    assert (found.exit_code, found.output) == (1, f"countylink: standard/clients.parquet is damaged; {mend}\n")


@pytest.mark.parametrize("note", ["", '{"a', "[]", '{"fingerprint": "now"}'])
def test_what_a_run_left_for_the_next_is_passed_over_where_it_is_garbled(note: str, tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lake.write_arrow("linked", "clusters", pa.table({"client_key": [1]}))
    (lake.zone("linked") / "remembered.json").write_text(note)
    assert recall(lake, "now") is None
