"""`countylink review serve`: the app on a port, one for each lake."""

from __future__ import annotations

import fcntl
import ipaddress
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn

from pipelines.errors import LakeError
from pipelines.lake import Lake
from pipelines.review_app.app import make_app
from pipelines.review_app.services import Proxy, Services, open_services
from pipelines.review_app.shield import log_config
from pipelines.review_app.state import app_folder
from pipelines.review_app.terms import Terms

ENDING_SECONDS = 10
"""How long the server waits for requests under way when it is told to stop."""


@dataclass(frozen=True)
class Address:
    """Where the server listens, and the name by which people reach it, if a proxy stands before it."""

    host: str
    port: int
    public_origin: str = ""
    """Such as https://review.example; empty where people reach the server itself."""

    @property
    def origins(self) -> tuple[str, ...]:
        """Where forms may come from."""
        if self.public_origin:
            return (self.public_origin.rstrip("/"),)
        return tuple(f"http://{name}:{self.port}" for name in ("127.0.0.1", "localhost", "[::1]"))


def serve(lake: Lake, address: Address, proxy: Proxy | None, terms: Terms, say: Callable[[str], None]) -> None:
    """Serve until told to stop.

    Raises:
        LakeError: the address is open to the network without a proxy, or another app serves this lake.
    """
    refuse_open_network(address, proxy)
    with sole_app(lake):
        services = open_services(lake, terms, address.origins, proxy)
        say(f"review app on {address.origins[0]}/ (Ctrl-C stops it)")
        server_of(services, address).run()


def server_of(services: Services, address: Address) -> uvicorn.Server:
    """The web server of an app; it logs no request, and no header changes whom it thinks it talks to."""
    config = uvicorn.Config(
        make_app(services),
        host=address.host,
        port=address.port,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        log_config=log_config(),
        ws="none",
        timeout_graceful_shutdown=ENDING_SECONDS,
    )
    return uvicorn.Server(config)


def refuse_open_network(address: Address, proxy: Proxy | None) -> None:
    """Names and passwords do not cross a network in clear: beyond loopback only a trusted proxy is answered."""
    try:
        is_loopback = address.host == "localhost" or ipaddress.ip_address(address.host).is_loopback
    except ValueError:
        raise LakeError("--host is an IP address of this machine, or localhost") from None
    if not is_loopback and proxy is None:
        raise LakeError(
            "beyond 127.0.0.1 the app answers a trusted proxy alone: add --trust-header and --trusted-proxy, or "
            "reach it through an SSH tunnel"
        )
    if address.public_origin and not address.public_origin.startswith(("https://", "http://127.0.0.1")):
        raise LakeError("--public-origin is the https address by which reviewers reach the proxy")


@contextmanager
def sole_app(lake: Lake) -> Iterator[None]:
    """Hold the lake's desk: two apps would lease the same pair twice. A lock that dies with its process."""
    folder = app_folder(lake)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _take(descriptor)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise LakeError("another review app serves this lake; stop it first") from None
