"""Files that hold a secret: made with care, and refused when somebody else could have read or planted them.

A secret is 32 random bytes in a file of its own, mode 0600, of the user who runs Countylink. Nothing here knows what a
secret is for, and no error, log or name ever shows one.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from pipelines.errors import LakeError
from pipelines.lake import PRIVATE_FILE_MASK, fsync

KEY_BYTES = 32
"""As long as the digest of SHA-256: a shorter key would be the weakest part (RFC 2104 §3)."""

FINGERPRINT_HEX = 16
"""64 bits tell all keys of a county apart, and nothing about any of them."""


def make_key(path: Path) -> bytes:
    """Make a new random key at a path where none is; durable before this returns.

    Raises:
        LakeError: a key is there already; it is never overwritten, for what it named would lose its names.
    """
    if path.exists():
        raise LakeError(f"{_place(path)} is there already; a key is never overwritten")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    staged = path.with_name(f".{path.name}.{os.getpid()}.staged")
    staged.unlink(missing_ok=True)  # left by a killed run with our process number
    descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    staged.replace(path)
    fsync(path.parent)
    return read_key(path)


def read_key(path: Path) -> bytes:
    """The secret in a file.

    Raises:
        LakeError: the file is a link, is another user's, can be read by others, or is shorter than a key.
    """
    place = _place(path)
    if path.is_symlink() or not path.is_file():
        raise LakeError(f"{place} is not a plain file; restore it from the backup (mode 0600)")
    facts = path.stat()
    if facts.st_uid != os.geteuid():
        raise LakeError(f"{place} belongs to another user; run chown on it, then run again")
    if facts.st_mode & PRIVATE_FILE_MASK:
        raise LakeError(f"{place} can be read by others than its owner; run chmod 600 on it, then run again")
    secret = path.read_bytes()
    if len(secret) < KEY_BYTES:
        raise LakeError(f"{place} holds {len(secret)} bytes, at least {KEY_BYTES} are needed; restore it")
    return secret


def fingerprint(secret: bytes) -> str:
    """A name for a key that tells nothing about it."""
    return hmac.new(secret, b"fingerprint", hashlib.sha256).hexdigest()[:FINGERPRINT_HEX]


def _place(path: Path) -> str:
    """Where a key lies, from the lake's folder of keys on."""
    parts = path.parts
    at = len(parts) - 1 - parts[::-1].index("keys") if "keys" in parts else len(parts) - 1
    return "/".join(parts[at:])
