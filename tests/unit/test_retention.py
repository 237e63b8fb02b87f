"""Which releases are kept, and for how long; the latest and what was paid on are never removed."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.audit import BEGINNING
from pipelines.cli import main
from pipelines.errors import ContractError, ReleaseError
from pipelines.lake import Lake
from pipelines.publish import retention, standing
from pipelines.publish.catalogue import Entry, Step, known_entry
from pipelines.publish.retention import due_for_removal, evidence_due, rules, unkept
from tests.unit.publishing import Publish

RULES = {"keep_days": 400, "keep_first_of_month_years": 7, "keep_withdrawn_days": 90}
TODAY = date(2026, 11, 1)
LATER = date(2028, 11, 1)


def published(as_of: date) -> Entry:
    step = Step("published", datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC), "the audit gate", "passed")
    return Entry(f"{as_of}-x", as_of, "", BEGINNING, (step,))


@pytest.mark.parametrize(
    ("as_of", "is_kept"),
    [
        (date(2026, 10, 31), True),
        (date(2025, 9, 27), True),  # 400 days before
        (date(2025, 9, 26), False),
        (date(2025, 9, 2), True),  # the first of its month
        (date(2019, 11, 1), True),  # seven years old
        (date(2019, 10, 31), False),
    ],
)
def test_a_release_is_kept_while_it_is_young_or_the_first_of_its_month(as_of: date, is_kept: bool) -> None:
    found = [published(date(2019, 10, 2)), published(date(2025, 9, 2)), published(as_of)]
    kept = f"{as_of}-x" not in unkept(sorted(found, key=lambda one: one.as_of), TODAY, RULES)
    assert kept is is_kept


def test_every_rule_has_a_value_and_a_reason(tmp_path: Path) -> None:
    assert set(rules()) == set(RULES)
    wrong = tmp_path / "retention.yaml"
    wrong.write_text("keep_days: {value: 400, reason: a year}\n")
    with pytest.raises(ContractError, match="keep_first_of_month_years needs a value"):
        rules(wrong)


@pytest.fixture
def old(lake: Lake, publish_it: Publish) -> list[str]:
    """Three releases of one month, of which the first and the latest are kept."""
    return [publish_it(as_of=date(2026, 11, day), bundle=f"b{day}").release_id for day in (1, 2, 3)]


def test_the_latest_release_and_the_first_of_the_month_stay(lake: Lake, old: list[str]) -> None:
    assert due_for_removal(lake, LATER) == [old[1]]
    with pytest.raises(ReleaseError, match="is the latest release"):
        standing.remove(lake, old[2], "retention")


def test_what_a_frozen_statement_rests_on_stays(lake: Lake, old: list[str]) -> None:
    frozen = lake.root / "statements" / "jir" / "0001"
    frozen.mkdir(parents=True)
    (frozen / "statement.json").write_text(json.dumps({"release": {"release_id": old[1]}}))
    assert due_for_removal(lake, LATER) == []


def test_the_command_names_first_and_removes_when_asked(lake: Lake, old: list[str]) -> None:
    words = ["release", "retention", "--lake", str(lake.root), "--on", LATER.isoformat()]
    assert f"{old[1]} would be removed" in CliRunner().invoke(main, words).output
    assert (lake.root / "published/outcomes/releases" / old[1]).exists()
    assert f"{old[1]} removed" in CliRunner().invoke(main, [*words, "--remove"]).output
    assert not (lake.root / "published/outcomes/releases" / old[1]).exists()
    assert known_entry(lake, old[1]).status == "removed"
    assert "nothing is due" in CliRunner().invoke(main, words).output


def test_a_withdrawn_release_is_evidence_for_ninety_days(lake: Lake, old: list[str], monkeypatch) -> None:
    standing.withdraw(lake, old[1], "ada", "wrong prices")
    assert evidence_due(lake, date.today()) == []
    assert evidence_due(lake, date(date.today().year + 1, 6, 1)) == [old[1]]
    assert retention.statements_rest_on(lake) == set()
