"""What became of a bad input, held against the lines that its case expects."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pipelines.ingest import IngestReport, Problem
from pipelines.validate import Receipt, validate_deliveries
from tests.bad_inputs.cases import Case, function
from tests.intake import County

QUARANTINED = re.compile(r"quarantined: (?P<rule>\S+) at line (?P<line>[0-9]+)")
PERSONAL = ("Alder", "123456789", "1980-01-02")
"""Of the good rows of `tests/intake.py`."""


@dataclass
class Outcome:
    """Everything that was told of a county's deliveries."""

    report: IngestReport
    receipts: list[Receipt]
    quarantine: list[tuple[int, str]] = field(default_factory=list)
    """Line and rule of every broken rule."""

    @property
    def problems(self) -> list[Problem]:
        """All of them: refusals, what holds, warnings."""
        told = [*self.report.refused, *self.report.warnings]
        return told + [one for receipt in self.receipts for one in (*receipt.held, *receipt.warnings)]

    @property
    def held(self) -> set[str]:
        """Rules that hold a delivery."""
        return {one.rule_id for receipt in self.receipts for one in receipt.held}

    @property
    def warnings(self) -> set[str]:
        """Rules of which a delivery, or the look at the landing folder, only warns."""
        return {one.rule_id for receipt in self.receipts for one in receipt.warnings} | {
            one.rule_id for one in self.report.warnings
        }


def outcome(county: County) -> Outcome:
    """Take and validate what lies in a county's landing folder."""
    report = county.take()
    receipts = validate_deliveries(county.lake, county.contracts())
    tables = sorted({path.stem for path in county.lake.zone("quarantine").glob("*/*/*.parquet")})
    rows = [(line, rule) for table in tables for line, _, rule in county.quarantine(table)]
    return Outcome(report, receipts, rows)


def must_be(case: Case, county: County, found: Outcome) -> None:
    """Assert every line of what a case expects."""
    kinds = {line.partition(": ")[0] for line in case.expect}
    told = [line.partition(": ")[2] for line in case.expect]
    of = {kind: {text for line, text in zip(case.expect, told, strict=True) if line.startswith(kind)} for kind in kinds}
    assert found.held == of.get("held", set())
    assert {one.rule_id for one in found.report.refused} == of.get("refused", set())
    assert bool(found.report.waiting) == ("waiting" in kinds)
    assert of.get("warning", set()) <= found.warnings
    if "held" not in kinds:
        assert sorted(found.quarantine) == sorted(map(_quarantined, [o for o in case.expect if "quarantined" in o]))
    for count in of.get("superseded", set()):
        assert sum(table.superseded for one in found.receipts for table in one.tables.values()) == int(count)
    if kinds <= {"normalised", "then"}:
        assert found.warnings == set()
    if not kinds & {"held", "refused", "waiting", "then"}:
        assert [receipt.status for receipt in found.receipts] == ["accepted"] * max(1, len(found.receipts))
    for name in of.get("then", set()):
        function(name)(county)


def must_always_be(found: Outcome) -> None:
    """Rows are conserved, every problem has a mend, nobody is named."""
    for receipt in found.receipts:
        for counts in receipt.tables.values():
            assert counts.rows_in == counts.accepted + counts.quarantined + counts.superseded
    assert all(one.mend for one in found.problems)
    told = f"{found.problems} {found.report} {found.receipts}"
    assert not [value for value in PERSONAL if value in told]


def _quarantined(line: str) -> tuple[int, str]:
    match = QUARANTINED.fullmatch(line)
    assert match, f"not understood: {line}"
    return int(match["line"]), match["rule"]
