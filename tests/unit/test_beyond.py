"""What a deletion does not reach is named by ids: backups, recipients' copies, files that were written out."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from pipelines.audit import record_act
from pipelines.deletion.beyond import Beyond, not_reached
from pipelines.lake import Lake

BEGUN = datetime(2026, 11, 22, tzinfo=UTC)
FOUND = Beyond({"sheriff_20261101_r1"}, {"2026-11-01-79b58eec5997"}, {"ucla.jir/b1"})


def recorded(lake: Lake) -> None:
    """Backups, two of which are gone; products that were exported; a list that was written out; by day of November."""
    done = [
        (1, "lake_backed_up", "000001_x", {"removed": 0}),
        (2, "lake_backed_up", "000002_x", {"removed": 0}),
        (3, "lake_backed_up", "000003_x", {"removed": 2}),
        (4, "product_exported", "ucla.jir", {"build_id": "b1"}),
        (5, "product_exported", "ucla.jir", {"build_id": "b0"}),
        (6, "product_exported", "rand.fsp", {"build_id": "b7"}),
        (7, "provider_clients_listed", "7001 2026Q3", {"attention": 3}),
        (23, "lake_backed_up", "000004_x", {"removed": 0}),
    ]
    for day, act, subject, detail in done:
        record_act(lake, act=act, subject=subject, detail=detail, at=datetime(2026, 11, day, tzinfo=UTC))


def test_what_is_left_to_be_done_is_named_with_what_to_do(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    recorded(lake)
    left = {one["where"]: one for one in not_reached(lake, FOUND, {"rand.fsp/b7"}, BEGUN)}
    assert {where: one["ids"] for where, one in left.items()} == {
        "landing_folder": ["sheriff_20261101_r1"],
        "backups": ["000003_x"],
        "recipients": ["ucla.jir/b1, act 4 of 2026-11-04"],
        "perhaps_recipients": ["ucla.jir/b0, act 5 of 2026-11-05"],
        "releases": ["2026-11-01-79b58eec5997"],
        "files_written_out": ["7001 2026Q3, act 7 of 2026-11-07"],
        "agency": [],
        "audit_log": [],
    }
    assert all(one["what"] and one["do"] for one in left.values())


def test_where_nothing_left_the_lake_nothing_but_the_agency_and_the_log_is_named(tmp_path: Path) -> None:
    left = not_reached(Lake(tmp_path), Beyond(), set(), BEGUN)
    assert [one["where"] for one in left] == ["agency", "audit_log"]


def test_where_a_client_was_found_survives_a_deletion_that_was_cut_off() -> None:
    assert Beyond.from_json(FOUND.as_json()) == FOUND
