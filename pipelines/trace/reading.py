"""Which kinds of episode and event a measure reads, told from its SQL."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pipelines import sql
from pipelines.outcomes import Measure

READS: Mapping[str, tuple[str, ...]] = {
    "custody": ("custody",),
    "jail_returns": ("custody",),
    "tenancy": ("tenancy",),
    "tenancy_units": ("tenancy",),
    "placements": ("tenancy",),
    "psychiatric_emergency": ("psychiatric_emergency",),
    "inpatient": ("inpatient",),
    "absences": ("custody", "inpatient"),
    "partnership": ("partnership",),
    "partnership_spans": ("partnership",),
    "homelessness": ("homelessness",),
    "episode_costs": ("custody", "psychiatric_emergency", "inpatient"),
    "member_services": ("service",),
    "mental_health_services": ("service",),
    "residential_settings": ("setting",),
}
"""Table or macro that a measure's SQL names → the kinds of episode or event in it."""


def kinds_of(measure: Measure) -> tuple[str, ...]:
    """The kinds that a measure looks at."""
    text = re.sub(r"--[^\n]*", "", sql.text("pipelines.outcomes", measure.sql))
    named = set(re.findall(r"[a-z_]+", text)) & READS.keys()
    return tuple(sorted({kind for name in named for kind in READS[name]}))
