"""What is known of a release that was made before: its true counts, what it told of them, and which units it told anew.

A unit that was told as it had been told before added nothing to what readers know, and so is held against nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipelines.publish.disclosure.blocks import Unit, touches, units_of
from pipelines.publish.disclosure.model import Model, TableModel

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Said:
    """How a release came to tell what it tells."""

    anew: frozenset[Unit]
    """Units that it told anew."""
    methods: Mapping[str, str]
    rules_sha256: str
    given_away: frozenset[str] = frozenset()
    """Tables of which releases before it give counts away."""
    held_back: frozenset[Unit] = frozenset()
    """Units that it would have told anew, and could not."""
    waiting: frozenset[Unit] = frozenset()
    """Units that changed and that it told as they were, those held back among them."""


@dataclass(frozen=True)
class EarlierRelease:
    """What an earlier release was made of and what it told; rows of a table stand in the same order in both."""

    release_id: str
    as_of: date
    true: Mapping[str, Rows]
    told: Mapping[str, Rows]
    said: Said | None = None
    """None of a release from before this was kept: it told everything anew."""

    def is_told(self, model: TableModel, at: int, count: str) -> bool:
        """Whether it tells a count as it was then, rather than withholds it or repeats what it was before."""
        column = model.told_by(count)
        told = self.told[model.name][at][column]
        return told is not None and told == self.true[model.name][at][column]

    def told_anew(self, unit: Unit) -> bool:
        """Whether it told a unit anew."""
        return self.said is None or touches(unit, self.said.anew)

    def tried(self, unit: Unit) -> bool:
        """Whether it told a unit anew, or would have."""
        return self.told_anew(unit) or (self.said is not None and touches(unit, self.said.held_back))

    def rows_against(self, model: Model, name: str, units: frozenset[Unit]) -> list[int]:
        """The numbers of the rows of a table that these units are held against."""
        said = None if self.said is None else self.said.anew
        tied = model.tied(name)
        if said is not None and not any(one[0] == tied and touches(one, units) for one in said):
            return []
        if not any(one[0] == tied for one in units):
            return []
        found = units_of(model, model.tables[name], self.true.get(name, []))
        wanted = {one: touches(one, units) and (said is None or touches(one, said)) for one in dict.fromkeys(found)}
        return [at for at, one in enumerate(found) if wanted[one]]
