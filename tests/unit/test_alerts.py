"""Alerts, over a real mail server and a real web server on loopback: who is told what, and how often."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message as Letter
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from pipelines.alerts import AlertSettings, Notice, load_settings, memory, send
from pipelines.alerts.settings import Mail, Webhook
from pipelines.errors import AlertError, ContractError
from pipelines.places import SHIPPED

smtp = pytest.importorskip("aiosmtpd.smtp")
from aiosmtpd.controller import Controller  # noqa: E402 — after importorskip

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
HELD = Notice("held_delivery", "no_delivery_is_held of deliveries/sheriff", "Send the agency the mends.", "4f1d")
LATE = Notice("stale_data", "sources_are_fresh of deliveries/health", "Ask the agency.", "4f1d")
SHIPPED_FILE = SHIPPED / "deployment" / "alerts.yaml"


@dataclass
class Inbox:
    """What a mail server took."""

    letters: list[Letter] = field(default_factory=list)

    async def handle_DATA(self, _: Any, __: Any, envelope: Any) -> str:
        self.letters.append(message_from_bytes(envelope.content))
        return "250 taken"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def check_password(_: Any, __: Any, ___: Any, ____: Any, given: Any) -> Any:
    return smtp.AuthResult(success=(given.login, given.password) == (b"countylink", b"open sesame"))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of 127.0.0.1 and its key."""
    folder = tmp_path_factory.mktemp("tls")
    words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=127.0.0.1"]
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(folder / "key"), "-out", str(folder / "cert")]
    subprocess.run(["openssl", *words, *names], check=True, capture_output=True, timeout=60)
    return folder / "cert", folder / "key"


@pytest.fixture
def mail(certificate: tuple[Path, Path], tmp_path: Path) -> Iterator[tuple[Mail, Inbox]]:
    """A mail server that demands STARTTLS and a password, and how to reach it."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*map(str, certificate))
    inbox, password = Inbox(), tmp_path / "password"
    password.write_text("open sesame\n")
    password.chmod(0o600)
    server = Controller(
        inbox, hostname="127.0.0.1", port=free_port(), tls_context=context, require_starttls=True, auth_required=True,
        authenticator=check_password,
    )  # fmt: skip
    server.start()
    yield (
        Mail("127.0.0.1", server.port, "countylink@county.example", ("engineers@county.example",), "starttls",
             certificate[0], "countylink", password),
        inbox,
    )  # fmt: skip
    server.stop()


@dataclass
class Hook:
    """What a web server took, and what it answers."""

    taken: list[tuple[dict[str, str], dict[str, Any]]] = field(default_factory=list)
    answer: int = 200
    url: str = ""


@pytest.fixture
def hook() -> Iterator[Hook]:
    told = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.taken.append((dict(self.headers), json.loads(body)))
            self.send_response(told.answer)
            self.send_header("Location", "http://127.0.0.1:9/")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{server.server_port}/alerts"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield told
    server.shutdown()
    server.server_close()


@pytest.fixture
def settings() -> AlertSettings:
    return load_settings(SHIPPED_FILE)


def test_a_held_delivery_is_told_by_mail_over_tls_with_its_mend_and_the_run(
    settings: AlertSettings, mail: tuple[Mail, Inbox], tmp_path: Path
) -> None:
    told = send(replace(settings, mail=mail[0]), tmp_path / "alerts", [HELD], NOON)
    assert told.told == 1
    (letter,) = mail[1].letters
    assert letter["Subject"] == "Countylink: A delivery is held, and nothing of it flows on"
    assert letter["To"] == "engineers@county.example"
    text = letter.get_payload(decode=True)
    assert isinstance(text, bytes)
    assert b"deliveries/sheriff" in text
    assert b"To do: Send the agency the mends." in text
    assert b"http://127.0.0.1:3000/runs/4f1d" in text


def test_a_wrong_password_is_an_error_that_does_not_tell_it(
    settings: AlertSettings, mail: tuple[Mail, Inbox], tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("tulips")
    wrong.chmod(0o600)
    with pytest.raises(AlertError, match="no mail went through") as refused:
        send(replace(settings, mail=replace(mail[0], password_file=wrong)), tmp_path / "alerts", [HELD], NOON)
    assert "tulips" not in str(refused.value)
    assert mail[1].letters == []


def test_a_server_whose_certificate_nobody_vouches_for_gets_no_mail(
    settings: AlertSettings, mail: tuple[Mail, Inbox], tmp_path: Path
) -> None:
    with pytest.raises(AlertError, match="SSLCertVerificationError"):
        send(replace(settings, mail=replace(mail[0], ca_file=None)), tmp_path / "alerts", [HELD], NOON)


def test_a_webhook_gets_json_with_its_token(settings: AlertSettings, hook: Hook, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("t0ken\n")
    token.chmod(0o600)
    send(replace(settings, webhooks=(Webhook(hook.url, token),)), tmp_path / "alerts", [HELD, LATE], NOON)
    ((headers, document),) = hook.taken
    assert headers["Authorization"] == "Bearer t0ken"
    assert [one["kind"] for one in document["alerts"]] == ["held_delivery", "stale_data"]
    assert document["title"] == "Countylink: A delivery is held, and nothing of it flows on (and 1 more)"


def test_a_webhook_that_sends_elsewhere_is_not_followed(settings: AlertSettings, hook: Hook, tmp_path: Path) -> None:
    hook.answer = 307
    with pytest.raises(AlertError, match="answered 307"):
        send(replace(settings, webhooks=(Webhook(hook.url),)), tmp_path / "alerts", [HELD], NOON)


def test_the_same_trouble_is_told_again_after_a_day_and_not_before(
    settings: AlertSettings, hook: Hook, tmp_path: Path
) -> None:
    hooked = replace(settings, webhooks=(Webhook(hook.url),))
    hours = (0, 1, 23, 24, 25)
    told = [send(hooked, tmp_path / "alerts", [HELD], NOON + timedelta(hours=hour)).told for hour in hours]
    assert told == [1, 0, 0, 1, 0]
    assert len(hook.taken) == 2


def test_a_trouble_that_was_mended_and_comes_back_is_told_at_once(
    settings: AlertSettings, hook: Hook, tmp_path: Path
) -> None:
    hooked = replace(settings, webhooks=(Webhook(hook.url),))
    looks: list[list[Notice]] = [[HELD], [], [HELD]]
    told = [send(hooked, tmp_path / "alerts", one, NOON, {HELD.subject}).told for one in looks]
    assert told == [1, 0, 1]


def test_a_bad_hour_sends_no_more_than_its_limit_and_says_how_many_it_kept(
    settings: AlertSettings, hook: Hook, tmp_path: Path
) -> None:
    hooked = replace(settings, webhooks=(Webhook(hook.url),), most_per_hour=3)
    many = [Notice("failed_check", f"check {number} of a/b", "Look.") for number in range(5)]
    first = send(hooked, tmp_path / "alerts", many, NOON)
    assert (first.told, first.withheld) == (3, 2)
    assert "2 further alerts" in hook.taken[0][1]["text"]
    assert send(hooked, tmp_path / "alerts", many, NOON + timedelta(minutes=30)).told == 0
    assert send(hooked, tmp_path / "alerts", many, NOON + timedelta(minutes=61)).told == 2, (
        "what was kept is told later"
    )


def test_a_wire_that_fails_keeps_no_other_from_sending_and_the_next_look_tries_again(
    settings: AlertSettings, hook: Hook, tmp_path: Path
) -> None:
    closed = Webhook("http://127.0.0.1:9/alerts")
    both = replace(settings, webhooks=(closed, Webhook(hook.url)))
    with pytest.raises(AlertError, match="was not reached"):
        send(both, tmp_path / "alerts", [HELD], NOON)
    assert len(hook.taken) == 1
    assert "was not reached" in memory.load(tmp_path / "alerts").failure
    assert send(replace(settings, webhooks=(Webhook(hook.url),)), tmp_path / "alerts", [HELD], NOON).told == 1
    assert memory.load(tmp_path / "alerts").failure == ""


def test_without_anybody_to_tell_nothing_is_sent_and_nothing_counts_as_told(
    settings: AlertSettings, tmp_path: Path
) -> None:
    assert not settings.tells_anybody
    assert send(settings, tmp_path / "alerts", [HELD], NOON).withheld == 1
    assert memory.load(tmp_path / "alerts").told == {}


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("webhooks: [{url: 'http://chat.county.example/x'}]", "is not https"),
        ("mail: {host: smtp.county.example, port: 25, sender: a@b, recipients: [c@d], tls: none}", "another machine"),
        ("mail: {host: localhost, port: 25, sender: a@b, recipients: [c@d], tls: maybe}", "one of starttls"),
        ("mail: {host: localhost, prot: 25, sender: a@b, recipients: [c@d]}", "prot"),
    ],
)
def test_settings_that_would_leak_or_never_work_are_refused(tmp_path: Path, line: str, fault: str) -> None:
    key = line.partition(":")[0]
    kept = [one for one in SHIPPED_FILE.read_text().splitlines() if not one.startswith(f"{key}:")]
    (tmp_path / "alerts.yaml").write_text("\n".join([*kept, line]))
    with pytest.raises(ContractError, match=fault):
        load_settings(tmp_path / "alerts.yaml")


def test_a_secret_that_others_can_read_is_refused(settings: AlertSettings, hook: Hook, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("t0ken")
    token.chmod(0o644)
    with pytest.raises(AlertError, match="others than its owner can read"):
        send(replace(settings, webhooks=(Webhook(hook.url, token),)), tmp_path / "alerts", [HELD], NOON)
    assert hook.taken == []
