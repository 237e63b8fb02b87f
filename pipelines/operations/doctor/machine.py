"""The machine: program, memory, processors, limits of the process, and who can read what it writes."""

from __future__ import annotations

import os
import re
import resource
import sys
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path

from pipelines.lake import PRIVATE_FILE_MASK
from pipelines.operations.disk import told
from pipelines.operations.finding import OK, WARN, Check, Finding
from pipelines.operations.limits import limits
from pipelines.operations.state import STATE_VERSION, program_version
from pipelines.sql import CHECKOUT

LOCK = CHECKOUT / "requirements.lock"
LOCKED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\\]+)( ; [^\\]*)?", re.MULTILINE)
"""A line of a lock file: name, version, and where it is not for every machine its condition."""

MOST_NAMED = 5


def program() -> Iterator[Finding]:
    """Python, and whether the packages are those that the product was tested with."""
    running = (
        f"Countylink {program_version()} (form {STATE_VERSION}), Python {'.'.join(map(str, sys.version_info[:3]))}"
    )
    yield Finding(OK, "program", running)
    other = [name for name, version in locked_versions().items() if installed(name) != version]
    if other:
        named = ", ".join(f"{name} {installed(name) or 'missing'}" for name in other[:MOST_NAMED])
        mend = "python -m pip install --require-hashes -r requirements.lock, in the environment of the services"
        yield Finding(WARN, "packages", f"{len(other)} are not as locked: {named}", mend)
    else:
        yield Finding(OK, "packages", f"{len(locked_versions())} are as requirements.lock says")


def locked_versions(lock: Path = LOCK) -> Mapping[str, str]:
    """Package → version that the lock file asks for on every machine."""
    found = LOCKED.findall(lock.read_text(encoding="utf-8"))
    return {name: version for name, version, condition in found if not condition}


def installed(name: str) -> str | None:
    """The version of a package, or None where it is missing."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def size() -> Iterator[Finding]:
    """Memory and processors."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    cores = len(os.sched_getaffinity(0))
    yield _at_least("memory", memory, limits()["least_memory_bytes"], told(memory), "take a larger machine")
    yield _at_least("cores", cores, limits()["least_cores"], str(cores), "give the services another processor")


def process_limits() -> Iterator[Finding]:
    """Open files, and core files: a core file holds the memory of a process, and so names of people."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = sys.maxsize if files == resource.RLIM_INFINITY else files
    mend = "LimitNOFILE= in the unit, or ulimit -n"
    yield _at_least("open files", files, limits()["least_open_files"], str(files), mend)
    cores, _ = resource.getrlimit(resource.RLIMIT_CORE)
    if cores:
        mend = "LimitCORE=0 in the unit, or ulimit -c 0"
        yield Finding(WARN, "core files", "a process that dies would write its memory to a file", mend)
    else:
        yield Finding(OK, "core files", "none are written")


def umask() -> Iterator[Finding]:
    """What the caller's other commands let others read; ours set their own."""
    mask = _umask_of(os.getppid())
    if mask is None:
        yield Finding(OK, "umask", "cannot be seen; every command of ours makes files for their owner alone")
    elif mask & PRIVATE_FILE_MASK != PRIVATE_FILE_MASK:
        mend = "umask 077 in the shell, UMask=0077 in the unit"
        yield Finding(WARN, "umask", f"is {mask:03o}: what is copied by hand can be read by others", mend)
    else:
        yield Finding(OK, "umask", f"is {mask:03o}")


def _umask_of(process: int) -> int | None:
    try:
        text = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    except OSError:
        return None
    found = re.search(r"^Umask:\s*([0-7]+)$", text, re.MULTILINE)
    return int(found[1], 8) if found else None


def _at_least(check: str, there: int, wanted: int, says: str, mend: str) -> Finding:
    return Finding(OK if there >= wanted else WARN, check, says, mend)


CHECKS: Mapping[str, Check] = {"program": program, "size": size, "limits": process_limits, "umask": umask}
"""Name → check."""
