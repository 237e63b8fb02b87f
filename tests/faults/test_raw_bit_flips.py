"""One bit of what an agency sent, flipped on the disk after it was taken in."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from pipelines.errors import LakeError
from tests.intake import PATIENT_HEADER, County, county, patient

SENT = PATIENT_HEADER + "".join(patient(f"p{number}") for number in range(400)) + 'p9,"\n'
"""Its last line cannot be read, and is kept as it is."""

IN_THE_FOOTER = -20
"""A byte of the names of columns and types, which no page's checksum covers."""


def taken_in(folder: Path) -> County:
    made = county(folder)
    made.deliver({"patient.csv": SENT})
    made.run()
    return made


def checked_again(made: County) -> list[tuple[object, ...]]:
    """The accepted rows, as a run finds them that has to check what was taken in once more."""
    shutil.rmtree(made.lake.zone("validated"))
    made.run()
    return made.validated("patient").rows()


def flip(path: Path, at: int, bit: int = 0) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1 << bit
    path.write_bytes(content)


@pytest.mark.parametrize("table", ["patient.parquet", "unreadable/patient.parquet"])
def test_a_flipped_bit_anywhere_in_a_table_stops_the_run_and_tells_nobody(tmp_path: Path, table: str) -> None:
    made = taken_in(tmp_path)
    (path,) = made.lake.zone("raw").glob(f"clinic/*/{table}")
    whole, accepted, chance = path.read_bytes(), checked_again(made), random.Random(20261122)
    for at in (0, IN_THE_FOOTER, -1, *(chance.randrange(len(whole)) for _ in range(6))):
        flip(path, at, chance.randrange(8))
        with pytest.raises(LakeError, match=rf"raw/clinic/\S+/{table} is not as it was written") as told:
            checked_again(made)
        assert told.value.__cause__ is None
        path.write_bytes(whole)
    assert checked_again(made) == accepted


def test_a_table_that_is_gone_stops_the_run(tmp_path: Path) -> None:
    made = taken_in(tmp_path)
    (path,) = made.lake.zone("raw").glob("clinic/*/unreadable/patient.parquet")
    path.unlink()
    with pytest.raises(LakeError, match="is not as it was written; restore it from the backup"):
        checked_again(made)
