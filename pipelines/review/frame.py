"""The pairs of clients that a sample is drawn from: those that the linkage met, and those that only a wide net holds.

A sample of what the blocking rules met cannot tell what they missed. The net catches pairs that share one weak feature
(`net_features.sql`): far more than any rule may. Its pairs are scored by the same model and enter the frame from the
same weight on, so reviewers meet the few that may be one person, not the millions that share a birth date.
"""

from __future__ import annotations

from dataclasses import replace

import duckdb

from linkage_rules.bundle import Bundle
from linkage_rules.settings import Settings
from pipelines import sql
from pipelines.lake import Lake
from pipelines.link import scoring
from pipelines.link.candidates import make_candidates
from pipelines.review.design import BAND_EDGES, FLOOR_WEIGHT

PACKAGE = "pipelines.review"

NEEDED = [("standard", "clients"), ("standard", "identities"), ("linked", "links"), ("linked", "clusters")]

NET_PAIRS = 2_000_000
"""Pairs of the wide net that are scored: all of them in a county of some 50,000 clients; of more, an even share of so
many, chosen by hash. Seconds of scoring; if one pair in a thousand comes near, there are two thousand to draw from."""

WHOLE_PPM = 1_000_000


def make_frame(connection: duckdb.DuckDBPyConnection, lake: Lake, bundle: Bundle, seed: int) -> int:
    """Make review.pair_frame; returns which share of the wide net is in it, in millionths."""
    sql.open_views(connection, lake, NEEDED)
    lower = replace(bundle, thresholds=replace(bundle.thresholds, loose_weight=FLOOR_WEIGHT))
    settings = scoring.population_settings(connection, bundle)
    rules = make_candidates(connection)
    scoring.open_term_frequencies(connection, bundle)
    scoring.score_candidates(connection, lower, settings, rules)
    connection.execute("create schema review")
    _make_clients(connection)
    kept_ppm = _cast_net(connection, lower, settings, seed)
    sql.create(connection, "review", PACKAGE, "pair_frame", {"floor_weight": FLOOR_WEIGHT, "edges": list(BAND_EDGES)})
    return kept_ppm


def _make_clients(connection: duckdb.DuckDBPyConnection) -> None:
    known = {row[0] for row in connection.execute("describe standard.clients").fetchall()}
    ethnicity = "race_ethnicity_code" if "race_ethnicity_code" in known else "null::varchar"
    connection.execute(
        f"create view review.ethnicities as select client_key, {ethnicity} as ethnicity from standard.clients"
    )
    sql.create(connection, "review", PACKAGE, "frame_clients")


def _cast_net(connection: duckdb.DuckDBPyConnection, bundle: Bundle, settings: Settings, seed: int) -> int:
    """Make linkage.net_links: scored pairs of the net that no rule met; returns the share of it, in millionths."""
    connection.execute(sql.text(PACKAGE, "macros"))
    sql.create(connection, "review", PACKAGE, "net_features")
    ((pairs,),) = sql.relation(connection, PACKAGE, "net_size").fetchall()
    kept_ppm = min(WHOLE_PPM, max(1, WHOLE_PPM * NET_PAIRS // max(int(pairs), 1)))
    sql.create(connection, "review", PACKAGE, "net_pairs", {"seed": seed, "kept_ppm": kept_ppm})
    sql.create(connection, "review", PACKAGE, "net_identity_pairs")
    connection.execute(f"create or replace view {scoring.IN_PLAY} as from standard.identities")
    scoring.score_pairs(connection, bundle, settings, "review.net_identity_pairs", "net_links", FLOOR_WEIGHT)
    return kept_ppm
