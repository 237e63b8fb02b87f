"""Scoring on Spark with Splink's own back end.

Parquet goes in from DuckDB; scored pairs come out as Parquet, for DuckDB to judge.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from linkage_rules.blocking import RULES, BlockingRule
from linkage_rules.bundle import Bundle
from linkage_rules.settings import Settings, block_on, term_frequency_columns, with_blocking
from pipelines import sql
from pipelines.lake import Lake
from pipelines.link import candidates, scoring
from pipelines.link.decisions import Ties
from pipelines.link.remembered import Components
from pipelines.link.spark.keys import make_candidates
from pipelines.link.spark.model import spark_settings
from pipelines.link.spark.session import unquoted_errors

IDENTITIES_PER_PARTITION = 50_000
"""Rows that one task sorts or joins: some megabytes, so that many fit beside each other in an executor."""


class SparkEngine:
    """Scores on the Spark session it is given; `scratch` must be one folder for driver and workers alike."""

    def __init__(self, session: Any, scratch: Path) -> None:
        self._session = session
        self._scratch = scratch
        self._met_by_rule: dict[str, int] = {}

    @property
    def is_full(self) -> bool:
        """Always: nothing is built on."""
        return True

    @property
    def met_by_rule(self) -> Mapping[str, int]:
        """How many pairs each rule was the first to meet."""
        return self._met_by_rule

    def score_candidates(self, connection: duckdb.DuckDBPyConnection, bundle: Bundle, ties: Ties) -> Ties:
        """Hand the identities over, refine the blocks on Spark, score what they meet; every client is in play."""
        connection.execute("create schema if not exists linkage")
        connection.execute("create or replace view linkage.clients as from standard.clients")
        connection.execute(f"create or replace view {candidates.TABLE} as from standard.identities")
        scoring.open_term_frequencies(connection, bundle)
        settings = self._hand_over(connection, bundle)
        with unquoted_errors("scoring the candidate pairs"):
            rules = make_candidates(
                self._session, (*RULES, *candidates.shared_id_rules(connection)), self._scratch / "candidates"
            )
            linker = self._linker("candidates", with_blocking(settings, rules))
            met = linker.inference.compute_blocked_pairs_for_predict().as_spark_dataframe().groupBy("match_key").count()
            self._met_by_rule = {rules[int(row["match_key"])].name: int(row["count"]) for row in met.collect()}
            self._keep(linker, "links", bundle.thresholds.loose_weight)
        scoring.judge(connection, self._scored(connection, "links"), bundle, "links", _rule_name(rules))
        return ties

    def score_components(self, connection: duckdb.DuckDBPyConnection, bundle: Bundle) -> int:
        """Score every pair of clients of one component, with the term frequencies that were handed over."""
        members = f"from {candidates.TABLE} inner join linkage.components using (client_key)"
        self._send(connection, "component_members", f"select * {members}")
        settings = spark_settings(scoring.population_settings(connection, bundle))
        within = settings | {"blocking_rules_to_generate_predictions": [block_on("component")]}
        with unquoted_errors("scoring the pairs inside components"):
            self._keep(self._linker("component_members", within), "component_pairs", None)
        scored = self._scored(connection, "component_pairs")
        scoring.judge(connection, scored, bundle, "component_pairs", "'same_component'")
        return sql.count(connection, scored)

    def all_links(self, connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
        """The rows of linked/links."""
        return sql.relation(connection, "pipelines.link", "links")

    def all_clusters(self, connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
        """The rows of linked/clusters."""
        return sql.relation(connection, "pipelines.link", "clusters")

    def remember(self, lake: Lake, components: Components) -> None:
        """Nothing: every run on Spark scores everything."""

    def _hand_over(self, connection: duckdb.DuckDBPyConnection, bundle: Bundle) -> Settings:
        """Identities and frozen term frequencies as views of the session; the model in its dialect."""
        identities = sql.count(connection, "standard.identities")
        shares = max(2 * self._session.sparkContext.defaultParallelism, identities // IDENTITIES_PER_PARTITION)
        self._session.conf.set("spark.sql.shuffle.partitions", str(shares))
        self._send(connection, "identities", "from standard.identities")
        for column in term_frequency_columns(bundle.settings):
            self._send(connection, f"tf_{column}", f"from linkage.tf_{column}")
        return spark_settings(scoring.population_settings(connection, bundle))

    def _send(self, connection: duckdb.DuckDBPyConnection, name: str, query: str) -> None:
        path = str(self._scratch / f"{name}.parquet")
        connection.sql(query).write_parquet(path, compression="zstd")
        with unquoted_errors("reading what DuckDB wrote"):
            self._session.read.parquet(path).createOrReplaceTempView(name)

    def _linker(self, view: str, settings: Settings) -> Any:
        """A Splink linker of its own api over a view, given the frozen term frequencies so that it counts nothing."""
        from splink import Linker, SettingsCreator
        from splink.backends.spark import SparkAPI

        api = SparkAPI(spark_session=self._session, break_lineage_method="parquet")
        frame = api.register(view, dataset_display_name="identities")
        linker = Linker(frame, SettingsCreator.from_path_or_dict(settings), log_level=logging.CRITICAL)
        for column in term_frequency_columns(settings):
            linker.table_management.register_term_frequency_lookup(api.register(f"tf_{column}"), column)
        return linker

    def _keep(self, linker: Any, name: str, weight: float | None) -> None:
        scored = linker.inference.predict(threshold_match_weight=weight).as_spark_dataframe()
        kept = scored.select("identity_id_l", "identity_id_r", "match_weight", "match_key")
        kept.write.parquet(str(self._scratch / name))

    def _scored(self, connection: duckdb.DuckDBPyConnection, name: str) -> str:
        """The scored pairs as a view of DuckDB."""
        files = sql.literal(str(self._scratch / name / "*.parquet"))
        connection.execute(f"create or replace view linkage.spark_{name} as from read_parquet({files})")
        return f"linkage.spark_{name}"


def _rule_name(rules: Sequence[BlockingRule]) -> str:
    names = ", ".join(sql.literal(rule.name) for rule in rules)
    return f"[{names}][match_key::integer + 1]"
