"""`attention.yaml` as terms, and the public keys of providers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from pyrage import RecipientError, x25519

from pipelines.errors import ContractError
from schemas.data_contract import SHIPPED_ROOT

PACKAGE = "pipelines.reports.attention"

KEYS = SHIPPED_ROOT / "providers" / "age_keys.yaml"
"""Provider id → its public key."""

COUNTED = "counted"


@cache
def attention_terms() -> Mapping[str, Any]:
    """The shipped terms: `measures` and `unlinked`."""
    document: Mapping[str, Any] = yaml.safe_load(
        resources.files(PACKAGE).joinpath("attention.yaml").read_text(encoding="utf-8")
    )
    return document


def provider_keys(path: Path = KEYS) -> dict[str, str]:
    """The public key of each provider that gave one.

    Raises:
        ContractError: what stands there is no age public key; the text names the provider.
    """
    keys = {
        str(provider): str(key) for provider, key in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).items()
    }
    for provider, key in keys.items():
        try:
            x25519.Recipient.from_str(key)
        except (RecipientError, ValueError):
            raise ContractError(
                f"{path.name}: {provider} has no age public key (age1…); ask the provider for it, `age-keygen -y`"
            ) from None
    return keys
