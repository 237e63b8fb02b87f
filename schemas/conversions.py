"""How rows of an older version of a format are read as rows of the contract's: `data_contracts/conversions/*.yaml`.

Belongs here: reading a conversion, and what makes it ill-formed. `pipelines/validate/conversions.py` carries it out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pipelines.errors import ContractError
from schemas.contract_fields import Fields
from schemas.yaml_documents import read_yaml

FOLDER = "conversions"
KEYS = {"title", "source", "tables"}
TABLE_KEYS = {"renamed", "decided", "dropped", "added"}
DECIDED_KEYS = {"column", "reason", "flags", "others", "set", "unset", "told_by", "otherwise"}


@dataclass(frozen=True)
class Decided:
    """A column that is worked out from flags: the code of the one flag that is set, if no other is.

    Where no flag is set, the column `told_by` may say why, in codes that stay. Where several are set, or one of
    `others`, or a flag holds something else, the flags do not decide, and the value is `otherwise`.
    """

    column: str
    flags: Mapping[str, str]
    """Flag → code."""
    others: tuple[str, ...]
    is_set: str
    unset: tuple[str, ...]
    told_by: str
    told_codes: tuple[str, ...]
    otherwise: str

    @property
    def sources(self) -> tuple[str, ...]:
        """Every column from which it is worked out."""
        return (*self.flags, *self.others, self.told_by)


@dataclass(frozen=True)
class TableConversion:
    """What happens to the columns of one table."""

    renamed: Mapping[str, str]
    decided: tuple[Decided, ...]
    dropped: tuple[str, ...]
    """Columns that are not carried on; `raw` keeps them."""
    added: tuple[str, ...]
    """Columns that the older version did not have: empty."""

    @property
    def needed(self) -> tuple[str, ...]:
        """Columns that must be there for the conversion to be true."""
        return (*self.renamed, *(name for one in self.decided for name in one.sources))

    @property
    def made(self) -> tuple[str, ...]:
        """Columns that must not be there already."""
        return (*self.renamed.values(), *(one.column for one in self.decided), *self.added)


@dataclass(frozen=True)
class Conversion:
    """A conversion by table."""

    title: str
    tables: Mapping[str, TableConversion]


def find_conversion(name: str, roots: tuple[Path, ...]) -> Path | None:
    """The file of a conversion in the first of these contract folders that has it."""
    paths = [root / FOLDER / f"{name}.yaml" for root in roots]
    return next((path for path in paths if path.is_file()), None)


def read_conversion(path: Path) -> Conversion:
    """The conversion in a file; raises ContractError with file, field and mend."""
    try:
        document = read_yaml(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        raise ContractError(f"{path.name}: is not YAML; mend its syntax") from None
    top = Fields(path.name, "", document)
    top.only(KEYS)
    tables = {name: _table(Fields(path.name, f"tables.{name}.", given)) for name, given in top.need("tables").items()}
    return Conversion(str(top.need("title")), tables)


def _table(given: Fields) -> TableConversion:
    given.only(TABLE_KEYS)
    return TableConversion(
        renamed=dict(given.get("renamed", {})),
        decided=tuple(
            _decided(Fields(given.file, f"{given.place}decided.", item)) for item in given.get("decided", [])
        ),
        dropped=given.texts("dropped"),
        added=given.texts("added"),
    )


def _decided(given: Fields) -> Decided:
    given.only(DECIDED_KEYS)
    told: Mapping[str, Any] = given.need("told_by")
    given.need("reason")
    return Decided(
        column=given.need("column"),
        flags={flag: str(code) for flag, code in given.need("flags").items()},
        others=given.texts("others"),
        is_set=str(given.need("set")),
        unset=given.texts("unset"),
        told_by=told["column"],
        told_codes=tuple(map(str, told["codes"])),
        otherwise=str(given.need("otherwise")),
    )
