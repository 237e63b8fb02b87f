"""The search after a deletion: what it must find, and what only looks like a client's number."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.deletion.proving import search
from pipelines.lake import Lake

VALUES = frozenset({"2975969", "henazo padilla", "310-555-0142"})


def _found(folder: Path, text: str) -> bool:
    lake = Lake(folder)
    (folder / "reports").mkdir()
    (folder / "reports" / "page.json").write_text(text, encoding="utf-8")
    return search(lake, VALUES).found_in == ("reports/page.json",)


@pytest.mark.parametrize(
    "text",
    [
        "2975969",
        '{"id": 2975969}',
        "no. 2975969.",
        "A2975969B",
        "12975969 and 02975969",
        "2975969\x001795378292.25",
        "HENAZO PADILLA",
        "3105550142",
        "13105550142",
        "17953782923105550142",
        "0.2975969 is a time, but 2975969 is an id",
    ],
)
def test_a_value_of_the_client_is_found(tmp_path: Path, text: str) -> None:
    assert _found(tmp_path, text)


@pytest.mark.parametrize(
    "text",
    [
        "1795378292.2975969",
        "1795378292.12975969e3",
        "1795378229759690000",
        "0e5bb1c2975969d0a3f1c47e2b9d8867",
    ],
)
def test_digits_of_a_time_a_key_or_a_digest_are_nobodys(tmp_path: Path, text: str) -> None:
    assert not _found(tmp_path, text)
