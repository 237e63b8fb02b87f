"""Person keys of the county's own release: the only name of a person that stands in it.

`person_key = hex HMAC-SHA256(key, "v1|<product>|<person_id>")[:32]`. The message is a person id, which is a sequence
number of ours (45 CFR 164.514(c) forbids a code derived from information about the individual); the key stays in
`<lake>/keys/`, which is no zone and is never published. The release is for the county itself: what a recipient gets is
a product, under a key of its own (`pipelines/products/keys.py`, docs/adr/0014).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import LakeError, ReleaseError
from pipelines.key_files import make_key, read_key
from pipelines.lake import Lake

KEY_HEX_LENGTH = 32
"""128 bits of the digest: no two of 40 million persons are expected to collide, and keys stay readable."""


@dataclass(frozen=True)
class KeyRing:
    """The secret of one product; never printed."""

    secret: bytes
    product: str

    @property
    def key_id(self) -> str:
        """A name for the key that tells nothing about it; two releases with one key id share their person keys."""
        return hmac.new(self.secret, b"key-id", hashlib.sha256).hexdigest()[:12]

    def person_key(self, person_id: int) -> str:
        """The published name of a person in this product."""
        message = f"v1|{self.product}|{person_id}".encode()
        return hmac.new(self.secret, message, hashlib.sha256).hexdigest()[:KEY_HEX_LENGTH]

    def person_keys(self, person_ids: Iterable[int]) -> dict[int, str]:
        """Published names by person id; two persons under one name would be one person to a reader, so that stops."""
        keys = {person_id: self.person_key(person_id) for person_id in person_ids}
        if len(set(keys.values())) != len(keys):
            raise ReleaseError("two persons got the same person key; nothing was published")
        return keys

    def sealed(self, text: str) -> str:
        """A name for a text that only the key's holder can check."""
        return hmac.new(self.secret, f"sealed|{self.product}|{text}".encode(), hashlib.sha256).hexdigest()

    def __repr__(self) -> str:
        return f"KeyRing(product={self.product!r}, key_id={self.key_id!r})"


def key_path(lake: Lake) -> Path:
    """Where the secret lies."""
    return lake.root / "keys" / "person_key.key"


def open_key_ring(lake: Lake, product: str) -> KeyRing:
    """The lake's secret; made when the lake is new, refused when it is missing, short or readable by others."""
    path = key_path(lake)
    if not path.exists():
        _refuse_if_released(lake, path)
        make_key(path)
    try:
        return KeyRing(read_key(path), product)
    except LakeError as unusable:
        raise ReleaseError(str(unusable)) from None


def _refuse_if_released(lake: Lake, path: Path) -> None:
    releases = lake.zone("published").glob("*/releases/*/manifest.json")
    if any(releases):
        raise ReleaseError(
            f"keys/{path.name} is gone but releases were made with it. A new key would give every person a new name. "
            "Restore the key file from the backup (mode 0600), then run again."
        )
