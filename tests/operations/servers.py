"""Real servers on loopback ports, each ended by who started it: PostgreSQL, nginx, Dagster's processes."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from tests.pipeline.counties import CHECKOUT

SECONDS = 180
"""At most, until a server answers: a busy machine imports for a minute."""

PASSWORD = "a-password-of-a-test"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_listening(port: int) -> bool:
    """Whether somebody listens on a port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def eventually(wanted: Callable[[], Any], what: str, seconds: float = SECONDS) -> Any:
    """The first true answer; fails once it took too long."""
    latest_end = time.monotonic() + seconds
    while time.monotonic() < latest_end:
        if answer := wanted():
            return answer
        time.sleep(0.2)
    pytest.fail(f"not within {seconds} s: {what}")


@contextmanager
def process(words: Sequence[str | Path], log: Path, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A process with its children, ended with the block."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        # Tests in a shell's background ignore it, their processes inherit that, and Dagster's take SIGTERM as SIGINT.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    with log.open("ab") as out:
        started = subprocess.Popen([*map(str, words)], stdout=out, stderr=out, start_new_session=True, **options)
    try:
        yield started
    finally:
        end(started)


def end(started: subprocess.Popen[bytes], gently: int = signal.SIGTERM) -> None:
    """Ask a process to end, and its whole group to die if it does not."""
    started.send_signal(gently)
    with suppress(subprocess.TimeoutExpired):
        started.wait(10)
    with suppress(ProcessLookupError):
        os.killpg(started.pid, signal.SIGKILL)
    started.wait(30)


def descendants(parent: int) -> set[int]:
    """Numbers of the processes below a process."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            facts = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(facts[1]), []).append(int(path.parent.name))
    below = set(children.get(parent, ()))
    return below | {one for child in below for one in descendants(child)}


class Postgres:
    """A private PostgreSQL cluster on a loopback port, with a password that stands in a file alone."""

    def __init__(self, folder: Path) -> None:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
        if not found:
            pytest.skip("PostgreSQL is not installed")
        self._bin, self.port = found[-1].parent, free_port()
        self._home = Path(tempfile.mkdtemp(prefix="countylink-postgres-"))
        self._as = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
        self._log = folder / "postgres.log"
        self.passfile = folder / "pgpass"
        self.passfile.write_text(f"127.0.0.1:{self.port}:*:countylink:{PASSWORD}\n")
        self.passfile.chmod(0o600)
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgresql://countylink@127.0.0.1:{self.port}/dagster?passfile={self.passfile}"

    def make(self) -> None:
        (self._home / "password").write_text(PASSWORD)
        if self._as:
            for path in (self._home, self._home / "password"):
                os.chown(path, pwd.getpwnam("postgres").pw_uid, -1)
        words = [self._bin / "initdb", "-D", self._home / "data", "-U", "countylink", "-A", "scram-sha-256",
                 f"--pwfile={self._home / 'password'}", "--no-sync", "-E", "UTF8", "--locale=C"]  # fmt: skip
        subprocess.run([*map(str, words)], check=True, capture_output=True, timeout=SECONDS, cwd="/", **self._as)
        self.start()
        made = psycopg2.connect(self.url.replace("/dagster?", "/postgres?"))
        made.autocommit = True
        made.cursor().execute("create database dagster")
        made.close()

    def start(self) -> None:
        words = [self._bin / "postgres", "-D", self._home / "data", "-p", str(self.port), "-k", self._home,
                 "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]  # fmt: skip
        with self._log.open("ab") as out:
            options = {"stdout": out, "stderr": out, "cwd": "/", "start_new_session": True, **self._as}
            self._server = subprocess.Popen([*map(str, words)], **options)
        eventually(self.answers, "PostgreSQL answers")

    def answers(self) -> bool:
        try:
            psycopg2.connect(self.url.replace("/dagster?", "/postgres?"), connect_timeout=2).close()
        except psycopg2.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """Fast: connections are cut, as in a restart by an admin or an upgrade at night."""
        if self._server:
            end(self._server, signal.SIGINT)

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self._home, ignore_errors=True)


def shipped_proxy(folder: Path, watch: int, admin: int, users: Mapping[str, Sequence[str]]) -> tuple[list[str], int]:
    """The shipped nginx configuration on free ports and files of a test; words that start it, and its port."""
    nginx, port = shutil.which("nginx") or "/usr/sbin/nginx", free_port()
    if not Path(nginx).exists():
        pytest.skip("nginx is not installed")
    kind = [
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=test",
    ]
    files = ["-keyout", str(folder / "tls.key"), "-out", str(folder / "tls.crt")]
    subprocess.run(["openssl", "req", *kind, *files], check=True, capture_output=True)
    for name, members in users.items():
        hashed = [f"{one}:{_hashed(one)}" for one in members]
        (folder / name).write_text("\n".join(hashed) + "\n")
    text = (CHECKOUT / "deployment/nginx/countylink.conf").read_text()
    changed = {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "127.0.0.1:3001": f"127.0.0.1:{watch}",
        "127.0.0.1:3000": f"127.0.0.1:{admin}",
        "/etc/countylink": str(folder),
        "/var/log/nginx": str(folder),
    }
    for shipped, ours in changed.items():
        assert shipped in text
        text = text.replace(shipped, ours)
    (folder / "countylink.conf").write_text(text)
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind}; " for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root; " if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user}worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx-errors.log;\n"
        f"events {{}}\nhttp {{ {temporary} include {folder}/countylink.conf; }}\n"
    )
    words = [nginx, "-p", str(folder), "-e", str(folder / "nginx-errors.log"), "-c", str(folder / "nginx.conf")]
    subprocess.run([*words, "-t"], check=True, capture_output=True)
    return words, port


def _hashed(password: str) -> str:
    words = ["openssl", "passwd", "-apr1", password]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()


def dagster(command: str, *words: object) -> list[str]:
    """Words that start one of Dagster's programs of this environment."""
    return [str(Path(sys.executable).parent / command), *map(str, words)]
