"""Spans of time of persons: merged, looked up, subtracted. Half-open: [start, end)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthetic.times import Bools, Ints

PERSON_STEP = 1 << 34
"""Larger than any second that we count, so that (person, time) fits one sortable number."""


@dataclass(frozen=True)
class Spans:
    """Disjoint spans, sorted by person and start; unit (day or second) is the caller's."""

    person: Ints
    start: Ints
    end: Ints

    def index_at(self, person: Ints, at: Ints) -> Ints:
        """Row of the span that holds a person's moment; -1 where there is none."""
        if len(self.person) == 0:
            return np.full(len(person), -1, dtype=np.int64)
        row = np.searchsorted(self.person * PERSON_STEP + self.start, person * PERSON_STEP + at, side="right") - 1
        held = (row >= 0) & (self.person[row] == person) & (at < self.end[row])
        return np.where(held, row, -1).astype(np.int64)

    def hold(self, person: Ints, at: Ints) -> Bools:
        """Whether a person's moment lies in one of the spans."""
        result: Bools = self.index_at(person, at) >= 0
        return result

    def times(self, factor: int) -> Spans:
        """The same spans in a finer unit."""
        return Spans(self.person, self.start * factor, self.end * factor)


def merged(person: Ints, start: Ints, end: Ints) -> Spans:
    """Spans put in order, those that touch or overlap made one, empty ones left out."""
    real = (end > start) & (start >= 0)
    person, start, end = person[real], start[real], end[real]
    if len(person) == 0:
        return Spans(person, start, end)
    order = np.lexsort((start, person))
    person, start, end = person[order], start[order], end[order]
    reach = np.maximum.accumulate(person * PERSON_STEP + end)
    fresh = np.ones(len(person), dtype=bool)
    fresh[1:] = (person * PERSON_STEP + start)[1:] > reach[:-1]
    first = np.flatnonzero(fresh)
    last = np.append(first[1:], len(person)) - 1
    return Spans(person[first], start[first], reach[last] - person[first] * PERSON_STEP)


def clear_of_earlier(person: Ints, start: Ints, end: Ints, gap: int) -> Bools:
    """For rows sorted by person and start: which begin more than `gap` after every earlier row of the person ended."""
    keep = np.ones(len(person), dtype=bool)
    if len(person) == 0:
        return keep
    reach = np.maximum.accumulate(person * PERSON_STEP + end + gap)
    keep[1:] = (person * PERSON_STEP + start)[1:] > reach[:-1]
    return keep
