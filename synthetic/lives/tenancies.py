"""Supported tenancies: Just-in-Reach, diversion (ODR) and the rest of the Flexible Housing Subsidy Pool."""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic.chance import choose, flags, whole
from synthetic.needs import Needs
from synthetic.settings import Settings
from synthetic.tables import table, without
from synthetic.times import DAYS_A_YEAR, FIRST_AS_OF, HORIZON, NEVER, Ints, Texts, day_number

PROGRAMMES = {"JIR": "just_in_reach", "ODR": "diversion", "FHSP": "subsidy_pool"}
"""Programme codes and where their effects stand."""

MOVE_INS = {
    "JIR": (day_number(2022, 1, 10), day_number(2025, 12, 20)),
    "ODR": (day_number(2021, 10, 1), day_number(2026, 8, 1)),
    "FHSP": (day_number(2021, 9, 1), FIRST_AS_OF + 60),
}
"""First and last move-in of each programme. Just-in-Reach: so that milestones and return windows are partly mature."""


def draw_tenancies(rng: np.random.Generator, needs: Needs, settings: Settings) -> pl.DataFrame:
    """One row per tenancy: person, program_code, dates (days), end kind and reason, unit transfer."""
    who = {"JIR": needs.just_in_reach, "ODR": needs.diverted, "FHSP": needs.subsidised}
    parts = [_of_programme(rng, code, np.flatnonzero(chosen), needs, settings) for code, chosen in who.items()]
    return pl.concat(parts).sort("person")


def _of_programme(rng: np.random.Generator, code: str, person: Ints, needs: Needs, settings: Settings) -> pl.DataFrame:
    size = len(person)
    first, last = MOVE_INS[code]
    still_alive = np.minimum(last, needs.death_day[person] - 1)
    moved_in = first + (rng.random(size) * (still_alive - first)).astype(np.int64)
    enrolled = moved_in - whole(rng, 10, 75, size)
    length, kind = _lengths(rng, size, code, settings)
    moved_out, kind, reason = _ends(rng, moved_in, length, kind, needs.death_day[person], settings)
    if code == "FHSP":
        never = flags(rng, settings.lives.number("tenancy.subsidy_pool_never_moved_in_share"), size)
        moved_in, moved_out = np.where(never, NEVER, moved_in), np.where(never, NEVER, moved_out)
        kind, reason = np.where(never, "open", kind), without(never, reason)
    return table(
        {
            "person": person,
            "program_code": np.full(size, code, dtype=object),
            "referred_on": enrolled - whole(rng, 3, 40, size),
            "enrolled_on": enrolled,
            "lease_started_on": np.where(moved_in == NEVER, NEVER, moved_in - whole(rng, 0, 4, size)),
            "moved_in_on": moved_in,
            "moved_out_on": moved_out,
            "kind": kind,
            "reason": reason,
            "transferred_on": _transfers(rng, moved_in, moved_out, settings),
            "transfer_gap": whole(rng, 0, 5, size),
        }
    )


def _lengths(rng: np.random.Generator, size: int, code: str, settings: Settings) -> tuple[Ints, Texts]:
    """Days from move-in to move-out, and whether that is a loss, a good exit or neither.

    The days next to the 6- and 12-month milestones are left out: no tenancy ends on a milestone's edge.
    """
    effects, lives = settings.effects.part(PROGRAMMES[code]), settings.lives
    by_6, by_12 = effects.number("lost_by_6_months"), effects.number("lost_6_to_12_months")
    good = effects.number("good_exit_first_year")
    draw = rng.random(size)
    later = 375 + rng.exponential(DAYS_A_YEAR / effects.number("lost_a_year_after"), size).astype(np.int64)
    case = [draw < by_6, draw < by_6 + by_12, draw < by_6 + by_12 + good]
    length = np.select(case, [whole(rng, 12, 172, size), whole(rng, 192, 355, size), whole(rng, 60, 170, size)], later)
    late_good, neutral = lives.number("tenancy.late_good_share"), lives.number("tenancy.late_neutral_share")
    late = choose(rng, {"good": late_good, "neutral": neutral, "loss": 1 - late_good - neutral}, size)
    return length, np.select(case, ["loss", "loss", "good"], late.astype(str)).astype(object)


def _ends(
    rng: np.random.Generator, moved_in: Ints, length: Ints, kind: Texts, death_day: Ints, settings: Settings
) -> tuple[Ints, Texts, Texts]:
    """Move-out days, with kinds and reasons; death ends a tenancy, and what ends past the horizon is open."""
    size = len(moved_in)
    moved_out = moved_in + length
    died = death_day < moved_out
    moved_out = np.where(died, death_day, moved_out)
    still = moved_out > HORIZON
    kind = np.where(still, "open", np.where(died, "deceased", kind))
    table = settings.lives.part("tenancy")
    reasons = {name: choose(rng, table.table(f"{name}_reasons"), size) for name in ("loss", "good", "neutral")}
    reason = np.full(size, None, dtype=object)
    for name, drawn in reasons.items():
        reason = np.where(kind == name, drawn, reason)
    return np.where(still, NEVER, moved_out), kind, np.where(kind == "deceased", "DECEASED", reason)


def _transfers(rng: np.random.Generator, moved_in: Ints, moved_out: Ints, settings: Settings) -> Ints:
    """The day a tenant changes units, well inside the tenancy and away from its milestones; NEVER for most."""
    size = len(moved_in)
    after = np.where(flags(rng, 0.4, size), whole(rng, 40, 165, size), whole(rng, 200, 345, size))
    wanted = flags(rng, settings.lives.number("tenancy.unit_transfer_share"), size) & (moved_in != NEVER)
    fits = wanted & (moved_in + after + 12 < np.minimum(moved_out, HORIZON))
    return np.where(fits, moved_in + after, NEVER)
