"""Episodes of every kind as spans of days, for those who ask what happened in a window."""

from __future__ import annotations

import duckdb

from pipelines import sql
from pipelines.lake import Lake

SPAN_KINDS = ("custody", "tenancy", "psychiatric_emergency", "inpatient", "partnership", "homelessness")
"""Kinds of episode that have a first and a last day of their own."""


def open_spans(connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    """Make shared.episode_spans readable: episode_kind, episode_id, person_id, from_on, to_on (null while it lasts)."""
    sql.open_views(connection, lake, [("episodes", kind) for kind in SPAN_KINDS])
    connection.execute("create schema if not exists shared")
    connection.execute(f"create view shared.episode_spans as {sql.text('pipelines.episodes', 'episode_spans')}")
