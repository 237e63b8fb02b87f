"""What truly came about: person-level outcomes computed from lives, not from what agencies wrote."""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic.lives.whole import Lives
from synthetic.spans import merged
from synthetic.tables import table, texts
from synthetic.times import HISTORY_START, HORIZON, NEVER, SECONDS_A_DAY, Bools, Ints, Texts, add_months

GOOD_EXITS = ("PERMANENT_HOUSING", "FAMILY_PERMANENT")
"""Reasons for moving out that count as still housed."""

NO_COMMUNITY = ("DEATH", "ESCAPE", "ICE", "TRANSFER", "TRANSFER_OTHER_AGENCY", "TRANSFER_STATE_PRISON")
"""Releases that are not to the community."""

COLUMNS = ("person", "measure", "index_on", "window_end_on", "period", "status", "value", "person_days")


CITATION = "CITE_853_6"
NOT_QUALIFYING = ("COURT_RETURN", "OTHER_AGENCY_HOLD")
"""Bookings that are no return in the sense of the Just-in-Reach contract, whoever is booked."""


def true_outcomes(lives: Lives, homes: pl.DataFrame) -> pl.DataFrame:
    """Rows of measure × person × index or quarter; `homes`: permanent homes outside the subsidy pool.

    `status` is met, not_met, deceased, or counted; `value` is 1/0 or a count; `person_days` the time at risk. Lives are
    drawn past the deliveries: hold against an estimate only rows whose `window_end_on` the deliveries cover.
    """
    parts = [*(_housed(lives, homes, months) for months in (6, 12)), *_returns(lives), _emergencies(lives)]
    frame = pl.concat(parts).sort("person", "measure", "index_on", "period")
    days = (pl.col(name).cast(pl.Int32).cast(pl.Date) for name in ("index_on", "window_end_on"))
    return frame.with_columns(days)


def _rows(
    person: Ints,
    measure: str,
    index_on: Ints,
    window_end_on: Ints,
    status: Texts,
    value: Ints | Bools,
    person_days: Ints,
    period: Texts | None = None,
) -> pl.DataFrame:
    empty = np.full(len(person), "", dtype=object)
    return table(
        {
            "person": person.astype(np.int64),
            "measure": np.full(len(person), measure, dtype=object),
            "index_on": index_on.astype(np.int64),
            "window_end_on": window_end_on.astype(np.int64),
            "period": empty if period is None else period,
            "status": status,
            "value": value.astype(np.int64),
            "person_days": person_days.astype(np.int64),
        }
    )


def _just_in_reach(lives: Lives) -> pl.DataFrame:
    return lives.tenancies.filter((pl.col("program_code") == "JIR") & (pl.col("moved_in_on") < NEVER))


def _housed(lives: Lives, homes: pl.DataFrame, months: int) -> pl.DataFrame:
    """Just-in-Reach clients who hold a home, this one or another, or left well, so many months after they moved in."""
    rows = _just_in_reach(lives)
    person = rows["person"].to_numpy()
    moved_in, out = rows["moved_in_on"].to_numpy(), rows["moved_out_on"].to_numpy()
    end = add_months(moved_in, months)
    every_home = pl.concat([lives.tenancies.select(homes.columns), homes]).filter(pl.col("moved_in_on") < NEVER)
    housed = merged(*(every_home[name].to_numpy() for name in homes.columns)).hold(person, end)
    housed |= (out <= end) & np.isin(texts(rows["reason"]), GOOD_EXITS)
    died = lives.needs.death_day[person] <= end
    status = np.select([died, housed], ["deceased", "met"], "not_met").astype(object)
    person_days = np.minimum(out, end) - moved_in
    measure = f"just_in_reach_housed_{months}_months"
    return _rows(person, measure, moved_in, end, status, housed & ~died, person_days)


def _returns(lives: Lives) -> list[pl.DataFrame]:
    """Whether people are booked within 24 months: after moving in (Just-in-Reach), and after each release."""
    rows = _just_in_reach(lives)
    entered = rows["person"].to_numpy(), rows["moved_in_on"].to_numpy()
    stays = lives.custody.filter(~pl.col("reason").is_in(NO_COMMUNITY))
    released = stays["person"].to_numpy(), stays["end"].to_numpy() // SECONDS_A_DAY
    past = released[1] < HORIZON
    return [
        _returned(lives, _qualifying(lives, rows), *entered, "just_in_reach_jail_return_24_months"),
        _returned(lives, lives.custody, *entered, "just_in_reach_custody_24_months"),
        _returned(lives, lives.custody, released[0][past], released[1][past], "jail_return_24_months_after_release"),
    ]


def _qualifying(lives: Lives, rows: pl.DataFrame) -> pl.DataFrame:
    """Stays that the Just-in-Reach contract counts: no ordered return, no hold, no citation, no warrant from before."""
    stays = lives.custody.join(rows.select("person", "moved_in_on"), on="person", maintain_order="left")
    cited = (pl.col("reason") == CITATION) & (pl.col("end") - pl.col("start") < SECONDS_A_DAY)
    old_warrant = (pl.col("booking_type_code") == "WARRANT") & (pl.col("offense_on") <= pl.col("moved_in_on"))
    ordered = pl.col("booking_type_code").is_in(NOT_QUALIFYING)
    return stays.filter((cited | old_warrant | ordered).not_())


def _returned(lives: Lives, stays: pl.DataFrame, person: Ints, index_on: Ints, measure: str) -> pl.DataFrame:
    end, booked = add_months(index_on, 24), _next_booking(stays, person, index_on)
    back = booked <= end
    died = ~back & (lives.needs.death_day[person] <= end)
    status = np.select([back, died], ["met", "deceased"], "not_met").astype(object)
    person_days = np.minimum(np.minimum(booked, end), lives.needs.death_day[person]) - index_on
    return _rows(person, measure, index_on, end, status, back, person_days)


def _next_booking(stays: pl.DataFrame, person: Ints, day: Ints) -> Ints:
    """The day of the first booking after a day."""
    step = 1 << 20
    key = np.sort(stays["person"].to_numpy() * step + stays["start"].to_numpy() // SECONDS_A_DAY)
    found = np.searchsorted(key, person * step + day, side="right")
    if len(key) == 0:
        return np.full(len(person), NEVER, dtype=np.int64)
    after = key[np.minimum(found, len(key) - 1)]
    hit: Bools = (found < len(key)) & (after // step == person)
    return np.where(hit, after % step, NEVER)


def _emergencies(lives: Lives) -> pl.DataFrame:
    """Psychiatric emergencies of partners, by quarter of their partnership."""
    rows = lives.partnerships
    person, started = rows["person"].to_numpy(), rows["started_on"].to_numpy()
    ended = np.minimum(rows["ended_on"].to_numpy(), HORIZON)
    quarters = _quarters()
    row, quarter = np.divmod(np.arange(len(rows) * (len(quarters) - 1)), len(quarters) - 1)
    low, high = np.maximum(quarters[quarter], started[row]), np.minimum(quarters[quarter + 1], ended[row])
    at_risk = high > low
    row, quarter, low, high = row[at_risk], quarter[at_risk], low[at_risk], high[at_risk]
    visits, step = lives.visits, 1 << 20
    key = np.sort(visits["person"].to_numpy() * step + visits["start"].to_numpy() // SECONDS_A_DAY)
    count = np.searchsorted(key, person[row] * step + high) - np.searchsorted(key, person[row] * step + low)
    counted = np.full(len(row), "counted", dtype=object)
    names = np.array([_quarter_name(day) for day in quarters[:-1].tolist()], dtype=object)[quarter]
    measure = "partner_psychiatric_emergency_visits"
    return _rows(person[row], measure, quarters[quarter], quarters[quarter + 1], counted, count, high - low, names)


def _quarters() -> Ints:
    """First days of the quarters from the start of history to the horizon."""
    months = np.arange((HORIZON - HISTORY_START) // 91 + 2, dtype=np.int64) * 3
    start = np.datetime64(HISTORY_START, "D").astype("datetime64[M]")
    days: Ints = (start + months).astype("datetime64[D]").astype(np.int64)
    return days[days <= HORIZON + 92]


def _quarter_name(day: int) -> str:
    month = np.datetime64(day, "D").astype("datetime64[M]").astype(np.int64)
    return f"{1970 + int(month) // 12}Q{int(month) % 12 // 3 + 1}"
