"""Dagster's SQLite databases, kept open while a run lasts.

Dagster's own storage opens a database for every event that it keeps, with an engine that knows no statement yet, and
closes it after. Here each database has one engine, and so one connection, until the instance is closed. The files and
what is in them are the same: the UI and the daemon read and write them with Dagster's own storage, also meanwhile.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self

from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin
from dagster._core.storage.dagster_run import DagsterRun
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._core.storage.runs.sqlite.sqlite_run_storage import SqliteRunStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import QueuePool

CODE_LOCATION, REPOSITORY = "countylink", "__repository__"
"""What `workspace.yaml` calls the code location, and Dagster its one repository."""


class KeptOpenStorage(DagsterSqliteStorage):
    """Runs and events of a Dagster home in SQLite, each database opened once."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(base_dir, inst_data)
        self._run_storage = _Runs(self._run_storage._conn_string)
        self._event_log_storage = _Events(self._event_log_storage._base_dir)

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]) -> Self:
        """As Dagster makes a storage from its configuration."""
        return cls(**config_value, inst_data=inst_data)


class _Runs(SqliteRunStorage):
    def __init__(self, conn_string: str) -> None:
        super().__init__(conn_string)
        self._engine = _engine(conn_string)

    def add_run(self, dagster_run: DagsterRun) -> DagsterRun:
        """Note a run as one of our code location: without that the UI lists it, and leaves it off the timeline."""
        if dagster_run.remote_job_origin is None:
            repository = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin(CODE_LOCATION), REPOSITORY)
            dagster_run = dagster_run.with_job_origin(RemoteJobOrigin(repository, dagster_run.job_name))
        return super().add_run(dagster_run)

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        with self._engine.begin() as connection:
            yield connection

    def dispose(self) -> None:
        self._engine.dispose()
        super().dispose()


class _Events(SqliteEventLogStorage):
    """A database a run, and one of all runs (a shard each, in Dagster's words)."""

    def __init__(self, base_dir: str) -> None:
        super().__init__(base_dir)
        self._engines: dict[str, Engine] = {}
        self._known: set[str] = set()
        """Tables and columns that were seen in the database of all runs; Dagster asks for them at every event."""

    def has_table(self, table_name: str) -> bool:
        ask = super().has_table
        return self._is_known(table_name, lambda: ask(table_name))

    def _has_asset_key_col_on_connection(self, conn: Connection, column_name: str) -> bool:
        ask = super()._has_asset_key_col_on_connection
        return self._is_known(f".{column_name}", lambda: ask(conn, column_name))

    def _is_known(self, name: str, ask: Callable[[], bool]) -> bool:
        if name not in self._known and ask():
            self._known.add(name)
        return name in self._known

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            if shard not in self._engines:
                self._engines[shard] = _engine(self.conn_string_for_shard(shard))
                self._initdb(self._engines[shard])
            with self._engines[shard].begin() as connection:
                yield connection

    def dispose(self) -> None:
        for engine in self._engines.values():
            engine.dispose()
        super().dispose()


def _engine(address: str) -> Engine:
    """An engine that keeps one connection; a second one, where a statement asks for it, is closed after."""
    patient = {"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False}
    engine = create_engine(address, poolclass=QueuePool, pool_size=1, connect_args=patient)
    event.listen(engine, "connect", _without_waiting_for_each_commit)
    return engine


def _without_waiting_for_each_commit(connection: sqlite3.Connection, _: object) -> None:
    """Wait for the disk where the log is brought into the database, not at every event.

    SQLite calls this safe in write-ahead mode: a power cut can take the last events, and never damages the database. A
    run that it ended is then found as still running, or as not begun, and is buried by the next one as it is anyway.
    """
    connection.execute("pragma synchronous = normal")
