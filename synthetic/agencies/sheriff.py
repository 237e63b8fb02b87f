"""Sheriff: persons, aliases, bookings, charges, releases."""

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
    stamped,
    with_taken_back,
    yes_no,
)
from synthetic.agencies.identities import (
    Roll,
    address_columns,
    hard_cases,
    identity_columns,
    race_column,
    roll_versions,
    sex_column,
    write_roll,
)
from synthetic.agencies.registry import Registry, Versions, register
from synthetic.chance import choose, flags, whole
from synthetic.errors.names import letters
from synthetic.errors.spelling import nicknames
from synthetic.names import NameBook, Weighted, read_data, weighted
from synthetic.places import facility_ids
from synthetic.tables import only, present, table, text, texts, without
from synthetic.times import CUTS, HORIZON, SECONDS_A_DAY, Bools, Ints, Texts, whole_seconds

ARREST_AGENCIES = {"SO": 0.5, **{f"PD{place:02d}": 0.04 for place in range(1, 12)}, "PROB": 0.03, "CHP": 0.03}
TECHNICAL = {"PROBATION_VIOLATION", "PAROLE_VIOLATION", "FLASH_INCARCERATION"}


def sheriff(desk: Desk, names: NameBook) -> Extract:
    """The Sheriff's extract of a chunk."""
    bookings = _bookings(desk)
    entered = desk.entered("bookings", bookings["start"].to_numpy())
    registry, client = register(
        desk.luck("registry"),
        bookings["person"].to_numpy(),
        entered,
        desk.clerk.rate("duplicates"),
        lambda count: desk.numbers.texts("main number", count, 8),
    )
    roll = write_roll(desk, registry)
    rows = roll_versions(roll, client, entered)
    persons, styles = _persons(desk, roll, rows)
    number = desk.numbers.texts("booking", len(bookings), 7)
    main_number = registry.ids[client]
    hard = hard_cases(desk, roll)
    for case, marked in (("shelter_address", styles == "shelter"), ("booking_renumbered", None)):
        where = rows.client[marked] if marked is not None else client[bookings["renumbered"].to_numpy()]
        hard[case] = np.isin(np.arange(registry.size), where)
    return Extract(
        "sheriff",
        registry,
        (
            Table("person", persons, ("main_number",)),
            Table("alias", _aliases(desk, roll, names), ("alias_id",)),
            Table("booking", _booking_rows(desk, bookings, number, main_number, entered), ("booking_number",)),
            Table("charge", _charges(desk, bookings, number, entered), ("charge_id",)),
            Table("release", _releases(desk, bookings, number, entered), ("booking_number",)),
        ),
        hard,
    )


def _bookings(desk: Desk) -> pl.DataFrame:
    """Stays as the jail counts them: a stay with a transfer is two bookings, hours apart."""
    rng, stays = desk.luck("bookings"), desk.lives.custody
    start, end = stays["start"].to_numpy(), stays["end"].to_numpy()
    split = stays["transferred"].to_numpy() & (end - start > 3 * SECONDS_A_DAY)
    moved = start + ((end - start) * rng.uniform(0.2, 0.7, len(stays))).astype(np.int64)
    again = moved + whole(rng, 1800, 6 * 3600, len(stays))
    reason = np.where(split, "TRANSFER", texts(stays["reason"])).astype(object)
    first = stays.with_columns(
        pl.Series("end", np.where(split, moved, end)), text("reason", reason), pl.lit(False).alias("renumbered")
    )
    second = stays.with_columns(pl.Series("start", again), pl.lit(True).alias("renumbered")).filter(pl.Series(split))
    return pl.concat([first, second]).sort("person", "start")


def _persons(desk: Desk, roll: Roll, rows: Versions) -> tuple[pl.DataFrame, Texts]:
    registry = roll.registry
    addresses, styles = address_columns(desk, registry, rows)
    columns = [
        text("main_number", registry.ids[rows.client]),
        text("sid", _sids(desk, registry)[rows.client]),
        *identity_columns(roll, rows),
        sex_column(roll, rows),
        race_column(desk, registry, rows),
        *addresses,
    ]
    return delta_frame(columns, rows.at), styles


def _sids(desk: Desk, registry: Registry) -> Texts:
    """Fingerprint-based state numbers: of the person, so that a second record with one is found at once."""
    rng = desk.luck("sid")
    own = desk.numbers.texts("sid", desk.lives.people.count, 8, "A")[registry.person]
    lacks = flags(rng, desk.clerk.rate("no_sid"), registry.size)
    lacks |= registry.second & ~flags(rng, desk.clerk.rate("duplicates_with_sid"), registry.size)
    return without(lacks, own)


def _aliases(desk: Desk, roll: Roll, names: NameBook) -> pl.DataFrame:
    """Other names that people gave: nicknames, old or second surnames, names made up, with other birth dates."""
    rng, registry = desk.luck("aliases"), roll.registry
    has = flags(rng, desk.clerk.rate("aliases"), registry.size)
    client = np.repeat(np.flatnonzero(has), 1 + rng.poisson(0.4, int(has.sum())))
    first, last, middle = (getattr(roll.right, part)[client].copy() for part in ("first", "last", "middle"))
    kind = choose(rng, {"nickname": 0.35, "other_surname": 0.25, "made_up": 0.25, "other_birth": 0.15}, len(client))
    _alias_names(rng, desk, registry.person[client], kind, first, last, names)
    birth = roll.right.birth_day[client]
    shifted = birth + np.where(flags(rng, 0.5, len(client)), 1, -1) * whole(rng, 1, 800, len(client))
    birth = np.where((kind == "other_birth") | (kind == "made_up"), shifted, birth)
    given_ssn = flags(rng, 0.12, len(client))
    entered = registry.first_at[client] + whole(rng, 60, 4000, len(client))
    columns = [
        text("alias_id", desk.numbers.texts("alias", len(client), 8)),
        text("main_number", registry.ids[client]),
        text("last_name", letters(last, "upper")),
        text("first_name", letters(first, "upper")),
        text("middle_name", without(kind == "made_up", middle)),
        text("name_suffix", np.full(len(client), None, dtype=object)),
        dates("birth_date", birth, flags(rng, 0.8, len(client))),
        text("ssn", only(given_ssn, desk.lives.people.ssn[registry.person[client]])),
    ]
    return delta_frame(columns, entered)


def _alias_names(
    rng: np.random.Generator, desk: Desk, person: Ints, kind: Texts, first: Texts, last: Texts, names: NameBook
) -> None:
    people, known = desk.lives.people, nicknames()
    for row in np.flatnonzero(kind == "nickname").tolist():
        called = known.get(people.first[person[row]])
        first[row] = called[int(rng.integers(len(called)))] if called else first[row][:3]
    drawn = names.surnames(rng, people.members.name_group[person])
    maternal = np.where(people.renamed_on[person] < HORIZON, people.last[person], people.maternal[person])
    other = present(maternal)
    last[:] = np.where(
        kind == "other_surname", np.where(other, maternal, drawn), np.where(kind == "made_up", drawn, last)
    )
    made_up = names.first_names(rng, people.members.name_group[person], people.members.sex[person])
    first[:] = np.where((kind == "made_up") & flags(rng, 0.6, len(kind)), made_up, first)


def _booking_rows(desk: Desk, bookings: pl.DataFrame, number: Texts, main_number: Texts, entered: Ints) -> pl.DataFrame:
    rng, size = desk.luck("booking columns"), len(bookings)
    start = bookings["start"].to_numpy()
    homeless = desk.lives.homeless.hold(bookings["person"].to_numpy(), start // SECONDS_A_DAY)
    lockup = facility_ids("sheriff", "station_lockup")
    jail = facility_ids("sheriff", "jail")
    short = (bookings["end"].to_numpy() - start) < 2 * SECONDS_A_DAY
    columns = [
        text("booking_number", number),
        text("main_number", main_number),
        moments("booked_at", start),
        text("arrest_agency_code", choose(rng, ARREST_AGENCIES, size)),
        bookings["booking_type_code"],
        text("facility_code", np.where(short, rng.choice(lockup, size), rng.choice(jail, size))),
        yes_no("homeless_flag", homeless ^ flags(rng, 0.12, size)),
    ]
    return delta_frame(columns, entered)


def _charges(desk: Desk, bookings: pl.DataFrame, number: Texts, entered: Ints) -> pl.DataFrame:
    rng = desk.luck("charges")
    row = np.repeat(
        np.arange(len(bookings)), 1 + rng.poisson(desk.settings.lives.number("custody.charges_more"), len(bookings))
    )
    lead = np.concatenate([[True], row[1:] != row[:-1]])[: len(row)]
    types, felony = texts(bookings["booking_type_code"])[row], bookings["felony"].to_numpy()[row]
    charge_class = _charge_classes(rng, types, felony, lead)
    columns = [
        text("charge_id", desk.numbers.texts("charge", len(row), 9)),
        text("booking_number", number[row]),
        dates("offense_on", bookings["offense_on"].to_numpy()[row], flags(rng, 0.98, len(row))),
        text("statute_code", _statutes(rng, charge_class)),
        text("charge_class_code", charge_class),
        yes_no("is_lead_flag", lead),
    ]
    return with_taken_back(desk, delta_frame(columns, entered[row]), "charges")


def _charge_classes(rng: np.random.Generator, types: Texts, felony: Bools, lead: Bools) -> Texts:
    """Technical bookings hold only violations; a felony booking leads with a felony."""
    technical = np.isin(types, list(TECHNICAL))
    parole = types == "PAROLE_VIOLATION"
    lesser = choose(rng, {"MISDEMEANOR": 0.9, "INFRACTION": 0.08, "CIVIL": 0.02}, len(types))
    plain = np.where(felony & (lead | flags(rng, 0.4, len(types))), "FELONY", np.where(lead, "MISDEMEANOR", lesser))
    violation = np.where(parole, "PAROLE_VIOLATION", "PROBATION_VIOLATION")
    return np.where(technical, violation, plain).astype(object)


def _statutes(rng: np.random.Generator, charge_class: Texts) -> Texts:
    frame = read_data("statutes")
    listed: dict[str, Weighted] = {
        str(key[0]): weighted(part, "statute_code") for key, part in frame.group_by("charge_class_code")
    }
    result = np.empty(len(charge_class), dtype=object)
    for name in sorted(listed):
        rows = np.flatnonzero(charge_class == name)
        result[rows] = listed[name].draw(rng, len(rows))
    return result


def _releases(desk: Desk, bookings: pl.DataFrame, number: Texts, booked: Ints) -> pl.DataFrame:
    """Releases, some entered days late, some with a reason that is corrected later."""
    rng, rates = desk.luck("releases"), desk.settings.lives.part("extracts")
    end = bookings["end"].to_numpy()
    backlog = np.abs(end - CUTS[0]) < rates.number("backlog_days") * SECONDS_A_DAY
    share = np.where(backlog, rates.number("backlog_share"), rates.number("late_release_share"))
    entered = desk.entered("releases", end, share)
    entered = np.maximum(entered, booked + 60)
    reason = texts(bookings["reason"])
    settled = ~np.isin(reason, ["DEATH", "TRANSFER", "TRANSFER_STATE_PRISON", "DIVERSION_ODR"])
    changed = settled & flags(rng, rates.number("changed_release_share"), len(end))
    first = np.where(changed, np.where(reason == "OWN_RECOGNIZANCE", "BOND", "OWN_RECOGNIZANCE"), reason).astype(object)
    columns = [text("booking_number", number), moments("released_at", end), text("release_reason_code", first)]
    frame = delta_frame(columns, entered)
    later = table({"booking_number": number[changed], "right": reason[changed]})
    fixed = frame.join(later, on="booking_number", how="inner", maintain_order="left")
    fixed = fixed.with_columns(pl.col("right").alias("release_reason_code")).drop("right")
    delay = pl.Series(ENTERED, whole_seconds(rng, 1, 9, len(fixed)))
    return pl.concat([frame, stamped(fixed.with_columns(pl.col(ENTERED) + delay))])
