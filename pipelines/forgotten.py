"""Who was deleted: so that a later delivery does not bring them back, and without saying who it was.

`<lake>/forgotten/<number>.json` holds, for each deletion, tokens: keyed hashes of the client, of the
names under which other agencies quote it, and of the rows that others point at. Nobody can read a client out of a
token; who has the key (`keys/forgotten.key`) can ask of a client whether it was deleted, and that is all.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines import numbered_files
from pipelines.errors import LakeError
from pipelines.key_files import make_key, read_key
from pipelines.lake import Lake

FORMAT = "countylink-deletion-1"

CLIENT, SHARED, ROW = "client", "shared", "row"
"""Kinds of token: (agency, client id); (namespace, id); (agency, table, column names …, values …)."""


@dataclass(frozen=True)
class Forgotten:
    """Everything that was deleted, as tokens under one key."""

    secret: bytes
    tokens: frozenset[str]

    def token(self, kind: str, *parts: str) -> str:
        """The token of a client, shared id or row."""
        return hmac.new(self.secret, "\0".join((kind, *parts)).encode(), hashlib.sha256).hexdigest()[:32]

    def holds(self, kind: str, *parts: str) -> bool:
        """Whether a client, shared id or row was deleted."""
        return self.token(kind, *parts) in self.tokens

    def among(self, values: Iterable[str | None], kind: str, *parts: str) -> list[str]:
        """Those of some values that were deleted; blanks around a value do not count."""
        return [one for one in values if one is not None and self.holds(kind, *parts, one.strip())]

    def with_tokens(self, tokens: Iterable[str]) -> Forgotten:
        """The same and more."""
        return Forgotten(self.secret, self.tokens | set(tokens))

    def __repr__(self) -> str:
        return f"Forgotten({len(self.tokens)} tokens)"


def forgotten_folder(lake: Lake) -> Path:
    """Where deletions are remembered: beside the zones, for no run owns them."""
    return lake.root / "forgotten"


def forgotten(lake: Lake) -> Forgotten | None:
    """Who was deleted; None where nobody ever was.

    Raises:
        LakeError: the list or its key is gone; deleted clients would come back.
    """
    kept = certificates(lake)
    if not kept:
        return None
    return Forgotten(read_key(_key(lake)), frozenset(token for one in kept for token in one["tokens"]))


def open_forgotten(lake: Lake) -> Forgotten:
    """Who was deleted; a lake's first deletion makes the key."""
    known = forgotten(lake)
    if known is not None:
        return known
    path = _key(lake)
    return Forgotten(read_key(path) if path.exists() else make_key(path), frozenset())


def remember(lake: Lake, tokens: Sequence[str], facts: Mapping[str, Any]) -> int:
    """Keep the tokens of a deletion, and what may be told of it; returns its number."""
    text = json.dumps({"format": FORMAT, **facts, "tokens": sorted(set(tokens))}, indent=1, sort_keys=True)
    return numbered_files.add(forgotten_folder(lake), text)


def certificates(lake: Lake) -> list[dict[str, Any]]:
    """Every deletion, in order, with its number."""
    return [_read(path) | {"number": number} for number, path in numbered_files.files(forgotten_folder(lake))]


def _key(lake: Lake) -> Path:
    return lake.root / "keys" / "forgotten.key"


def _read(path: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if document["format"] != FORMAT or not isinstance(document["tokens"], list):
            raise ValueError
    except (OSError, ValueError, KeyError, TypeError):
        raise LakeError(f"forgotten/{path.name} cannot be read; restore it from the backup") from None
    return document
