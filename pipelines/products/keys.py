"""Keys of recipients: one secret a recipient and project, and a new one when it is rotated.

    person_key = hex HMAC-SHA256(key, "v2|<recipient>|<project>|" + vault id)[:32]

Two recipients, or two projects of one, cannot join their rows: their keys are independent, and a key that two of them
share is refused. Files: `keys/recipients/<recipient>/<project>.<number>.key`; the highest number is in force, earlier
ones stay for crosswalks (docs/adr/0014).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pipelines.audit import record_act
from pipelines.errors import LakeError
from pipelines.key_files import fingerprint, make_key, read_key
from pipelines.lake import Lake

KEY_HEX_LENGTH = 32
"""128 bits of the digest: no two of 40 million persons are expected to collide, and keys stay readable."""


@dataclass(frozen=True)
class RecipientKey:
    """The secret of one recipient and project; never printed."""

    secret: bytes
    recipient: str
    project: str
    number: int

    @property
    def fingerprint(self) -> str:
        """A name for the key that tells nothing about it; it stands in manifests."""
        return fingerprint(self.secret)

    def person_key(self, vault_id: bytes) -> str:
        """The name of a person in the recipient's product."""
        return self._digest("v2", vault_id).hex()[:KEY_HEX_LENGTH]

    def shift_days(self, vault_id: bytes, greatest: int) -> int:
        """By how many days all dates of a person move: from -greatest to greatest, never 0."""
        drawn = int.from_bytes(self._digest("shift", vault_id)) % (2 * greatest)
        return drawn - greatest if drawn < greatest else drawn - greatest + 1

    def _digest(self, use: str, vault_id: bytes) -> bytes:
        message = f"{use}|{self.recipient}|{self.project}|".encode() + vault_id
        return hmac.new(self.secret, message, hashlib.sha256).digest()

    def __repr__(self) -> str:
        return f"RecipientKey({self.recipient}.{self.project} {self.number}, fingerprint={self.fingerprint!r})"


def open_key(lake: Lake, recipient: str, project: str) -> RecipientKey:
    """The key in force; made for a new recipient and project.

    Raises:
        LakeError: the key is gone, unusable, or the same as another's.
    """
    numbers = key_numbers(lake, recipient, project)
    if not numbers:
        if any((lake.root / "products" / f"{recipient}.{project}" / "builds").glob("*/manifest.json")):
            raise LakeError(
                f"the key of {recipient}.{project} is gone but products were made with it. A new key would give every "
                "person a new name: restore keys/recipients from the backup, or rotate the key"
            )
        made = fingerprint(make_key(_path(lake, recipient, project, 1)))
        record_act(lake, act="key_made", subject=f"{recipient}.{project}", detail={"key": made})
        numbers = [1]
    return key_numbered(lake, recipient, project, numbers[-1])


def key_numbered(lake: Lake, recipient: str, project: str, number: int) -> RecipientKey:
    """A key by its number, also one that is not in force any longer."""
    path = _path(lake, recipient, project, number)
    secret = read_key(path)
    _refuse_shared(lake, path, secret)
    return RecipientKey(secret, recipient, project, number)


def key_numbers(lake: Lake, recipient: str, project: str) -> list[int]:
    """Numbers of the keys that a recipient's project has had, the one in force last."""
    return sorted(int(path.suffixes[-2][1:]) for path in _folder(lake, recipient).glob(f"{project}.[0-9]*.key"))


def new_key(lake: Lake, recipient: str, project: str) -> RecipientKey:
    """Put a new key in force."""
    number = max(key_numbers(lake, recipient, project), default=0) + 1
    make_key(_path(lake, recipient, project, number))
    return key_numbered(lake, recipient, project, number)


def _folder(lake: Lake, recipient: str) -> Path:
    return lake.root / "keys" / "recipients" / recipient


def _path(lake: Lake, recipient: str, project: str, number: int) -> Path:
    return _folder(lake, recipient) / f"{project}.{number:04d}.key"


def _refuse_shared(lake: Lake, path: Path, secret: bytes) -> None:
    for other in _other_keys(lake, path):
        if hmac.compare_digest(read_key(other), secret):
            one, two = (each.relative_to(lake.root) for each in (path, other))
            raise LakeError(
                f"{one} and {two} hold the same secret, so their recipients could join their rows; rotate one of them"
            )


def _other_keys(lake: Lake, path: Path) -> Iterable[Path]:
    return (other for other in sorted((lake.root / "keys").rglob("*.key")) if other != path)
