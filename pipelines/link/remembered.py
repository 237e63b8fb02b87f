"""What a run leaves for the next: the pairs it scored, how far each key was lengthened, and under which rules.

Belongs here: reading and writing that state, and nothing that decides. It may be thrown away at any time: the next run
is a full one then, and comes to the same result. It is valid only if it was made with the same model, rules and code.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

import linkage_rules
from linkage_rules.bundle import Bundle
from pipelines import sql
from pipelines.lake import Lake, replacing
from pipelines.link.blocks import Flags
from pipelines.link.keys import SILENT, TABLE, Depths, Places, RuleKeys

PACKAGE = "pipelines.link"
NEVER_SEEN = -2
"""The depth of a key that the last run did not have."""

UNMET = -1


@dataclass
class Kept:
    """The last run's state, by place: depths by rule, and the pairs it scored of identities that are still there."""

    depths: Mapping[str, Depths]
    left: Places
    right: Places
    first_rule: Places
    """The number of the first rule that meets each pair now, or UNMET."""

    def moved(self, rule: RuleKeys) -> Flags:
        """Who has another key of a rule than in the last run."""
        return np.asarray(self.depths[rule.rule.name] != rule.depths, dtype=bool)

    def meet(self, number: int, rule: RuleKeys) -> None:
        """Note the pairs that a rule meets now."""
        left, right = rule.keys[self.left], rule.keys[self.right]
        is_first = (self.first_rule == UNMET) & (left == right) & (left != SILENT)
        self.first_rule[is_first] = number

    def add_links(self, connection: duckdb.DuckDBPyConnection, names: Sequence[str], loose_weight: float) -> None:
        """Add to linkage.links the known pairs that a rule meets; a pair known and scored anew is kept as known."""
        rules = np.array([*names, None], dtype=object)[self.first_rule]
        connection.register("first_rules", pa.table({"match_key": pa.array(rules, pa.string())}))
        connection.execute(
            "create or replace table linkage.known_pairs as "
            "select k.* replace (f.match_key as match_key) "
            "from linkage.known_pairs as k positional join first_rules as f"
        )
        connection.unregister("first_rules")
        sql.create(connection, "linkage", PACKAGE, "known_links", {"loose_weight": loose_weight})
        connection.execute(
            "create or replace table linkage.links as "
            "from linkage.links anti join linkage.known_links using (identity_id_l, identity_id_r) "
            "union all by name from linkage.known_links"
        )


def fingerprint(bundle: Bundle, doublings: int, rules: Sequence[str]) -> str:
    """Changes with anything that a score, a guard or a key depends on besides the identities."""
    facts = {
        "bundle": bundle.sha256,
        "doublings": doublings,
        "rules": list(rules),
        "code": _code_sha256(),
        "splink": metadata.version("splink"),
        "duckdb": metadata.version("duckdb"),
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def recall(connection: duckdb.DuckDBPyConnection, lake: Lake, now: str) -> Kept | None:
    """What the last run left, read against linkage.candidates; None if there is nothing, or it is of other rules."""
    note = _note(lake)
    if not note.exists() or json.loads(note.read_text(encoding="utf-8")).get("fingerprint") != now:
        return None
    sql.open_views(connection, lake, [("linked", "links"), ("linked", "key_depths")])
    sql.create(connection, "linkage", PACKAGE, "known_pairs")
    places = connection.execute("select left_place, right_place from linkage.known_pairs").fetchnumpy()
    left, right = (np.asarray(places[side], dtype=np.int64) for side in ("left_place", "right_place"))
    return Kept(_depths(connection), left, right, np.full(len(left), UNMET, dtype=np.int64))


def _depths(connection: duckdb.DuckDBPyConnection) -> dict[str, Depths]:
    rows = connection.execute(
        f"select i.rowid as place, d.* exclude (identity_id) from {TABLE} as i "
        "inner join linked.key_depths as d on i.identity_id = d.identity_id"
    ).fetchnumpy()
    places = np.asarray(rows.pop("place"))
    depths = {}
    for column, values in rows.items():
        depths[column] = np.full(sql.count(connection, TABLE), NEVER_SEEN, dtype=np.int8)
        depths[column][places] = values
    return depths


def forget(lake: Lake) -> None:
    """Say that linked/ is being rewritten; whoever dies meanwhile leaves a state that nobody trusts."""
    _note(lake).unlink(missing_ok=True)


def remember(connection: duckdb.DuckDBPyConnection, lake: Lake, depths: Mapping[str, Depths], now: str) -> None:
    """Write linked/key_depths, then the note that makes linked/ a state to build on."""
    connection.register("depths", pa.table(dict(depths)))
    lake.write(
        "linked",
        "key_depths",
        connection.sql(f"select i.identity_id, d.* from {TABLE} as i positional join depths as d"),
    )
    connection.unregister("depths")
    with replacing(_note(lake)) as staged:
        staged.write_text(json.dumps({"fingerprint": now}) + "\n", encoding="utf-8")


def _note(lake: Lake) -> Path:
    return lake.zone("linked") / "remembered.json"


def _code_sha256() -> str:
    folders = (Path(str(linkage_rules.__file__)).parent, Path(__file__).parent)
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".py", ".sql", ".csv", ".yaml") and "bundles" not in path.parts:
                digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
