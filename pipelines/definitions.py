"""The Dagster code location: the stages, in the order data goes, and what starts them."""

import dagster as dg

from pipelines.defs import (
    automation,
    contracts,
    episodes,
    ingest,
    link,
    outcomes,
    person_index,
    privacy,
    publish,
    resources,
    standardise,
    validate,
)

privacy.guard()

STAGES = (ingest, validate, standardise, link, person_index, episodes, outcomes, contracts, publish)
"""One file each; reports are drawn by the publish step, inside the release."""


@dg.definitions
def defs() -> dg.Definitions:
    """Everything that the UI shows and the nightly job runs."""
    stages = [stage.defs() for stage in STAGES]
    return dg.Definitions.merge(*stages, automation.defs(), dg.Definitions(resources=resources.resources()))
