"""One bit of what an agency sent, flipped on the disk after it was taken in.

In the pages of a table, which are nearly all of it; its footer has no checksum of its own.
"""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipelines.errors import LakeError
from tests.intake import PATIENT_HEADER, County, county, patient

SENT = PATIENT_HEADER + "".join(patient(f"p{number}") for number in range(400))


def raw_table(made: County) -> Path:
    (path,) = made.lake.zone("raw").glob("clinic/*/patient.parquet")
    return path


def checked_again(made: County) -> list[tuple[object, ...]]:
    """The accepted rows, as a run finds them that has to check what was taken in once more."""
    shutil.rmtree(made.lake.zone("validated"))
    made.run()
    return made.validated("patient").rows()


def test_a_flipped_bit_of_a_page_stops_the_run_and_tells_nobody(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.deliver({"patient.csv": SENT})
    made.run()
    path = raw_table(made)
    names = pq.ParquetFile(path).metadata.row_group(0)
    column = next(names.column(at) for at in range(names.num_columns) if names.column(at).path_in_schema == "last_name")
    damaged = bytearray(path.read_bytes())
    damaged[(column.dictionary_page_offset or column.data_page_offset) + column.total_compressed_size - 1] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(LakeError, match=r"raw/clinic/\S+/patient\.parquet is not as it was written") as told:
        checked_again(made)
    assert told.value.__cause__ is None


def test_a_flipped_bit_among_the_rows_stops_the_run_or_changes_nothing(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.deliver({"patient.csv": SENT})
    made.run()
    whole, path, chance = made.validated("patient").rows(), raw_table(made), random.Random(20261122)
    content, refused = path.read_bytes(), 0
    pages = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    for _ in range(12):
        damaged = bytearray(content)
        damaged[chance.randrange(4, pages)] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        try:
            assert checked_again(made) == whole
        except LakeError:
            refused += 1
    assert refused >= 6, "most of a file is pages, and each knows its checksum"
