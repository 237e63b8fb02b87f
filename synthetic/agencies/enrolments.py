"""HMIS enrolments, exits, and what is asked and noted on the way: Services, living situations, disabilities, health."""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic.agencies.extract import Desk, Table, dates, moments
from synthetic.agencies.hmis_rows import hud_frame
from synthetic.agencies.stays import projects
from synthetic.chance import choose, flags, whole
from synthetic.tables import only, text, texts
from synthetic.times import CUTS, HORIZON, MOST_NIGHTS, NEVER, SECONDS_A_DAY, Ints, Texts, whole_seconds

COC = "CA-699"
NEVER_DELETED = int(CUTS[MOST_NIGHTS]) + 1
"""Second of deletion of enrolments that stay."""

LENGTHS_OF_STAY = {"2": 0.2, "3": 0.3, "4": 0.2, "5": 0.15, "10": 0.05, "11": 0.07, "99": 0.03}
TIMES_HOMELESS = {"1": 0.4, "2": 0.2, "3": 0.12, "4": 0.2, "99": 0.08}
MONTHS_HOMELESS = {"101": 0.2, "104": 0.2, "108": 0.15, "113": 0.35, "99": 0.1}


def enrolment_tables(desk: Desk, rows: pl.DataFrame, personal_id: Texts, created: Ints) -> tuple[Table, ...]:
    """The files about enrolments; `personal_id` and `created` (second of entry) per enrolment."""
    number = desk.numbers.texts("EnrollmentID", len(rows), 8)
    deleted = _deleted(desk, created)
    enrollment = _enrollments(desk, rows, number, personal_id, created, deleted)
    stays = pl.Series(deleted == NEVER_DELETED)
    kept, ids = rows.filter(stays), [text("EnrollmentID", number), text("PersonalID", personal_id)]
    noted = _Noted(desk, kept, [column.filter(stays) for column in ids], created[stays.to_numpy()])
    return (
        Table("Enrollment", enrollment, ("EnrollmentID",), full=True),
        Table("Exit", noted.exits(), ("ExitID",), full=True),
        Table("Services", noted.bed_nights(), ("ServicesID",), full=True),
        Table("CurrentLivingSituation", noted.living_situations(), ("CurrentLivingSitID",), full=True),
        Table("Disabilities", noted.disabilities(), ("DisabilitiesID",), full=True),
        Table("HealthAndDV", noted.health(), ("HealthAndDVID",), full=True),
    )


def _deleted(desk: Desk, created: Ints) -> Ints:
    """The second at which an enrolment is deleted."""
    rng = desk.luck("deletions")
    gone = flags(rng, desk.settings.lives.number("hmis.soft_deleted_share"), len(created))
    return np.where(gone, created + whole_seconds(rng, 1, 60, len(created)), NEVER_DELETED)


def _enrollments(
    desk: Desk, rows: pl.DataFrame, number: Texts, personal_id: Texts, created: Ints, deleted: Ints
) -> pl.DataFrame:
    """Enrolments in up to three states: entered, moved in, deleted."""
    moved_in = rows["move_in"].to_numpy()
    housed = np.minimum(moved_in, HORIZON + 400) * SECONDS_A_DAY + 40_000
    known = np.maximum(desk.entered("move-ins", housed), created + 60)
    columns = _enrollment_columns(desk, rows, number, personal_id)
    states = (
        (created, np.ones(len(rows), dtype=bool), False),
        (known, (moved_in < NEVER) & (known < deleted), False),
        (deleted, deleted < NEVER_DELETED, True),
    )
    frames = []
    for at, shown, gone in states:
        inside = (moved_in < NEVER) & (known <= at)
        extra = [dates("MoveInDate", np.where(inside, moved_in, 0), inside), moments("DateDeleted", at, shown & gone)]
        chosen = [column.filter(pl.Series(shown)) for column in (*columns, *extra)]
        frames.append(hud_frame("Enrollment", chosen, created[shown], at[shown]))
    return pl.concat(frames)


def _enrollment_columns(desk: Desk, rows: pl.DataFrame, number: Texts, personal_id: Texts) -> list[pl.Series]:
    rng, size = desk.luck("enrolment columns"), len(rows)
    entry, prior = rows["entry"].to_numpy(), texts(rows["prior"])
    households = int(rows["household"].max() or 0) + 1  # type: ignore[arg-type]
    household = desk.numbers.texts("HouseholdID", households, 8, "H")
    mental = desk.lives.needs.mental[rows["person"].to_numpy()]
    disabled = np.where(mental | flags(rng, 0.25, size), "1", np.where(flags(rng, 0.08, size), "99", "0"))
    return [
        text("EnrollmentID", number),
        text("PersonalID", personal_id),
        text("ProjectID", texts(projects()["project_id"])[rows["project"].to_numpy()]),
        dates("EntryDate", entry),
        text("HouseholdID", household[rows["household"].to_numpy()]),
        rows["relationship"].alias("RelationshipToHoH"),
        text("EnrollmentCoC", np.full(size, COC, dtype=object)),
        rows["prior"].alias("LivingSituation"),
        text("LengthOfStay", choose(rng, LENGTHS_OF_STAY, size)),
        dates("DateToStreetESSH", entry - whole(rng, 1, 400, size), np.isin(prior, ["116", "101"])),
        text("TimesHomelessPastThreeYears", choose(rng, TIMES_HOMELESS, size)),
        text("MonthsHomelessPastThreeYears", choose(rng, MONTHS_HOMELESS, size)),
        text("DisablingCondition", disabled.astype(object)),
    ]


class _Noted:
    """Rows about enrolments that were not deleted."""

    def __init__(self, desk: Desk, rows: pl.DataFrame, ids: list[pl.Series], created: Ints) -> None:
        self._desk, self._rows, self._ids, self._created = desk, rows, ids, created
        self._kind = texts(rows["project_type"])
        self._entry = rows["entry"].to_numpy()
        self._last = np.minimum(rows["exit"].to_numpy(), HORIZON)

    def _frame(self, file: str, id_column: str, row: Ints, columns: list[pl.Series], at: Ints) -> pl.DataFrame:
        """A file's rows, `row` being the enrolment of each, entered at a second."""
        number = text(id_column, self._desk.numbers.texts(id_column, len(row), 9))
        ids = [column.gather(row) for column in self._ids]
        return hud_frame(file, [number, *ids, *columns], at, at)

    def exits(self) -> pl.DataFrame:
        """Exits, some entered days late."""
        row = np.flatnonzero(self._rows["exit"].to_numpy() <= HORIZON)
        exit_on = self._rows["exit"].to_numpy()[row]
        entered = self._desk.entered("exits", exit_on * SECONDS_A_DAY + 40_000, 0.1)
        destination = np.array([code or "99" for code in texts(self._rows["destination"])[row]], dtype=object)
        subsidy = only(destination == "435", texts(self._rows["subsidy"])[row])
        columns = [
            dates("ExitDate", exit_on),
            text("Destination", destination),
            text("DestinationSubsidyType", subsidy.astype(object)),
        ]
        return self._frame("Exit", "ExitID", row, columns, np.maximum(entered, self._created[row] + 60))

    def _within(self, row: Ints, subject: str) -> tuple[Ints, Ints]:
        """A day within each enrolment, and the second at which what happened on it was entered."""
        rng = self._desk.luck(subject)
        stay = np.maximum(self._last - self._entry, 1)[row]
        day = self._entry[row] + (rng.random(len(row)) * stay).astype(np.int64)
        entered = self._desk.entered(f"{subject}/entry", day * SECONDS_A_DAY + 75_600)
        return day, np.maximum(entered, self._created[row] + 60)

    def bed_nights(self) -> pl.DataFrame:
        """Nights in night-by-night shelters: a few per enrolment, enough to be counted."""
        rng, most = self._desk.luck("bed nights"), int(self._desk.settings.lives.number("hmis.bed_nights_most"))
        nights = np.where(self._kind == "1", whole(rng, 1, most, len(self._kind)), 0)
        row = np.repeat(np.arange(len(nights)), nights)
        day, entered = self._within(row, "bed nights/days")
        bed_night = text("RecordType", np.full(len(row), "200", dtype=object))
        columns = [dates("DateProvided", day), bed_night, bed_night.alias("TypeProvided")]
        return self._frame("Services", "ServicesID", row, columns, entered)

    def living_situations(self) -> pl.DataFrame:
        """What outreach workers and coordinated entry note."""
        rng = self._desk.luck("living situations")
        count = np.where(np.isin(self._kind, ["4", "14"]), whole(rng, 1, 3, len(self._kind)), 0)
        row = np.repeat(np.arange(len(count)), count)
        day, entered = self._within(row, "living situations/days")
        situation = choose(rng, {"116": 0.72, "101": 0.15, "314": 0.04, "336": 0.04, "37": 0.05}, len(row))
        columns = [dates("InformationDate", day), text("CurrentLivingSituation", situation)]
        return self._frame("CurrentLivingSituation", "CurrentLivingSitID", row, columns, entered)

    def disabilities(self) -> pl.DataFrame:
        """Mental health, and for some substance use, asked at entry."""
        rng = self._desk.luck("disabilities")
        asked = np.where(flags(rng, 0.4, len(self._kind)), 2, 1)
        row = np.repeat(np.arange(len(asked)), asked)
        again = np.concatenate([[False], row[1:] == row[:-1]])[: len(row)]
        kind = np.where(again, "10", "9").astype(object)
        mental = self._desk.lives.needs.mental[self._rows["person"].to_numpy()][row]
        use = choose(rng, {"0": 0.62, "1": 0.1, "2": 0.14, "3": 0.1, "99": 0.04}, len(row))
        illness = np.where(mental ^ flags(rng, 0.1, len(row)), "1", "0")
        response = np.where(kind == "9", illness, use).astype(object)
        lasting = only(np.isin(response, ["1", "2", "3"]), "1")
        columns = [
            dates("InformationDate", self._entry[row]),
            text("DisabilityType", kind),
            text("DisabilityResponse", response),
            text("IndefiniteAndImpairs", lasting),
            text("DataCollectionStage", np.full(len(row), "1", dtype=object)),
        ]
        return self._frame("Disabilities", "DisabilitiesID", row, columns, self._created[row] + 60)

    def health(self) -> pl.DataFrame:
        """Health and domestic violence, asked of heads of household at entry."""
        rng = self._desk.luck("health")
        row = np.flatnonzero(texts(self._rows["relationship"]) == "1")
        survivor = choose(rng, {"0": 0.74, "1": 0.2, "99": 0.06}, len(row))
        when = choose(rng, {"1": 0.2, "2": 0.2, "3": 0.2, "4": 0.4}, len(row))
        columns = [
            dates("InformationDate", self._entry[row]),
            text("DomesticViolenceSurvivor", survivor),
            text("WhenOccurred", only(survivor == "1", when)),
            text("GeneralHealthStatus", choose(rng, {"1": 0.1, "2": 0.2, "3": 0.3, "4": 0.25, "5": 0.15}, len(row))),
            text("DataCollectionStage", np.full(len(row), "1", dtype=object)),
        ]
        return self._frame("HealthAndDV", "HealthAndDVID", row, columns, self._created[row] + 60)
