"""The command as it is run: killed and started again, beside a nightly run, and over a lake that is being made anew."""

from __future__ import annotations

import base64
import grp
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from pipelines.defs.locking import sole_writer
from pipelines.errors import LakeError
from pipelines.lake import Lake
from pipelines.review_app import Proxy
from pipelines.review_app.serve import sole_app
from pipelines.review_app.terms import SHIPPED
from tests.pipeline.counties import CHECKOUT
from tests.review_app.places import PASSWORD, TERMS, Site, Visitor, serving

NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")

SERVE = (sys.executable, "-m", "pipelines.cli", "review", "serve", "--lake")


@contextmanager
def served(lake: Lake, port: int) -> Iterator[subprocess.Popen[str]]:
    """A process of its own, which has said that it answers."""
    command = [*SERVE, str(lake.root), "--port", str(port), "--terms", str(every_pair(lake.root.parent))]
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        command, cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == f"review app on http://127.0.0.1:{port}/ (Ctrl-C stops it)\n"
        yield process
    finally:
        process.kill()
        process.communicate(timeout=60)


def every_pair(folder: Path) -> Path:
    """Terms under which every pair of the small lake is worth a look."""
    stated = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    stated["least_chance_wrong"] = {"value": TERMS.least_chance_wrong, "reason": "A test asks about sure pairs."}
    path = folder / "terms.yaml"
    path.write_text(yaml.safe_dump(stated), encoding="utf-8")
    return path


def answered(visitor: Visitor, path: str) -> str:
    """A page, once the server takes connections."""
    for _ in range(200):
        try:
            return visitor.get(path).text
        except ConnectionRefusedError:
            time.sleep(0.1)
    raise AssertionError("the server does not answer")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_killed_app_goes_on_where_it_was_and_a_second_one_is_refused(lake: Lake) -> None:
    port = free_port()
    ada = Visitor(port)
    with served(lake, port) as process:
        answered(ada, "/sign-in")
        assert ada.post("/sign-in", name="ada", password=PASSWORD.format("ada")).status == 303
        ada.get("/")
        pair = ada.post("/next").location
        assert ada.get(pair).status == 200
        with pytest.raises(LakeError, match="another review app serves this lake"), sole_app(lake):
            pytest.fail("a second app was let in beside a running one")
        process.send_signal(signal.SIGKILL)
        process.wait(60)
    with served(lake, port) as process:
        assert "One person, or two?" in answered(ada, pair), "signed in still, and the pair still on the table"
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        assert process.stderr is not None
        assert process.stderr.read() == "", "nothing of a request is told to anybody"


SHIPPED_PROXY = CHECKOUT / "deployment" / "nginx" / "countylink-review.conf"

AROUND = """
user {user}; daemon off; pid {folder}/pid; error_log {folder}/errors; worker_processes 1;
events {{ worker_connections 64; }}
http {{
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  {shipped}
}}
"""


def shipped_proxy(folder: Path, port: int, app: int) -> Path:
    """The shipped configuration on free ports and without TLS, whose certificate a browser would have to trust."""
    text = SHIPPED_PROXY.read_text(encoding="utf-8")
    text = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("ssl_"))
    changed = {
        "listen 8443 ssl": f"listen 127.0.0.1:{port}",
        "127.0.0.1:8420": f"127.0.0.1:{app}",
        "/etc/countylink": str(folder),
    }
    for shipped, ours in changed.items():
        assert shipped in text
        text = text.replace(shipped, ours)
    own = f"{pwd.getpwuid(os.getuid()).pw_name} {grp.getgrgid(os.getgid()).gr_name}"
    conf = folder / "nginx.conf"
    conf.write_text(AROUND.format(user=own, folder=folder, shipped=text), encoding="utf-8")
    return conf


@pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
def test_behind_a_real_nginx_its_sign_in_counts_and_no_header_of_a_browser(lake: Lake, tmp_path: Path) -> None:
    port = free_port()
    with serving(lake, proxy=Proxy("X-Reviewer", "127.0.0.1"), origin=f"http://127.0.0.1:{port}") as site:
        conf = shipped_proxy(tmp_path, port, site.port)
        (tmp_path / "reviewers").write_text("ada:{PLAIN}the county's own\n")
        nginx = subprocess.Popen([str(NGINX), "-c", str(conf)], stderr=subprocess.DEVNULL)
        try:
            assert "401 Authorization Required" in answered(Visitor(port), "/")
            known = base64.b64encode(b"ada:the county's own").decode()
            ada = Visitor(port, headers={"Authorization": f"Basic {known}", "X-Reviewer": "cyd"})
            assert "ada, reviewer" in ada.get("/").text
            assert ada.send("/next", {"csrf": ada.token}, Origin=f"http://127.0.0.1:{port}").status == 303
        finally:
            nginx.terminate()
            nginx.wait(30)


def test_it_answers_while_a_run_holds_the_lake_and_keeps_no_run_waiting(site: Site) -> None:
    with sole_writer(site.services.lake.root):
        ada = site.visitor("ada")
        ada.get("/")
        pair = ada.post("/next").location
        ada.get(pair)
        assert ada.post(pair, code="same", reason_same="rare_name_agrees").status == 303


@pytest.mark.parametrize("table", ["linked/links", "person_index/person_of_client"])
def test_while_tables_are_missing_it_says_so_and_comes_back_by_itself(site: Site, table: str) -> None:
    ada = site.visitor("ada")
    path = site.services.lake.root / f"{table}.parquet"
    path.rename(path.with_suffix(".away"))
    page = ada.get("/")
    assert (page.status, "a run is making them anew" in page.text) == (409, True)
    path.with_suffix(".away").rename(path)
    assert ada.get("/").status == 200
