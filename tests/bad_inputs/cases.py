"""The cases of bad input, as their YAML files state them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml

from tests.intake import PATIENT_HEADER, County, patient

HERE = Path(__file__).parent
WAYS = ("row", "text", "file", "make")


@dataclass(frozen=True)
class Case:
    """One bad input, how it is sent, and what must come of it."""

    number: int
    title: str
    send: Callable[[County], object]
    terms: Mapping[str, Mapping[str, Any]]
    expect: tuple[str, ...]


def all_cases() -> list[Case]:
    """Every case of every `cases_<area>.yaml`, in file order."""
    paths = sorted(HERE.glob("cases_*.yaml"))
    return [_case(item) for path in paths for item in yaml.safe_load(path.read_text(encoding="utf-8"))]


def function(name: str) -> Callable[[County], object]:
    """`<area>.<function>` of `makers_<area>.py`."""
    area, _, called = name.partition(".")
    found: Callable[[County], object] = getattr(import_module(f"tests.bad_inputs.makers_{area}"), called)
    return found


def _case(item: dict[str, Any]) -> Case:
    expect = item["expect"]
    (way,) = [way for way in WAYS if way in item]
    unknown = set(item) - {"case", "input", "terms", "expect", *WAYS}
    assert not unknown, f"{item['input']}: nothing reads {unknown}"
    return Case(
        number=item["case"],
        title=item["input"],
        send=_sender(way, item[way]),
        terms=item.get("terms", {}),
        expect=tuple(expect) if isinstance(expect, list) else (expect,),
    )


def _sender(way: str, what: Any) -> Callable[[County], object]:
    if way == "make":
        return function(what)
    if way == "row":
        rows = patient("p1") + patient("p2") + patient(**{"patient_id": "p3", **what}) + patient("p4")
        return lambda county: county.deliver({"patient.csv": PATIENT_HEADER + rows})
    if way == "file":
        return lambda county: county.deliver(
            {name: (HERE / "files" / path).read_bytes() for name, path in what.items()}
        )
    return lambda county: county.deliver(what)
