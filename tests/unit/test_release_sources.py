"""Which accepted delivery makes good for one that is held."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from pipelines.publish.sources import Sources
from pipelines.validate import Receipt
from pipelines.validate.told import Told
from tests.unit.fake_lake import receipt

FULL, DELTA = {"client": "full", "enrollment": "full"}, {"client": "delta", "enrollment": "delta"}
HELD = replace(receipt("hmis", date(2026, 11, 1), status="held"), told=Told(FULL, units={"project": ("A", "B")}))


def accepted(told: Told) -> Receipt:
    return replace(receipt("hmis", date(2026, 11, 2)), told=told)


@pytest.mark.parametrize(
    ("told", "is_waiting"),
    [
        (Told(FULL, units={"project": ("A", "B", "C")}), False),
        (Told(FULL, units={"project": ("A",)}), True),
        (Told(DELTA, units={"project": ("A", "B")}), True),
    ],
    ids=["full, of the same projects", "full, of fewer projects", "a delta"],
)
def test_only_a_later_full_export_of_the_same_projects_makes_good_for_a_held_one(told: Told, is_waiting: bool) -> None:
    sources = Sources(date(2026, 11, 2), (accepted(told),), (HELD,), {"hmis": 3})
    assert bool(sources.waiting) == is_waiting
