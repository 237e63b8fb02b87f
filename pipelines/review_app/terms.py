"""How the app asks, whom it lets in and for how long; values and reasons are in `terms.yaml`."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import yaml

from pipelines.errors import ContractError

SHIPPED = Path(__file__).with_name("terms.yaml")


@dataclass(frozen=True)
class Terms:
    """Times as their names say; shares and chances between 0 and 1; weights in bits; money in dollars."""

    queue_most_pairs: int
    least_chance_wrong: float
    most_chance_wrong_apart: float
    settled_weight: float
    measure_row_usd: float
    least_stake_usd: float
    second_from_usd: float
    audit_share: float
    agreement_least_pairs: int
    lease_minutes: int
    session_idle_minutes: int
    session_hours: int
    password_least_length: int
    failures_to_lock_out: int
    failures_of_an_address: int
    lock_out_minutes: int
    sign_ins_a_minute: int
    requests_a_minute: int
    looks_an_hour: int
    form_most_bytes: int
    note_most_characters: int


def load_terms(path: Path = SHIPPED) -> Terms:
    """The shipped terms, or those of a file; ContractError unless each has a number and a reason."""
    stated = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    for field in fields(Terms):
        entry = stated.get(field.name)
        is_told = isinstance(entry, dict) and isinstance(entry.get("value"), int | float) and entry.get("reason")
        if not is_told:
            raise ContractError(f"{path.name}: {field.name} needs a value, a number, and a reason")
    return Terms(**{field.name: stated[field.name]["value"] for field in fields(Terms)})
