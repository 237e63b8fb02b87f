"""What-if: other prices, thresholds, caps, targets or periods, written into the documents before they are checked.

A change is a field's place and its new value: `clauses.housed_12_months.price_usd` = `12000`. Entries of a list are
named by their id; places below `assumptions.` are in the assumptions, all others in the outcomes contract.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from pipelines.errors import ContractError

ASSUMPTIONS = "assumptions"

Changes = Mapping[str, str]
"""Place → value as it was written."""


def stated_changes(settings: Sequence[str], files: Sequence[Path]) -> dict[str, str]:
    """The changes of files, then of `KEY=VALUE` texts; the later one of a place holds."""
    changes: dict[str, str] = {}
    for path in files:
        changes |= dict(_of_file(path))
    for setting in settings:
        place, equals, value = setting.partition("=")
        if not equals or not place.strip():
            raise ContractError(f"--set {setting}: write KEY=VALUE, as in cap_usd=9000000")
        changes[place.strip()] = value.strip()
    return changes


def changed(document: Mapping[str, Any], changes: Changes) -> dict[str, Any]:
    """A document with its changes; raises ContractError for a place that leads nowhere."""
    new = copy.deepcopy(dict(document))
    for place, value in changes.items():
        *steps, last = place.split(".")
        node: Any = new
        for step in steps:
            node = _below(node, step, place)
        _put(node, last, _value(value), place)
    return new


def split_changes(changes: Changes) -> tuple[dict[str, str], dict[str, str]]:
    """Those of the outcomes contract, and those of its assumptions without their prefix."""
    prefix = ASSUMPTIONS + "."
    own = {place: value for place, value in changes.items() if not place.startswith(prefix)}
    return own, {place.removeprefix(prefix): value for place, value in changes.items() if place.startswith(prefix)}


def _of_file(path: Path) -> Iterator[tuple[str, str]]:
    try:
        # every scalar stays as it was written, so that "0.70" is not a binary fraction
        document = yaml.BaseLoader(path.read_text(encoding="utf-8")).get_single_data()
    except yaml.YAMLError:
        raise ContractError(f"{path}: is not YAML; mend its syntax") from None
    if not isinstance(document, dict):
        raise ContractError(f"{path}:1: a what-if is a mapping of places and values, as in cap_usd: 9000000")
    yield from _leaves(path, document, "")


def _leaves(path: Path, node: Mapping[str, Any], above: str) -> Iterator[tuple[str, str]]:
    for name, value in node.items():
        place = f"{above}.{name}" if above else str(name)
        if isinstance(value, dict):
            yield from _leaves(path, value, place)
        elif isinstance(value, str):
            yield place, value
        else:
            raise ContractError(f"{path}: {place}: name the entries of a list by their id, as in clauses.{{id}}.field")


def _below(node: Any, step: str, place: str) -> Any:
    if isinstance(node, list):
        found = next((entry for entry in node if isinstance(entry, dict) and entry.get("id") == step), None)
        if found is None and step.isdigit() and int(step) < len(node):
            found = node[int(step)]
        known = ", ".join(str(entry["id"]) for entry in node if isinstance(entry, dict) and "id" in entry)
    else:
        found = node.get(step) if isinstance(node, dict) else None
        known = ", ".join(node) if isinstance(node, dict) else ""
    if found is None:
        raise ContractError(f"what-if {place}: there is no {step}; there are {known or 'no fields below it'}")
    return found


def _put(node: Any, last: str, value: Any, place: str) -> None:
    if not isinstance(node, dict):
        raise ContractError(f"what-if {place}: names a whole entry; name one of its fields")
    node[last] = value


def _value(text: str) -> Any:
    """A day as a day, a whole number as such, a list as a list; any other number stays the text that was written."""
    if re.fullmatch(r"[0-9]*\.[0-9]+", text):
        return text
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return text
