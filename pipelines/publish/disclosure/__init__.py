"""Small numbers stay unsaid: which counts of an aggregate are withheld before it leaves, so that nobody can be found.

    terms.py       the kinds of relation           model.py       read from published/disclosure_rules.yaml
    relations.py   rows → cells and sums            tellings.py   those of earlier releases beside them
    cells.py       what cells and sums are          protect.py    which cells are withheld
    component.py   those that sums tie together      reached.py    how far cells were found to move
    bounds.py      the proof, by programmes.py      rounding.py   another way than withholding
    control.py     all tables of a release          one_table.py  a table outside a release
    memory.py      what was told before             opt_outs.py   who said that a table is told as it is
    blocks.py      what did not change since        audit.py      the last look at a release's files

Does not belong here: where the rows come from, and the person-level tables (they leave only under an agreement).
"""

from pipelines.publish.disclosure.model import load_model
from pipelines.publish.disclosure.one_table import MEASURE_RESULTS, PROPORTION, RowSum, Shape, withhold

MIN_CELL = load_model().rules.min_cell
"""The smallest count of people that is published; 1 to 10 are withheld. Its reason stands beside it in the YAML."""


def is_small(count: float | None) -> bool:
    """Whether a count is a small cell: above zero and below `MIN_CELL`."""
    return load_model().rules.is_small(count)


__all__ = ["MEASURE_RESULTS", "MIN_CELL", "PROPORTION", "RowSum", "Shape", "is_small", "withhold"]
