"""What the name of a sent file says: whose table it is, which part of it, how it is packed; or what it is beside that.

A name is only ever compared with the names in the contracts. One that matches none is never printed nor made a path.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath

from schemas.data_contract import DataContract

PART = re.compile(r"\.part([0-9]{1,6})(?=\.[a-z]+$)")
"""A table may come in several files: `booking.csv`, `booking.part2.csv`."""

GZIP = "gz"
ENCRYPTED = ("pgp", "gpg", "asc", "age")
OTHER_PACKINGS = ("zip", "7z", "rar", "bz2", "xz", "zst", "tar", "tgz", *ENCRYPTED)
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")

CHECKSUMS = {".sha256": "sha256", ".md5": "md5"}
CHECKSUM_LISTS = {"sha256sums": "sha256", "sha256sums.txt": "sha256", "md5sums": "md5", "md5sums.txt": "md5"}
DONE = ".done"


@dataclass(frozen=True)
class SentName:
    """A file of a table, as its name has it."""

    name: str
    """As sent; but for case, part and packing one of the contract's file names."""
    contract: DataContract
    part: int
    """0 for the file without a part number."""
    packing: str
    """Empty, `gz`, or what we do not unpack."""
    is_workbook: bool

    @property
    def plain_name(self) -> str:
        """The name without its packing."""
        return self.name[: -len(self.packing) - 1] if self.packing else self.name


def of_table(name: str, contracts: tuple[DataContract, ...]) -> SentName | None:
    """Which file of which table a name stands for, if any."""
    folded, packing = _unpacked(name.casefold())
    match = PART.search(folded)
    plain = PART.sub("", folded)
    is_workbook = plain.endswith(WORKBOOKS)
    wanted = {plain, PurePath(plain).stem + ".csv"} if is_workbook else {plain}
    for contract in contracts:
        if wanted & {one.casefold() for one in contract.file_names}:
            return SentName(name, contract, int(match[1]) if match else 0, packing, is_workbook)
    return None


def is_companion(name: str) -> bool:
    """Whether a file only tells something about others: a checksum, or a marker that they are complete."""
    folded = name.casefold()
    return folded in CHECKSUM_LISTS or folded.endswith((DONE, *CHECKSUMS))


def _unpacked(folded: str) -> tuple[str, str]:
    plain, _, suffix = folded.rpartition(".")
    return (plain, suffix) if suffix in (GZIP, *OTHER_PACKINGS) and "." in plain else (folded, "")
