"""What leaves is encrypted to the one who may have it, with `age` (age-encryption.org/v1, X25519)."""

from __future__ import annotations

import io
from pathlib import Path
from typing import BinaryIO

import pyrage
from pyrage import x25519

from pipelines.errors import ReleaseError
from pipelines.lake import replacing
from pipelines.products.definition import Product


def write_encrypted(content: bytes, product: Product, out: Path) -> None:
    """Write bytes that only the product's recipient can read."""
    encrypt_stream(io.BytesIO(content), product, out)


def encrypt_stream(content: BinaryIO, product: Product, out: Path) -> None:
    """Write a stream that only the product's recipient can read; whole or not at all, readable by its owner alone.

    Raises:
        ReleaseError: the product names no public key.
    """
    if product.age_public_key is None:
        raise ReleaseError(
            f"{product.id} names no age_public_key, and nothing leaves unencrypted; ask the recipient for theirs and "
            f"write it into {product.path.name}"
        )
    seal_stream(content, product.age_public_key, out)


def seal_stream(content: BinaryIO, public_key: str, out: Path) -> None:
    """Write a stream that only the holder of a key can read; whole or not at all, readable by its owner alone."""
    recipient = x25519.Recipient.from_str(public_key)
    with replacing(out) as staged:
        staged.touch(mode=0o600)
        with staged.open("wb") as sealed:
            pyrage.encrypt_io(content, sealed, [recipient])
