"""Compute a past day again, beside the lake: what would its release be with today's code, contracts and decisions?

Takes the deliveries up to that day; gives a release in `past_days/<day>/` and a verdict: how it differs from the one
that was published then. Nothing else of the lake is touched, so `latest`, the names of persons and what earlier
releases told stay as they are (ADR 22).

aside.py      a lake beside the lake, as it was on a day
recompute.py  every stage over it, and the verdict
"""

from pipelines.past_days.aside import past_days_folder, set_aside, stands_at
from pipelines.past_days.recompute import Night, Verdict, recompute

__all__ = ["Night", "Verdict", "past_days_folder", "recompute", "set_aside", "stands_at"]
