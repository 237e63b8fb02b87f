"""A past day is computed on a lake set aside; a run never takes the lake itself back."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from pipelines.defs.locking import clear_leftovers
from pipelines.defs.resources import refuse_going_back
from pipelines.deletion.erasing import _clear_what_is_remade
from pipelines.errors import LakeError
from pipelines.lake import Lake
from pipelines.past_days import past_days_folder, set_aside, stands_at

FIRST, SECOND, THIRD = date(2026, 11, 1), date(2026, 11, 2), date(2026, 11, 3)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A lake of two days: a delivery, a decision, a version of the index and a release's memory a day."""
    for number, day in enumerate((FIRST, THIRD), start=1):
        write(tmp_path / f"person_index/versions/{number:06d}/version.json", json.dumps({"as_of": day.isoformat()}))
        write(tmp_path / f"disclosure/{number:06d}_{day}-abc/release.json", "{}")
        write(tmp_path / f"raw/sheriff/{day}/person.parquet", "rows")
    write(tmp_path / "decisions/00000001.json", "{}")
    write(tmp_path / "published/outcomes/latest.txt", "x")
    return Lake(tmp_path)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_what_is_set_aside_knows_names_and_releases_up_to_its_day_and_every_decision(lake: Lake) -> None:
    with set_aside(lake, SECOND) as aside:
        inside = {path.relative_to(aside.root).as_posix() for path in aside.root.rglob("*") if path.is_file()}
    assert inside == {
        "person_index/versions/000001/version.json",
        "disclosure/000001_2026-11-01-abc/release.json",
        "raw/sheriff/2026-11-01/person.parquet",
        "raw/sheriff/2026-11-03/person.parquet",
        "decisions/00000001.json",
    }


def test_what_was_set_aside_is_gone_whatever_happened(lake: Lake) -> None:
    with pytest.raises(LakeError), set_aside(lake, SECOND) as aside:
        raise LakeError("x")
    assert not aside.root.exists()
    assert (lake.root / "raw/sheriff/2026-11-01/person.parquet").read_text() == "rows"


def test_what_a_killed_run_set_aside_is_swept_by_the_next(lake: Lake) -> None:
    write(past_days_folder(lake) / ".work/raw/x", "left")
    write(past_days_folder(lake) / "2026-11-01/kept", "kept")
    assert clear_leftovers(lake) == 1
    assert [path.name for path in past_days_folder(lake).iterdir()] == ["2026-11-01"]


def test_what_killed_runs_left_half_written_is_removed_however_deep_it_lies(lake: Lake) -> None:
    before = sorted(path for path in lake.root.rglob("*"))
    write(lake.root / "person_index/versions/.000002.77.staged/person_of_client.parquet", "rows")
    write(lake.root / "disclosure/.000003_x.77.staged/true/.results.parquet.77.staged", "counts")
    write(lake.root / "published/outcomes/releases/.x.77.staged/persons.parquet", "coded")
    assert clear_leftovers(lake) == 3
    assert list(lake.root.rglob("*.staged")) == []
    assert set(before) <= set(lake.root.rglob("*")), "nothing else is touched"


def test_a_deletion_clears_every_past_day(lake: Lake) -> None:
    write(past_days_folder(lake) / "2026-11-01/persons.parquet", "coded")
    _clear_what_is_remade(lake)
    assert not past_days_folder(lake).exists()


def test_a_run_of_a_day_before_the_one_that_the_lake_stands_at_is_refused_with_the_way_to_do_it(lake: Lake) -> None:
    assert stands_at(lake) == THIRD
    with pytest.raises(LakeError, match="countylink past-day 2026-11-02"):
        refuse_going_back(lake, SECOND)
    for day in (THIRD, date(2026, 11, 4), None):
        refuse_going_back(lake, day)


def test_a_new_lake_may_begin_with_any_day(tmp_path: Path) -> None:
    refuse_going_back(Lake(tmp_path), FIRST)
