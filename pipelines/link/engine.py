"""Where pairs are scored: in DuckDB on this machine, or on Spark. Rules, bundle, guards and clusters are the same.

Belongs here: what an engine has to do, and how one is chosen. An engine leaves its results as tables of the DuckDB
connection, so that whatever stands after it does not know which engine it was.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import duckdb

from linkage_rules.bundle import Bundle
from pipelines.errors import EngineError
from pipelines.lake import Lake
from pipelines.link.decisions import Ties
from pipelines.link.duckdb_engine import DuckDbEngine
from pipelines.link.remembered import Components

ENGINES = ("duckdb", "spark")


class Engine(Protocol):
    """Scores pairs of standard.identities with a bundle."""

    @property
    def is_full(self) -> bool:
        """Whether everything was scored; otherwise the engine built on what the last run scored."""

    @property
    def met_by_rule(self) -> Mapping[str, int]:
        """How many pairs each rule was the first to meet, among those that the last run had not met."""

    def score_candidates(self, connection: duckdb.DuckDBPyConnection, bundle: Bundle, ties: Ties) -> Ties:
        """Make linkage.clients and linkage.links; returns the ties among those clients.

        linkage.clients: the rows of standard.clients whose clusters are to be made; all others are as they were.
        linkage.links: every pair of theirs that a blocking rule meets, at or above the loose weight, judged.
        """

    def score_components(self, connection: duckdb.DuckDBPyConnection, bundle: Bundle) -> int:
        """Make linkage.component_pairs: every pair of clients within the components of linkage.components, judged.

        Comes after `score_candidates`; links among them may be left out. Returns how many pairs of identities it made.
        """

    def all_links(self, connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
        """The rows of linked/links, once clusters are made."""

    def all_clusters(self, connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
        """The rows of linked/clusters, once clusters are made."""

    def remember(self, lake: Lake, components: Components) -> None:
        """Leave in linked/ what the next run may build on, if this engine can build on anything.

        `components` are those of linkage.clients, before any was taken apart.
        """


@dataclass(frozen=True)
class EngineChoice:
    """Which engine, and for Spark on which master."""

    name: str = "duckdb"
    spark_master: str = "local[*]"

    def __post_init__(self) -> None:
        if self.name not in ENGINES:
            raise EngineError(f"there is no engine {self.name!r}; the engines are {' and '.join(ENGINES)}")


USUAL = EngineChoice()
"""DuckDB, to about ten million identities on one machine; see docs/spark.md."""


@contextmanager
def open_engine(choice: EngineChoice, scratch: Path | None = None, last_run: Lake | None = None) -> Iterator[Engine]:
    """The chosen engine while the block lasts; what it writes lies in a private folder of `scratch`, then nowhere.

    `last_run` is a lake whose last run may be built on.
    """
    if choice.name == "duckdb":
        yield DuckDbEngine(last_run)
        return
    if find_spec("pyspark") is None:
        raise EngineError("the Spark engine needs pyspark: install Countylink with its extra, `countylink[spark]`")
    from pipelines.link.spark.engine import SparkEngine
    from pipelines.link.spark.session import open_session

    if scratch is not None:
        scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (
        tempfile.TemporaryDirectory(prefix="spark-", dir=scratch) as folder,
        open_session(choice.spark_master, Path(folder)) as session,
    ):
        yield SparkEngine(session, Path(folder))
