"""Spells of homelessness, in days. Supported tenancies interrupt them; lost tenancies begin new ones."""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic.chance import flags, lognormal_days, whole
from synthetic.needs import Needs
from synthetic.population import People
from synthetic.settings import Book
from synthetic.spans import Spans, clear_of_earlier, merged
from synthetic.tables import table
from synthetic.times import HISTORY_START, HORIZON, NEVER, Ints

STREET_REASONS = ("EVICTION", "ABANDONED", "HOMELESS", "UNKNOWN", "JAIL")
"""Ends of tenancies after which people are mostly on the street again."""


def draw_homelessness(
    rng: np.random.Generator, people: People, needs: Needs, tenancies: pl.DataFrame, rates: Book
) -> pl.DataFrame:
    """Spells: person, start, end (NEVER while it lasts); families share the spells of their head."""
    spells = pl.concat(
        [_by_chance(rng, needs, rates), _before_tenancy(rng, tenancies), _after_tenancy(rng, tenancies, rates)]
    ).sort("person", "start")
    spells = _outside_tenancies(spells, tenancies)
    person, start, end = (spells[name].to_numpy() for name in ("person", "start", "end"))
    keep = clear_of_earlier(person, start, end, 10)
    spells = _with_followers(spells.filter(pl.Series(keep)), needs)
    return _alive(spells, people, needs)


def homeless_spans(spells: pl.DataFrame) -> Spans:
    """The spells as spans of days."""
    return merged(*(spells[name].to_numpy() for name in ("person", "start", "end")))


def _frame(person: Ints, start: Ints, end: Ints) -> pl.DataFrame:
    return table({"person": person, "start": start, "end": np.where(end > HORIZON, NEVER, end)})


def _by_chance(rng: np.random.Generator, needs: Needs, rates: Book) -> pl.DataFrame:
    who = np.flatnonzero(needs.homeless & (needs.follows < 0))
    person = np.repeat(who, 1 + rng.poisson(rates.number("further_spells"), len(who)))
    start = whole(rng, HISTORY_START - 120, HORIZON, len(person))
    most = int(rates.number("most_days"))
    length = lognormal_days(rng, rates.number("median_days"), rates.number("spread"), most, len(person))
    return _frame(person, start, start + length)


def _before_tenancy(rng: np.random.Generator, tenancies: pl.DataFrame) -> pl.DataFrame:
    """Who gets a supported tenancy was homeless until then."""
    rows = tenancies.filter(pl.col("moved_in_on") != NEVER)
    moved_in = rows["moved_in_on"].to_numpy()
    return _frame(rows["person"].to_numpy(), moved_in - whole(rng, 90, 700, len(rows)), moved_in)


def _after_tenancy(rng: np.random.Generator, tenancies: pl.DataFrame, rates: Book) -> pl.DataFrame:
    rows = tenancies.filter(pl.col("reason").is_in(STREET_REASONS) & (pl.col("moved_out_on") < HORIZON))
    rows = rows.filter(pl.Series(flags(rng, rates.number("after_lost_tenancy_share"), len(rows))))
    start = rows["moved_out_on"].to_numpy() + whole(rng, 1, 40, len(rows))
    return _frame(rows["person"].to_numpy(), start, start + lognormal_days(rng, 200, 0.9, 1200, len(rows)))


def _outside_tenancies(spells: pl.DataFrame, tenancies: pl.DataFrame) -> pl.DataFrame:
    """Spells that begin in a tenancy are left out; those that reach into one end where it begins."""
    housed = tenancies.filter(pl.col("moved_in_on") != NEVER).select("person", "moved_in_on", "moved_out_on")
    joined = spells.join(housed, on="person", how="left", maintain_order="left")
    inside = (pl.col("start") >= pl.col("moved_in_on")) & (pl.col("start") < pl.col("moved_out_on"))
    reaches = (pl.col("start") < pl.col("moved_in_on")) & (pl.col("end") > pl.col("moved_in_on"))
    end = pl.when(reaches).then("moved_in_on").otherwise("end")
    return joined.filter(inside.fill_null(False).not_()).select("person", "start", end.alias("end"))


def _with_followers(spells: pl.DataFrame, needs: Needs) -> pl.DataFrame:
    rows = np.flatnonzero(needs.follows >= 0)
    followers = table({"head": needs.follows[rows], "follower": rows})
    shared = spells.join(followers, left_on="person", right_on="head")
    shared = shared.select(pl.col("follower").alias("person"), "start", "end", pl.col("person").alias("head"))
    return pl.concat([spells.with_columns(pl.col("person").alias("head")), shared]).sort("person", "start")


def _alive(spells: pl.DataFrame, people: People, needs: Needs) -> pl.DataFrame:
    person = spells["person"].to_numpy()
    start = np.maximum(spells["start"].to_numpy(), people.birth_day[person])
    end = np.minimum(spells["end"].to_numpy(), needs.death_day[person])
    placed = spells.with_columns(pl.Series("start", start), pl.Series("end", end))
    return placed.filter((pl.col("end") > pl.col("start")) & (pl.col("end") > HISTORY_START))
