"""Record decisions with the evidence there was, and find those that contradict each other or wait for their clients."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from linkage_rules.bundle import Bundle
from pipelines import sql
from pipelines.errors import LakeError
from pipelines.lake import Lake
from pipelines.link.decision_store import CODES, Client, Decision, decision, in_force, record, recorded
from pipelines.link.decisions import Pair, conflicts, roots
from pipelines.link.on_demand import Scene, Scored, client_keys, open_scene, rules_that_met, score_groups

STATED_COLUMNS = ("agency_l", "client_id_l", "agency_r", "client_id_r", "decision_code")
"""What a file of decisions must have; `reason` and `decided_by` may stand in it, or are said for all of it."""


@dataclass(frozen=True)
class Said:
    """What a reviewer says, before it is recorded. `at` is when it was said, if that is not now."""

    one: Client
    other: Client
    code: str
    by: str
    reason: str
    at: datetime | None = None


@dataclass(frozen=True)
class Contradiction:
    """Two clients said to be different, whom the chain of `same` ties together. Nothing of the chain is applied."""

    different: Decision
    same: tuple[Decision, ...]
    set_aside: tuple[Decision, ...]
    """Every `same` that hangs together with the chain."""


def decide(lake: Lake, bundle: Bundle, said: Sequence[Said], now: datetime, *, unknown_too: bool = False) -> int:
    """Record a batch with its evidence and return its number; all of it or nothing.

    Args:
        lake: has `standard`; better also `linked`.
        bundle: the model that weighs the evidence.
        said: what was said; clients that no agency knows are refused unless `unknown_too`.
        now: the caller's clock, in UTC.

    Raises:
        LakeError: a statement is not well formed, lies in the future, or names a client that is not known.
    """
    if any(one.at is not None and one.at > now for one in said):
        raise LakeError("a decision lies in the future; state when it was made, in UTC")
    batch = [decision(one.one, one.other, one.code, one.by, one.at or now, one.reason) for one in said]
    keys = client_keys(lake, (client for one in batch for client in one.clients))
    unknown = sorted({client for one in batch for client in one.clients} - set(keys))
    if unknown and not unknown_too:
        agency, client_id = unknown[0]
        raise LakeError(f"{len(unknown)} clients are not known, the first is {agency}:{client_id}; check the ids")
    known = evidence(lake, bundle, [_pair(one, keys) for one in batch])
    return record(lake, [_with_evidence(one, known.get(_pair(one, keys) or (0, 0), {})) for one in batch])


def read_statements(path: Path, by: str | None, reason: str | None) -> list[Said]:
    """A CSV or Parquet of STATED_COLUMNS; decided_by, reason and decided_at (UTC) may stand in it too."""
    table = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path, infer_schema=False)
    missing = [name for name in STATED_COLUMNS if name not in table.columns]
    if missing:
        raise LakeError(f"{path.name}: {', '.join(missing)} missing; a decision needs {', '.join(STATED_COLUMNS)}")
    wrong = [line for line, code in enumerate(table["decision_code"].to_list(), start=1) if code not in CODES]
    if wrong:
        raise LakeError(
            f"{path.name}: row {wrong[0]} has no decision_code of {', '.join(CODES)} ({len(wrong)} such rows)"
        )
    return [_said(row, by, reason, path, line) for line, row in enumerate(table.iter_rows(named=True), start=1)]


def evidence(lake: Lake, bundle: Bundle, pairs: Iterable[Pair | None]) -> dict[Pair, dict[str, Any]]:
    """What the linkage knows of pairs of clients now: weight, rules, guard, model, identity ids; no name."""
    wanted = sorted({pair for pair in pairs if pair is not None})
    with sql.connect(lake.spill, places=[bundle.folder]) as connection:
        scene = open_scene(connection, lake, bundle, [key for pair in wanted for key in pair])
        scored = score_groups(scene, roots(wanted))
        return {pair: _evidence(scene, scored.get(pair)) for pair in wanted}


def contradictions(lake: Lake) -> list[Contradiction]:
    """Decisions in force that contradict each other; dormant ones contradict nobody."""
    standing = in_force(recorded(lake))
    keys = client_keys(lake, (client for one in standing for client in one.clients)) if standing else {}
    by_pair = {pair: one for one in standing if (pair := _pair(one, keys))}
    of_code = {code: [pair for pair, one in by_pair.items() if one.decision_code == code] for code in CODES}
    return [
        Contradiction(
            different=by_pair[found.different],
            same=tuple(by_pair[pair] for pair in found.same),
            set_aside=tuple(by_pair[pair] for pair in found.set_aside),
        )
        for found in conflicts(of_code["same"], of_code["different"])
    ]


def dormant(lake: Lake) -> list[Decision]:
    """Decisions in force about a client that no agency knows any longer; they bind again when it comes back."""
    standing = in_force(recorded(lake))
    keys = client_keys(lake, (client for one in standing for client in one.clients)) if standing else {}
    return [one for one in standing if not set(one.clients) <= set(keys)]


def _said(row: Mapping[str, Any], by: str | None, reason: str | None, path: Path, line: int) -> Said:
    at = row.get("decided_at")
    try:
        moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    except ValueError:
        raise LakeError(
            f"{path.name}: row {line} has no time such as 2026-11-21T09:30:00+00:00 in decided_at"
        ) from None
    return Said(
        one=(str(row["agency_l"]), str(row["client_id_l"])),
        other=(str(row["agency_r"]), str(row["client_id_r"])),
        code=str(row["decision_code"]),
        by=by or row.get("decided_by") or "",
        reason=reason or row.get("reason") or "",
        at=moment,
    )


def _pair(one: Decision, keys: Mapping[Client, int]) -> Pair | None:
    left, right = (keys.get(client) for client in one.clients)
    return None if left is None or right is None else (min(left, right), max(left, right))


def _evidence(scene: Scene, found: Scored | None) -> dict[str, Any]:
    if found is None:
        return {"bundle_version": scene.bundle.version, "match_weight": None}
    met = rules_that_met(scene, found.identity_id_l, found.identity_id_r)
    return {
        "bundle_version": scene.bundle.version,
        "match_weight": found.match_weight,
        "match_key": met[0] if met else None,
        "guard": found.guard,
        "identity_id_l": found.identity_id_l,
        "identity_id_r": found.identity_id_r,
    }


def _with_evidence(one: Decision, known: Mapping[str, Any]) -> Decision:
    return decision(*one.clients, one.decision_code, one.decided_by, one.decided_at, one.reason, known)
