"""What stands around a lake: Dagster's home, PostgreSQL, backups."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from pipelines.lake import PRIVATE_FILE_MASK
from pipelines.operations.backup import newest_backup
from pipelines.operations.finding import FAIL, OK, WARN, Check, Finding
from pipelines.operations.limits import limits

POSTGRES = "COUNTYLINK_POSTGRES_URL"
"""Where Dagster's storage is, `postgresql://user@host/database?passfile=…`; without it, it is SQLite."""

CONNECT_SECONDS = 5

NO_COMPUTE_LOGS = "NoOpComputeLogManager"


def checks(dagster_home: Path | None) -> Mapping[str, Check]:
    """Name → check."""
    return {"Dagster home": partial(home, dagster_home), "PostgreSQL": postgres}


def backup_checks(folder: Path) -> Mapping[str, Check]:
    """Name → check, where it is known where backups are kept."""
    return {"backups": partial(backup_age, folder)}


def home(folder: Path | None) -> Iterator[Finding]:
    """Dagster's configuration: nothing is sent, nothing that a step prints is kept, nobody else can read it."""
    path = (folder or Path()) / "dagster.yaml"
    if folder is None or not path.exists():
        says = "no DAGSTER_HOME with a dagster.yaml; the first run makes one in the lake"
        yield Finding(OK if folder is None else WARN, "Dagster home", says, "copy deployment/dagster.yaml into it")
        return
    told: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    wrong = [say for say, is_so in _wrong(folder, told).items() if is_so]
    mend = "take deployment/dagster.yaml or deployment/production/dagster.yaml; chmod 700 the folder"
    yield Finding(
        FAIL if wrong else OK, "Dagster home", "; ".join(wrong) or "keeps and sends nothing of a person", mend
    )


def _wrong(folder: Path, told: Mapping[str, Any]) -> Mapping[str, bool]:
    return {
        "telemetry is on": bool((told.get("telemetry") or {}).get("enabled", True)),
        "what steps print is kept": (told.get("compute_logs") or {}).get("class") != NO_COMPUTE_LOGS,
        "dead runs are not noticed": not (told.get("run_monitoring") or {}).get("enabled"),
        "others can look into it": bool(folder.stat().st_mode & PRIVATE_FILE_MASK),
    }


def postgres() -> Iterator[Finding]:
    """Whether the server of Dagster's storage answers; its address is not told, since it may hold a password."""
    url = os.environ.get(POSTGRES, "")
    if not url:
        yield Finding(OK, "PostgreSQL", f"not used: {POSTGRES} is not set")
        return
    try:
        import psycopg2
    except ImportError:
        yield Finding(FAIL, "PostgreSQL", "its driver is missing", "pip install 'countylink[production]'")
        return
    try:
        psycopg2.connect(url, connect_timeout=CONNECT_SECONDS).close()
    except psycopg2.Error as error:
        mend = "systemctl status postgresql; see docs/runbook.md#postgresql-does-not-answer"
        yield Finding(FAIL, "PostgreSQL", f"does not answer ({type(error).__name__})", mend)
    else:
        yield Finding(OK, "PostgreSQL", "answers")


def backup_age(folder: Path) -> Iterator[Finding]:
    """Whether there is a backup, and a young one."""
    mend = "countylink backup --lake LAKE --to FOLDER; systemctl list-timers countylink-backup.timer"
    newest = newest_backup(folder) if folder.is_dir() else None
    if newest is None:
        yield Finding(FAIL, "backups", "there is none", mend)
        return
    age = datetime.now(UTC) - newest.made_at
    is_old = age > timedelta(days=limits()["most_days_without_backup"])
    says = f"number {newest.number} of {newest.made_at:%Y-%m-%d %H:%M} UTC"
    yield Finding(WARN if is_old else OK, "backups", says, mend)
