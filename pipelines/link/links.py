"""Scored pairs as arrays by place, and back as the rows of linked/links.

Belongs here: the one form in which a night's pairs are carried over, merged and written, so that a night and a full run
write the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from linkage_rules.guards import GUARDS
from pipelines import sql
from pipelines.link.places import NOWHERE, Identities, Numbers, Places

SAME_COMPONENT = "same_component"
"""The match key of a pair that no rule meets, or that is below the loose weight: scored for its component's sake."""

_GUARDS = [guard.name for guard in GUARDS]

Rows = npt.NDArray[np.int32]
Codes = npt.NDArray[np.int8]
Weights = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Links:
    """Pairs of places, left below right: weight in bits, number of the first rule or −1, number of the guard or −1."""

    left: Rows
    right: Rows
    weight: Weights
    rule: Codes
    guard: Codes

    def __len__(self) -> int:
        return len(self.left)

    @property
    def is_link(self) -> Flags:
        """Whether a rule meets the pair at or above the loose weight."""
        return np.asarray(self.rule >= 0, dtype=bool)

    @property
    def codes(self) -> Numbers:
        """One number for each pair, in the order of places."""
        return pair_codes(self.left, self.right)

    def where(self, chosen: Flags | Places) -> Links:
        """Some of the pairs."""
        return Links(self.left[chosen], self.right[chosen], self.weight[chosen], self.rule[chosen], self.guard[chosen])

    def with_rules(self, rule: Codes) -> Links:
        """The same pairs, met by other rules."""
        return Links(self.left, self.right, self.weight, rule, self.guard)


def pair_codes(left: npt.NDArray[np.integer], right: npt.NDArray[np.integer]) -> Numbers:
    """Two places as one number."""
    return (left.astype(np.int64) << 32) | right.astype(np.int64)


def nothing() -> Links:
    """No pair."""
    none = np.zeros(0, dtype=np.int32)
    return Links(none, none, np.zeros(0), np.zeros(0, dtype=np.int8), np.zeros(0, dtype=np.int8))


def merged(*parts: Links) -> Links:
    """All pairs of all parts, in the order of places; no pair may be in two."""
    together = Links(
        np.concatenate([part.left for part in parts]),
        np.concatenate([part.right for part in parts]),
        np.concatenate([part.weight for part in parts]),
        np.concatenate([part.rule for part in parts]),
        np.concatenate([part.guard for part in parts]),
    )
    return together.where(np.argsort(together.codes, kind="stable"))


def moved(links: Links, now: Places) -> Links:
    """Pairs by places now, without those of which one is gone; `now` holds, by place then, the place now."""
    left, right = now[links.left].astype(np.int32), now[links.right].astype(np.int32)
    there = np.asarray((left != NOWHERE) & (right != NOWHERE), dtype=bool)
    return Links(left, right, links.weight, links.rule, links.guard).where(there)


def read_links(
    connection: duckdb.DuckDBPyConnection, pairs: str, identities: Identities, rules: Sequence[str]
) -> Links:
    """The rows of a table or SELECT (identity_id_l, identity_id_r, match_weight, match_key, guard), by place."""
    rows = connection.execute(
        "select identity_id_l as l, identity_id_r as r, match_weight as weight, "
        f"{_code('match_key', rules)} as rule, {_code('guard', _GUARDS)} as guard from {pairs}"
    ).fetchnumpy()
    left, right = (identities.places(rows[side].astype(np.int64)).astype(np.int32) for side in ("l", "r"))
    codes = (np.asarray(rows[name]).astype(np.int8) for name in ("rule", "guard"))
    return merged(Links(left, right, rows["weight"].astype(np.float64), *codes))


def _code(column: str, names: Sequence[str]) -> str:
    listed = ", ".join(sql.literal(name) for name in names)
    return f"(coalesce(list_position([{listed}]::varchar[], {column}), 0) - 1)::tinyint"


def as_table(links: Links, identities: Identities, rules: Sequence[str]) -> pa.Table:
    """The rows of linked/links: identity_id_l < identity_id_r, client keys, match_weight, match_key, guard."""
    return pa.table(
        {
            "identity_id_l": identities.ids[links.left],
            "identity_id_r": identities.ids[links.right],
            "client_key_l": identities.client_keys[links.left],
            "client_key_r": identities.client_keys[links.right],
            "match_weight": links.weight,
            "match_key": _words(np.where(links.rule < 0, len(rules), links.rule), [*rules, SAME_COMPONENT]),
            "guard": _words(np.where(links.guard < 0, len(_GUARDS), links.guard), [*_GUARDS, None]),
        }
    )


def _words(codes: npt.NDArray[np.integer], words: Sequence[str | None]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int8)), pa.array(list(words), pa.string()))
