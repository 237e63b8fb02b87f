"""Compare the people of a programme with people like them who were not in it.

terms.py          the fields of a comparison     specification.py  YAML → terms, or refused
propensity.py     how likely each was treated    matching.py       who is compared with whom
balance.py        whether they are alike         effects.py        difference-in-differences, pre/post
survival.py       time to the return to jail     candidates.py     who could have been treated, from the lake
compare.py        all of it
"""

from pipelines.comparison.compare import Comparison, compare, compare_candidates
from pipelines.comparison.specification import COMPARISONS, load_specifications, read_specification
from pipelines.comparison.terms import Specification

__all__ = [
    "COMPARISONS",
    "Comparison",
    "Specification",
    "compare",
    "compare_candidates",
    "load_specifications",
    "read_specification",
]
