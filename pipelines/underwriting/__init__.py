"""Underwrite an outcomes contract: what it may come to pay, by what chance, and what that rests on.

assumptions.py   what is assumed, with sources        reading.py        YAML → a case, or a refusal
changes.py       what-if                              evidence.py       what the lake knows of the people
chances.py       uncertain numbers, by quantile       inputs.py         the uncertain numbers of a case
volumes.py       flow → persons → units               draws_pricing.py  the statements' rules for many draws
simulation.py    units × price                        findings.py       payments, chances, cash flow
sensitivity.py   break-even, tornado, link error      worth.py          cost avoided, prices, power
tables.py        findings as Arrow tables             underwrite.py     all of it, in order
"""

from pipelines.underwriting.changes import stated_changes
from pipelines.underwriting.evidence import NO_EVIDENCE, Evidence, gather
from pipelines.underwriting.reading import Case, assumptions_path, check_assumptions, read_case
from pipelines.underwriting.underwrite import DEFAULT_DRAWS, Underwriting, differences, underwrite

__all__ = [
    "DEFAULT_DRAWS",
    "NO_EVIDENCE",
    "Case",
    "Evidence",
    "Underwriting",
    "assumptions_path",
    "check_assumptions",
    "differences",
    "gather",
    "read_case",
    "stated_changes",
    "underwrite",
]
