"""Deliveries that are unlike those before them wait; a person releases them, or a better one comes."""

from __future__ import annotations

import itertools
import json
import stat
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipelines.cli import main
from pipelines.errors import LakeError
from pipelines.validate import Receipt, held_by_breakers, release_hold, releases
from tests.intake import PATIENT_HEADER, VISIT_HEADER, County, county, patient

PATIENTS = PATIENT_HEADER + patient("p1")
NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def visits(rows: int, month: str = "2026-01") -> str:
    return VISIT_HEADER + "".join(f"v{i},p1,{month}-{i % 28 + 1:02d},\n" for i in range(rows))


def deliver(made: County, name: str, rows: int) -> None:
    made.deliver({"patient.csv": PATIENTS, "visit.csv": visits(rows)}, name=name)


def nights(made: County, counts: Iterable[int], first: int = 1) -> None:
    for day, rows in enumerate(counts, first):
        deliver(made, f"2026-11-{day:02d}", rows)


def verdicts(receipts: Iterable[Receipt]) -> dict[str, list[str]]:
    """By as-of day and revision: the rules that hold the delivery."""
    return {f"{one.as_of.day}.{one.revision}": [reason.rule_id for reason in one.held] for one in receipts}


def test_half_a_table_waits_and_says_what_is_usual(tmp_path: Path) -> None:
    made = county(tmp_path)
    nights(made, (100, 101, 102, 40))
    *_, last = made.run()
    (reason,) = last.held
    assert (reason.rule_id, reason.file) == ("breaker.row_count_fell", "visit.csv")
    assert reason.mend.startswith("40 rows where 101 are usual; send the whole table")
    assert last.data_through is None
    assert not list(last.folder(made.lake).glob("*.parquet"))


def test_the_receipt_says_which_tables_no_breaker_looked_at(tmp_path: Path) -> None:
    made = county(tmp_path)
    nights(made, (100, 100, 100, 100))
    assert [one.without_baseline for one in made.run()] == [("patient", "visit")] * 3 + [("patient",)]


def test_a_release_lets_exactly_this_content_in_and_is_kept(tmp_path: Path) -> None:
    made = county(tmp_path)
    nights(made, (100, 100, 100, 40))
    held = made.run()[-1].delivery_id
    assert [one.delivery_id for one in held_by_breakers(made.lake)] == [held]
    release = release_hold(made.lake, held, "R. Viewer", "the pool was split", NOW)
    assert (release.number, release.rules) == (1, ("breaker.row_count_fell",))
    assert held_by_breakers(made.lake) == []
    deliver(made, "2026-11-04.r2", 41)
    assert verdicts(made.run()) == {"1.1": [], "2.1": [], "3.1": [], "4.1": [], "4.2": ["breaker.row_count_fell"]}
    (released,) = [one for one in made.run() if one.delivery_id == held]
    assert [one.mend.endswith("(released: decisions/holds, number 1)") for one in released.warnings] == [True]
    assert releases(made.lake) == [release]


def test_what_was_released_is_usual_for_the_nights_that_follow(tmp_path: Path) -> None:
    made = county(tmp_path)
    nights(made, (100, 100, 100, 40, 42))
    assert [len(one.held) for one in made.run()] == [0, 0, 0, 1, 1]
    release_hold(made.lake, made.run()[3].delivery_id, "R. Viewer", "the pool was split", NOW)
    assert [len(one.held) for one in made.run()] == [0] * 5


def test_a_better_delivery_needs_no_release(tmp_path: Path) -> None:
    made = county(tmp_path)
    nights(made, (100, 100, 100, 40))
    made.run()
    deliver(made, "2026-11-04.r2", 100)
    assert verdicts(made.run())["4.2"] == []


def test_what_breaks_the_contract_cannot_be_released(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.deliver({"patient.csv": ""})
    (receipt,) = made.run()
    with pytest.raises(LakeError, match="only what a circuit breaker holds can be released"):
        release_hold(made.lake, receipt.delivery_id, "R. Viewer", "hurry", NOW)
    assert releases(made.lake) == []


@pytest.mark.parametrize(
    ("by", "reason", "told"), [(" ", "x", "who"), ("x", " ", "why"), ("R. Viewer", "why", "not held")], ids=str
)
def test_a_release_needs_a_hold_a_name_and_a_reason(by: str, reason: str, told: str, tmp_path: Path) -> None:
    made = county(tmp_path)
    nights(made, (100,))
    with pytest.raises(LakeError, match=told):
        release_hold(made.lake, made.run()[0].delivery_id, by, reason, NOW)


def test_an_unknown_delivery_cannot_be_released(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="no such delivery"):
        release_hold(county(tmp_path).lake, "clinic_x", "R. Viewer", "why", NOW)


def test_a_lost_release_is_noticed(tmp_path: Path) -> None:
    made = county(tmp_path)
    nights(made, (100, 100, 100, 40, 10))
    for one in made.run()[3:]:
        release_hold(made.lake, one.delivery_id, "R. Viewer", "why", NOW)
    first = made.lake.root / "decisions" / "holds" / "00000001.json"
    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    first.unlink()
    with pytest.raises(LakeError, match=r"holds/00000001\.json is gone"):
        made.run()


def test_verdicts_do_not_depend_on_the_order_of_arrival(tmp_path: Path) -> None:
    counts = {"2026-11-01": 100, "2026-11-02": 100, "2026-11-03": 98, "2026-11-04": 30, "2026-11-05": 31}
    found = set()
    for place, order in enumerate(itertools.islice(itertools.permutations(counts), 0, None, 23)):
        made = county(tmp_path / str(place)) if (tmp_path / str(place)).mkdir() is None else None
        assert made
        for name in order:
            deliver(made, name, counts[name])
            last = made.run()
        assert made.run() == last
        found.add(json.dumps([verdicts(last), [one.without_baseline for one in last]]))
    assert len(found) == 1
    assert json.loads(found.pop())[0]["4.1"] == ["breaker.row_count_fell"]


def test_a_late_delivery_can_hold_one_that_was_accepted(tmp_path: Path) -> None:
    made = county(tmp_path)
    nights(made, (100, 100), first=2)
    deliver(made, "2026-11-09", 30)
    assert verdicts(made.run())["9.1"] == []
    deliver(made, "2026-11-01", 100)
    assert verdicts(made.run())["9.1"] == ["breaker.row_count_fell"]


def test_an_earlier_delivery_that_changes_no_verdict_does_not_have_later_ones_validated_again(tmp_path: Path) -> None:
    made = county(tmp_path)
    nights(made, (100, 100, 100), first=2)
    last = made.run()[-1]
    table = last.folder(made.lake) / "visit.parquet"
    before = table.stat().st_mtime_ns
    deliver(made, "2026-11-01", 100)
    again = made.run()[-1]
    assert (last.without_baseline, again.without_baseline) == (("patient", "visit"), ("patient",))
    assert table.stat().st_mtime_ns == before


def test_a_profile_holds_counts_and_nothing_of_a_person(tmp_path: Path) -> None:
    made = county(tmp_path)
    nights(made, (3,))
    (receipt,) = made.run()
    profile = json.loads((receipt.folder(made.lake) / "profile.json").read_text())
    assert profile["patient"]["codes"] == {"record_action": {"U": 1}, "sex_code": {"F": 1}}
    assert profile["visit"]["nulls"]["ended_on"] == 3
    assert "Alder" not in json.dumps(profile)


def release(made: County, *options: str) -> Result:
    return CliRunner().invoke(main, ["release-hold", *options, "--lake", str(made.lake.root)])


def test_the_command_lists_what_waits_and_releases_it(tmp_path: Path) -> None:
    made = county(tmp_path)
    nights(made, (100, 100, 100, 40))
    held = made.run()[-1].delivery_id
    waits = release(made, "--list").output
    assert f"waits: {held}\n  visit.csv: breaker.row_count_fell: 40 rows where 100 are usual" in waits
    done = release(made, held, "--by", "R. Viewer", "--reason", "the pool was split")
    assert (done.exit_code, done.output) == (0, f"{held} is released as number 1; the next run takes it in\n")
    told = release(made, "--list").output
    assert told.startswith("no delivery waits for a release\n")
    assert f"released: {held} · R. Viewer · " in told and told.endswith(" · the pool was split\n")
    (recorded,) = json.loads(release(made, "--list", "--json").output)["released"]
    assert (recorded["delivery_id"], recorded["number"]) == (held, 1)
    assert made.run()[-1].is_accepted


def test_the_command_refuses_what_nobody_can_release_and_what_is_not_said(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.deliver({"patient.csv": ""})
    (receipt,) = made.run()
    refused = release(made, receipt.delivery_id, "--by", "R. Viewer", "--reason", "hurry")
    assert (refused.exit_code, "only what a circuit breaker holds can be released" in refused.output) == (1, True)
    assert release(made, receipt.delivery_id, "--by", "R. Viewer").exit_code == 2
