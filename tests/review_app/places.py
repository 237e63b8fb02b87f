"""A small linked lake, an app that really serves it on loopback, and somebody who asks it for pages."""

from __future__ import annotations

import html
import http.client
import re
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from urllib.parse import urlencode

from linkage_rules.bundle import shipped_bundle
from pipelines import person_index
from pipelines.lake import Lake
from pipelines.link import link
from pipelines.review_app import Address, Proxy
from pipelines.review_app.passwords import Cost
from pipelines.review_app.serve import server_of
from pipelines.review_app.services import Services, open_services
from pipelines.review_app.terms import Terms, load_terms
from pipelines.review_app.users import add_user
from tests.linkage.test_linking import lake_of

RECORDS = (
    {"source": "sheriff", "first_name": "Benedict", "last_name": "Okonkwo", "dob": "1961-03-22", "ssn": "528914411"},
    {"source": "health", "first_name": "Benedikt", "last_name": "Okonkwo", "dob": "1961-03-22"},
    {"source": "hmis", "first_name": "Annie", "last_name": "Quistgaard", "dob": "1980-12-05", "ssn": "139476997"},
    {"source": "mental_health", "first_name": "Anni", "last_name": "Quistgard", "dob": "1980-12-05"},
    {
        "source": "sheriff",
        "first_name": "Wilhelmina",
        "last_name": "Zabriskie",
        "dob": "1955-07-14",
        "ssn": "606123987",
    },
    {"source": "hmis", "first_name": "Wilhelmina", "last_name": "Zabriskie", "dob": "1955-07-17"},
    {"source": "health", "first_name": "Ignacio", "last_name": "Ferreira", "dob": "1990-02-01", "ssn": "607117722"},
    {"source": "sheriff", "first_name": "Ignacio", "last_name": "Fereira", "dob": "1990-02-01"},
)
"""Eight clients, two and two of one person; every pair of them is doubtful enough under TERMS."""

VALUES = ("OKONKWO", "QUISTG", "ZABRISKIE", "FERREIRA", "528914411", "528-91-4411", "1961-03-22", "19610322")
"""What stands in no log, no address and no file outside the identified folders."""

TERMS = replace(load_terms(), least_chance_wrong=1e-12, settled_weight=100, audit_share=0.0)

QUICK = Cost(n=2**4, r=8, p=1)
"""The cost of hashing is what makes a stolen file safe, and what makes a test slow."""

PASSWORD = "correct horse of {}"

PEOPLE = {"ada": "reviewer", "ben": "reviewer", "cyd": "adjudicator", "sue": "supervisor"}

CSRF = re.compile(r'name="csrf" value="([^"]+)"')


def linked_lake(root: Path) -> Lake:
    """The clients of RECORDS, linked and indexed."""
    lake = lake_of(root, RECORDS)
    night(lake, 1)
    return lake


def night(lake: Lake, day: int) -> None:
    """Link anew, with the decisions there are."""
    link(lake, shipped_bundle())
    person_index.update(lake, date(2026, 11, day), {"decisions": str(day)})


def with_people(lake: Lake, people: Mapping[str, str] = PEOPLE) -> Lake:
    """The lake, with accounts."""
    for name, role in people.items():
        add_user(lake, name, role, PASSWORD.format(name), TERMS, QUICK)
    return lake


@dataclass
class Site:
    """A running app."""

    services: Services
    port: int

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def visitor(self, name: str = "") -> Visitor:
        """Somebody's browser; signed in if named."""
        visitor = Visitor(self.port)
        if name:
            visitor.get("/sign-in")
            answer = visitor.post("/sign-in", name=name, password=PASSWORD.format(name))
            assert answer.status == 303, answer.text
        return visitor


@contextmanager
def serving(lake: Lake, terms: Terms = TERMS, proxy: Proxy | None = None, origin: str = "") -> Iterator[Site]:
    """Serve a lake on a free port, in a thread of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = Address("127.0.0.1", port, origin)
    services = open_services(lake, terms, address.origins, proxy, QUICK)
    server = server_of(services, address)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 30
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    try:
        yield Site(services, port)
    finally:
        server.should_exit = True
        thread.join(30)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    text: str

    @property
    def location(self) -> str:
        """Where it leads."""
        return self.headers.get("location", "")


@dataclass
class Visitor:
    """A browser without scripts: keeps cookies, and sends the token of the last page that had one."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> Answer:
        """A page."""
        return self._ask("GET", path, b"", headers)

    def post(self, path: str, **form: object) -> Answer:
        """Send a form."""
        return self.send(path, {"csrf": self.token, **form})

    def send(self, path: str, form: Mapping[str, object], **headers: str) -> Answer:
        """Send a form as it is."""
        return self._ask("POST", path, urlencode(form, doseq=True).encode(), headers)

    def follow(self, path: str, **form: object) -> Answer:
        """Send a form, and get the page that it leads to."""
        answer = self.post(path, **form)
        assert answer.status == 303, answer.text
        return self.get(answer.location)

    def _ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        told = {"Content-Type": "application/x-www-form-urlencoded", **self.headers}
        told |= {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            told["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, body, told)
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        for line in response.headers.get_all("set-cookie") or ():
            name, _, rest = line.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        if found := CSRF.search(text):
            self.token = html.unescape(found[1])
        return Answer(response.status, response.headers, text)
