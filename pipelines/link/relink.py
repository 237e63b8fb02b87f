"""The oracle: everything scored anew, held against what the nights came to.

Belongs here: the comparison. A difference is a defect of the nightly path, or a lake that somebody wrote to.
"""

from __future__ import annotations

from dataclasses import dataclass

from linkage_rules.bundle import Bundle
from pipelines import sql
from pipelines.errors import LakeError
from pipelines.lake import Lake
from pipelines.link.linking import PACKAGE, make_clusters
from pipelines.link.ties import last_decisions

NEEDED = (("standard", "identities"), ("standard", "clients"), ("linked", "links"), ("linked", "clusters"))


@dataclass(frozen=True)
class Verification:
    """Counts of what was compared, and of what differs."""

    links: int
    links_missing: int
    """Links of the full run that the lake lacks."""
    links_extra: int
    scores_differing: int
    """Links of both whose weight is not the same to the last bit."""
    reasons_differing: int
    """Links of one weight with another guard, or another first rule that met them."""
    clients: int
    clients_placed_otherwise: int

    @property
    def is_equal(self) -> bool:
        """Whether the lake holds exactly what a full run comes to."""
        return not (
            self.links_missing
            or self.links_extra
            or self.scores_differing
            or self.reasons_differing
            or self.clients_placed_otherwise
        )


def verify_linkage(lake: Lake, bundle: Bundle) -> Verification:
    """Link all of standard/ anew in memory, and compare with linked/; the lake stays as it is.

    Decisions are those that linked/ was made with.

    Raises:
        LakeError: nothing was linked yet.
    """
    for zone, table in NEEDED:
        if not lake.has(zone, table):
            raise LakeError(f"{zone}/{table} is not there yet; run the nightly job first")
    with sql.connect(lake.spill, places=[bundle.folder]) as connection:
        sql.open_views(connection, lake, NEEDED)
        make_clusters(connection, bundle, last_decisions(lake))
        for table in ("links", "clusters"):
            select = sql.text(PACKAGE, table)
            connection.execute(f"create or replace table linkage.full_{table} as {select}")
        (found,) = sql.relation(connection, PACKAGE, "differences").fetchall()
    return Verification(*found)
