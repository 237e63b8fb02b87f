"""From one form of a lake to the next: numbered steps, each of which can be taken again after a kill.

A step is added here whenever `STATE_VERSION` goes up, and is never changed afterwards: old lakes are upgraded by the
steps that led here. A lake is upgraded by somebody, not by a night, since the program before cannot read it any longer.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pipelines.audit import record_act
from pipelines.errors import LakeError
from pipelines.lake import Lake
from pipelines.operations.state import STATE_VERSION, program_version, refuse_newer, state_version, write_state
from pipelines.publish import standing


@dataclass(frozen=True)
class Step:
    """What leads to one form of a lake."""

    says: str
    take: Callable[[Lake], None]


def _number_and_catalogue(lake: Lake) -> None:
    """Releases enter the catalogue; what a night remembers is dropped, for its form had no number then."""
    standing.adopt(lake)
    shutil.rmtree(lake.zone("linked") / "remembered", ignore_errors=True)


STEPS: Mapping[int, Step] = {
    2: Step(
        "the lake says its form; releases from before the catalogue are entered into it; the next night scores every "
        "pair anew",
        _number_and_catalogue,
    ),
}
"""Form that is reached → step. Without a gap up to the current one."""


def pending(lake: Lake) -> list[int]:
    """The forms that a lake has yet to go through, in order.

    Raises:
        LakeError: a newer program wrote the lake.
    """
    refuse_newer(lake)
    return list(range(state_version(lake) + 1, STATE_VERSION + 1))


def upgrade(lake: Lake, by: str, steps: Mapping[int, Step] = STEPS) -> list[str]:
    """Take every step that is pending; returns what each did. The caller holds the lock.

    Raises:
        LakeError: nobody says who, a newer program wrote the lake, or a step cannot be taken.
    """
    if not by.strip():
        raise LakeError("say who upgrades the lake")
    said = []
    for version in pending(lake):
        steps[version].take(lake)
        write_state(lake, version)
        detail = {"from": version - 1, "to": version, "program": program_version()}
        record_act(lake, act="lake_upgraded", by=by, subject=f"form {version}", detail=detail)
        said.append(f"form {version}: {steps[version].says}")
    return said
