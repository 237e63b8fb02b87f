"""The production shape of `deployment/`, on loopback ports: PostgreSQL, code server, daemon, two webservers, nginx."""

from __future__ import annotations

import base64
import json
import os
import ssl
import subprocess
import urllib.error
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

import yaml

from pipelines.commands.nightly import RunSettings
from tests.operations.servers import Postgres, dagster, eventually, free_port, is_listening, process, shipped_proxy
from tests.pipeline.counties import CHECKOUT, OUTCOME_CONTRACTS, Place

LAUNCH = """mutation { launchRun(executionParams: {selector: {repositoryLocationName: "countylink",
    repositoryName: "__repository__", jobName: "nightly"}, runConfigData: "{}"}) {
    __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message }
    ... on UnauthorizedError { message } } }"""

RUNS = "{ runsOrError { ... on Runs { results { runId status parentRunId } } } }"

LOADED = """{ workspaceOrError { ... on Workspace { locationEntries { locationOrLoadError { __typename
    ... on PythonError { message } } } } } }"""

DAEMONS = "{ instance { daemonHealth { allDaemonStatuses { daemonType healthy required } } } }"


@dataclass
class Production:
    """A county's machine: its folder, its place (landing and lake), and its processes."""

    folder: Path
    place: Place
    postgres: Postgres
    ports: dict[str, int] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    stack: ExitStack = field(default_factory=ExitStack)

    def start(self) -> None:
        """Start everything, in the order of the units, and wait until runs can be launched."""
        home = self.folder / "dagster"
        home.mkdir(mode=0o700)
        told = yaml.safe_load((CHECKOUT / "deployment/production/dagster.yaml").read_text())
        told["run_monitoring"]["poll_interval_seconds"] = 1  # half a minute in production
        (home / "dagster.yaml").write_text(yaml.safe_dump(told))
        self.ports = {name: free_port() for name in ("code", "admin", "watch")}
        workspace = (CHECKOUT / "deployment/production/workspace.yaml").read_text()
        self.workspace.write_text(workspace.replace("4266", str(self.ports["code"])))
        self.postgres.make()
        self.stack.callback(self.postgres.remove)
        self.begin_code()
        at = ("--host", "127.0.0.1", "--workspace", self.workspace)
        self.begin("admin", dagster("dagster-webserver", *at, "--port", self.ports["admin"], "--path-prefix", "/admin"))
        self.begin("watch", dagster("dagster-webserver", *at, "--port", self.ports["watch"], "--read-only"))
        self.begin_daemon()
        users = {"watchers": ("wanda", "ada"), "admins": ("ada",)}
        words, self.ports["proxy"] = shipped_proxy(self.folder, self.ports["watch"], self.ports["admin"], users)
        self.begin("proxy", words)
        eventually(lambda: is_listening(self.ports["proxy"]), "the proxy listens")
        eventually(lambda: self.get("/admin/server_info", "ada")[0] == 200, "the admins' pages answer")
        eventually(lambda: self.get("/server_info", "wanda")[0] == 200, "the watchers' pages answer")
        for prefix in ("/admin", ""):
            eventually(lambda prefix=prefix: self.is_loaded(prefix), "the code is loaded")  # type: ignore[misc]

    @property
    def workspace(self) -> Path:
        return self.folder / "workspace.yaml"

    def begin_code(self) -> None:
        """Start the code server, at its first start or after it ended."""
        code = ("--port", self.ports["code"], "--module-name", "pipelines.definitions", "--working-directory", CHECKOUT)
        at = ("--host", "127.0.0.1", "--location-name", "countylink", "--lazy-load-user-code")
        self.begin("code", dagster("dagster", "api", "grpc", *at, *code))

    def begin_daemon(self) -> None:
        """Start the daemon, at its first start or after it ended."""
        self.begin("daemon", dagster("dagster-daemon", "run", "--workspace", self.workspace))

    def begin(self, name: str, words: list[str]) -> None:
        """Start a process of the machine under a name."""
        started = process(words, self.folder / f"{name}.log", cwd=CHECKOUT, env=self.environment())
        self.processes[name] = self.stack.enter_context(started)

    def environment(self) -> dict[str, str]:
        """The settings of `countylink.env`, with this machine's places."""
        settings = RunSettings(lake=self.place.lake.root, landing=self.place.landing, contracts=self.place.contracts,
                               outcome_contracts=str(OUTCOME_CONTRACTS))  # fmt: skip
        own = {"DAGSTER_HOME": str(self.folder / "dagster"), "COUNTYLINK_POSTGRES_URL": self.postgres.url,
               "PYTHONPATH": str(CHECKOUT), "PYTHONWARNINGS": "ignore"}  # fmt: skip
        return {**os.environ, **settings.environment(), **own}

    def get(self, path: str, user: str = "", body: object = None) -> tuple[int, dict[str, str], str]:
        """Ask the proxy; status, headers, text."""
        request = urllib.request.Request(f"https://127.0.0.1:{self.ports['proxy']}{path}")
        if user:
            request.add_header("Authorization", "Basic " + base64.b64encode(f"{user}:{user}".encode()).decode())
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        trusting = ssl.create_default_context(cafile=str(self.folder / "tls.crt"))
        trusting.check_hostname = False
        try:
            with urllib.request.urlopen(request, timeout=60, context=trusting) as answer:
                return _told(answer)
        except urllib.error.HTTPError as error:
            return error.code, dict(error.headers), error.read().decode()

    def ask(self, query: str, user: str = "ada", prefix: str = "/admin") -> dict[str, Any]:
        """Ask Dagster through the proxy."""
        status, _, text = self.get(f"{prefix}/graphql", user, {"query": query})
        assert status == 200, text[:500]
        answer = json.loads(text)
        assert "data" in answer, text[:500]
        data: dict[str, Any] = answer["data"]
        return data

    def is_loaded(self, prefix: str) -> bool:
        """Whether a webserver knows the jobs."""
        told = self.ask(LOADED, prefix=prefix)["workspaceOrError"].get("locationEntries", [])
        return [(one["locationOrLoadError"] or {}).get("__typename") for one in told] == ["RepositoryLocation"]

    def launch(self) -> str:
        """Launch the nightly job as an admin does, who tries again: a webserver's connections die with a database."""
        return str(eventually(self._launched, "a run is launched"))

    def _launched(self) -> str:
        status, _, text = self.get("/admin/graphql", "ada", {"query": LAUNCH})
        answer = ((json.loads(text).get("data") or {}) if status in (200, 500) else {}).get("launchRun") or {}
        return str((answer.get("run") or {}).get("runId") or "")

    def runs(self) -> list[dict[str, str]]:
        """Every run, newest first; none while the database does not answer."""
        status, _, text = self.get("/admin/graphql", "ada", {"query": RUNS})
        data = (json.loads(text).get("data") or {}) if status == 200 else {}
        return list((data.get("runsOrError") or {}).get("results") or [])

    def status_of(self, run_id: str) -> str:
        """The status of a run."""
        return next((one["status"] for one in self.runs() if one["runId"] == run_id), "")


def _told(answer: HTTPResponse) -> tuple[int, dict[str, str], str]:
    return answer.status, dict(answer.headers), answer.read().decode()
