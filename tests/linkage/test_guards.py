"""The gallery of hard cases: who may never be one person, and who must not be kept apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from linkage_rules import guards
from linkage_rules.gallery import gallery
from linkage_rules.thresholds import thresholds
from tests.linkage.records import standardised

GALLERY = gallery()


@pytest.mark.parametrize("case", GALLERY, ids=lambda case: case["case"])
def test_the_gallery_of_hard_cases(tmp_path, case) -> None:
    for left, right in ((case["left"], case["right"]), (case["right"], case["left"])):
        assert _guard(tmp_path, _text(left), _text(right)) == case["guard"], case["why"]


def test_every_guard_stands_in_the_gallery_or_needs_what_a_flat_table_lacks() -> None:
    shown = {case["guard"] for case in GALLERY}
    unseen = {guard.name for guard in guards.GUARDS} - shown
    assert unseen == {"two_ids_of_one_kind", "ssn_conflict_with_weak_rest"}


def _text(record: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in record.items()}


def _guard(tmp_path: Path, left: dict[str, str], right: dict[str, str]) -> str | None:
    connection = standardised(tmp_path, [left, right])
    sides = ", ".join(f"l.{c} as {c}_l, r.{c} as {c}_r" for c in guards.guard_columns())
    ((guard,),) = connection.execute(
        f"select {guards.guard_sql(thresholds())} from (select 10.0 as match_weight, {sides} "
        "from standard.identities as l inner join standard.clients as cl using (client_key), "
        "standard.identities as r inner join standard.clients as cr using (client_key) "
        "where cl.client_id = '0' and cr.client_id = '1')"
    ).fetchall()
    connection.close()
    return guard
