"""Health services: patients, encounters, diagnoses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from synthetic.agencies.extract import (
    ENTERED,
    Desk,
    Extract,
    Table,
    delta_frame,
    moments,
    never_entered,
    pick_ids,
    shown_open,
    with_taken_back,
    yes_no,
)
from synthetic.agencies.identities import (
    Roll,
    address_columns,
    ethnicity_column,
    hard_cases,
    identity_columns,
    medicaid_numbers,
    race_column,
    roll_versions,
    sex_column,
    write_roll,
)
from synthetic.agencies.registry import Registry, Versions, register
from synthetic.chance import choose, flags
from synthetic.names import Weighted, read_data, weighted
from synthetic.places import facility_ids
from synthetic.tables import only, table, text, texts, without
from synthetic.times import CUTS, HISTORY_START, SECONDS_A_DAY, Bools, Ints, Texts, whole_seconds

PSYCHIATRIC_ROUTES = {"both": "PES", "health_only": "PES", "health_emergency_department": "ED"}
"""Encounter types of psychiatric emergencies, by the route by which they are written down."""

REVENUE = {"ED": "0450", "IP": "0120", "OBS": "0762", "OP": "0510", "UC": "0456", "PES": "0450|0900"}
PSYCHIATRIC_WARD = "0124"
DRGS = {"871": 0.3, "291": 0.2, "603": 0.15, "392": 0.15, "775": 0.1, "897": 0.1}
PAYERS = {"MCAL": 0.62, "MCARE": 0.14, "SELF": 0.12, "COMM": 0.08, "COUNTY": 0.04}


@dataclass(frozen=True)
class _Entries:
    """When each encounter was entered: at discharge, and before that as open where a night may show it so."""

    closed: Ints
    opened: Ints
    open_first: Bools

    @property
    def first(self) -> Ints:
        """When it first came to be in the system."""
        return np.where(self.open_first, self.opened, self.closed)


def health(desk: Desk) -> Extract:
    """The extract of health services for a chunk."""
    encounters = _encounters(desk)
    entries = _entries(desk, encounters)
    registry, client = register(
        desk.luck("registry"),
        encounters["person"].to_numpy(),
        entries.first,
        desk.clerk.rate("duplicates"),
        lambda count: desk.numbers.texts("mrn", count, 9),
    )
    roll = write_roll(desk, registry)
    merged_at, split_at = _merges(desk, registry)
    merges = [(np.flatnonzero(at < never_entered()), at[at < never_entered()]) for at in (merged_at, split_at)]
    rows = roll_versions(roll, client, entries.first, *merges)
    patients, styles = _patients(desk, roll, rows, merged_at, split_at)
    hard = hard_cases(desk, roll)
    hard["shelter_address"] = np.isin(np.arange(registry.size), rows.client[styles == "shelter"])
    hard["merged_mrn"] = merged_at < never_entered()
    number = desk.numbers.texts("encounter", len(encounters), 9, "E")
    encounter = _encounter_rows(desk, encounters, number, registry.ids[client], entries)
    diagnosis = _diagnoses(desk, encounters, number, entries.first)
    tables = (
        Table("patient", patients, ("mrn",)),
        Table("encounter", encounter, ("encounter_id",)),
        Table("encounter_diagnosis", diagnosis, ("encounter_id", "sequence_number")),
    )
    return Extract("health", registry, tables, hard)


def _entries(desk: Desk, encounters: pl.DataFrame) -> _Entries:
    start, end = encounters["start"].to_numpy(), encounters["end"].to_numpy()
    closed = desk.entered("encounters", end, desk.settings.lives.number("care.late_share"))
    opened = np.minimum(desk.entered("admissions", start), closed - 1)
    return _Entries(closed, opened, shown_open(closed) & (end - start > SECONDS_A_DAY))


def _encounters(desk: Desk) -> pl.DataFrame:
    """Ordinary encounters, psychiatric emergencies at hospitals, and stays on the county's psychiatric wards."""
    lives = desk.lives
    plain = lives.encounters.with_columns(pl.lit("plain").alias("cause"), pl.lit("01").alias("status"))
    visits = lives.visits.filter(pl.col("route").is_in(list(PSYCHIATRIC_ROUTES)))
    status = pl.when("admitted").then(pl.lit("65")).otherwise(pl.lit("01"))
    emergencies = visits.select(
        "person",
        pl.col("route").replace_strict(PSYCHIATRIC_ROUTES, return_dtype=pl.String).alias("kind"),
        "start",
        "end",
        pl.lit("psychiatric").alias("cause"),
        status.alias("status"),
    )
    known = pl.Series("health", lives.needs.health[lives.inpatient["person"].to_numpy()])
    wards = lives.inpatient.filter(known & (pl.Series(lives.inpatient["facility_type_code"]) == "acute_psych_county"))
    stays = wards.select(
        "person",
        pl.lit("IP").alias("kind"),
        (pl.col("start_on") * SECONDS_A_DAY + 40_000).alias("start"),
        (pl.col("end_on") * SECONDS_A_DAY + 36_000).alias("end"),
        pl.lit("ward").alias("cause"),
        pl.lit("01").alias("status"),
    )
    return (
        pl.concat([plain, emergencies, stays])
        .filter(pl.col("start") >= HISTORY_START * SECONDS_A_DAY)
        .sort("person", "start", "kind")
    )


def _merges(desk: Desk, registry: Registry) -> tuple[Ints, Ints]:
    """When a second MRN is found out and merged into the first, and, for a few, split again."""
    rng, rates = desk.luck("merges"), desk.settings.lives.part("extracts")
    size = registry.size
    found = registry.second & flags(rng, rates.number("merged_duplicate_share"), size)
    in_nights = flags(rng, rates.number("changed_in_nights_share"), size)
    soon = CUTS[0] + (rng.random(size) * 30 * SECONDS_A_DAY).astype(np.int64)
    early = registry.first_at + (rng.random(size) * np.maximum(CUTS[0] - registry.first_at, 1)).astype(np.int64)
    at = np.maximum(np.where(in_nights, soon, early), registry.first_at + 3600)
    merged = np.where(found, at, never_entered())
    undone = found & flags(rng, rates.number("unmerged_share"), size)
    return merged, np.where(undone, merged + whole_seconds(rng, 2, 60, size), never_entered())


def _patients(desk: Desk, roll: Roll, rows: Versions, merged_at: Ints, split_at: Ints) -> tuple[pl.DataFrame, Texts]:
    registry = roll.registry
    addresses, styles = address_columns(desk, registry, rows)
    merged = (rows.at >= merged_at[rows.client]) & (rows.at < split_at[rows.client])
    survivor = registry.ids[np.maximum(registry.original[rows.client], 0)]
    cin = medicaid_numbers(desk, registry.person, desk.clerk.rate("cin"))
    nobody = roll.seen.marked("doe") | roll.seen.marked("baby_name")
    columns = [
        text("mrn", registry.ids[rows.client]),
        text("merged_into_mrn", only(merged, survivor)),
        text("cin", without(nobody, cin)[rows.client]),
        *identity_columns(roll, rows),
        sex_column(roll, rows),
        race_column(desk, registry, rows),
        ethnicity_column(desk, registry, rows, ("E1", "E2", "99")),
        *addresses,
    ]
    return delta_frame(columns, rows.at), styles


def _encounter_rows(desk: Desk, encounters: pl.DataFrame, number: Texts, mrn: Texts, entries: _Entries) -> pl.DataFrame:
    """Encounters as discharged, and before that as open where a night may show them so."""
    columns = [text("encounter_id", number), text("mrn", mrn), *_encounter_columns(desk, encounters)]
    done = delta_frame(columns, entries.closed)
    still = [column.filter(pl.Series(entries.open_first)) for column in columns]
    begun = delta_frame(still, entries.opened[entries.open_first]).with_columns(
        pl.lit(None, dtype=pl.String).alias("discharged_at"), pl.lit("30").alias("discharge_status_code")
    )
    return pl.concat([begun, done])


def _encounter_columns(desk: Desk, encounters: pl.DataFrame) -> list[pl.Series]:
    rng, size, person = desk.luck("encounter columns"), len(encounters), encounters["person"].to_numpy()
    kind, cause = texts(encounters["kind"]), texts(encounters["cause"])
    start, end = encounters["start"].to_numpy(), encounters["end"].to_numpy()
    died = desk.lives.needs.death_day[person] * SECONDS_A_DAY <= end
    homeless = desk.lives.homeless.hold(person, start // SECONDS_A_DAY)
    inpatient, ward = kind == "IP", cause == "ward"
    status = np.where(died, "20", _discharge_status(rng, texts(encounters["status"]))).astype(object)
    drg = np.where(ward, "885", choose(rng, DRGS, size)).astype(object)
    revenue = np.where(ward, PSYCHIATRIC_WARD, np.array([REVENUE[name] for name in kind], dtype=object))
    return [
        text("facility_id", _facilities(rng, kind, cause)),
        text("encounter_type_code", kind),
        moments("admitted_at", start),
        moments("discharged_at", end),
        text("admit_source_code", choose(rng, {"1": 0.86, "4": 0.05, "8": 0.03, "9": 0.06}, size)),
        text("discharge_status_code", status),
        text("type_of_care_code", only(inpatient, np.where(ward, "4", "1").astype(object))),
        text("principal_diagnosis_code", _principal(desk, cause)),
        text("ms_drg_code", only(inpatient, drg)),
        text("revenue_codes", revenue),
        text("payer_code", choose(rng, PAYERS, size)),
        yes_no("homeless_flag", homeless ^ flags(rng, 0.1, size)),
    ]


def _discharge_status(rng: np.random.Generator, status: Texts) -> Texts:
    """Home, mostly; against advice, to court or law enforcement, to other facilities for the rest."""
    other = choose(rng, {"01": 0.84, "07": 0.07, "21": 0.03, "03": 0.02, "02": 0.02, "70": 0.02}, len(status))
    return np.where(status == "01", other, status).astype(object)


def _facilities(rng: np.random.Generator, kind: Texts, cause: Texts) -> Texts:
    hospital = pick_ids(rng, facility_ids("health", "hospital_pes", "hospital"), len(kind))
    emergency = pick_ids(rng, facility_ids("health", "hospital_pes"), len(kind))
    clinic = rng.choice(facility_ids("health", "clinic"), len(kind))
    urgent = rng.choice(facility_ids("health", "urgent_care"), len(kind))
    chosen = np.where(kind == "OP", clinic, np.where(kind == "UC", urgent, hospital))
    return np.where((cause != "plain") | (kind == "PES"), emergency, chosen).astype(object)


def _codes(kind: str) -> Weighted:
    return weighted(read_data("diagnoses").filter(kind=kind), "diagnosis_code")


def _principal(desk: Desk, cause: Texts) -> Texts:
    """Principal diagnoses: mental illness or self-harm for psychiatric causes, anything else for the plain."""
    rng, size = desk.luck("principal diagnoses"), len(cause)
    plain = _codes("general").draw(rng, size)
    plain = np.where(flags(rng, 0.06, size), _codes("substance").draw(rng, size), plain)
    ill = _codes("psychiatric").draw(rng, size)
    ill = np.where(flags(rng, 0.07, size), _codes("self_harm").draw(rng, size), ill)
    return np.where(cause == "plain", plain, ill).astype(object)


def _diagnoses(desk: Desk, encounters: pl.DataFrame, number: Texts, entered: Ints) -> pl.DataFrame:
    """The principal diagnosis as number 1, and secondary ones."""
    rng, size = desk.luck("secondary diagnoses"), len(encounters)
    principal = _principal(desk, texts(encounters["cause"]))
    more = np.repeat(np.arange(size), rng.poisson(desk.settings.lives.number("care.secondary_diagnoses"), size))
    begin = np.concatenate([[True], more[1:] != more[:-1]])[: len(more)]
    place = np.arange(len(more)) - np.maximum.accumulate(np.where(begin, np.arange(len(more)), 0)) + 2
    person = encounters["person"].to_numpy()[more]
    drawn = _secondary(rng, desk, person, encounters["start"].to_numpy()[more] // SECONDS_A_DAY)
    frame = table(
        {
            "row": np.concatenate([np.arange(size), more]),
            "sequence_number": np.concatenate([np.ones(size, dtype=np.int64), place]),
            "diagnosis_code": np.concatenate([principal, drawn]),
        }
    ).sort("row", "sequence_number")
    row = frame["row"].to_numpy()
    columns = [
        text("encounter_id", number[row]),
        frame["sequence_number"].cast(pl.String),
        frame["diagnosis_code"],
        text("present_on_admission_code", choose(rng, {"Y": 0.9, "N": 0.04, "U": 0.06}, len(row))),
    ]
    rows = delta_frame(columns, entered[row])
    secondary = rows.filter(pl.col("sequence_number") != "1")
    return pl.concat(
        [rows.filter(pl.col("sequence_number") == "1"), with_taken_back(desk, secondary, "diagnoses")]
    ).sort(ENTERED, "encounter_id", "sequence_number")


def _secondary(rng: np.random.Generator, desk: Desk, person: Ints, day: Ints) -> Texts:
    size = len(person)
    homeless = desk.lives.homeless.hold(person, day) & flags(rng, 0.5, size)
    mental = desk.lives.needs.mental[person] & flags(rng, 0.4, size)
    code = _codes("general").draw(rng, size)
    code = np.where(flags(rng, 0.1, size), _codes("substance").draw(rng, size), code)
    code = np.where(mental, _codes("psychiatric").draw(rng, size), code)
    return np.where(homeless, _codes("homeless").draw(rng, size), code).astype(object)
