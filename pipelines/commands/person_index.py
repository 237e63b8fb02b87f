"""The person index as a past release used it, for whoever has to walk a published number back to clients."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipelines import sql
from pipelines.errors import LakeError, ReleaseError
from pipelines.lake import Lake, replacing
from pipelines.person_index import index_as_of
from pipelines.publish import read_manifest, release_folder


@dataclass(frozen=True)
class PastIndex:
    """What was written: counts."""

    version: int
    clients: int
    persons: int
    persons_gone: int
    """Persons of then whose last client is gone by now."""
    persons_merged: int
    """Persons of then that are another person by now."""


COUNTS = """
    select
        count(*), count(distinct person_id), count(distinct person_id) filter (where current_person_id is null),
        count(distinct person_id) filter (where current_person_id <> person_id)
    from past
"""


def write_index_as_of(lake: Lake, release_id: str, out: Path) -> PastIndex:
    """Write agency, client_id, person_id and current_person_id as of a release, as Parquet.

    Raises:
        ReleaseError: there is no such release.
        LakeError: the index version that the release names is not in the lake, or `out` is a published place.
    """
    refuse_published(lake, out)
    release = release_folder(lake, release_id)
    if not release.exists():
        raise ReleaseError(f"there is no release {release_id}; see published/outcomes/releases in the lake")
    version = int(read_manifest(release)["inputs"]["person_index_version"])
    with sql.connect(lake.spill, places=[out.parent]) as connection:
        index_as_of(connection, lake, version).create("past")
        with replacing(out) as staged:
            connection.sql("from past order by agency, client_id").write_parquet(str(staged), compression="zstd")
        ((clients, persons, gone, merged),) = connection.execute(COUNTS).fetchall()
        return PastIndex(version, clients, persons, gone, merged)


def refuse_published(lake: Lake, out: Path) -> None:
    """LakeError where a table that names clients would be written among what is published."""
    if lake.zone("published").resolve() in out.resolve().parents:
        raise LakeError("the table names clients, so it is not written into published/; choose another --out")
