"""The lake: who can read it, its form, keys, model, releases, audit log, disk, and what killed runs left."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator, Mapping
from functools import partial

from pipelines.audit import acts, verify_audit
from pipelines.damaged import damaged_tables
from pipelines.key_files import read_key
from pipelines.lake import ZONES, Lake, refuse_open_folders
from pipelines.link import pinned, read_pin
from pipelines.operations.disk import bytes_of_runs, free_bytes, needed_bytes, refuse_full_disk, told
from pipelines.operations.finding import FAIL, OK, WARN, Check, Finding
from pipelines.operations.limits import limits
from pipelines.operations.state import STATE_VERSION, refuse_newer, state_version
from pipelines.publish.catalogue import noted_heads
from pipelines.publish.latest import latest_release
from pipelines.publish.person_keys import key_path
from pipelines.publish.verify import verify_release
from pipelines.validate.receipts import refuse_lost_tables


def checks(lake: Lake) -> Mapping[str, Check]:
    """Name → check."""
    made = (permissions, form, tables, keys, model, release, audit, disk, clock, leftovers)
    return {f"lake: {one.__name__}": partial(one, lake) for one in made}


def permissions(lake: Lake) -> Iterator[Finding]:
    """Nobody but its owner looks into a lake, and its owner is who asks."""
    refuse_open_folders(lake.root)
    if lake.root.stat().st_uid != os.geteuid():
        mend = "run as the user of the services: sudo -u countylink countylink …"
        yield Finding(FAIL, "permissions", "the lake belongs to another user", mend)
    else:
        yield Finding(OK, "permissions", "closed to others")


def form(lake: Lake) -> Iterator[Finding]:
    """The number of the lake's form beside the program's."""
    refuse_newer(lake)
    version = state_version(lake)
    mend = "countylink backup --lake LAKE --to FOLDER; countylink upgrade --lake LAKE --by NAME"
    yield Finding(
        OK if version == STATE_VERSION else FAIL, "form", f"{version}; the program's is {STATE_VERSION}", mend
    )


def tables(lake: Lake) -> Iterator[Finding]:
    """No table is cut off or emptied, and none of an accepted delivery is gone."""
    found = list(damaged_tables(lake.root))
    for name, mend in found:
        yield Finding(FAIL, "tables", f"{name} is damaged", mend)
    if not found:
        refuse_lost_tables(lake)
        yield Finding(OK, "tables", "all are whole")


def keys(lake: Lake) -> Iterator[Finding]:
    """Every key can be used, and the one that releases were made with is there."""
    found = sorted((lake.root / "keys").rglob("*.key"))
    for path in found:
        read_key(path)
    if latest_release(lake) is not None and not key_path(lake).exists():
        mend = "restore keys/ from the backup: a new key would give every person a new name"
        yield Finding(FAIL, "keys", "releases were made with a key that is gone", mend)
    else:
        yield Finding(OK, "keys", f"{len(found)} can be used")


def model(lake: Lake) -> Iterator[Finding]:
    """The linkage model that the lake is pinned to is there, and as it was."""
    pin = read_pin(lake)
    if pin is None:
        yield Finding(OK, "model", "none yet; the first run pins the one that is shipped")
    else:
        yield Finding(OK, "model", f"{pinned(lake, pin).version}, as it was pinned")


def release(lake: Lake) -> Iterator[Finding]:
    """Every byte of the latest release."""
    latest = latest_release(lake)
    if latest is None:
        yield Finding(WARN, "release", "there is none yet", "countylink run")
        return
    found = verify_release(latest)
    mend = "docs/runbook.md#a-release-does-not-verify"
    says = f"{latest.name} is whole" if found.is_whole else f"{latest.name}: {'; '.join(found.faults[:3])}"
    yield Finding(OK if found.is_whole else FAIL, "release", says, mend)


def audit(lake: Lake) -> Iterator[Finding]:
    """The log of who looked and who changed."""
    found = verify_audit(lake, noted_heads(lake))
    says = f"{found.head.acts} acts, whole" if found.is_whole else "; ".join(found.faults[:3])
    mend = "docs/runbook.md#the-audit-log-is-not-whole"
    yield Finding(OK if found.is_whole else FAIL, "audit log", says, mend)


def disk(lake: Lake) -> Iterator[Finding]:
    """Room for the next run."""
    refuse_full_disk(lake)
    free, needed = free_bytes(lake.root), needed_bytes(lake)
    last = f"the last run wrote {told(bytes_of_runs(lake)[-1])}" if bytes_of_runs(lake) else "no run has ended yet"
    is_scarce = free < 2 * needed
    mend = "docs/runbook.md#the-disk-is-full"
    yield Finding(WARN if is_scarce else OK, "disk", f"{told(free)} free; a run needs {told(needed)}; {last}", mend)


def clock(lake: Lake) -> Iterator[Finding]:
    """Nothing was done later than now: else the clock was set back, or was wrong before."""
    newest = max((act.at.timestamp() for act in acts(lake)), default=0.0)
    ahead = newest - time.time()
    if ahead > limits()["most_clock_error_seconds"]:
        mend = "docs/runbook.md#the-clock-was-wrong"
        yield Finding(WARN, "clock", f"the audit log holds an act of {ahead / 3600:.1f} hours from now", mend)
    else:
        yield Finding(OK, "clock", "nothing was done later than now")


def leftovers(lake: Lake) -> Iterator[Finding]:
    """A run that goes on now; else what a killed one left, which the next removes."""
    if is_locked(lake):
        yield Finding(OK, "runs", "one is writing to the lake now")
        return
    left = [path for zone in ZONES for path in lake.zone(zone).rglob("*.staged")]
    spilled = list(lake.spill.glob("*"))
    says = f"{len(left)} half-written files, {len(spilled)} spilled pages" if left or spilled else "nothing was left"
    yield Finding(WARN if left or spilled else OK, "runs", says, "a run was killed; the next one removes them")


def is_locked(lake: Lake) -> bool:
    """Whether a process holds the lake's lock; the file itself says nothing, for it stays when its process dies."""
    path = lake.root / ".lock"
    if not path.exists():
        return False
    with path.open("rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False
