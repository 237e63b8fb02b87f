"""A real standalone Spark cluster on this machine: a master and workers, each a process of its own, on loopback."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from importlib import resources
from pathlib import Path

from tests.spark.conftest import FEW_TASKS, QUICK_START

START_SECONDS = 120

DEFAULTS = """
spark.authenticate true
spark.authenticate.secret {secret}
spark.network.crypto.enabled true
spark.master.rest.enabled false
spark.driver.memory 1g
spark.executor.memory 1g
spark.executor.cores 1
spark.scheduler.minRegisteredResourcesRatio 1.0
spark.executor.extraJavaOptions -Dlog4j2.configurationFile=file:{quiet} {quick}
"""

INTERPRETED = """
spark.sql.codegen.wholeStage false
spark.sql.codegen.factoryMode NO_CODEGEN
"""
"""Each executor would compile every query for a few rows; compiled expressions are tested in one process."""


@contextmanager
def standalone_cluster(folder: Path, workers: int) -> Iterator[str]:
    """Start a cluster that asks for a secret; gives its address. SPARK_CONF_DIR must be `folder`/conf meanwhile."""
    port = _free_port()
    master = f"spark://127.0.0.1:{port}"
    with ExitStack() as running:
        place = ["--host", "127.0.0.1", "--webui-port", "0"]
        running.enter_context(_daemon(folder, "master.Master", [*place, "--port", str(port)]))
        _wait_for(port)
        for number in range(workers):
            size = ["--cores", "1", "--memory", "1g", "--work-dir", str(folder / f"work_{number}")]
            running.enter_context(_daemon(folder, "worker.Worker", [*place, *size, master]))
        yield master


def write_conf(folder: Path) -> Path:
    """Write what master, workers and driver have in common; returns the folder for SPARK_CONF_DIR."""
    conf = folder / "conf"
    conf.mkdir(parents=True)
    quiet = resources.files("pipelines.link.spark").joinpath("log4j2.properties")
    settings = DEFAULTS.format(secret=secrets.token_hex(32), quiet=quiet, quick=QUICK_START)
    (conf / "spark-defaults.conf").write_text(settings + FEW_TASKS + INTERPRETED, encoding="utf-8")
    return conf


@contextmanager
def _daemon(folder: Path, kind: str, arguments: Sequence[str]) -> Iterator[None]:
    import pyspark

    home = Path(pyspark.__file__).parent
    command = [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{kind}", *arguments]
    process = subprocess.Popen(
        command, env=_environment(folder, home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=60)


def _environment(folder: Path, home: Path) -> Mapping[str, str]:
    return os.environ | {
        "SPARK_HOME": str(home),
        "SPARK_CONF_DIR": str(folder / "conf"),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_DIRS": str(folder / "local"),
        "SPARK_DAEMON_MEMORY": "512m",
        "SPARK_DAEMON_JAVA_OPTS": QUICK_START,
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    ends = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.2)
