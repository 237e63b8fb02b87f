"""Which components could come to other numbers: those where the events of two clients meet in some measure.

Most components hold one client of each agency, and most measures read the events of one agency. Who is in custody is
told by bookings and deaths: whether a client of a hospital is the same person changes no return to jail. Such a
component adds the same rows to every sum however it is cut, so it is neither cut anew nor measured anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import numpy as np

from pipelines.link.graph import Flags, Numbers
from pipelines.link.places import among


@dataclass(frozen=True)
class Reading:
    """Tables of events that some measures read."""

    rows_of: tuple[str, ...]
    """A person without an event in any of these has no row of these measures."""
    besides: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """Every table of events that these measures read."""
        return self.rows_of + self.besides


READINGS = (
    Reading(("bookings",), ("deaths",)),
    Reading(("homeless_enrollments",), ("deaths",)),
    Reading(
        ("tenancies", "partnerships"),
        (
            "bookings",
            "psychiatric_emergency_contacts",
            "inpatient_stays",
            "deaths",
            "mental_health_services",
            "residential_settings",
        ),
    ),
)
"""Every measure reads the events of one of these; a test holds the `.sql` files against it."""


@dataclass(frozen=True)
class Reach:
    """What clients bring to measures."""

    readings: tuple[tuple[Flags, Flags], ...]
    """For each of `READINGS`: clients with events that make rows, and those with any that is read."""
    unlinkable: Flags

    def can_differ(self, labels: Numbers) -> Flags:
        """Clients of components (by label) that a measure could tell one way of cutting from another.

        In such a component two clients have events that some measure reads, and one has those that make its rows. A
        client that nobody could link makes its component one: whether a person can be linked all of their clients say.
        """
        found = _counts(labels, self.unlinkable) > 0
        for rows_of, read in self.readings:
            found |= (_counts(labels, rows_of) > 0) & (_counts(labels, read) > 1)
        return np.asarray(found[labels], dtype=bool)


def read_reach(connection: duckdb.DuckDBPyConnection, keys: Numbers) -> Reach:
    """What the clients of these keys bring, by the views `events.<table>` and `events.clients`."""
    tables = sorted({table for each in READINGS for table in each.all})
    has = {name: _are(connection, keys, f"select distinct client_key from events.{name}") for name in tables}
    readings = tuple((_any(has, each.rows_of), _any(has, each.all)) for each in READINGS)
    return Reach(readings, ~_are(connection, keys, "select client_key from events.clients where is_linkable"))


def _any(has: Mapping[str, Flags], tables: tuple[str, ...]) -> Flags:
    return np.asarray(np.any([has[name] for name in tables], axis=0), dtype=bool)


def _counts(labels: Numbers, chosen: Flags) -> Numbers:
    """How many chosen clients each component has."""
    return np.bincount(labels[chosen], minlength=len(labels)).astype(np.int64)


def _are(connection: duckdb.DuckDBPyConnection, keys: Numbers, query: str) -> Flags:
    """Which keys a query of keys finds."""
    found = connection.execute(f"select client_key from ({query}) where client_key is not null").fetchnumpy()
    return among(keys, np.sort(found["client_key"].astype(np.int64)))
