"""standard/: the clients of all agencies in one table, their identities in another, events in one vocabulary."""

from collections.abc import Iterator
from datetime import date

import dagster as dg

from pipelines import standardise as stage
from pipelines.defs.describe import table_results, zone_specs
from pipelines.defs.ingest import delivered_keys
from pipelines.defs.privacy import told
from pipelines.defs.resources import CountyResource, LakeResource
from pipelines.errors import LakeError
from pipelines.lake import Lake
from pipelines.validate import accepted_deliveries

TABLES = {
    "clients": "One row per client: agency, sex, race and ethnicity, birth date, whether and why not linkable.",
    "identities": "One row per distinct set of names, birth date and numbers that a client was seen with, normalised.",
    "bookings": "One row per booking, with its release and its most serious charge class.",
    "tenancies": "One row per tenancy of the subsidy pool, and per HMIS enrolment with a move-in.",
    "homeless_enrollments": "One row per HMIS enrolment.",
    "psychiatric_emergency_contacts": "One row per psychiatric emergency contact, with the rule that says so.",
    "inpatient_stays": "One row per inpatient or residential stay, by class of facility.",
    "partnerships": "One row per Full Service Partnership enrolment.",
    "residential_settings": "One row per change of a partner's residential setting.",
    "mental_health_services": "One row per mental health service.",
    "deaths": "One row per source that reports a client's death.",
    "data_through": "One row per agency: up to which day it has reported in full.",
    "providers": "One row per provider.",
}


def refuse_empty_county(lake: Lake, as_of: date) -> None:
    """Refuse to go on before anything was ever accepted: a first release of nobody would be the one that the next is
    held against.

    Raises:
        LakeError: every delivery so far is held.
    """
    if not accepted_deliveries(lake, as_of):
        raise LakeError("no delivery was ever accepted, so there is nobody to link; mend what is held, and run again")


@dg.definitions
def defs() -> dg.Definitions:
    """The standardise stage: one step, every table of the zone."""

    @dg.multi_asset(
        name="standardise", specs=zone_specs("standard", "standardise", TABLES, delivered_keys("validated"))
    )
    @told
    def standardise(lake: LakeResource, county: CountyResource) -> Iterator[dg.MaterializeResult]:
        refuse_empty_county(lake.open(), county.run_date(lake.open()))
        stage.standardise(lake.open(), county.data_contracts(), county.run_date(lake.open()))
        yield from table_results(lake.open(), "standard", TABLES)

    return dg.Definitions(assets=[standardise])
