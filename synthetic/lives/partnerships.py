"""Full Service Partnerships at the clinics."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from synthetic.chance import choose, flags, lognormal_days, weighted_rows, whole
from synthetic.names import read_data
from synthetic.needs import Needs
from synthetic.population import People
from synthetic.settings import Book, Settings
from synthetic.tables import table, text, without
from synthetic.times import HISTORY_START, HORIZON, NEVER, Bools, Floats, Ints, Texts, years_at


def draw_partnerships(rng: np.random.Generator, people: People, needs: Needs, settings: Settings) -> pl.DataFrame:
    """One row per partnership: person, provider (row of the providers file), dates (days), reason, focal criteria."""
    rates = settings.lives.part("partnership")
    person = np.flatnonzero(needs.partner)
    first = _spells(rng, person, whole(rng, HISTORY_START + 5, HORIZON, len(person)), rates)
    again = _again(rng, first, rates)
    frame = pl.concat([first, again]) if len(again) else first
    return _finished(rng, frame, people, needs, rates)


def _spells(rng: np.random.Generator, person: Ints, started: Ints, rates: Book) -> pl.DataFrame:
    size = len(person)
    return table(
        {
            "person": person,
            "provider": weighted_rows(rng, provider_weights(), size),
            "started_on": started,
            "ended_on": started + lognormal_days(rng, rates.number("median_days"), 0.9, 3000, size),
            "reason": choose(rng, rates.table("reasons"), size),
        }
    )


def _again(rng: np.random.Generator, first: pl.DataFrame, rates: Book) -> pl.DataFrame:
    """Partners who come back to the same provider between one and ten months after they left."""
    ended = first["ended_on"].to_numpy()
    gone = (ended < HORIZON - 400) & ~np.isin(first["reason"].to_numpy(), ["MOVED", "DECEASED"])
    rows = first.filter(pl.Series(gone & flags(rng, rates.number("reestablished_share") * 2, len(first))))
    started = rows["ended_on"].to_numpy() + whole(rng, 30, 300, len(rows))
    return _spells(rng, rows["person"].to_numpy(), started, rates).with_columns(rows["provider"])


def _finished(rng: np.random.Generator, frame: pl.DataFrame, people: People, needs: Needs, rates: Book) -> pl.DataFrame:
    """Partnerships with their ends by death or horizon, ages and focal criteria; those that begin too late are out."""
    person, started = frame["person"].to_numpy(), frame["started_on"].to_numpy()
    alive = needs.alive_at(person, started) & (started < HORIZON) & (started > people.birth_day[person] + 1500)
    frame = frame.filter(pl.Series(alive)).sort("person", "started_on")
    person, started, ended = (frame[name].to_numpy() for name in ("person", "started_on", "ended_on"))
    death = needs.death_day[person]
    died, still = death <= ended, np.minimum(ended, death) > HORIZON
    reason = np.where(died, "DECEASED", frame["reason"].to_numpy())
    size = len(frame)
    return frame.with_columns(
        pl.Series("ended_on", np.where(still, NEVER, np.minimum(ended, death))),
        text("reason", without(still, reason)),
        pl.Series("referred_on", started - whole(rng, 2, 45, size)),
        text("age_group_code", _age_groups(years_at(people.birth_day[person], started))),
        pl.Series("focal_homeless", _mostly(rng, needs.homeless[person], 0.06)),
        pl.Series("focal_justice", _mostly(rng, needs.justice[person], 0.05)),
        pl.Series("focal_crisis", flags(rng, 0.55, size)),
        pl.Series("conserved", flags(rng, rates.number("conserved_share"), size)),
    )


def _mostly(rng: np.random.Generator, truth: Bools, error: float) -> Bools:
    return truth ^ flags(rng, error, len(truth))


def _age_groups(age: Floats) -> Texts:
    bands = [age < 16, age < 26, age < 60]
    return np.select(bands, ["CHILD", "TAY", "ADULT"], "OLDER_ADULT").astype(object)


@cache
def providers() -> pl.DataFrame:
    """The clinics: provider_id, provider_name, service_area_code, size_weight (clients under contract)."""
    return read_data("providers")


def provider_weights() -> list[float]:
    """Relative sizes of the clinics."""
    return providers()["size_weight"].cast(pl.Float64).to_list()


def provider_ratios(seed: int, spread: float) -> Floats:
    """How each clinic's emergency and jail ratios differ from the programme's: a factor around 1, set by the seed."""
    rng = np.random.default_rng([seed, 196])
    result: Floats = np.exp(rng.normal(-(spread**2) / 2, spread, len(providers())))
    return result
