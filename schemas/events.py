"""The event tables of `standard/`: what the agencies' records say happened, in one vocabulary.

Every event carries its client (`client_key`), its agency and source table, and the row of the delivery it came from
(`_delivery_id`, `_line_number`). Days are civil days in America/Los_Angeles. A null end means still open.
"""

import pandera.polars as pa
import polars as pl
from pandera.polars import Field
from pandera.typing.polars import Series

EXIT_KINDS = (
    "open",
    "permanent",
    "deceased",
    "institution",
    "jail",
    "prison",
    "homeless",
    "temporary",
    "eviction",
    "transfer",
    "unknown",
)
"""How a tenancy ended, whichever system recorded it."""

FACILITY_CLASSES = ("acute_psychiatric", "imd", "mhrc", "snf", "state_hospital", "crisis_residential")

EMERGENCY_RULES = ("health_pes", "health_ed_psychiatric", "csu_emergency", "csu_urgent_care")
"""Why a contact counts as a psychiatric emergency."""


class Event(pa.DataFrameModel):
    """What every event has: whose it is, and the row that tells it."""

    client_key: Series[int]
    agency: Series[str]
    source_table: Series[str]
    delivery_id: Series[str] = Field(alias="_delivery_id")
    line_number: Series[int] = Field(alias="_line_number")

    class Config:
        """No column more than these, and none coerced."""

        strict = True


class Bookings(Event):
    """Grain: a booking of the Sheriff. `is_technical`: violations of supervision alone."""

    booking_number: Series[str] = Field(unique=True)
    booked_at: Series[pl.Datetime]
    released_at: Series[pl.Datetime] = Field(nullable=True)
    release_reason_code: Series[str] = Field(nullable=True)
    booking_type_code: Series[str] = Field(nullable=True)
    is_felony: Series[bool]
    is_technical: Series[bool]
    earliest_offense_on: Series[pl.Date] = Field(nullable=True)
    latest_offense_on: Series[pl.Date] = Field(nullable=True)
    facility_code: Series[str] = Field(nullable=True)


class Tenancies(Event):
    """Grain: a tenancy record. Housed in [housed_from_on, housed_to_on); a null start: never moved in."""

    tenancy_id: Series[str]
    program_code: Series[str]
    provider_id: Series[str] = Field(nullable=True)
    project_type_code: Series[int] = Field(nullable=True)
    enrolled_on: Series[pl.Date] = Field(nullable=True)
    housed_from_on: Series[pl.Date] = Field(nullable=True)
    housed_to_on: Series[pl.Date] = Field(nullable=True)
    exit_kind: Series[str] = Field(isin=EXIT_KINDS)


class HomelessEnrollments(Event):
    """Grain: an HMIS enrolment of any project type."""

    enrollment_id: Series[str] = Field(unique=True)
    project_id: Series[str]
    project_type_code: Series[pl.Int32] = Field(nullable=True)
    household_id: Series[str] = Field(nullable=True)
    is_head: Series[bool]
    entry_on: Series[pl.Date]
    move_in_on: Series[pl.Date] = Field(nullable=True)
    exit_on: Series[pl.Date] = Field(nullable=True)
    destination_code: Series[pl.Int32] = Field(nullable=True)


class PsychiatricEmergencyContacts(Event):
    """Grain: a contact that one agency recorded. Agencies that saw the same crisis are merged in `episodes/`."""

    contact_id: Series[str]
    started_at: Series[pl.Datetime] = Field(nullable=True)
    ended_at: Series[pl.Datetime] = Field(nullable=True)
    rule_code: Series[str] = Field(isin=EMERGENCY_RULES)


class InpatientStays(Event):
    """Grain: a psychiatric or subacute stay in one agency's records."""

    stay_id: Series[str]
    facility_class_code: Series[str] = Field(isin=FACILITY_CLASSES)
    admitted_on: Series[pl.Date]
    discharged_on: Series[pl.Date] = Field(nullable=True)


class Partnerships(Event):
    """Grain: a Full Service Partnership enrolment with one provider: [started_on, ended_on)."""

    enrollment_id: Series[str] = Field(unique=True)
    provider_id: Series[str]
    age_group_code: Series[str] = Field(nullable=True)
    started_on: Series[pl.Date]
    ended_on: Series[pl.Date] = Field(nullable=True)
    discontinuation_reason_code: Series[str] = Field(nullable=True)
    focal_homeless: Series[bool]
    focal_justice: Series[bool]
    focal_crisis: Series[bool]


class ResidentialSettings(Event):
    """Grain: a dated residential setting of a partner."""

    setting_id: Series[str]
    enrollment_id: Series[str] = Field(nullable=True)
    set_on: Series[pl.Date]
    residential_setting_code: Series[str]


class MentalHealthServices(Event):
    """Grain: a mental health service to a client on a day, with its CSI mode and service function, and its minutes."""

    service_id: Series[str] = Field(unique=True)
    provider_id: Series[str] = Field(nullable=True)
    served_on: Series[pl.Date]
    mode_code: Series[str] = Field(nullable=True)
    service_function_code: Series[str] = Field(nullable=True)
    minutes_count: Series[int] = Field(nullable=True, ge=0)


class Deaths(Event):
    """Grain: a death as one record tells it."""

    record_id: Series[str]
    death_source_code: Series[str]
    died_on: Series[pl.Date]


class DataThroughDates(pa.DataFrameModel):
    """Grain: an agency. `data_through_on`: the last day that its data can be trusted to hold whole."""

    agency: Series[str] = Field(unique=True)
    data_through_on: Series[pl.Date]
    latest_as_of_on: Series[pl.Date]
    latest_delivery_id: Series[str]


class Providers(pa.DataFrameModel):
    """Grain: a Full Service Partnership provider."""

    provider_id: Series[str] = Field(unique=True)
    provider_name: Series[str] = Field(nullable=True)
    service_area_code: Series[str] = Field(nullable=True)


EVENT_TABLES: dict[str, type[pa.DataFrameModel]] = {
    "bookings": Bookings,
    "tenancies": Tenancies,
    "homeless_enrollments": HomelessEnrollments,
    "psychiatric_emergency_contacts": PsychiatricEmergencyContacts,
    "inpatient_stays": InpatientStays,
    "partnerships": Partnerships,
    "residential_settings": ResidentialSettings,
    "mental_health_services": MentalHealthServices,
    "deaths": Deaths,
    "data_through": DataThroughDates,
    "providers": Providers,
}
"""Table of `standard/` → its schema."""
