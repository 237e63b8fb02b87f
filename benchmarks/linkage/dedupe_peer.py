"""dedupe 3 with labels: run by a Python of its own, in which dedupe is installed and nothing of ours.

    python dedupe_peer.py RECORDS.csv OUT.csv LABELS GIB

RECORDS.csv holds `row`, `truth` and the columns to compare; the truth gives LABELS labelled pairs, all at once rather
than in a dialogue (which would take seconds an answer), and is not looked at else. Writes row, person_id; the last line
printed is JSON.
"""

import csv
import json
import logging
import random
import resource
import sys
import time
from collections import defaultdict
from itertools import combinations
from pathlib import Path

import dedupe
import numpy as np

THRESHOLD = 0.5
"""dedupe's default."""

SAMPLE = 500
"""Pairs from which blocking is learnt, besides the labelled ones; dedupe's 1,500 take three times as long."""

LONG = ("address",)


def main(records, out, labels):
    """Learn, link and write."""
    began = time.monotonic()
    random.seed(1)
    np.random.seed(1)
    data, truth = read(records)
    columns = list(next(iter(data.values())))
    variables = [kind_of(column)(column, has_missing=True) for column in columns]
    deduper = dedupe.Dedupe(variables, num_cores=1)
    deduper.prepare_training(data, sample_size=SAMPLE)
    deduper.mark_pairs(labelled_pairs(data, truth, labels))
    deduper.train()
    found = deduper.partition(data, THRESHOLD)
    with Path(out).open("w", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["row", "person_id"])
        writer.writerows((row, person) for person, (rows, _) in enumerate(found) for row in rows)
    print(json.dumps({"seconds": time.monotonic() - began}))


def kind_of(column):
    """Long texts may be indexed for blocking; short ones are not, as dedupe's documentation advises."""
    return dedupe.variables.String if column in LONG else dedupe.variables.ShortString


def read(path):
    """The records and the truth, by row."""
    data, truth = {}, {}
    with Path(path).open(newline="") as handle:
        for line in csv.DictReader(handle):
            row = int(line.pop("row"))
            truth[row] = line.pop("truth")
            data[row] = {column: value.lower() or None for column, value in line.items()}
    return data, truth


def labelled_pairs(data, truth, labels):
    """Half the labels are pairs of one person; of the others, half share the surname or else the first column."""
    by_person, by_surname = defaultdict(list), defaultdict(list)
    for row, record in data.items():
        by_person[truth[row]].append(row)
        by_surname[record.get("last_name") or next(iter(record.values()))].append(row)
    same = [pair for rows in by_person.values() for pair in combinations(rows, 2)]
    alike = [pair for rows in by_surname.values() for pair in combinations(rows[:50], 2)]
    alike = [(one, other) for one, other in alike if truth[one] != truth[other]]
    rows = list(data)
    others = [tuple(random.sample(rows, 2)) for _ in range(labels)]
    others = [(one, other) for one, other in others if truth[one] != truth[other]]
    few = random.sample(alike, min(labels // 4, len(alike)))
    distinct = few + others[: labels // 2 - len(few)]
    return {
        "match": [(data[one], data[other]) for one, other in random.sample(same, min(labels // 2, len(same)))],
        "distinct": [(data[one], data[other]) for one, other in distinct],
    }


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    most = int(sys.argv[4]) << 30
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
