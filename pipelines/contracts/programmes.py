"""Programmes that a contract names and no record of the county can be of: a clause for one pays nothing, in silence.

It is told and not refused, because a contract may be priced before its programme begins, or for another county.
"""

from __future__ import annotations

import csv
from pathlib import Path

from pipelines.contracts.terms import OutcomesContract
from pipelines.standardise.code_sets import CODE_SETS

PROGRAMMES = "housing_programs"
"""The code set that every row of a programme joins."""


def known_programmes(code_sets: Path = CODE_SETS) -> list[str]:
    """Codes of the programmes that records can be of, as the code set ranks them."""
    with (code_sets / f"{PROGRAMMES}.csv").open(newline="", encoding="utf-8") as file:
        return [row["program_code"] for row in csv.DictReader(file)]


def unknown_programmes(contract: OutcomesContract, code_sets: Path = CODE_SETS) -> list[str]:
    """A sentence for each clause that a measure of ours decides and whose programme nobody can be in."""
    known = known_programmes(code_sets)
    return [
        f"{contract.id}, {clause.id}: pays nothing, for no record can be of programme {clause.program_code}; "
        f"{PROGRAMMES}.csv has {', '.join(known)}"
        for clause in contract.clauses
        if clause.program_code is not None
        and clause.program_code not in known
        and contract.metric(clause).measure is not None
    ]
