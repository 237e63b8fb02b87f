"""Draw by draw: units, then what the contract pays for them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pipelines.contracts.state import period_of
from pipelines.underwriting.chances import Floats
from pipelines.underwriting.draws_pricing import Ints, Priced, UnitPlace, price_draws
from pipelines.underwriting.inputs import Inputs
from pipelines.underwriting.reading import Case
from pipelines.underwriting.volumes import Luck, Volumes, volumes

CENTS = 100


@dataclass(frozen=True)
class Simulated:
    """Draws of what a case comes to. Amounts are in cents; the last axis is the draw."""

    case: Case
    volumes: Volumes
    priced: Priced

    @cached_property
    def total(self) -> Ints:
        """All payments of a draw."""
        return np.asarray(self.priced.paid.sum(axis=0), dtype=np.int64)

    @property
    def quarters(self) -> list[str]:
        """Calendar quarters in which something can be earned, in order."""
        return sorted({quarter_of(place) for place in self.priced.places})

    def of(self, clause_id: str | None = None, quarter: str | None = None) -> Ints:
        """Payments of a clause, a quarter, or both, in every draw."""
        return np.asarray(self.priced.paid[self._rows(clause_id, quarter)].sum(axis=0), dtype=np.int64)

    def of_payer(self, payer: int, quarter: str | None = None) -> Ints:
        """What a payer pays in a quarter, or in all."""
        return np.asarray(self.priced.payers[payer][self._rows(None, quarter)].sum(axis=0), dtype=np.int64)

    def units(self, clause_id: str) -> Floats:
        """Units of a clause, in millionths, in every draw."""
        rows = [at for at, place in enumerate(self.volumes.places) if place.clause_id == clause_id]
        return np.asarray(self.volumes.quantities[rows].sum(axis=0), dtype=np.float64)

    def _rows(self, clause_id: str | None, quarter: str | None) -> list[int]:
        return [
            at
            for at, place in enumerate(self.priced.places)
            if clause_id in (None, place.clause_id) and quarter in (None, quarter_of(place))
        ]


def quarter_of(place: UnitPlace) -> str:
    """The calendar quarter in which something is earned."""
    return period_of(place.earned_on, "quarter")


def simulate(case: Case, inputs: Inputs, luck: Luck) -> Simulated:
    """Draw the units of a case and price them."""
    drawn = volumes(case, inputs, luck)
    return Simulated(case, drawn, price_draws(case.contract, drawn.places, drawn.quantities))
