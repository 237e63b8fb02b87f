"""Mental health: clients, providers, crisis encounters, inpatient stays, outpatient services; FSP stands in fsp.py."""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic.agencies.extract import (
    ENTERED,
    Desk,
    Extract,
    Table,
    dates,
    delta_frame,
    moments,
    never_entered,
    pick_ids,
    shown_open,
    with_taken_back,
)
from synthetic.agencies.fsp import fsp_contacts, fsp_tables
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
from synthetic.chance import choose, flags, whole
from synthetic.lives.partnerships import providers
from synthetic.places import facilities
from synthetic.tables import text, texts
from synthetic.times import FIRST_AS_OF, NEVER, SECONDS_A_DAY, Ints, Texts, time_text

CRISIS_ROUTES = {"both": "20", "mental_health_emergency": "20", "mental_health_urgent_care": "25"}
"""Service functions of psychiatric emergencies, by route: 20 crisis stabilisation emergency room, 25 urgent care."""

DISPOSITIONS = {"HOME": 0.8, "TRANSFER": 0.07, "JAIL": 0.03, "AMA": 0.06, "OTHER": 0.04}
LANGUAGES = {
    "hispanic": {"SPA": 0.4, "ENG": 0.6},
    "chinese": {"CHI": 0.5, "ENG": 0.5},
    "korean": {"KOR": 0.5, "ENG": 0.5},
    "vietnamese": {"VIE": 0.5, "ENG": 0.5},
    "armenian": {"ARM": 0.5, "ENG": 0.5},
    "filipino": {"TGL": 0.3, "ENG": 0.7},
    "default": {"ENG": 0.97, "OTH": 0.03},
}


def mental_health(desk: Desk) -> Extract:
    """The extract of the mental health department for a chunk."""
    visits = desk.lives.visits.filter(pl.col("route").is_in(list(CRISIS_ROUTES)))
    stays, services = desk.lives.inpatient, desk.lives.services
    partnerships = desk.lives.partnerships
    entered = [
        desk.entered("visits", visits["end"].to_numpy()),
        desk.entered("stays", stays["start_on"].to_numpy() * SECONDS_A_DAY + 30_000),
        desk.entered("services", services["day"].to_numpy() * SECONDS_A_DAY + 50_000),
        fsp_contacts(desk),
    ]
    persons = [frame["person"].to_numpy() for frame in (visits, stays, services, partnerships)]
    registry, client = register(
        desk.luck("registry"),
        np.concatenate(persons),
        np.concatenate(entered),
        desk.clerk.rate("duplicates"),
        lambda count: desk.numbers.texts("mental health client", count, 7),
    )
    parts = np.split(client, np.cumsum([len(part) for part in persons])[:-1])
    roll = write_roll(desk, registry)
    deaths = _deaths(desk, registry)
    known = np.flatnonzero(deaths < never_entered())
    rows = roll_versions(roll, client, np.concatenate(entered), (known, deaths[known]))
    clients, styles = _clients(desk, roll, rows, deaths)
    hard = hard_cases(desk, roll)
    hard["shelter_address"] = np.isin(np.arange(registry.size), rows.client[styles == "shelter"])
    ids = registry.ids
    tables = (
        Table("client", clients, ("client_id",)),
        Table("provider", _providers(), ("provider_id",), full=True),
        Table("crisis_encounter", _crisis(desk, visits, ids[parts[0]], entered[0]), ("crisis_id",)),
        Table("inpatient_stay", _stays(desk, stays, ids[parts[1]], entered[1]), ("stay_id",)),
        Table("service", _services(desk, services, ids[parts[2]], entered[2]), ("service_id",)),
        *fsp_tables(desk, ids[parts[3]], entered[3]),
    )
    return Extract("mental_health", registry, tables, hard)


def _deaths(desk: Desk, registry: Registry) -> Ints:
    """The second at which the department learns of a client's death; for many, never."""
    rng = desk.luck("deaths")
    died = desk.lives.needs.death_day[registry.person]
    learns = (died < NEVER) & flags(rng, desk.clerk.rate("died_on_known"), registry.size)
    at = np.maximum(died * SECONDS_A_DAY, registry.first_at) + whole(rng, 2, 40, registry.size) * SECONDS_A_DAY
    return np.where(learns, at, never_entered())


def _clients(desk: Desk, roll: Roll, rows: Versions, deaths: Ints) -> tuple[pl.DataFrame, Texts]:
    registry = roll.registry
    addresses, styles = address_columns(desk, registry, rows)
    died_on = desk.lives.needs.death_day[registry.person][rows.client]
    known = rows.at >= deaths[rows.client]
    columns = [
        text("client_id", registry.ids[rows.client]),
        text("cin", medicaid_numbers(desk, registry.person, desk.clerk.rate("cin"))[rows.client]),
        *identity_columns(roll, rows),
        sex_column(roll, rows),
        race_column(desk, registry, rows),
        ethnicity_column(desk, registry, rows, ("H", "N", "U")),
        text("preferred_language_code", _languages(desk, registry)[rows.client]),
        *addresses,
        dates("died_on", np.where(known, died_on, 0), known),
    ]
    return delta_frame(columns, rows.at), styles


def _languages(desk: Desk, registry: Registry) -> Texts:
    rng = desk.luck("languages")
    group = desk.lives.people.members.name_group[registry.person]
    result = choose(rng, LANGUAGES["default"], registry.size)
    for name in sorted(set(LANGUAGES) - {"default"}):
        rows = np.flatnonzero(group == name)
        result[rows] = choose(rng, LANGUAGES[name], len(rows))
    return result


def _providers() -> pl.DataFrame:
    """The clinics under contract; the same every night."""
    frame = providers().select(
        "provider_id", "provider_name", "service_area_code", pl.col("size_weight").alias("contract_capacity_count")
    )
    frame = frame.with_columns(pl.lit((FIRST_AS_OF - 400) * SECONDS_A_DAY + 36_000, dtype=pl.Int64).alias(ENTERED))
    return frame.with_columns(time_text(ENTERED).alias("updated_at")).select(pl.exclude(ENTERED), ENTERED)


def _crisis(desk: Desk, visits: pl.DataFrame, client_id: Texts, entered: Ints) -> pl.DataFrame:
    """Emergencies as the department's crisis centres wrote them; their clocks differ from the hospitals' by minutes."""
    rng, size = desk.luck("crisis columns"), len(visits)
    function = visits["route"].replace_strict(CRISIS_ROUTES, return_dtype=pl.String)
    emergency = facilities("mental_health", "crisis_stabilisation_emergency")["facility_id"].to_numpy().astype(object)
    urgent = facilities("mental_health", "crisis_stabilisation_urgent_care")["facility_id"].to_numpy().astype(object)
    facility = np.where(texts(function) == "20", pick_ids(rng, emergency, size), rng.choice(urgent, size))
    drift = whole(rng, -40, 40, size) * 60
    disposition = np.where(visits["admitted"].to_numpy(), "ADMITTED", choose(rng, DISPOSITIONS, size))
    columns = [
        text("crisis_id", desk.numbers.texts("crisis", size, 8, "K")),
        text("client_id", client_id),
        text("facility_id", facility.astype(object)),
        moments("arrived_at", visits["start"].to_numpy() + drift),
        moments("departed_at", np.maximum(visits["end"].to_numpy(), visits["start"].to_numpy() + drift + 1200)),
        text("mode_code", np.full(size, "10", dtype=object)),
        function.alias("service_function_code"),
        text("disposition_code", disposition.astype(object)),
    ]
    return delta_frame(columns, entered)


def _stays(desk: Desk, stays: pl.DataFrame, client_id: Texts, opened: Ints) -> pl.DataFrame:
    """Stays, open until the discharge is entered."""
    rng, size = desk.luck("stay columns"), len(stays)
    kind, end = texts(stays["facility_type_code"]), stays["end_on"].to_numpy()
    closed = np.maximum(desk.entered("discharges", end * SECONDS_A_DAY + 40_000), opened + 60)
    columns = [
        text("stay_id", desk.numbers.texts("stay", size, 8, "S")),
        text("client_id", client_id),
        text("facility_id", _stay_facilities(rng, kind)),
        stays["facility_type_code"],
        stays["legal_status_code"],
        dates("admitted_on", stays["start_on"].to_numpy()),
        dates("discharged_on", end),
    ]
    open_first = shown_open(closed)
    begun = delta_frame([column.filter(pl.Series(open_first)) for column in columns], opened[open_first])
    done = delta_frame(columns, closed)
    return pl.concat([begun.with_columns(pl.lit(None, dtype=pl.String).alias("discharged_on")), done])


def _stay_facilities(rng: np.random.Generator, kind: Texts) -> Texts:
    result = np.empty(len(kind), dtype=object)
    for name in sorted(set(kind)):
        rows = np.flatnonzero(kind == name)
        ids = facilities("mental_health", name)["facility_id"].to_numpy().astype(object)
        result[rows] = rng.choice(ids, len(rows))
    return result


def _services(desk: Desk, services: pl.DataFrame, client_id: Texts, entered: Ints) -> pl.DataFrame:
    ids = providers()["provider_id"].to_numpy().astype(object)
    columns = [
        text("service_id", desk.numbers.texts("service", len(services), 9)),
        text("client_id", client_id),
        text("provider_id", ids[services["provider"].to_numpy()]),
        dates("served_on", services["day"].to_numpy()),
        services["mode_code"],
        services["service_function_code"],
        services["minutes"].cast(pl.String).alias("minutes_count"),
    ]
    return with_taken_back(desk, delta_frame(columns, entered), "services")
