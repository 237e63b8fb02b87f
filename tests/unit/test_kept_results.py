"""Results that one run leaves for the next."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines import kept_results
from pipelines.kept_results import KeptResults, figures, figures_bytes, key_of


def left(path: Path, **results: bytes) -> None:
    """What a run leaves that found or made these results."""
    kept = KeptResults(path)
    for name, result in results.items():
        kept.add(key_of(name.encode()), result)
    kept.keep()


def test_a_result_is_found_by_the_next_run_and_gone_after_a_run_that_does_not_ask_for_it(tmp_path: Path) -> None:
    path = tmp_path / "zone" / "kept" / "some.parquet"
    left(path, one=b"1", other=b"2")
    second = KeptResults(path)
    assert (second.find(key_of(b"one")), second.find(key_of(b"none"))) == (b"1", None)
    second.keep()
    third = KeptResults(path)
    assert (third.find(key_of(b"one")), third.find(key_of(b"other"))) == (b"1", None)


def test_what_other_code_made_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left(tmp_path / "some.parquet", one=b"1")
    monkeypatch.setattr(kept_results, "made_by", lambda: b"other code")
    assert KeptResults(tmp_path / "some.parquet").find(key_of(b"one")) is None
    left(tmp_path / "some.parquet", one=b"anew")
    assert KeptResults(tmp_path / "some.parquet").find(key_of(b"one")) == b"anew"


def test_what_is_damaged_or_cut_off_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "some.parquet"
    left(path, one=bytes(range(64)))
    whole = path.read_bytes()
    flipped = whole.replace(bytes(range(20, 40)), bytes(range(20, 39)) + b"!")
    for damaged in (whole[: len(whole) // 2], flipped, b""):
        assert damaged != whole
        path.write_bytes(damaged)
        assert KeptResults(path).find(key_of(b"one")) is None


def test_a_run_that_dies_while_it_writes_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left(tmp_path / "some.parquet", one=b"1")
    monkeypatch.setattr("pyarrow.parquet.write_table", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        left(tmp_path / "some.parquet", other=b"2")
    assert KeptResults(tmp_path / "some.parquet").find(key_of(b"one")) == b"1"
    assert [path.name for path in tmp_path.iterdir()] == ["some.parquet"]


def test_inputs_that_run_together_are_told_apart() -> None:
    assert key_of(b"ab", b"c") != key_of(b"a", b"bc") != key_of(b"abc")


def test_figures_come_back_to_the_bit() -> None:
    assert figures(figures_bytes(0.1, None, -0.0, 1e300)) == [0.1, None, -0.0, 1e300]
