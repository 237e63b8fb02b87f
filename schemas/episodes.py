"""The tables of `episodes/`: merged spells of persons, each counted once, whichever agencies saw it.

`episode_id` depends on the records an episode was made from and on nothing else. Day spans are half-open,
[started_on, ended_on), except custody, of which every touched day is a jail day. A null end means still open.
"""

import pandera.polars as pa
import polars as pl
from pandera.polars import Field
from pandera.typing.polars import Series


class Episode(pa.DataFrameModel):
    """What every episode has."""

    episode_id: Series[str] = Field(unique=True)
    person_id: Series[int]
    source_count: Series[int] = Field(ge=1)

    class Config:
        """No column more than these, and none coerced."""

        strict = True


class Custody(Episode):
    """Grain: bookings of a person that touch or that a transfer links; both days count as jail days."""

    started_at: Series[pl.Datetime]
    ended_at: Series[pl.Datetime] = Field(nullable=True)
    started_on: Series[pl.Date]
    ended_on: Series[pl.Date] = Field(nullable=True)
    entry_type_code: Series[str] = Field(nullable=True)
    release_reason_code: Series[str] = Field(nullable=True)
    is_community_release: Series[bool]
    is_cite_and_release: Series[bool]
    is_felony: Series[bool]
    is_technical: Series[bool]
    is_court_return: Series[bool]
    is_other_agency_hold: Series[bool]
    is_warrant: Series[bool]
    earliest_offense_on: Series[pl.Date] = Field(nullable=True)
    latest_offense_on: Series[pl.Date] = Field(nullable=True)
    booking_count: Series[int]
    missing_release_count: Series[int]


class Tenancy(Episode):
    """Grain: housing without a gap longer than the rules allow, across units, programmes and agencies."""

    program_code: Series[str]
    provider_id: Series[str] = Field(nullable=True)
    started_on: Series[pl.Date]
    ended_on: Series[pl.Date] = Field(nullable=True)
    exit_kind: Series[str]
    unit_count: Series[int]


class TenancyUnits(pa.DataFrameModel):
    """Grain: a unit that a person was housed in, before units are merged: [started_on, ended_on)."""

    unit_id: Series[str] = Field(unique=True)
    episode_id: Series[str]
    person_id: Series[int]
    program_code: Series[str]
    program_rank: Series[pl.Int32]
    provider_id: Series[str] = Field(nullable=True)
    started_on: Series[pl.Date]
    ended_on: Series[pl.Date] = Field(nullable=True)
    exit_kind: Series[str]

    class Config:
        """No column more than these, and none coerced."""

        strict = True


class Placements(pa.DataFrameModel):
    """Grain: person × programme: the first day the programme housed the person."""

    person_id: Series[int]
    program_code: Series[str]
    placed_on: Series[pl.Date]
    provider_id: Series[str] = Field(nullable=True)
    episode_id: Series[str]


class PsychiatricEmergency(Episode):
    """Grain: a crisis of a person, whichever agencies recorded it."""

    started_at: Series[pl.Datetime]
    ended_at: Series[pl.Datetime]
    started_on: Series[pl.Date]
    contact_count: Series[int]
    agencies: Series[str]
    rule_codes: Series[str]


class Inpatient(Episode):
    """Grain: a stay in one class of facility, transfers merged."""

    facility_class_code: Series[str]
    admitted_on: Series[pl.Date]
    discharged_on: Series[pl.Date] = Field(nullable=True)


class Partnership(Episode):
    """Grain: a partnership across providers and re-establishments within a year."""

    provider_id: Series[str]
    last_provider_id: Series[str]
    age_group_code: Series[str] = Field(nullable=True)
    started_on: Series[pl.Date]
    ended_on: Series[pl.Date] = Field(nullable=True)
    discontinuation_reason_code: Series[str] = Field(nullable=True)
    focal_homeless: Series[bool]
    focal_justice: Series[bool]
    focal_crisis: Series[bool]
    enrollment_count: Series[int]


class PartnershipSpans(pa.DataFrameModel):
    """Grain: days of a person that belong to one provider; disjoint within a person, ended by death."""

    person_id: Series[int]
    provider_id: Series[str]
    enrollment_id: Series[str]
    started_on: Series[pl.Date]
    ended_on: Series[pl.Date] = Field(nullable=True)


class Homelessness(Episode):
    """Grain: person × HMIS project × entry date, of any project type."""

    project_id: Series[str]
    project_type_code: Series[pl.Int32] = Field(nullable=True)
    project_group_code: Series[str] = Field(nullable=True)
    entry_on: Series[pl.Date]
    move_in_on: Series[pl.Date] = Field(nullable=True)
    exit_on: Series[pl.Date] = Field(nullable=True)
    destination_code: Series[pl.Int32] = Field(nullable=True)
    is_head: Series[bool]


class PersonDeaths(pa.DataFrameModel):
    """Grain: a person who died. The dates that the sources give may differ; both ends are kept."""

    person_id: Series[int] = Field(unique=True)
    died_on: Series[pl.Date]
    death_source_code: Series[str]
    earliest_died_on: Series[pl.Date]
    latest_died_on: Series[pl.Date]
    source_count: Series[int]


class Persons(pa.DataFrameModel):
    """Grain: a person. Not linkable: none of the person's clients has identifiers that could be compared."""

    person_id: Series[int] = Field(unique=True)
    client_count: Series[int]
    agencies: Series[str]
    is_linkable: Series[bool]
    died_on: Series[pl.Date] = Field(nullable=True)


class EpisodeSources(pa.DataFrameModel):
    """Grain: a row of a delivery that an episode was made from."""

    episode_kind: Series[str]
    episode_id: Series[str]
    agency: Series[str]
    source_table: Series[str]
    source_key: Series[str]
    delivery_id: Series[str] = Field(alias="_delivery_id")
    line_number: Series[int] = Field(alias="_line_number")


EPISODE_TABLES: dict[str, type[pa.DataFrameModel]] = {
    "custody": Custody,
    "tenancy": Tenancy,
    "tenancy_units": TenancyUnits,
    "placements": Placements,
    "psychiatric_emergency": PsychiatricEmergency,
    "inpatient": Inpatient,
    "partnership": Partnership,
    "partnership_spans": PartnershipSpans,
    "homelessness": Homelessness,
    "deaths": PersonDeaths,
    "persons": Persons,
    "episode_sources": EpisodeSources,
}
"""Table of `episodes/` → its schema."""
