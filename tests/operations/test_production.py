"""The production shape holds: who may see and do what, and what becomes of a run when something under it dies."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from click.testing import CliRunner

from pipelines.cli import main
from pipelines.publish.latest import latest_release
from tests.operations.production import DAEMONS, LAUNCH, Production
from tests.operations.servers import PASSWORD, Postgres, descendants, eventually
from tests.pipeline.counties import CHECKOUT, NIGHTS, Place, contents

RUN_SECONDS = 420
"""A night of the small county takes half a minute of a processor; a busy machine gives it a tenth of one."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]


@pytest.fixture(scope="module")
def machine(county: Path, nightly: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    folder = tmp_path_factory.mktemp("machine")
    place = Place(folder / "place").deliver(county, NIGHTS[:1]).use_key_of(nightly)
    made = Production(folder, place, Postgres(folder))
    with made.stack:
        made.start()
        yield made


def test_nobody_sees_anything_without_a_password(machine: Production) -> None:
    for path in ("/", "/graphql", "/server_info", "/admin", "/admin/graphql"):
        status, _, text = machine.get(path)
        assert status == 401
        assert "dagster" not in text.lower()


def test_watchers_see_the_read_only_pages_and_nothing_of_the_admins(machine: Production) -> None:
    assert machine.get("/", "wanda")[0] == 200
    for path in ("/admin", "/admin/", "/admin/graphql", "/admin/server_info", "//admin/graphql", "/x/../admin/graphql"):
        assert machine.get(path, "wanda")[0] == 401, path
    assert machine.get("/admin/", "ada")[0] == 200


def test_a_watcher_starts_no_run_even_by_asking_graphql(machine: Production) -> None:
    before = len(machine.runs())
    answer = machine.ask(LAUNCH, "wanda", prefix="")["launchRun"]
    assert answer["__typename"] == "UnauthorizedError"
    assert len(machine.runs()) == before


def test_pages_come_with_headers_that_keep_them_to_themselves(machine: Production) -> None:
    for path, user in (("/", "wanda"), ("/admin/", "ada"), ("/", "")):
        headers = {name.lower(): value for name, value in machine.get(path, user)[1].items()}
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["strict-transport-security"].startswith("max-age=")
        assert "/" not in headers["server"], "no version"


def test_the_servers_behind_the_proxy_listen_to_this_machine_alone(machine: Production) -> None:
    lines = [
        line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]
    ]
    listening = {line[1] for line in lines if line[3] == "0A"}
    for name, port in machine.ports.items():
        places = {place.partition(":")[0] for place in listening if place.endswith(f":{port:04X}")}
        assert places, name
        assert places <= {"0100007F", "0000000000000000FFFF00000100007F"}, name


def test_the_password_of_the_database_stands_in_its_file_alone(machine: Production) -> None:
    for number in (one.pid for one in machine.processes.values()):
        for each in {number, *descendants(number)}:
            told = Path(f"/proc/{each}/cmdline").read_bytes() + Path(f"/proc/{each}/environ").read_bytes()
            assert PASSWORD.encode() not in told
    with pytest.raises(psycopg2.OperationalError, match=r"no password supplied|authentication failed"):
        psycopg2.connect(machine.postgres.url.partition("?")[0], passfile="/nowhere")


def test_every_daemon_that_is_needed_beats(machine: Production) -> None:
    def all_beat() -> bool:
        told = machine.ask(DAEMONS)["instance"]["daemonHealth"]["allDaemonStatuses"]
        return {one["healthy"] for one in told if one["required"]} == {True}

    eventually(all_beat, "every daemon is healthy")


def test_the_doctor_sees_the_database_and_tells_no_address(
    machine: Production, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNTYLINK_POSTGRES_URL", machine.postgres.url)
    monkeypatch.setenv("DAGSTER_HOME", str(machine.folder / "dagster"))
    said = CliRunner().invoke(main, ["doctor"]).output
    assert "PostgreSQL           answers" in said
    assert "keeps and sends nothing of a person" in said
    monkeypatch.setenv("COUNTYLINK_POSTGRES_URL", machine.postgres.url.replace(str(machine.postgres.port), "1"))
    said = CliRunner().invoke(main, ["doctor"])
    assert said.exit_code == 1
    assert "does not answer" in said.output
    assert str(machine.postgres.passfile) not in said.output


def test_a_killed_worker_a_killed_daemon_and_a_restarted_database_change_no_byte(
    machine: Production, nightly: Place
) -> None:
    code = machine.processes["code"].pid
    before = descendants(code)
    first = machine.launch()
    eventually((machine.place.lake.root / "validated").exists, "the run is under way", RUN_SECONDS)
    for worker in descendants(code) - before:
        os.kill(worker, signal.SIGKILL)
    eventually(lambda: machine.status_of(first) == "FAILURE", "the dead run is noticed", RUN_SECONDS)

    second = eventually(lambda: next((one for one in machine.runs() if one["parentRunId"] == first), None),
                        "it is started once more", RUN_SECONDS)["runId"]  # fmt: skip
    eventually(lambda: (machine.place.lake.root / "standard").exists(), "the second run is under way", RUN_SECONDS)
    os.killpg(machine.processes["daemon"].pid, signal.SIGKILL)
    machine.postgres.stop()
    machine.postgres.start()
    ended = eventually(lambda: machine.status_of(second) in ("SUCCESS", "FAILURE") and machine.status_of(second),
                       "the second run ends", RUN_SECONDS)  # fmt: skip
    assert ended == "SUCCESS"
    release = latest_release(machine.place.lake)
    assert release is not None
    assert contents(release) == contents(release_of_the_first_night(nightly))
    machine.begin_daemon()


def test_the_runs_are_dumped_and_come_back(machine: Production, tmp_path: Path) -> None:
    assert dumped_and_restored(machine.postgres, tmp_path, "runs") >= 2


def test_a_code_server_that_is_stopped_waits_for_the_run_that_is_going_on(machine: Production) -> None:
    code = machine.processes["code"]
    run = machine.launch()
    eventually(lambda: machine.status_of(run) == "STARTED", "the run is under way", RUN_SECONDS)
    code.send_signal(signal.SIGTERM)
    ended = eventually(lambda: machine.status_of(run) in ("SUCCESS", "FAILURE") and machine.status_of(run),
                       "the run ends", RUN_SECONDS)  # fmt: skip
    assert ended == "SUCCESS"
    assert code.wait(RUN_SECONDS) == 0
    machine.begin_code()
    eventually(lambda: machine.is_loaded("/admin"), "the code is loaded")


def test_a_run_that_died_with_its_code_server_is_noticed_and_started_once_more(machine: Production) -> None:
    run = machine.launch()
    eventually(lambda: machine.status_of(run) == "STARTED", "the run is under way", RUN_SECONDS)
    os.killpg(machine.processes["code"].pid, signal.SIGKILL)
    machine.processes["code"].wait(30)
    machine.begin_code()
    eventually(lambda: machine.status_of(run) == "FAILURE", "the dead run is noticed", RUN_SECONDS)
    again = eventually(lambda: next((one for one in machine.runs() if one["parentRunId"] == run), None),
                       "it is started once more", RUN_SECONDS)["runId"]  # fmt: skip
    eventually(lambda: machine.status_of(again) == "SUCCESS", "the second run ends well", RUN_SECONDS)


def dumped_and_restored(postgres: Postgres, folder: Path, table: str) -> int:
    """Dump the database as every morning, restore it into another, and count the rows of a table in both."""
    environment = {**os.environ, "COUNTYLINK_POSTGRES_URL": postgres.url}
    script = CHECKOUT / "deployment/production/dump-runs.sh"
    done = subprocess.run([script, folder / "dumps"], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    dump = Path(done.stdout.strip())
    assert dump.stat().st_mode & 0o077 == 0
    again = postgres.url.replace("/dagster?", "/again?")
    with closing(psycopg2.connect(postgres.url)) as connection:
        connection.autocommit = True
        connection.cursor().execute("create database again")
    subprocess.run(["pg_restore", f"--dbname={again}", dump], check=True, timeout=120)
    counts = [count(url, table) for url in (postgres.url, again)]
    assert counts[0] == counts[1]
    return counts[0]


def count(url: str, table: str) -> int:
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(f"select count(*) from {table}")
        ((rows,),) = cursor.fetchall()
        return int(rows)


def release_of_the_first_night(nightly: Place) -> Path:
    (release,) = (nightly.lake.root / "published/outcomes/releases").glob(f"{NIGHTS[0]}-*")
    return release
