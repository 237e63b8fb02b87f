"""Build every episode table: first which episode each event is part of, then one row an episode.

Belongs here: the order of the steps and the reading of the rules. When two events are one episode stands in
`outcome_contracts/rules/episodes.yaml`; how they are merged stands in the `.sql` files.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from pipelines import sql
from pipelines.errors import ContractError
from pipelines.lake import Lake
from pipelines.standardise.code_sets import CODE_SETS, open_code_sets
from schemas.yaml_documents import read_yaml

PACKAGE = "pipelines.episodes"

RULES = CODE_SETS.parent / "rules" / "episodes.yaml"

INPUTS = (
    ("standard", "clients"),
    ("standard", "bookings"),
    ("standard", "tenancies"),
    ("standard", "homeless_enrollments"),
    ("standard", "psychiatric_emergency_contacts"),
    ("standard", "inpatient_stays"),
    ("standard", "partnerships"),
    ("standard", "deaths"),
    ("person_index", "person_of_client"),
)

MEMBERS = (
    "custody_bookings",
    "tenancy_spells",
    "psychiatric_emergency_contacts",
    "inpatient_stays",
    "partnership_enrollments",
    "deaths",
)
"""Events of persons with the episode each is part of: kept in memory, never written."""

EPISODES = (
    "custody",
    "tenancy",
    "tenancy_units",
    "placements",
    "psychiatric_emergency",
    "inpatient",
    "partnership",
    "partnership_spans",
    "homelessness",
    "deaths",
    "persons",
    "episode_sources",
)
"""Every table of the zone, each made by the `.sql` file of its name."""


def build(lake: Lake, rules: Path = RULES, code_sets: Path = CODE_SETS) -> dict[str, int]:
    """Write every episode table from the standard events and the person index; returns table → rows."""
    with sql.connect(lake.spill, places=[code_sets]) as connection:
        sql.open_views(connection, lake, INPUTS)
        open_code_sets(connection, code_sets)
        gather_members(connection, episode_rules(rules))
        return {name: lake.write("episodes", name, sql.relation(connection, PACKAGE, name)) for name in EPISODES}


def gather_members(connection: duckdb.DuckDBPyConnection, rules: Mapping[str, Mapping[str, Any]]) -> None:
    """Make `members.<events>`: every event of every person with its episode id."""
    for name in MEMBERS:
        sql.create(connection, "members", PACKAGE, name, rules.get(name))


def episode_rules(path: Path = RULES) -> dict[str, dict[str, Any]]:
    """Table of members → the parameters of its `.sql`; refuses a rule that gives no reason."""
    document = read_yaml(path.read_text(encoding="utf-8"))
    tables = {name: entry for name, entry in document.items() if isinstance(entry, dict)}
    return {name: {rule: _value(path, name, rule, entry[rule]) for rule in entry} for name, entry in tables.items()}


def _value(path: Path, table: str, rule: str, entry: Any) -> Any:
    if not isinstance(entry, dict) or "value" not in entry or not entry.get("reason"):
        raise ContractError(f"{path}: {table}.{rule} needs a value and a reason")
    return entry["value"]
