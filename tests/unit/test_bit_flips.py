"""One bit, anywhere in a release: `verify` finds it, in every kind of file."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from pipelines.errors import ReleaseError
from pipelines.publish import verify_release

FLIPS_A_FILE = 4


@pytest.fixture
def published(released: Path, tmp_path: Path) -> Path:
    """A copy to be damaged, under the name that its manifest tells."""
    return Path(shutil.copytree(released, tmp_path / released.name))


def is_caught(release: Path) -> bool:
    try:
        return not verify_release(release).is_whole
    except ReleaseError:
        return True


def test_a_flipped_bit_is_caught_wherever_it_is(published: Path) -> None:
    assert verify_release(published).is_whole
    chance = random.Random(20261122)
    kinds = set()
    for path in sorted(one for one in published.rglob("*") if one.is_file()):
        whole = path.read_bytes()
        places = {0, len(whole) - 1, *(chance.randrange(len(whole)) for _ in range(FLIPS_A_FILE))}
        for place in sorted(places):
            damaged = bytearray(whole)
            damaged[place] ^= 1 << chance.randrange(8)
            path.write_bytes(damaged)
            assert is_caught(published), (path.name, place)
        path.write_bytes(whole)
        kinds.add("".join(path.suffixes) or path.name)
    assert {".parquet", ".json", ".md", ".html", ".csv", ".csv.gz", ".xlsx", ".duckdb", "SHA256SUMS"} <= kinds
    assert verify_release(published).is_whole


@pytest.mark.parametrize("change", ["cut", "grown", "swapped"])
def test_a_file_that_was_cut_grown_or_swapped_is_caught(published: Path, change: str) -> None:
    one, other = published / "persons.parquet", published / "providers.parquet"
    changed = {"cut": one.read_bytes()[:-1], "grown": one.read_bytes() + b"\0", "swapped": other.read_bytes()}
    one.write_bytes(changed[change])
    assert is_caught(published)
