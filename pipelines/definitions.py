"""The Dagster code location: the stages, in the order data goes, and what starts them."""

import dagster as dg

from pipelines.defs import (
    alerts,
    automation,
    calendar,
    contracts,
    episodes,
    ingest,
    link,
    outcomes,
    past_days,
    person_index,
    privacy,
    publish,
    reports,
    resources,
    standardise,
    validate,
)

privacy.guard()

STAGES = (ingest, validate, standardise, link, person_index, episodes, outcomes, contracts, publish)
"""One file each; the report of a release is drawn by the publish step, inside it."""


@dg.definitions
def defs() -> dg.Definitions:
    """Everything that the UI shows and the nightly job runs."""
    stages = [stage.defs() for stage in STAGES]
    beside = [one.defs() for one in (reports, calendar, past_days, automation, alerts)]
    # A run holds the lake's lock: steps in processes of their own, as Dagster would start them for assets that somebody
    # chose in the UI, would refuse each other. Each would load the engines anew, too, which takes longer than a step.
    shared = dg.Definitions(resources=resources.resources(), executor=dg.in_process_executor)
    return dg.Definitions.merge(*stages, *beside, shared)
