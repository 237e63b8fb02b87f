"""Accuracy, time and memory of linking labelled sets: ours beside what else there is, in one run.

    make bench-linkage                                     every method on every set
    python -m benchmarks.linkage FOLDER [SET …]            some sets of a folder
    python -m benchmarks.linkage FOLDER --method ours      some methods

A set is a folder with records.parquet and truth.parquet. Each method runs as a process of its own on one set at a time,
and writes source, source_record_id, person_id; it never sees the truth, but for dedupe, which asks it for labels.
"""
