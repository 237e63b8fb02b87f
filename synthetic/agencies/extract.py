"""An extract: the tables of one agency for one chunk of people, with every version of every row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from synthetic.agencies.registry import Registry
from synthetic.chance import Numbers, flags, stream
from synthetic.errors.seen import Clerk
from synthetic.lives.whole import Lives
from synthetic.settings import Settings
from synthetic.tables import text
from synthetic.times import (
    CUTS,
    FIRST_AS_OF,
    SECONDS_A_DAY,
    Bools,
    Floats,
    Ints,
    Texts,
    night_of,
    time_text,
    whole_seconds,
)

ENTERED = "_entered_at"
"""Second at which a version of a row was entered; decides the night that delivers it, and is not delivered itself."""


@dataclass(frozen=True)
class Table:
    """Versions of the rows of one file: delivered columns in their order, then `_entered_at`.

    `key` names the business key; `full` means that every night delivers all rows in force, not only the changed ones.
    """

    file: str
    frame: pl.DataFrame
    key: tuple[str, ...]
    full: bool = False


@dataclass(frozen=True)
class Extract:
    """One agency's part in one chunk. `hard` names cases and the client records (rows of the registry) they befall."""

    agency: str
    registry: Registry
    tables: tuple[Table, ...]
    hard: dict[str, Bools] = field(default_factory=dict)


@dataclass(frozen=True)
class Desk:
    """What an agency's extract is made from: lives, chance, numbers and clerks."""

    lives: Lives
    agency: str
    settings: Settings
    numbers: Numbers
    seed: int
    chunk: int

    def luck(self, subject: str) -> np.random.Generator:
        """The chance of one subject at this agency."""
        return stream(self.seed, self.chunk, f"{self.agency}/{subject}")

    @property
    def clerk(self) -> Clerk:
        """The agency's clerk."""
        return Clerk(self.lives.people, self.settings.errors, self.agency)

    def entered(self, subject: str, at: Ints, late_share: float | Floats = 0.0) -> Ints:
        """When things that happened were entered: some hours later, and for a few some days."""
        rng = self.luck(f"entry/{subject}")
        low, high = (float(hours) for hours in self.settings.lives.at(f"extracts.delay_hours.{self.agency}"))
        least, most = (int(days) for days in self.settings.lives.at("extracts.late_days"))
        soon = at + (rng.uniform(low, high, len(at)) * 3600).astype(np.int64)
        late = at + (rng.uniform(least, most, len(at)) * SECONDS_A_DAY).astype(np.int64)
        return np.where(flags(rng, late_share, len(at)), late, soon)


def corrections(desk: Desk, registry: Registry) -> Ints:
    """The second at which each client's identity is put right; for most, never (beyond every cut)."""
    rng, rates = desk.luck("corrections"), desk.settings.lives.part("extracts")
    share = rates.number("corrected_client_share") * rates.number("changed_in_nights_share")
    at = CUTS[0] + (rng.random(registry.size) * 30 * SECONDS_A_DAY).astype(np.int64)
    chosen = flags(rng, share, registry.size) & (registry.first_at < at)
    return np.where(chosen, at, never_entered())


def never_entered() -> int:
    """A second after every cut."""
    return int(CUTS[-1]) + 400 * SECONDS_A_DAY


def with_taken_back(desk: Desk, frame: pl.DataFrame, subject: str) -> pl.DataFrame:
    """Rows of recent weeks with the deletions that follow some of them; older deletions have left no trace."""
    rng = desk.luck(f"taken back/{subject}")
    entered = frame[ENTERED].to_numpy()
    recent = entered > (FIRST_AS_OF - 60) * SECONDS_A_DAY
    chosen = recent & flags(rng, desk.settings.lives.number("extracts.deleted_share"), len(frame))
    gone = frame.filter(pl.Series(chosen)).with_columns(
        pl.Series(ENTERED, entered[chosen] + whole_seconds(rng, 1, 20, int(chosen.sum()))),
        pl.lit("D").alias("record_action"),
    )
    return pl.concat([frame, stamped(gone)])


def stamped(frame: pl.DataFrame) -> pl.DataFrame:
    """Delta rows with `updated_at` from their time of entry."""
    return frame.with_columns(time_text(ENTERED).alias("updated_at"))


def delta_frame(columns: Sequence[pl.Series], entered: Ints) -> pl.DataFrame:
    """Delta rows: the columns, `updated_at`, `record_action`, time of entry; rows that no night will show are out."""
    frame = pl.DataFrame([*columns, pl.Series(ENTERED, entered)])
    frame = frame.filter(pl.col(ENTERED) <= int(CUTS[-1]))
    ordered = [column.name for column in columns]
    frame = stamped(frame).with_columns(pl.lit("U").alias("record_action"))
    return frame.select(*ordered, "updated_at", "record_action", ENTERED)


def yes_no(name: str, values: Bools) -> pl.Series:
    """A Y/N flag."""
    return text(name, np.where(values, "Y", "N").astype(object))


def dates(name: str, days: Ints, written: Bools | None = None) -> pl.Series:
    """Days as texts; empty where not written."""
    series = pl.Series(name, days.astype(np.int32)).cast(pl.Date).dt.to_string("%Y-%m-%d")
    return series if written is None else _blank(series, written)


def moments(name: str, seconds: Ints, written: Bools | None = None) -> pl.Series:
    """Seconds as texts; empty where not written."""
    series = (pl.Series(name, seconds) * 1_000_000).cast(pl.Datetime("us")).dt.to_string("%Y-%m-%d %H:%M:%S")
    return series if written is None else _blank(series, written)


def _blank(series: pl.Series, written: Bools) -> pl.Series:
    return series.zip_with(
        pl.Series(written), pl.Series(series.name, [None], dtype=pl.String).new_from_index(0, len(series))
    )


def shown_open(entered_closed: Ints) -> Bools:
    """Rows that some night after the first may show while still open: those closed after the first cut."""
    result: Bools = night_of(entered_closed) >= 1
    return result


def pick_ids(rng: np.random.Generator, ids: Texts, size: int) -> Texts:
    """Ids of facilities; the first ones of a list are the largest."""
    place = np.minimum(rng.geometric(0.35, size) - 1, len(ids) - 1)
    chosen: Texts = ids[place]
    return chosen
