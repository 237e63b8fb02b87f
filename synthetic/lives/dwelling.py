"""Where partners of Full Service Partnerships live, assessment by assessment."""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic.chance import choose, flags, whole
from synthetic.settings import Settings
from synthetic.spans import Spans, merged
from synthetic.tables import table
from synthetic.times import HORIZON, SECONDS_A_DAY, Floats, Ints, Texts

QUARTER_DAYS = 91
STABLE = {
    "house_apartment_alone": 0.35,
    "house_apartment_with_family": 0.35,
    "house_apartment_with_others": 0.2,
    "sro_leased": 0.1,
}
"""Settings that count as stable housing, and how common each is."""

UNSTABLE = {
    "board_and_care": 0.3,
    "residential_treatment": 0.2,
    "other": 0.15,
    "emergency_shelter": 0.2,
    "unknown": 0.15,
}
HOMELESS = {"homeless_unsheltered": 0.6, "emergency_shelter": 0.4}
INPATIENT = {
    "imd": "mhrc_imd",
    "mhrc": "mhrc_imd",
    "snf_stp": "snf",
    "state_hospital": "state_hospital",
    "crisis_residential": "residential_treatment",
}
"""Setting of each inpatient facility type; the others are acute psychiatric hospitals."""


def draw_assessments(
    rng: np.random.Generator,
    partnerships: pl.DataFrame,
    tenancies: pl.DataFrame,
    homeless: Spans,
    away: Spans,
    inpatient: pl.DataFrame,
    settings: Settings,
) -> pl.DataFrame:
    """One row per partnership and quarter: partnership (row), person, day, months into it, the true setting."""
    row, step = _steps(partnerships)
    person = partnerships["person"].to_numpy()[row]
    day = (
        partnerships["started_on"].to_numpy()[row]
        + step * QUARTER_DAYS
        + np.where(step > 0, whole(rng, -6, 9, len(row)), 0)
    )
    housed = merged(*(tenancies[name].to_numpy() for name in ("person", "moved_in_on", "moved_out_on")))
    luck = rng.random(len(partnerships))[row] + rng.normal(0, 0.05, len(row))
    stable = (luck < _stable_share(step, settings)) | housed.hold(person, day)
    setting = np.where(stable, choose(rng, STABLE, len(row)), _unstable(rng, homeless.hold(person, day)))
    setting = np.where(away.hold(person, day * SECONDS_A_DAY + 43_200), "jail", setting)
    setting = _with_inpatient(setting, person, day, inpatient)
    frame = {"partnership": row, "person": person, "step": step, "day": day, "setting": setting}
    return table(frame)


def _steps(partnerships: pl.DataFrame) -> tuple[Ints, Ints]:
    """Intake and every quarter until the partnership ends or the lives do."""
    started = partnerships["started_on"].to_numpy()
    last = np.minimum(partnerships["ended_on"].to_numpy(), HORIZON)
    count = 1 + np.maximum(last - started - 10, 0) // QUARTER_DAYS
    row = np.repeat(np.arange(len(started)), count)
    begin = np.concatenate([[0], np.cumsum(count)[:-1]]).astype(np.int64) if len(count) else count
    return row, np.arange(len(row)) - begin[row]


def _stable_share(step: Ints, settings: Settings) -> Floats:
    effects = settings.effects.part("full_service_partnership")
    start, goal = effects.number("stable_housing_share_start"), effects.number("stable_housing_share_goal")
    left = 0.5 ** (step * QUARTER_DAYS / effects.number("stable_housing_half_way_days"))
    result: Floats = goal - (goal - start) * left
    return result


def _unstable(rng: np.random.Generator, homeless: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Texts:
    size = len(homeless)
    often = homeless | flags(rng, 0.3, size)
    return np.where(often, choose(rng, HOMELESS, size), choose(rng, UNSTABLE, size))


def _with_inpatient(setting: Texts, person: Ints, day: Ints, inpatient: pl.DataFrame) -> Texts:
    spans = Spans(*(inpatient[name].to_numpy() for name in ("person", "start_on", "end_on")))
    row = spans.index_at(person, day)
    if len(inpatient) == 0:
        return setting
    kinds = [INPATIENT.get(kind, "acute_psych_hospital") for kind in inpatient["facility_type_code"]]
    return np.where(row >= 0, np.array(kinds, dtype=object)[row], setting)
