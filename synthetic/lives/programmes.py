"""Programmes at work: they thin out what would have happened, by ratios that are set."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from synthetic.lives.partnerships import provider_ratios
from synthetic.lives.tenancies import PROGRAMMES
from synthetic.settings import Settings
from synthetic.spans import Spans, merged
from synthetic.times import Bools, Floats, Ints


@dataclass(frozen=True)
class Programmes:
    """Who is in which programme when (days), and the ratios in force."""

    partnership: Spans
    provider: Ints
    provider_ratio: Floats
    tenancies: dict[str, Spans]
    before_partnership: Spans
    settings: Settings

    def ratio(self, person: Ints, day: Ints, rate: str) -> Floats:
        """What a person's rate of jail bookings or psychiatric emergencies is multiplied by on a day."""
        name, result = f"{rate}_rate_ratio", np.ones(len(person))
        row = self.partnership.index_at(person, day)
        set_ratio = self.settings.effects.number(f"full_service_partnership.{name}")
        if len(self.provider):
            result = np.where(row >= 0, np.minimum(set_ratio * self.provider_ratio[self.provider[row]], 1.0), result)
        for code, spans in self.tenancies.items():
            effect = self.settings.effects.number(f"{PROGRAMMES[code]}.{name}")
            result = result * np.where(spans.hold(person, day), effect, 1.0)
        return result

    def spare(self, rng: np.random.Generator, person: Ints, day: Ints, rate: str) -> Bools:
        """True for events that happen all the same."""
        result: Bools = rng.random(len(person)) < self.ratio(person, day, rate)
        return result


def programmes(tenancies: pl.DataFrame, partnerships: pl.DataFrame, settings: Settings, seed: int) -> Programmes:
    """Programmes from their spells."""
    spread = settings.lives.number("partnership.provider_spread")
    person, start, end = (partnerships[name].to_numpy() for name in ("person", "started_on", "ended_on"))
    spans = Spans(person, start, end)
    peak = int(settings.lives.number("psychiatric.peak_days"))
    return Programmes(
        partnership=spans,
        provider=partnerships["provider"].to_numpy(),
        provider_ratio=provider_ratios(seed, spread),
        tenancies={code: _housed(tenancies.filter(program_code=code)) for code in PROGRAMMES},
        before_partnership=merged(person, start - peak, start),
        settings=settings,
    )


def _housed(tenancies: pl.DataFrame) -> Spans:
    return merged(*(tenancies[name].to_numpy() for name in ("person", "moved_in_on", "moved_out_on")))
