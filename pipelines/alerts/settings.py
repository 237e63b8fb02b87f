"""Reading `deployment/alerts.yaml`: kinds, limits, mail, webhooks; secrets come from files of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from pipelines.errors import ContractError
from pipelines.lake import PRIVATE_FILE_MASK
from pipelines.places import COUNTY

SETTINGS = COUNTY / "deployment" / "alerts.yaml"

TLS = ("starttls", "implicit", "none")

LOOPBACK = ("127.0.0.1", "::1", "localhost")
"""Where a wire without encryption leaves no machine."""


@dataclass(frozen=True)
class Mail:
    """A mail server and whom it is asked to tell."""

    host: str
    port: int
    sender: str
    recipients: tuple[str, ...]
    tls: str = "starttls"
    ca_file: Path | None = None
    username: str = ""
    password_file: Path | None = None


@dataclass(frozen=True)
class Webhook:
    """An address that takes alerts as JSON."""

    url: str
    token_file: Path | None = None


@dataclass(frozen=True)
class AlertSettings:
    """Everything that `alerts.yaml` says."""

    ui: str
    repeat_after: timedelta
    most_per_hour: int
    titles: dict[str, str]
    mends: Mapping[str, str]
    kind_of_check: Mapping[str, str]
    mail: Mail | None
    webhooks: tuple[Webhook, ...]

    @property
    def tells_anybody(self) -> bool:
        """Whether there is anybody to tell."""
        return self.mail is not None or bool(self.webhooks)


def load_settings(path: Path = SETTINGS) -> AlertSettings:
    """Read the settings of alerts.

    Raises:
        ContractError: a field is missing, unknown or makes no sense; the text names file, field and mend.
    """
    stated: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    try:
        kinds = stated["kinds"]
        return AlertSettings(
            ui=stated["ui"],
            repeat_after=timedelta(hours=stated["repeat_after_hours"]),
            most_per_hour=int(stated["most_per_hour"]),
            titles={kind: said["title"] for kind, said in kinds.items()},
            mends={kind: said["mend"] for kind, said in kinds.items() if "mend" in said},
            kind_of_check={check: kind for kind, said in kinds.items() for check in said.get("checks", ())},
            mail=_mail(path, stated.get("mail")),
            webhooks=tuple(_webhook(path, one) for one in stated.get("webhooks") or ()),
        )
    except (KeyError, TypeError) as error:
        raise ContractError(f"{path.name}: {error} is missing or unknown; write it as the shipped file does") from None


def _mail(path: Path, stated: dict[str, Any] | None) -> Mail | None:
    if stated is None:
        return None
    files = {name: Path(stated[name]) for name in ("ca_file", "password_file") if stated.get(name)}
    mail = Mail(
        **{**stated, "ca_file": None, "password_file": None, **files, "recipients": tuple(stated["recipients"])}
    )
    if mail.tls not in TLS:
        raise ContractError(f"{path.name}: mail.tls is {mail.tls!r}; it is one of {', '.join(TLS)}")
    if mail.tls == "none" and mail.host not in LOOPBACK:
        raise ContractError(f"{path.name}: mail.tls is none, and {mail.host} is another machine; use starttls")
    return mail


def _webhook(path: Path, stated: dict[str, Any]) -> Webhook:
    where = urlsplit(stated["url"])
    if where.scheme != "https" and not (where.scheme == "http" and where.hostname in LOOPBACK):
        raise ContractError(f"{path.name}: a webhook of {where.hostname} is not https; write an https address")
    return Webhook(stated["url"], Path(stated["token_file"]) if stated.get("token_file") else None)


def secret(path: Path) -> str:
    """The text of a secret's file, without its line end.

    Raises:
        ContractError: the file is not there, or others than its owner can read it.
    """
    if not path.is_file():
        raise ContractError(f"the secret {path} is not there; write it, and run chmod 600 on it")
    if path.stat().st_mode & PRIVATE_FILE_MASK:
        raise ContractError(f"others than its owner can read the secret {path}; run chmod 600 on it")
    return path.read_text(encoding="utf-8").strip()
