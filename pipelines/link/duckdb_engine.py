"""Scoring in this process: keys, blocks, a first look, and Splink's scores for what is left. Scores what is new.

A score is a function of two identities and the model, and of nothing else, so a pair that the last run scored is not
scored again. Only pairs are met that it did not meet: those of a new identity, and those of an identity whose key was
lengthened or shortened because others came or went. What is left as it was is told by `night.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb
import numpy as np
import pyarrow as pa

from linkage_rules.bundle import Bundle
from linkage_rules.first_look import Bound
from linkage_rules.settings import doublings_between
from pipelines import sql
from pipelines.lake import Lake
from pipelines.link import links as links_of
from pipelines.link import remembered, scoring
from pipelines.link.blocking import Model, block_changes, block_everyone
from pipelines.link.blocks import MetPairs, met_pairs
from pipelines.link.decisions import Ties
from pipelines.link.first_look import FirstLook
from pipelines.link.keys import all_rules
from pipelines.link.links import Links
from pipelines.link.night import Night, among_clients
from pipelines.link.places import IDENTITIES, Numbers, among, change, choose, read_identities
from pipelines.link.remembered import Components, Memory
from pipelines.link.scoring import IN_PLAY

PACKAGE = "pipelines.link"


class DuckDbEngine:
    """In this process: the usual engine, and the faster one as long as the county fits on one machine."""

    def __init__(self, last_run: Lake | None = None) -> None:
        """`last_run` is the lake whose last run may be built on; None scores everything."""
        self._last_run = last_run
        self._night: Night | None = None
        self._touched: Numbers = np.zeros(0, dtype=np.int64)
        self._met_by_rule: dict[str, int] = {}
        self._links = links_of.nothing()

    @property
    def is_full(self) -> bool:
        """Whether this run could not build on another."""
        return self._night is None

    @property
    def met_by_rule(self) -> Mapping[str, int]:
        """How many pairs each rule was the first to meet, among those that the last run had not met."""
        return self._met_by_rule

    def score_candidates(self, connection: duckdb.DuckDBPyConnection, bundle: Bundle, ties: Ties) -> Ties:
        """Make linkage.links and linkage.clients; returns the ties among those clients.

        linkage.clients: those whose clusters are to be made, which is all of them if nothing can be built on.
        linkage.links: every pair of theirs that a blocking rule meets, at or above the loose weight, judged.
        """
        connection.execute("create schema if not exists linkage")
        self._identities = read_identities(connection)
        self._model = _model(connection, bundle)
        self._ties = ties
        self._night = self._build_on(connection)
        if self._night is None:
            return self._score_everything(connection)
        return self._score_changes(connection, self._night)

    def score_components(self, connection: duckdb.DuckDBPyConnection, bundle: Bundle) -> int:
        """Make linkage.component_pairs: pairs of clients of linkage.components that are no links, scored and judged.

        Returns how many pairs of identities those are.
        """
        pairs = sql.create(connection, "linkage", PACKAGE, "unmet_pairs")
        if self._night is not None:
            self._show(connection, "known_pairs", self._night.known_among(self._touched))
            sql.create(connection, "linkage", PACKAGE, "known_component_pairs")
            connection.execute(
                "create or replace table linkage.unmet_pairs as from linkage.unmet_pairs "
                "anti join linkage.known_component_pairs using (identity_id_l, identity_id_r)"
            )
        scoring.score_pairs(connection, bundle, self._model.settings, "linkage.unmet_pairs", "component_pairs", None)
        if self._night is not None:
            connection.execute("insert into linkage.component_pairs by name from linkage.known_component_pairs")
        return pairs

    def all_links(self, connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
        """The rows of linked/links: those of linkage.clients, and those of everyone else as they were."""
        found = f"({sql.text(PACKAGE, 'links')})"
        self._links = links_of.read_links(connection, found, self._identities, self._blocking.names)
        if self._night is not None:
            self._links = links_of.merged(self._night.carried(self._touched), self._links)
        return connection.sql(self._rows(connection, self._links))

    def all_clusters(self, connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
        """The rows of linked/clusters: those of linkage.clients, and those of everyone else as they were."""
        sql.create(connection, "linkage", PACKAGE, "clusters")
        if self._night is None:
            return connection.sql("from linkage.clusters")
        sql.create(connection, "linkage", PACKAGE, "all_clusters")
        return connection.sql("from linkage.all_clusters")

    def remember(self, lake: Lake, components: Components) -> None:
        """Leave what the next run may build on, beside linked/links and linked/clusters."""
        if self._night is not None:
            components = self._night.components(self._touched, components)
        memory = Memory(
            self._identities,
            self._blocking.parts,
            self._blocking.depths,
            self._blocking.limits,
            self._blocking.traits,
            self._links,
            components,
            self._ties,
        )
        remembered.remember(lake, memory, self._fingerprint())

    def _fingerprint(self) -> str:
        bundle = self._model.bundle
        doublings = doublings_between(bundle.identities_trained_on, len(self._identities))
        return remembered.fingerprint(bundle, doublings, [rule.name for rule in self._model.rules])

    def _build_on(self, connection: duckdb.DuckDBPyConnection) -> Night | None:
        if self._last_run is None or (memory := remembered.recall(self._last_run, self._fingerprint())) is None:
            return None
        sql.open_views(connection, self._last_run, [("linked", "clusters")])
        return Night(memory, self._identities, change(memory.identities, self._identities))

    def _score_everything(self, connection: duckdb.DuckDBPyConnection) -> Ties:
        self._blocking = block_everyone(connection, self._model, self._identities)
        connection.execute(f"create or replace view {IN_PLAY} as from {IDENTITIES}")
        connection.execute("create or replace view linkage.clients as from standard.clients")
        self._score(connection, self._plausible(None))
        return self._ties

    def _score_changes(self, connection: duckdb.DuckDBPyConnection, night: Night) -> Ties:
        self._blocking = block_changes(connection, self._model, self._identities, night.memory, night.change)
        night.meet(self._blocking, self._model.bundle.thresholds.loose_weight)
        night.tie(self._ties)
        plausible = night.unknown(self._plausible(night))
        at_most = night.touched(self._identities.client_keys[side] for side in plausible.sides)
        choose(connection, IN_PLAY, self._identities.ids[among(self._identities.client_keys, at_most)])
        self._score(connection, plausible)
        found = links_of.read_links(connection, "linkage.links", self._identities, self._blocking.names)
        night.stir(found)
        self._touched = night.touched()
        self._open_touched(connection, night)
        return among_clients(self._ties, self._touched)

    def _open_touched(self, connection: duckdb.DuckDBPyConnection, night: Night) -> None:
        """Make linkage.clients of the touched, and add to linkage.links what was known of them before."""
        known = night.known_among(self._touched)
        self._show(connection, "known_links", known.where(known.is_link))
        connection.execute("insert into linkage.links by name from linkage.known_links")
        clients, before = (_client_keys(connection, table) for table in ("standard.clients", "linked.clusters"))
        anew = clients[among(clients, self._touched) | ~among(clients, before)]
        connection.register("anew_keys", pa.table({"client_key": anew}))
        connection.execute(
            "create or replace table linkage.clients as from standard.clients semi join anew_keys using (client_key)"
        )
        connection.unregister("anew_keys")

    def _plausible(self, night: Night | None) -> MetPairs:
        looks = FirstLook(self._model.bound, self._blocking.traits, self._identities.client_keys)
        met = met_pairs(self._blocking.blocks, len(self._identities), self._blocking.moved)
        weight = self._model.bundle.thresholds.loose_weight
        plausible = MetPairs.all(looks.plausible(self._counted(looks.of_two_clients(met)), weight))
        self._blocking.blocks.clear()  # a third of a gigabyte a million identities, and no longer needed
        return plausible

    def _counted(self, met: Iterable[MetPairs]) -> Iterable[MetPairs]:
        counts = np.zeros(len(self._blocking.names), dtype=np.int64)
        for portion in met:
            counts += np.bincount(portion.rule, minlength=len(counts))
            yield portion
        self._met_by_rule = dict(zip(self._blocking.names, counts.tolist(), strict=True))

    def _score(self, connection: duckdb.DuckDBPyConnection, pairs: MetPairs) -> None:
        """Make linkage.links of these pairs."""
        columns = {
            "identity_id_l": self._identities.ids[pairs.left],
            "identity_id_r": self._identities.ids[pairs.right],
            "match_key": pa.DictionaryArray.from_arrays(
                pa.array(pairs.rule.astype(np.int8)), pa.array(self._blocking.names, pa.string())
            ),
        }
        connection.register("plausible_rows", pa.table(columns))
        connection.execute(
            "create or replace table linkage.plausible_pairs as "
            "select identity_id_l, identity_id_r, match_key::varchar as match_key from plausible_rows"
        )
        connection.unregister("plausible_rows")
        bundle = self._model.bundle
        weight = bundle.thresholds.loose_weight
        scoring.score_pairs(connection, bundle, self._model.settings, "linkage.plausible_pairs", "links", weight)

    def _show(self, connection: duckdb.DuckDBPyConnection, table: str, links: Links) -> None:
        """Make a table of some pairs, with the columns of linked/links."""
        connection.execute(f"create or replace table linkage.{table} as {self._rows(connection, links)}")

    def _rows(self, connection: duckdb.DuckDBPyConnection, links: Links) -> str:
        """A SELECT of some pairs, with the columns of linked/links; good until the next."""
        connection.register("link_rows", links_of.as_table(links, self._identities, self._blocking.names))
        return "select * replace (match_key::varchar as match_key, guard::varchar as guard) from link_rows"


def _client_keys(connection: duckdb.DuckDBPyConnection, table: str) -> Numbers:
    """The clients of a table, ascending."""
    return np.sort(connection.execute(f"select client_key from {table}").fetchnumpy()["client_key"].astype(np.int64))


def _model(connection: duckdb.DuckDBPyConnection, bundle: Bundle) -> Model:
    settings = scoring.population_settings(connection, bundle)
    return Model(bundle, settings, Bound(settings), all_rules(connection))
