"""Scoring in this process: keys, blocks, a first look, and Splink's scores for what is left. Scores what is new.

A score is a function of two identities and the model, and of nothing else, so a pair that the last run scored is not
scored again. Only pairs are met that it did not meet: those of a new identity, and those of an identity whose key was
lengthened or shortened because others came or went. A pair that no rule meets any longer is no link, whatever it
weighs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import duckdb
import numpy as np
import pyarrow as pa

from linkage_rules.bundle import Bundle
from linkage_rules.settings import Settings, doublings_between
from pipelines import sql
from pipelines.lake import Lake
from pipelines.link import remembered, scoring
from pipelines.link.blocks import Blocks, Flags, MetPairs, blocks_of, met_pairs
from pipelines.link.first_look import FirstLook
from pipelines.link.keys import TABLE, Depths, Places, all_rules, keys_of_rules, take_up_identities
from pipelines.link.remembered import Kept

PACKAGE = "pipelines.link"


@dataclass
class Blocking:
    """The rules of one run, in their order: blocks, depths of keys, and who moved since the last run."""

    names: list[str] = field(default_factory=list)
    blocks: list[Blocks] = field(default_factory=list)
    depths: list[Depths] = field(default_factory=list)
    moved: list[Flags] = field(default_factory=list)


class DuckDbEngine:
    """In this process: the usual engine, and the faster one as long as the county fits on one machine."""

    def __init__(self, last_run: Lake | None = None) -> None:
        """`last_run` is the lake whose last run may be built on; None scores everything."""
        self._last_run = last_run
        self._kept: Kept | None = None
        self._settings: Settings = {}
        self._fingerprint = ""
        self._blocking = Blocking()
        self._met_by_rule: dict[str, int] = {}

    @property
    def is_full(self) -> bool:
        """Whether this run could not build on another."""
        return self._kept is None

    @property
    def met_by_rule(self) -> Mapping[str, int]:
        """How many pairs each rule was the first to meet, among those that the last run had not met."""
        return self._met_by_rule

    def score_candidates(self, connection: duckdb.DuckDBPyConnection, bundle: Bundle) -> None:
        """Make linkage.links: every pair that a blocking rule meets, at or above the loose weight, judged."""
        population = take_up_identities(connection)
        self._settings = scoring.population_settings(connection, bundle)
        doublings = doublings_between(bundle.identities_trained_on, population)
        rules = [rule.name for rule in all_rules(connection)]
        self._fingerprint = remembered.fingerprint(bundle, doublings, rules)
        if self._last_run is not None:
            self._kept = remembered.recall(connection, self._last_run, self._fingerprint)
        self._block(connection)
        self._score(connection, bundle, population)
        if self._kept is not None:
            self._kept.add_links(connection, rules, bundle.thresholds.loose_weight)

    def score_components(self, connection: duckdb.DuckDBPyConnection, bundle: Bundle) -> int:
        """Make linkage.component_pairs: pairs of clients of linkage.components that are no links, scored and judged.

        Returns how many pairs of identities those are.
        """
        pairs = sql.create(connection, "linkage", PACKAGE, "unmet_pairs")
        if self._kept is not None:
            sql.create(connection, "linkage", PACKAGE, "known_component_pairs")
            connection.execute(
                "create or replace table linkage.unmet_pairs as from linkage.unmet_pairs "
                "anti join linkage.known_component_pairs using (identity_id_l, identity_id_r)"
            )
        scoring.score_pairs(connection, bundle, self._settings, "linkage.unmet_pairs", "component_pairs", None)
        if self._kept is not None:
            connection.execute("insert into linkage.component_pairs by name from linkage.known_component_pairs")
        return pairs

    def remember(self, connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
        """Leave what the next run may build on, beside linked/links and linked/clusters."""
        depths = dict(zip(self._blocking.names, self._blocking.depths, strict=True))
        remembered.remember(connection, lake, depths, self._fingerprint)

    def _block(self, connection: duckdb.DuckDBPyConnection) -> None:
        blocking = self._blocking = Blocking()
        for number, rule in enumerate(keys_of_rules(connection)):
            moved = None if self._kept is None else self._kept.moved(rule)
            blocking.names.append(rule.rule.name)
            blocking.blocks.append(blocks_of(rule, moved))
            blocking.depths.append(rule.depths)
            if self._kept is not None and moved is not None:
                blocking.moved.append(moved)
                self._kept.meet(number, rule)

    def _score(self, connection: duckdb.DuckDBPyConnection, bundle: Bundle, population: int) -> None:
        moved = None if self._kept is None else self._blocking.moved
        met: Iterable[MetPairs] = met_pairs(self._blocking.blocks, population, moved)
        places: Places | None = None
        if self._kept is not None:
            met = list(met)
            places = np.unique(np.concatenate([np.zeros(0, np.int64), *(side for one in met for side in one.sides)]))
        weight = bundle.thresholds.loose_weight
        looks = FirstLook(connection, bundle, self._settings, places)
        plausible = list(looks.plausible(self._counted(looks.of_two_clients(met)), weight))
        self._pairs_table(connection, plausible)
        scoring.score_pairs(connection, bundle, self._settings, "linkage.plausible_pairs", "links", weight)

    def _counted(self, met: Iterable[MetPairs]) -> Iterable[MetPairs]:
        counts = np.zeros(len(self._blocking.names), dtype=np.int64)
        for portion in met:
            counts += np.bincount(portion.rule, minlength=len(counts))
            yield portion
        self._met_by_rule = dict(zip(self._blocking.names, counts.tolist(), strict=True))

    def _pairs_table(self, connection: duckdb.DuckDBPyConnection, plausible: list[MetPairs]) -> None:
        """linkage.plausible_pairs: identity_id_l, identity_id_r, match_key."""
        names = np.array([*self._blocking.names, ""], dtype=object)
        none = np.zeros(0, dtype=np.int64)
        columns = {
            "left_place": np.concatenate([none, *(portion.left for portion in plausible)]),
            "right_place": np.concatenate([none, *(portion.right for portion in plausible)]),
            "match_key": pa.array(names[np.concatenate([none, *(portion.rule for portion in plausible)])], pa.string()),
        }
        connection.register("plausible_places", pa.table(columns))
        connection.execute(
            "create or replace table linkage.plausible_pairs as "
            "select l.identity_id as identity_id_l, r.identity_id as identity_id_r, p.match_key "
            "from plausible_places as p "
            f"inner join {TABLE} as l on p.left_place = l.rowid inner join {TABLE} as r on p.right_place = r.rowid"
        )
        connection.unregister("plausible_places")
