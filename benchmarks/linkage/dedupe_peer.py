"""dedupe 3 with labels: run by a Python of its own, in which dedupe is installed and nothing of ours.

    python dedupe_peer.py RECORDS.csv OUT.csv LABELS

RECORDS.csv holds `row`, `truth` and the columns to compare; the truth answers the questions of the active learner,
LABELS of them, and is not looked at else. Writes row, person_id; the last line it prints is JSON.
"""

import csv
import json
import logging
import random
import sys
import time
from pathlib import Path

import dedupe
import numpy as np

THRESHOLD = 0.5
"""dedupe's default."""


def main(records, out, labels):
    """Learn, link and write."""
    began = time.monotonic()
    random.seed(1)
    np.random.seed(1)
    data, truth = read(records)
    columns = list(next(iter(data.values())))
    variables = [dedupe.variables.String(column, has_missing=True) for column in columns]
    deduper = dedupe.Dedupe(variables, num_cores=1)
    by_content = {tuple(record.items()): row for row, record in data.items()}
    deduper.prepare_training(data)
    for _ in range(labels):
        answer(deduper, by_content, truth)
    deduper.train()
    found = deduper.partition(data, THRESHOLD)
    with Path(out).open("w", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["row", "person_id"])
        writer.writerows((row, person) for person, (rows, _) in enumerate(found) for row in rows)
    print(json.dumps({"seconds": time.monotonic() - began}))


def read(path):
    """The records and the truth, by row."""
    data, truth = {}, {}
    with Path(path).open(newline="") as handle:
        for line in csv.DictReader(handle):
            row = int(line.pop("row"))
            truth[row] = line.pop("truth")
            data[row] = {column: value.lower() or None for column, value in line.items()}
    return data, truth


def answer(deduper, by_content, truth):
    """Answer one question of the learner as the truth does."""
    for pair in deduper.uncertain_pairs():
        one, other = (truth[by_content[tuple(record.items())]] for record in pair)
        deduper.mark_pairs({"match": [pair] if one == other else [], "distinct": [] if one == other else [pair]})


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
