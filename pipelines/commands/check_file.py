"""One file against its data contract, before it is sent: the code of the nightly run, in a lake of its own.

The lake is a private temporary folder that is gone afterwards. What is told names files, lines, columns, rules and
counts, never a value.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.errors import CountylinkError
from pipelines.ingest import Problem, take_deliveries
from pipelines.lake import Lake
from pipelines.validate import Receipt, TableCounts, validate_deliveries
from schemas.data_contract import DataContract, DataContracts

FORMAT = "countylink-check-1"
CLEAN, QUARANTINED, HELD = "clean", "quarantined", "held"
EXIT_CODES = {CLEAN: 0, QUARANTINED: 1, HELD: 2}

PACKED = re.compile(r"(?:\.part[0-9]+)?\.(csv|xlsx|xlsm)(\.gz)?$")
COMPANIONS = ("{}.sha256", "{}.md5", "{}.done", "SHA256SUMS", "MD5SUMS")
"""What may lie beside a file and tell of it; it comes along."""
DATED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class BrokenRule:
    """A rule that rows broke, with the first lines on which they did."""

    file: str
    column: str
    rule: str
    mend: str
    rows: int
    lines: tuple[int, ...]


@dataclass(frozen=True)
class CheckResult:
    """What the nightly run would make of a file."""

    file: str
    contract: str
    as_of: date | None
    verdict: str
    held: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    tables: dict[str, TableCounts] = field(default_factory=dict)
    quarantined: tuple[BrokenRule, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 clean, 1 rows quarantined, 2 held or not to be read at all."""
        return EXIT_CODES[self.verdict]

    def as_json(self) -> dict[str, Any]:
        """Plain values; the shape is told in docs/checking-a-file.md."""
        return {
            "format": FORMAT,
            "file": self.file,
            "contract": self.contract,
            "as_of": self.as_of and self.as_of.isoformat(),
            "verdict": self.verdict,
            "exit_code": self.exit_code,
            "held": [_problem(one) for one in self.held],
            "warnings": [_problem(one) for one in self.warnings],
            "tables": {table: asdict(counts) for table, counts in self.tables.items()},
            "quarantined": [asdict(one) | {"lines": list(one.lines)} for one in self.quarantined],
        }


def check_file(
    path: Path, contracts: DataContracts, wanted: str | None = None, as_of: date | None = None, first: int = 5
) -> CheckResult:
    """Take and validate one file as a night would; `first` lines are told for each broken rule.

    A file alone is not held for the tables it does not bring; an archive is a delivery and must be whole. No breaker
    acts: what is usual is known to the lake alone.
    """
    day = as_of or _date_in(path) or date.today()
    try:
        agency, contract = _contract_of(path, contracts, wanted)
        with tempfile.TemporaryDirectory(prefix="countylink-check-") as folder:
            return _checked(path, Path(folder), agency, contract, contracts, day, first)
    except (CountylinkError, OSError) as error:
        return refused(path, wanted or "", error)


def refused(path: Path, wanted: str, error: Exception) -> CheckResult:
    """The result for a file that could not be looked into; an operating system's error is told by its name alone."""
    said = str(error) if isinstance(error, CountylinkError) else (getattr(error, "strerror", "") or "cannot be read")
    return CheckResult(path.name, wanted, None, HELD, held=(Problem("check.refused", path.name, "", said),))


def _checked(
    path: Path,
    folder: Path,
    agency: str,
    contract: DataContract | None,
    contracts: DataContracts,
    as_of: date,
    first: int,
) -> CheckResult:
    if contract is not None:
        contracts = _alone(contract, contracts)
    _put(path, folder / "landing" / agency, contract, as_of)
    lake = Lake(folder / "lake")
    report = take_deliveries(lake, folder / "landing", contracts)
    name = contract.id if contract else agency
    found = validate_deliveries(lake, contracts)
    if not found:
        return CheckResult(path.name, name, as_of, HELD, held=report.refused or (_INCOMPLETE,))
    (receipt,) = found
    broken = _broken_rules(lake, receipt, first)
    return CheckResult(
        file=path.name,
        contract=name,
        as_of=as_of,
        verdict=_verdict(receipt),
        held=receipt.held,
        warnings=receipt.warnings,
        tables=dict(receipt.tables),
        quarantined=broken,
    )


_INCOMPLETE = Problem(
    "check.incomplete", "", "", "the contract wants a checksum or a .done marker beside the file; put it there too"
)


def _verdict(receipt: Receipt) -> str:
    if not receipt.is_accepted:
        return HELD
    return QUARANTINED if any(counts.quarantined for counts in receipt.tables.values()) else CLEAN


def _contract_of(path: Path, contracts: DataContracts, wanted: str | None) -> tuple[str, DataContract | None]:
    """Agency and contract; an archive is a whole delivery, so it has only an agency."""
    if not path.is_file():
        raise CountylinkError("there is no such file, or it is a folder; name one CSV, CSV.gz, XLSX or zip file")
    if path.suffix.lower() == ".zip":
        return _agency_of_archive(path, contracts, wanted), None
    if wanted is not None:
        found = [contract for contract in contracts.all() if contract.id == wanted]
        if not found:
            raise CountylinkError(f"there is no contract {wanted}; there are {_listed(c.id for c in contracts.all())}")
        return found[0].agency, found[0]
    plain = PACKED.sub(".csv", path.name.casefold())
    fitting = [one for one in contracts.all() if plain in (name.casefold() for name in one.file_names)]
    if len(fitting) != 1:
        said = "several contracts name this file" if fitting else "no contract names this file"
        raise CountylinkError(f"{said}; say --contract with one of {_listed(c.id for c in fitting or contracts.all())}")
    return fitting[0].agency, fitting[0]


def _agency_of_archive(path: Path, contracts: DataContracts, wanted: str | None) -> str:
    """The agency of `--contract AGENCY[.table]`, or of the landing folder that the archive lies in."""
    agency = (wanted or path.resolve().parent.name).partition(".")[0]
    if agency not in contracts.agencies:
        raise CountylinkError(
            f"an archive is a whole delivery; say --contract with one of {_listed(contracts.agencies)}"
        )
    return agency


def _alone(contract: DataContract, contracts: DataContracts) -> DataContracts:
    """The agency's contracts, as they hold for one table that is sent by itself."""
    own = contracts.of(contract.agency)
    return DataContracts(contracts.root, tuple(replace(one, required_table=one is contract) for one in own))


def _put(path: Path, folder: Path, contract: DataContract | None, as_of: date) -> None:
    """Put the file where an agency would, under a name that its contract knows, with what tells of it."""
    if contract is None:
        folder.mkdir(parents=True)
        _link(path, folder / f"{as_of}.zip")
        return
    folder /= as_of.isoformat()
    folder.mkdir(parents=True)
    name = _name_for(path, contract)
    _link(path, folder / name)
    for form in COMPANIONS:
        beside = path.with_name(form.format(path.name))
        if beside.is_file():
            _link(beside, folder / form.format(name))


def _name_for(path: Path, contract: DataContract) -> str:
    """The file's own name if the contract knows it, else the contract's name with the file's ending."""
    known = contract.file_names[0]
    match = PACKED.search(path.name.casefold())
    if match is None:
        return known
    plain = path.name.casefold()[: match.start()] + ".csv"
    stem = next((one for one in contract.file_names if one.casefold() == plain), known).removesuffix(".csv")
    return stem + path.name[match.start() :]


def _link(source: Path, target: Path) -> None:
    """The same bytes under another name, without a copy where the file system allows it."""
    try:
        os.link(source.resolve(), target)
    except OSError:
        shutil.copyfile(source, target)


def _broken_rules(lake: Lake, receipt: Receipt, first: int) -> tuple[BrokenRule, ...]:
    paths = sorted((lake.zone("quarantine") / receipt.agency / receipt.delivery_id).glob("*.parquet"))
    if not paths:
        return ()
    by = ["_file_name", "column_name", "rule_id", "mend"]
    rows = pl.concat([pl.read_parquet(path, columns=[*by, "_line_number"]) for path in paths])
    line = pl.col("_line_number")
    groups = rows.group_by(by).agg(pl.len(), line.sort().head(first)).sort("len", *by, descending=[True] + [False] * 4)
    return tuple(
        BrokenRule(file, column, rule, mend, count, tuple(lines))
        for file, column, rule, mend, count, lines in groups.iter_rows()
    )


def _date_in(path: Path) -> date | None:
    """The as-of date of a file that lies in a landing folder, or of an archive that is named after it."""
    for name in (path.stem, path.resolve().parent.name):
        if match := DATED.match(name):
            try:
                return date.fromisoformat(match[0])
            except ValueError:
                continue
    return None


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _problem(one: Problem) -> dict[str, str]:
    return {"rule": one.rule_id, "file": one.file, "column": one.column, "mend": one.mend}
