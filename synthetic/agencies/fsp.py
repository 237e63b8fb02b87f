"""Full Service Partnership: enrolments, key events and quarterly assessments, in the manner of the state's DCR."""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic.agencies.extract import Desk, Table, dates, delta_frame, shown_open, yes_no
from synthetic.chance import flags, whole
from synthetic.lives.partnerships import providers
from synthetic.tables import table, text
from synthetic.times import HORIZON, SECONDS_A_DAY, Ints, Texts

FLAGS = ("focal_homeless", "focal_justice", "focal_crisis", "conserved")
"""Yes/no columns of an enrolment."""

QUARTERLY_DONE = 0.9
"""Share of quarterly assessments that providers hand in."""

RECORDED = {"ARREST": 0.7, "EMERGENCY": 0.75}
"""Share of arrests and emergencies of partners that their provider comes to know and enters."""


def fsp_contacts(desk: Desk) -> Ints:
    """When each partnership was entered."""
    return desk.entered("partnerships", desk.lives.partnerships["started_on"].to_numpy() * SECONDS_A_DAY + 36_000)


def fsp_tables(desk: Desk, client_id: Texts, opened: Ints) -> tuple[Table, ...]:
    """The three files; `client_id` and `opened` (second of entry) per partnership."""
    number = desk.numbers.texts("partnership", len(client_id), 7, "P")
    return (
        Table("fsp_enrollment", _enrollments(desk, number, client_id, opened), ("enrollment_id",)),
        Table("fsp_key_event", _key_events(desk, number, client_id, opened), ("key_event_id",)),
        Table("fsp_quarterly", _quarterlies(desk, number, client_id, opened), ("assessment_id",)),
    )


def _enrollments(desk: Desk, number: Texts, client_id: Texts, opened: Ints) -> pl.DataFrame:
    """Partnerships, open until the end is entered."""
    rows = desk.lives.partnerships
    ended = rows["ended_on"].to_numpy()
    closed = np.maximum(desk.entered("partnership ends", ended * SECONDS_A_DAY + 50_000, 0.1), opened + 60)
    provider = providers()["provider_id"].to_numpy().astype(object)[rows["provider"].to_numpy()]
    columns = [
        text("enrollment_id", number),
        text("client_id", client_id),
        text("provider_id", provider),
        rows["age_group_code"],
        dates("referred_on", rows["referred_on"].to_numpy()),
        dates("partnership_started_on", rows["started_on"].to_numpy()),
        dates("partnership_ended_on", np.minimum(ended, HORIZON)),
        rows["reason"].alias("discontinuation_reason_code"),
        *(yes_no(f"{name}_flag", rows[name].to_numpy()) for name in FLAGS),
    ]
    open_first = shown_open(closed)
    begun = delta_frame([column.filter(pl.Series(open_first)) for column in columns], opened[open_first])
    empty = [
        pl.lit(None, dtype=pl.String).alias(name) for name in ("partnership_ended_on", "discontinuation_reason_code")
    ]
    over = ended <= HORIZON
    done = delta_frame([column.filter(pl.Series(over)) for column in columns], closed[over])
    return pl.concat([begun.with_columns(empty), done])


def _quarterlies(desk: Desk, number: Texts, client_id: Texts, opened: Ints) -> pl.DataFrame:
    """Assessments after the intake."""
    rng = desk.luck("quarterlies")
    rows = desk.lives.assessments.filter(pl.col("step") > 0)
    rows = rows.filter(pl.Series(flags(rng, QUARTERLY_DONE, len(rows))))
    row, day = rows["partnership"].to_numpy(), rows["day"].to_numpy()
    entered = np.maximum(desk.entered("quarterlies", day * SECONDS_A_DAY + 40_000, 0.15), opened[row] + 60)
    columns = [
        text("assessment_id", desk.numbers.texts("assessment", len(rows), 8, "Q")),
        text("enrollment_id", number[row]),
        text("client_id", client_id[row]),
        dates("assessed_on", day),
        rows["setting"].alias("residential_setting_code"),
    ]
    return delta_frame(columns, entered)


def _key_events(desk: Desk, number: Texts, client_id: Texts, opened: Ints) -> pl.DataFrame:
    """Intake settings, changes of setting, arrests, emergencies, ends and new beginnings, each on its day."""
    events = pl.concat([_settings(desk), _happenings(desk), _turns(desk)]).sort("partnership", "day", "kind")
    row, day = events["partnership"].to_numpy(), events["day"].to_numpy()
    entered = np.maximum(desk.entered("key events", day * SECONDS_A_DAY + 45_000, 0.1), opened[row] + 60)
    columns = [
        text("key_event_id", desk.numbers.texts("key event", len(events), 8, "N")),
        text("enrollment_id", number[row]),
        text("client_id", client_id[row]),
        dates("event_on", day),
        events["kind"].alias("event_type_code"),
        events["setting"].alias("residential_setting_code"),
    ]
    return delta_frame(columns, entered)


def _settings(desk: Desk) -> pl.DataFrame:
    """The setting at intake, and every later one that differs from the one before."""
    rows = desk.lives.assessments
    changed = (pl.col("step") == 0) | (pl.col("setting") != pl.col("setting").shift(1).over("partnership"))
    rng = desk.luck("setting changes")
    moved = rows.filter(changed.fill_null(True))
    earlier = np.where(moved["step"].to_numpy() > 0, whole(rng, 0, 30, len(moved)), 0)
    days = (moved["day"].to_numpy() - earlier).astype(np.int64)
    return moved.select("partnership", pl.Series("day", days), pl.lit("RESIDENTIAL").alias("kind"), "setting")


def _happenings(desk: Desk) -> pl.DataFrame:
    """Arrests and emergencies within partnerships that the provider came to know."""
    lives, rng = desk.lives, desk.luck("happenings")
    parts = []
    for kind, frame in (("ARREST", lives.custody), ("EMERGENCY", lives.visits)):
        person, day = frame["person"].to_numpy(), frame["start"].to_numpy() // SECONDS_A_DAY
        row = lives.at_work.partnership.index_at(person, day)
        known = (row >= 0) & flags(rng, RECORDED[kind], len(row))
        parts.append(_frame(row[known], day[known], kind))
    return pl.concat(parts)


def _turns(desk: Desk) -> pl.DataFrame:
    """Ends of partnerships, and beginnings that follow an earlier one within a year."""
    rows = desk.lives.partnerships
    person, started, ended = (rows[name].to_numpy() for name in ("person", "started_on", "ended_on"))
    over = np.flatnonzero(ended <= HORIZON)
    again = np.zeros(len(rows), dtype=bool)
    again[1:] = (person[1:] == person[:-1]) & (started[1:] - ended[:-1] <= 365)
    back = np.flatnonzero(again)
    return pl.concat([_frame(over, ended[over], "DISCONTINUED"), _frame(back, started[back], "REESTABLISHED")])


def _frame(row: Ints, day: Ints, kind: str) -> pl.DataFrame:
    nothing = np.full(len(row), None, dtype=object)
    kinds = np.full(len(row), kind, dtype=object)
    return table({"partnership": row.astype(np.int64), "day": day.astype(np.int64), "kind": kinds, "setting": nothing})
