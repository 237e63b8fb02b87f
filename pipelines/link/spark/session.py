"""A Spark session that says nothing of anybody: no logs, no UI, no history, scratch in one private folder.

Belongs here: how Spark is started and ended. What a county sets for its own cluster (memory, cores, secrets) stands in
the spark-defaults.conf of SPARK_CONF_DIR, where Spark itself looks for it; what stands here goes before it.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

from pipelines.errors import EngineError
from pipelines.link import scoring

MEMORY_OF_LOCAL_MODE = "4g"
"""Heap of Spark inside this process's machine; of a cluster, spark-defaults.conf says it."""

QUOTING_LOGGERS = ("py4j", "py4j.clientserver", "py4j.java_gateway")
"""Python loggers that repeat what they send and receive."""


@contextmanager
def open_session(master: str, scratch: Path) -> Iterator[Any]:
    """A session on a master (`local[*]`, `spark://host:port`); its Java machine ends with it.

    Raises:
        EngineError: pyspark or Java is missing, Spark does not start, or the cluster's traffic is open to others.
    """
    _require_java()
    with ExitStack() as ending:
        ending.callback(_end_java)
        with unquoted_errors("starting"):
            session = _start(master, scratch)
        ending.callback(session.stop)
        refuse_open_cluster(session, master)
        with unquoted_errors("preparing"):
            session.sparkContext.setCheckpointDir(str(scratch / "checkpoints"))
        yield session


@contextmanager
def unquoted_errors(doing: str) -> Iterator[None]:
    """Replace an error whose text may quote rows by one that says only what was being done."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        with scoring.unquoted_errors(f"{doing} on Spark"):
            yield
    except (PySparkException, Py4JError, ConnectionError) as error:
        raise EngineError(
            f"{doing} on Spark failed ({type(error).__name__}); try `--engine duckdb`, "
            "or see docs/spark.md for what a cluster needs"
        ) from None


def _start(master: str, scratch: Path) -> Any:
    from pyspark.logger import PySparkLogger
    from pyspark.sql import SparkSession

    for name in QUOTING_LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    for name in ("DataFrameQueryContextLogger", "SQLQueryContextLogger"):
        PySparkLogger.getLogger(name).disabled = True
    builder = SparkSession.builder.appName("countylink").master(master)
    for name, value in _settings(master, scratch).items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def _settings(master: str, scratch: Path) -> dict[str, str]:
    from splink.backends.spark import similarity_jar_location

    private = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.eventLog.enabled": "false",
        "spark.log.level": "OFF",
        "spark.executor.syncLogLevel.enabled": "true",
        "spark.local.dir": str(scratch / "local"),
        "spark.sql.warehouse.dir": str(scratch / "warehouse"),
        "spark.hadoop.fs.permissions.umask-mode": "077",
        "spark.driver.extraJavaOptions": _java_options(scratch),
    }
    alike = {
        "spark.jars": str(similarity_jar_location()),
        "spark.sql.ansi.enabled": "true",  # a null or a wrong type is what it is in DuckDB, not a silent default
        "spark.sql.session.timeZone": "UTC",
    }
    return private | alike | _place(master)


def _place(master: str) -> dict[str, str]:
    """Bound to this machine alone where the master is on it."""
    if not _is_local(master) and not master.startswith(("spark://127.0.0.1:", "spark://localhost:")):
        return {}
    memory = {"spark.driver.memory": MEMORY_OF_LOCAL_MODE} if _is_local(master) else {}
    return memory | {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}


def _java_options(scratch: Path) -> str:
    """No log, no memory dump, no temporary file outside the scratch folder."""
    quiet = resources.files("pipelines.link.spark").joinpath("log4j2.properties")
    options = (
        f"-Dlog4j2.configurationFile=file:{quiet}",
        f"-Djava.io.tmpdir={scratch}",
        f"-XX:ErrorFile={scratch}/java-error.log",
        "-XX:-CreateCoredumpOnCrash",
        "-XX:-HeapDumpOnOutOfMemoryError",
    )
    return " ".join(f'"{option}"' for option in options)


def refuse_open_cluster(session: Any, master: str) -> None:
    """Raise EngineError unless a cluster, whose network names and SSNs cross, knows its members and encrypts."""
    if _is_local(master):
        return
    conf = session.sparkContext.getConf()
    known = conf.get("spark.authenticate", "false") == "true"
    hidden = "true" in (conf.get("spark.network.crypto.enabled", ""), conf.get("spark.ssl.rpc.enabled", ""))
    if not (known and hidden):
        raise EngineError(
            "the cluster does not authenticate its members and encrypt what they send: set spark.authenticate, "
            "spark.authenticate.secret and spark.network.crypto.enabled in its spark-defaults.conf and in ours"
        )


def _is_local(master: str) -> bool:
    return master.split("[")[0] == "local"


def _require_java() -> None:
    home = os.environ.get("JAVA_HOME")
    if not (home and Path(home, "bin", "java").exists()) and shutil.which("java") is None:
        raise EngineError(
            "the Spark engine needs Java 17 or newer, and there is none: on Debian and Ubuntu "
            "`apt-get install openjdk-17-jre-headless`, elsewhere set JAVA_HOME"
        )


def _end_java() -> None:
    """End the Java machine under Spark, which otherwise lives, rows and all, as long as this process."""
    from pyspark import SparkContext

    gateway = SparkContext._gateway
    if gateway is not None:
        SparkContext._gateway = SparkContext._jvm = None
        gateway.shutdown()
        gateway.proc.stdin.close()
        gateway.proc.wait(timeout=60)
