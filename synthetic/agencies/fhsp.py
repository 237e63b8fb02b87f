"""Flexible Housing Subsidy Pool: one row per tenancy, a new one when a tenant changes units."""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic.agencies.extract import ENTERED, Desk, Extract, Table, dates, yes_no
from synthetic.agencies.identities import Roll, hard_cases, medicaid_numbers, write_roll
from synthetic.agencies.registry import Versions, register
from synthetic.chance import choose, flags, whole
from synthetic.errors.seen import MISSING
from synthetic.tables import only, text, texts
from synthetic.times import CUTS, HORIZON, NEVER, SECONDS_A_DAY, Bools, Ints, Texts, time_text

PROVIDERS = {"FH01": 0.3, "FH02": 0.25, "FH03": 0.2, "FH04": 0.15, "FH05": 0.1}
SERVICE_PROVIDERS = {f"SP{place:02d}": 0.1 for place in range(1, 11)}


def fhsp(desk: Desk, personal_ids: dict[int, tuple[str, int]]) -> Extract:
    """The pool's extract of a chunk; `personal_ids` gives people's PersonalID in HMIS, and since when."""
    units = _units(desk)
    enrolled = desk.entered("enrolments", units["since"].to_numpy() * SECONDS_A_DAY + 40_000)
    registry, client = register(
        desk.luck("registry"),
        units["person"].to_numpy(),
        enrolled,
        desk.clerk.rate("duplicates"),
        lambda count: desk.numbers.texts("subsidy pool client", count, 6, "FH"),
    )
    roll = write_roll(desk, registry)
    hmis_id = _known_in_hmis(desk, registry.person, personal_ids, registry.first_at)
    rows = _rows(desk, units, roll, client, hmis_id, enrolled)
    return Extract("fhsp", registry, (Table("tenancy", rows, ("tenancy_id",), full=True),), hard_cases(desk, roll))


def _units(desk: Desk) -> pl.DataFrame:
    """Tenancies unit by unit: `since` is the day the row comes to be, `until` and `why` its end."""
    rows = desk.lives.tenancies
    moved = rows["transferred_on"].to_numpy() < NEVER
    first = rows.with_columns(
        pl.col("enrolled_on").alias("since"),
        pl.Series("until", np.where(moved, rows["transferred_on"].to_numpy(), rows["moved_out_on"].to_numpy())),
        text("why", np.where(moved, "UNIT_TRANSFER", texts(rows["reason"])).astype(object)),
    )
    second = first.filter(pl.Series(moved)).with_columns(
        pl.col("transferred_on").alias("since"),
        (pl.col("transferred_on") + pl.col("transfer_gap")).alias("moved_in_on"),
        pl.col("transferred_on").alias("lease_started_on"),
        pl.col("moved_out_on").alias("until"),
        pl.col("reason").alias("why"),
    )
    return pl.concat([first, second]).sort("person", "since")


def _known_in_hmis(desk: Desk, person: Ints, personal_ids: dict[int, tuple[str, int]], at: Ints) -> Texts:
    shared = flags(desk.luck("hmis ids"), desk.clerk.errors.number("hmis.shared_id_in_subsidy_pool"), len(person))
    result = np.full(len(person), None, dtype=object)
    for row in np.flatnonzero(shared).tolist():
        number, since = personal_ids.get(int(person[row]), ("", NEVER * SECONDS_A_DAY))
        result[row] = number if since <= at[row] else None
    return result


def _rows(desk: Desk, units: pl.DataFrame, roll: Roll, client: Ints, hmis_id: Texts, enrolled: Ints) -> pl.DataFrame:
    """Each row in up to three states: enrolled, moved in, moved out."""
    size = len(units)
    moved_in, until = units["moved_in_on"].to_numpy(), units["until"].to_numpy()
    housed = np.maximum(desk.entered("move-ins", np.minimum(moved_in, HORIZON + 400) * SECONDS_A_DAY), enrolled + 60)
    out = np.maximum(desk.entered("move-outs", np.minimum(until, HORIZON + 400) * SECONDS_A_DAY, 0.1), housed + 60)
    columns = _columns(desk, units, client, roll, hmis_id)
    everyone = np.ones(size, dtype=bool)
    states = ((enrolled, everyone), (housed, moved_in < NEVER), (out, (until < NEVER) & (moved_in < NEVER)))
    frames = []
    for at, shown in states:
        moving = {
            "lease_started_on": dates(
                "lease_started_on", units["lease_started_on"].to_numpy(), (housed <= at) & (moved_in < NEVER)
            ),
            "moved_in_on": dates("moved_in_on", moved_in, (housed <= at) & (moved_in < NEVER)),
            "moved_out_on": dates("moved_out_on", until, (out <= at) & (until < NEVER)),
            "move_out_reason_code": text(
                "move_out_reason_code", only((out <= at) & (until < NEVER), texts(units["why"]))
            ),
        }
        frames.append(_state({**columns, **moving, **_identity(roll, client, at)}, shown, at))
    return pl.concat(frames)


ORDER = (
    "tenancy_id",
    "client_id",
    "hmis_personal_id",
    "cin",
    "provider_id",
    "program_code",
    "referred_on",
    "enrolled_on",
    "lease_started_on",
    "moved_in_on",
    "moved_out_on",
    "move_out_reason_code",
    "unit_id",
    "unit_type_code",
    "subsidy_type_code",
    "monthly_subsidy_usd",
    "service_provider_id",
    "lease_in_client_name_flag",
    "last_name",
    "first_name",
    "middle_name",
    "name_suffix",
    "birth_date",
    "ssn_last4",
    "sex_code",
)
"""Columns of the file, but for the last, updated_at."""


def _state(columns: dict[str, pl.Series], shown: Bools, at: Ints) -> pl.DataFrame:
    frame = (
        pl.DataFrame([columns[name] for name in ORDER]).with_columns(pl.Series(ENTERED, at)).filter(pl.Series(shown))
    )
    frame = frame.filter(pl.col(ENTERED) <= int(CUTS[-1]))
    return frame.with_columns(time_text(ENTERED).alias("updated_at")).select(*ORDER, "updated_at", ENTERED)


def _columns(desk: Desk, units: pl.DataFrame, client: Ints, roll: Roll, hmis_id: Texts) -> dict[str, pl.Series]:
    rng, size, rates = desk.luck("columns"), len(units), desk.settings.lives.part("tenancy")
    registry = roll.registry
    cin = medicaid_numbers(desk, registry.person, desk.clerk.rate("cin"))
    unit = np.array([f"U{number:05d}" for number in whole(rng, 1, 99_999, size).tolist()], dtype=object)
    series = [
        text("tenancy_id", desk.numbers.texts("tenancy", size, 7, "T")),
        text("client_id", registry.ids[client]),
        text("hmis_personal_id", hmis_id[client]),
        text("cin", cin[client]),
        text("provider_id", choose(rng, PROVIDERS, size)),
        units["program_code"],
        dates("referred_on", units["referred_on"].to_numpy()),
        dates("enrolled_on", units["enrolled_on"].to_numpy()),
        text("unit_id", unit),
        text("unit_type_code", choose(rng, rates.table("unit_types"), size)),
        text("subsidy_type_code", choose(rng, rates.table("subsidy_types"), size)),
        text(
            "monthly_subsidy_usd", np.array([str(usd * 25) for usd in whole(rng, 36, 92, size).tolist()], dtype=object)
        ),
        text("service_provider_id", choose(rng, SERVICE_PROVIDERS, size)),
        yes_no("lease_in_client_name_flag", flags(rng, rates.number("lease_in_client_name_share"), size)),
    ]
    return {column.name: column for column in series}


def _identity(roll: Roll, client: Ints, at: Ints) -> dict[str, pl.Series]:
    rows = Versions(client, at)
    birth = roll.column(rows, "birth_day").astype(np.int64)
    last4 = [number[-4:] if number else None for number in roll.column(rows, "ssn")]
    names = {
        "last_name": "last",
        "first_name": "first",
        "middle_name": "middle",
        "name_suffix": "suffix",
        "sex_code": "sex",
    }
    columns = {name: text(name, roll.column(rows, part)) for name, part in names.items()}
    columns["birth_date"] = dates("birth_date", np.where(birth == MISSING, 0, birth), birth != MISSING)
    columns["ssn_last4"] = text("ssn_last4", np.array(last4, dtype=object))
    return columns
