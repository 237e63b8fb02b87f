"""Scores from Splink, with a frozen model and frozen term frequencies.

Belongs here: everything that touches Splink at night. Each scoring gets a DuckDBAPI of its own, for Splink's cache
belongs to the api and is keyed by column names; and nothing that Splink or DuckDB says is passed on: it quotes rows.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb
from splink import DuckDBAPI, Linker, SettingsCreator
from splink.internals.exceptions import SplinkException

from linkage_rules import guards
from linkage_rules.blocking import BlockingRule
from linkage_rules.bundle import Bundle
from linkage_rules.settings import (
    Settings,
    block_on,
    doublings_between,
    fitted_to_population,
    term_frequency_columns,
    with_blocking,
)
from pipelines import sql
from pipelines.errors import ModelError
from pipelines.link.candidates import TABLE

IN_PLAY = "linkage.in_play"
"""The identities that a run may have to score, with all their columns."""

SCORED = "linkage.scored_identities"
"""The identities that a pair to be scored names; Splink works on no more."""

_names = itertools.count()

logging.getLogger("splink").setLevel(logging.CRITICAL)


@contextmanager
def unquoted_errors(doing: str) -> Iterator[None]:
    """Replace an error whose text may quote rows by one that says only what was being done."""
    try:
        yield
    except (duckdb.Error, SplinkException) as error:
        raise ModelError(
            f"{doing} failed ({type(error).__name__}); the model and the identities do not fit together"
        ) from None


def open_term_frequencies(
    connection: duckdb.DuckDBPyConnection, bundle: Bundle, identities: str = "standard.identities"
) -> None:
    """Make linkage.tf_<column> for each column: the bundle's frozen table, and the floor for values it never saw."""
    for column in term_frequency_columns(bundle.settings):
        frozen = f"read_parquet({sql.literal(str(bundle.term_frequencies(column)))})"
        connection.execute(
            f"create or replace table linkage.tf_{column} as select {column}, tf_{column} from {frozen} union all "
            f"select distinct {column}, {bundle.unseen_value_frequency}::double from {identities} as i "
            f"where {column} is not null and not exists (select 1 from {frozen} as f where f.{column} = i.{column})"
        )


def population_settings(connection: duckdb.DuckDBPyConnection, bundle: Bundle) -> Settings:
    """The bundle's model for as many identities as there are."""
    population = sql.count(connection, "standard.identities")
    return fitted_to_population(bundle.settings, doublings_between(bundle.identities_trained_on, population))


def score_pairs(
    connection: duckdb.DuckDBPyConnection,
    bundle: Bundle,
    settings: Settings,
    pairs: str,
    target: str,
    least_weight: float | None,
) -> None:
    """Make linkage.<target>: the pairs of a table (identity_id_l, identity_id_r, match_key), scored and judged.

    Below `least_weight` a pair is left out; None keeps every pair.
    """
    connection.execute(
        f"create or replace table {SCORED} as from {IN_PLAY} where identity_id in "
        f"(select identity_id_l from {pairs} union all select identity_id_r from {pairs})"
    )
    if not sql.count(connection, pairs):
        connection.execute(
            "create or replace temp table nothing_scored "
            "(identity_id_l bigint, identity_id_r bigint, match_weight double, match_key varchar)"
        )
        judge(connection, "nothing_scored", bundle, target, "match_key", SCORED)
        return
    open_term_frequencies(connection, bundle, SCORED)
    with unquoted_errors("scoring pairs"):
        linker = make_linker(connection, SCORED, settings)
        register_term_frequencies(connection, linker, settings)
        linker.table_management.register_blocked_pairs_for_predict(_blocked_pairs(connection, linker, pairs))
        scored = linker.inference.predict(threshold_match_weight=least_weight)
        judge(connection, scored.physical_name, bundle, target, "match_key", SCORED)
        linker.table_management.delete_tables_created_by_splink_from_db()


def _blocked_pairs(connection: duckdb.DuckDBPyConnection, linker: Any, pairs: str) -> Any:
    """A table of pairs as Splink names their columns."""
    name = f"splink_pairs_{next(_names)}"
    connection.execute(
        f"create or replace view {name} as "
        f"select match_key, identity_id_l as join_key_l, identity_id_r as join_key_r from {pairs}"
    )
    return linker._db_api.register(name)


def score_candidates(
    connection: duckdb.DuckDBPyConnection, bundle: Bundle, settings: Settings, rules: Sequence[BlockingRule]
) -> int:
    """Make linkage.links from linkage.candidates: every pair that a rule meets, at or above the loose weight.

    Returns how many pairs were scored.
    """
    with unquoted_errors("scoring the candidate pairs"):
        linker = make_linker(connection, TABLE, with_blocking(settings, rules))
        register_term_frequencies(connection, linker, settings)
        blocked = linker.inference.compute_blocked_pairs_for_predict()
        scored = linker.inference.predict(threshold_match_weight=bundle.thresholds.loose_weight)
        names = ", ".join(sql.literal(rule.name) for rule in rules)
        judge(connection, scored.physical_name, bundle, "links", f"[{names}][match_key::integer + 1]")
        pairs = sql.count(connection, blocked.physical_name)
        linker.table_management.delete_tables_created_by_splink_from_db()
    return pairs


def score_components(connection: duckdb.DuckDBPyConnection, bundle: Bundle, settings: Settings) -> int:
    """Make linkage.component_pairs: every pair of clients within the components of linkage.components, scored.

    Returns how many pairs of identities were scored.
    """
    connection.execute(
        "create or replace table linkage.component_members as "
        f"select i.*, c.component from {TABLE} as i inner join linkage.components as c using (client_key)"
    )
    with unquoted_errors("scoring the pairs inside components"):
        within = settings | {"blocking_rules_to_generate_predictions": [block_on("component")]}
        linker = make_linker(connection, "linkage.component_members", within)
        register_term_frequencies(connection, linker, settings)
        scored = linker.inference.predict()
        judge(connection, scored.physical_name, bundle, "component_pairs", "'same_component'")
        pairs = sql.count(connection, scored.physical_name)
        linker.table_management.delete_tables_created_by_splink_from_db()
    return pairs


def make_linker(connection: duckdb.DuckDBPyConnection, table: str, settings: Settings) -> Any:
    """A Splink linker of its own api over a table."""
    api = DuckDBAPI(connection)
    name = f"splink_input_{next(_names)}"
    connection.execute(f"create or replace view {name} as from {table}")
    frame = api.register(name, dataset_display_name="identities")
    # Bundles are checked when they are loaded; Splink's own check parses every condition again, and says nothing here.
    model = SettingsCreator.from_path_or_dict(settings)
    return Linker(frame, model, log_level=logging.CRITICAL, validate_settings=False)


def register_term_frequencies(connection: duckdb.DuckDBPyConnection, linker: Any, settings: Settings) -> None:
    """Give a linker the frozen tables linkage.tf_<column>, so that it counts nothing itself."""
    for column in term_frequency_columns(settings):
        name = f"splink_tf_{next(_names)}"
        connection.execute(f"create or replace view {name} as from linkage.tf_{column}")
        table = linker._db_api.register(name)
        linker.table_management.register_term_frequency_lookup(table, column)


def judge(
    connection: duckdb.DuckDBPyConnection,
    scored: str,
    bundle: Bundle,
    target: str,
    match_key: str,
    identities: str = TABLE,
) -> None:
    """Keep the scored pairs in one orientation, with the guard that forbids each, if any."""
    sides = ", ".join(f"l.{column} as {column}_l, r.{column} as {column}_r" for column in guards.guard_columns())
    connection.execute(
        f"create or replace table linkage.{target} as "
        "with pairs as (select least(identity_id_l, identity_id_r) as identity_id_l, "
        "greatest(identity_id_l, identity_id_r) as identity_id_r, match_weight, "
        f"{match_key} as match_key from {scored}), "
        f"sided as (select p.*, l.client_key as client_key_l, r.client_key as client_key_r, {sides} from pairs as p "
        f"inner join {identities} as l on p.identity_id_l = l.identity_id "
        f"inner join {identities} as r on p.identity_id_r = r.identity_id) "
        "select identity_id_l, identity_id_r, client_key_l, client_key_r, match_weight, match_key, "
        f"{guards.guard_sql(bundle.thresholds)} as guard from sided"
    )
