"""A YAML file as a mapping whose fields know their lines, or a refusal with file, line and mend.

Belongs here: what is wrong with a file before anybody asks what it means. PyYAML would take the last of two fields of
one name without a word, and a day that no calendar has would end in an error about nothing that the writer knows.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from pipelines.errors import ContractError
from schemas.yaml_documents import read_nodes, read_yaml

TIMESTAMP = "tag:yaml.org,2002:timestamp"
MERGE = "tag:yaml.org,2002:merge"


def parsed(path: Path, what: str) -> tuple[dict[str, Any], yaml.Node]:
    """A YAML file as a mapping, and as nodes that know their lines; raises ContractError where it is none."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        root = read_nodes(text)
        for fault in _faults(root, set()):
            raise ContractError(f"{path}:{fault}")
        document = read_yaml(text)
    except UnicodeDecodeError as problem:
        line = path.read_bytes()[: problem.start].count(b"\n") + 1
        raise ContractError(f"{path}:{line}: is not UTF-8; save the file again as UTF-8") from None
    except yaml.YAMLError as problem:
        # what breaks off is noticed after the last line; who mends it looks at that line
        line = min(_line_of(problem), len(text.splitlines()))
        raise ContractError(f"{path}:{line}: is not YAML ({_said(problem)}); mend its syntax") from None
    if not isinstance(document, dict):
        raise ContractError(f"{path}:1: {what} is a mapping of fields")
    return document, root


def _line_of(problem: yaml.YAMLError) -> int:
    mark = getattr(problem, "problem_mark", None)
    return mark.line + 1 if mark else 1


def _said(problem: yaml.YAMLError) -> str:
    return str(getattr(problem, "problem", None) or getattr(problem, "reason", "unreadable"))


def _faults(node: yaml.Node | None, seen: set[int]) -> Iterator[str]:
    """Line, field and mend of every field that stands twice, and of every day that is none; an anchor is read once."""
    if node is None or id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.ScalarNode):
        if node.tag == TIMESTAMP and not _is_day(node.value):
            yield f"{node.start_mark.line + 1}: {node.value}: is no day of the calendar; write one, as 2025-07-01"
    elif isinstance(node, yaml.SequenceNode):
        for entry in node.value:
            yield from _faults(entry, seen)
    elif isinstance(node, yaml.MappingNode):
        yield from _twice(node)
        for key, value in node.value:
            yield from _faults(key, seen)
            yield from _faults(value, seen)


def _twice(node: yaml.MappingNode) -> Iterator[str]:
    lines: dict[str, int] = {}
    for key, _ in node.value:
        line = key.start_mark.line + 1
        if key.tag != MERGE and isinstance(key, yaml.ScalarNode):
            if key.value in lines:
                yield f"{line}: {key.value}: stands on line {lines[key.value]} too; keep one of them"
            lines[key.value] = line


def _is_day(text: str) -> bool:
    """Whether a YAML timestamp begins with a day that there is."""
    parts = text[:10].split("T")[0].split(" ")[0].split("-")
    try:
        date(*(int(part) for part in parts))
    except (TypeError, ValueError):
        return False
    return True
