"""Passwords are kept as scrypt hashes with their cost beside them, so that it can be raised later.

scrypt (RFC 7914) is in Python's standard library and needs memory to guess, which graphics cards lack. The cost is one
of those that OWASP's Password Storage Cheat Sheet names: 32 MiB and about a third of a second a try.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import threading
from dataclasses import dataclass

SALT_BYTES, HASH_BYTES = 16, 32

_one_at_a_time = threading.Lock()
"""A flood of sign-ins takes one processor and 32 MiB, not all of them."""


@dataclass(frozen=True)
class Cost:
    """Of scrypt: n (iterations and memory), r (block size), p (passes)."""

    n: int = 2**15
    r: int = 8
    p: int = 3


USUAL = Cost()


def hashed(password: str, cost: Cost = USUAL) -> str:
    """A new hash, with salt and cost."""
    salt = secrets.token_bytes(SALT_BYTES)
    parts = (str(cost.n), str(cost.r), str(cost.p), _text(salt), _text(_scrypt(password, salt, cost)))
    return "$".join(("scrypt", *parts))


def is_password(password: str, stored: str) -> bool:
    """Whether a password is the one of a hash."""
    kind, *parts = stored.split("$")
    if kind != "scrypt" or len(parts) != 5:
        return False
    n, r, p, salt, known = parts
    tried = _scrypt(password, base64.b64decode(salt), Cost(int(n), int(r), int(p)))
    return hmac.compare_digest(tried, base64.b64decode(known))


def spend_as_much(password: str, cost: Cost = USUAL) -> None:
    """Take as long as with a known user, so that the time does not tell whether there is one."""
    _scrypt(password, bytes(SALT_BYTES), cost)


def _scrypt(password: str, salt: bytes, cost: Cost) -> bytes:
    room = 128 * cost.r * (cost.n + cost.p + 2)  # what OpenSSL counts before it starts
    with _one_at_a_time:
        return hashlib.scrypt(
            password.encode(), salt=salt, n=cost.n, r=cost.r, p=cost.p, maxmem=2 * room, dklen=HASH_BYTES
        )


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
