"""Splink as its own examples set it up for persons: library comparisons, their blocking rules, EM, components.

Settings are those of Splink 5's published examples `febrl3` and `deduplicate_50k_synthetic`, with the columns that our
sets have. Dates are brought into one form first, as the examples' data are; nothing else is cleaned.
"""

from __future__ import annotations

import logging
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from benchmarks.linkage.masked import GIVEN_SSN
from benchmarks.processes import tell

COLUMNS = ("first_name", "middle_name", "last_name", "dob", "ssn", "sex", "city", "zip", "occupation")
DATE_FORMATS = ["%m/%d/%Y", "%Y%m%d", "%Y-%m-%d"]

COMPARISONS = {
    "first_name": lambda: cl.NameComparison("first_name"),
    "middle_name": lambda: cl.ExactMatch("middle_name").configure(term_frequency_adjustments=True),
    "last_name": lambda: cl.NameComparison("last_name"),
    "dob": lambda: cl.DateOfBirthComparison("dob", input_is_string=True),
    "ssn": lambda: cl.DamerauLevenshteinAtThresholds("ssn", [2]),
    "sex": lambda: cl.ExactMatch("sex"),
    "zip": lambda: cl.ExactMatch("zip").configure(term_frequency_adjustments=True),
    "occupation": lambda: cl.ExactMatch("occupation").configure(term_frequency_adjustments=True),
}
"""One comparison speaks of the home: with address and city beside the ZIP code, housemates become one person, and F1
on a set with families falls from .98 to .89."""

BLOCKING = (
    ("ssn",),
    ("substr(first_name, 1, 3)", "substr(last_name, 1, 4)"),
    ("last_name", "dob"),
    ("first_name", "dob"),
    ("zip", "first_name"),
    ("zip", "last_name"),
    ("dob", "city"),
    ("substr(first_name, 1, 2)", "substr(last_name, 1, 2)", "substr(dob, 1, 4)"),
)
DETERMINISTIC = (("ssn",), ("first_name", "last_name", "dob"))
RECALL = 0.7
MAX_PAIRS = 1e7
PREDICT_AT, CLUSTER_AT = 0.2, 0.95
"""Match probabilities, those of the examples; clustering at 0.5 costs two points of F1 on a set with families."""


def main(folder: Path, out: Path) -> None:
    """Link a set; tells how long it took and how many pairs were scored."""
    began = time.monotonic()
    with duckdb.connect() as connection:
        present = _open(connection, folder / "records.parquet")
        linker = _trained(connection, present)
        pairs = linker.inference.compute_blocked_pairs_for_predict().physical_name
        scored = linker.inference.predict(threshold_match_probability=PREDICT_AT)
        clustered = linker.clustering.cluster_pairwise_predictions_at_threshold(
            scored, threshold_match_probability=CLUSTER_AT
        )
        persons = f"select source, source_record_id, cluster_id as person_id from {clustered.physical_name}"
        connection.execute(f"copy ({persons}) to '{out}'")
        ((candidates,),) = connection.execute(f"select count(*) from {pairs}").fetchall()
    tell(seconds=time.monotonic() - began, candidate_pairs=candidates)


def _open(connection: duckdb.DuckDBPyConnection, records: Path) -> frozenset[str]:
    """Make the table; returns the columns that hold anything."""
    source = f"read_parquet('{records}')"
    there = [row[0] for row in connection.execute(f"describe from {source}").fetchall() if row[0] in COLUMNS]
    plain = [f"{column}::varchar as {column}" for column in there if column not in ("dob", "ssn")]
    connection.execute(
        "create table records as select row_number() over () as unique_id, source, source_record_id, "
        f"strftime(try_strptime(dob, {DATE_FORMATS}), '%Y-%m-%d') as dob, "
        f"{GIVEN_SSN}, {', '.join(plain)} from {source}"
    )
    counts = connection.execute(f"select {', '.join(f'count({column})' for column in there)} from records").fetchall()
    return frozenset(column for column, count in zip(there, counts[0], strict=True) if count)


def _trained(connection: duckdb.DuckDBPyConnection, present: frozenset[str]) -> Any:
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[make() for column, make in COMPARISONS.items() if column in present],
        blocking_rules_to_generate_predictions=[block_on(*rule) for rule in BLOCKING if _speaks(rule, present)],
    )
    api = DuckDBAPI(connection)
    linker = Linker(api.register("records"), settings, log_level=logging.CRITICAL)
    certain = [block_on(*rule) for rule in DETERMINISTIC if _speaks(rule, present)]
    linker.training.estimate_probability_two_random_records_match(certain, recall=RECALL)
    linker.training.estimate_u_using_random_sampling(max_pairs=MAX_PAIRS, seed=1)
    for rule in (block_on("first_name", "last_name"), block_on("dob")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    return linker


def _speaks(rule: tuple[str, ...], present: frozenset[str]) -> bool:
    """Whether the set has every column that a rule names."""
    return all(any(column in part for column in present) for part in rule)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
