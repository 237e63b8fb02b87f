"""Records of judgements, as tests write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pipelines.review_app.judgements import BLIND, Record

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def said(
    number: int,
    by: str,
    code: str,
    *,
    stage: str = BLIND,
    wants_second: bool = False,
    is_audit: bool = False,
    takes_back: int = 0,
) -> Record:
    """What somebody said of one and the same pair, a minute after the record before it."""
    return Record(
        "health", "1", "sheriff", "0", code, by, NOON + timedelta(minutes=number),
        stage=stage, wants_second=wants_second, is_audit=is_audit, takes_back=takes_back, number=number,
    )  # fmt: skip
