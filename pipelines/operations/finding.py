"""What somebody who was woken is told of one thing: how it is, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass

from pipelines.errors import CountylinkError

OK, WARN, FAIL = "ok", "warn", "fail"
"""It is well; look at it by day; nothing can be published, or nothing can be trusted, until it is mended."""


@dataclass(frozen=True)
class Finding:
    """How one thing is. `says` and `mend` name folders, counts and commands, never a person."""

    level: str
    check: str
    says: str
    mend: str = ""

    def as_json(self) -> dict[str, str]:
        """Plain values."""
        return asdict(self)

    def line(self) -> str:
        """For a terminal: what to do only where something is to be done."""
        first = f"{self.level:<5} {self.check:<20} {self.says}"
        return f"{first}\n{'':<27}→ {self.mend}" if self.mend and self.level != OK else first


Check = Callable[[], Iterable[Finding]]


def looked_at(name: str, check: Check, mend: str) -> Iterator[Finding]:
    """The findings of a check; an error of ours is a finding too, so that the checks after it are made as well."""
    try:
        yield from check()
    except CountylinkError as error:
        yield Finding(FAIL, name, str(error), mend)


def worst(found: Iterable[Finding]) -> str:
    """The most serious level among findings."""
    levels = {one.level for one in found}
    return next((level for level in (FAIL, WARN) if level in levels), OK)
