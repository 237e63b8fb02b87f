"""The three books of rates: how lives go, what programmes do, and how agencies err."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
FILES = ("lives", "effects", "error_rates")


class SettingsError(ValueError):
    """A book of rates lacks an entry, or holds one that is no rate."""


@dataclass(frozen=True)
class Book:
    """A YAML file of rates, read by dotted names such as `sheriff.ssn.full`."""

    name: str
    entries: Mapping[str, Any]

    def at(self, path: str) -> Any:
        """The entry of a dotted name."""
        entry: Any = self.entries
        for part in path.split("."):
            if not isinstance(entry, Mapping) or part not in entry:
                raise SettingsError(f"{self.name}.yaml has no entry {path}")
            entry = entry[part]
        return entry

    def number(self, path: str) -> float:
        """A number."""
        return float(self.at(path))

    def table(self, path: str) -> dict[str, float]:
        """Names and their numbers."""
        return {str(key): float(value) for key, value in dict(self.at(path)).items()}

    def part(self, path: str) -> Book:
        """A branch, as a book of its own."""
        return Book(f"{self.name}.yaml: {path}", dict(self.at(path)))


@dataclass(frozen=True)
class Settings:
    """Everything that decides a county, besides its size and its seed."""

    lives: Book
    effects: Book
    errors: Book


def load_settings(folder: Path = HERE) -> Settings:
    """The books in a folder; the shipped ones unless told otherwise."""
    lives, effects, errors = (Book(name, _read(folder / f"{name}.yaml")) for name in FILES)
    return Settings(lives, effects, errors)


def _read(path: Path) -> Mapping[str, Any]:
    with path.open(encoding="utf-8") as handle:
        entries = yaml.safe_load(handle)
    if not isinstance(entries, Mapping):
        raise SettingsError(f"{path.name} is not a table of rates")
    return entries
