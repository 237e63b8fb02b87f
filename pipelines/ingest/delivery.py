"""What ingest knows of a delivery, kept beside it as `raw/<agency>/<delivery_id>/delivery.json`."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import IO, Any

from pipelines.errors import LakeError
from pipelines.ingest.problems import Problem
from pipelines.lake import Lake

FILE = "delivery.json"
AS_SENT = "as_sent"
UNREADABLE = "unreadable"


@dataclass(frozen=True)
class SentFile:
    """One file of a delivery, as it came. Of a file that no contract names there is a number, a hash and a size."""

    name: str
    sha256: str
    bytes: int
    table: str | None = None
    content_sha256: str = ""
    """Of what is in it, if it is packed; else empty."""
    encoding: str = "utf-8"
    columns: tuple[str, ...] = field(default=(), repr=False)
    """Not shown: in a file without a header these are a person's."""
    rows: int = 0
    unreadable_rows: int = 0
    blank_lines: int = 0


@dataclass(frozen=True)
class SentArchive:
    """The archive that a delivery came in."""

    name: str
    sha256: str
    bytes: int
    is_kept: bool
    """False if it held files that no contract names: then its other files were kept one by one."""


@dataclass(frozen=True)
class Delivery:
    """A delivery in `raw`: counts, hashes and problems, never a value."""

    delivery_id: str
    agency: str
    as_of: date
    revision: int
    reading: str
    """Changes when the files of this delivery would be read differently today."""
    files: tuple[SentFile, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    archive: SentArchive | None = None

    @property
    def tables(self) -> tuple[str, ...]:
        """Tables of which a file came, sorted."""
        return tuple(sorted({file.table for file in self.files if file.table}))

    def rows(self, table: str) -> int:
        """Rows of a table, with those that could not be read."""
        return sum(file.rows + file.unreadable_rows for file in self.files if file.table == table)

    def columns(self, table: str) -> dict[str, tuple[str, ...]]:
        """Header of every file of a table, by file name."""
        return {file.name: file.columns for file in self.files if file.table == table}

    def folder(self, lake: Lake) -> Path:
        """Where the delivery lies in the lake."""
        return lake.zone("raw") / self.agency / self.delivery_id


@contextmanager
def open_sent(folder: Path, name: str, archive: SentArchive | None) -> Iterator[IO[bytes]]:
    """The bytes of a file as it was sent, from a delivery's folder in `raw`."""
    as_sent = folder / AS_SENT
    if archive is None or not archive.is_kept:
        with (as_sent / name).open("rb") as stream:
            yield stream
        return
    with zipfile.ZipFile(as_sent / archive.name) as whole, whole.open(name) as member:
        yield member


def delivery_id(agency: str, as_of: date, revision: int, hashes: Mapping[str, str]) -> str:
    """A name made of what was sent: the same files for the same date always get the same one."""
    listing = "".join(f"{name}\0{sha256}\n" for name, sha256 in sorted(hashes.items()))
    digest = hashlib.sha256(listing.encode(errors="surrogateescape")).hexdigest()
    return f"{agency}_{as_of:%Y%m%d}_r{revision}_{digest[:12]}"


def write_delivery(delivery: Delivery, folder: Path) -> None:
    """Write `delivery.json` into a delivery's folder."""
    (folder / FILE).write_text(delivery_text(delivery), encoding="utf-8")


def delivery_text(delivery: Delivery) -> str:
    """A delivery as it stands in its file."""
    return json.dumps(asdict(delivery), indent=1, sort_keys=True, default=str, ensure_ascii=False) + "\n"


def read_delivery(folder: Path) -> Delivery:
    """The delivery in a folder of `raw`."""
    try:
        facts: dict[str, Any] = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return Delivery(
            **{
                **facts,
                "as_of": date.fromisoformat(facts["as_of"]),
                "files": tuple(SentFile(**{**file, "columns": tuple(file["columns"])}) for file in facts["files"]),
                "problems": _problems(facts["problems"]),
                "warnings": _problems(facts["warnings"]),
                "archive": SentArchive(**facts["archive"]) if facts.get("archive") else None,
            }
        )
    except (OSError, ValueError, KeyError, TypeError):
        raise LakeError(f"raw/{folder.parent.name}/{folder.name}: {FILE} cannot be read; restore the folder") from None


def deliveries(lake: Lake) -> tuple[Delivery, ...]:
    """Every delivery in `raw`, sorted by agency, as-of date, revision and id."""
    folders = lake.zone("raw").glob(f"*/*/{FILE}")
    found = [read_delivery(path.parent) for path in folders if not path.parent.name.startswith(".")]
    return tuple(sorted(found, key=lambda one: (one.agency, one.as_of, one.revision, one.delivery_id)))


def _problems(items: Iterable[Mapping[str, str]]) -> tuple[Problem, ...]:
    return tuple(Problem(**item) for item in items)
