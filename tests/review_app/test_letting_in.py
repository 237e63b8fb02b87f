"""Passwords, sessions, lock-outs and accounts: who is let in, for how long, and what is kept of it."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipelines.audit import acts
from pipelines.cli import main
from pipelines.errors import ContractError, LakeError
from pipelines.lake import Lake
from pipelines.review_app.limits import Limits
from pipelines.review_app.lock_outs import LockOuts
from pipelines.review_app.passwords import Cost, hashed, is_password
from pipelines.review_app.reasons import reasons
from pipelines.review_app.serve import Address, refuse_open_network, sole_app
from pipelines.review_app.services import Proxy
from pipelines.review_app.sessions import Sessions
from pipelines.review_app.state import State
from pipelines.review_app.terms import Terms, load_terms
from pipelines.review_app.users import add_user, read_users, set_disabled, users_file
from tests.pipeline.counties import CHECKOUT
from tests.review_app.places import QUICK

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
TERMS = load_terms()


@pytest.fixture
def empty(tmp_path: Path) -> Lake:
    (tmp_path / "lake").mkdir(mode=0o700)
    return Lake(tmp_path / "lake")


@pytest.fixture
def state(empty: Lake) -> Iterator[State]:
    yield State(empty)


def countylink(lake: Lake, *words: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, ["review", "user", *words, "--lake", str(lake.root)], input=typed)


def after(**minutes: float) -> datetime:
    return NOON + timedelta(**minutes)


def test_a_password_is_known_by_its_hash_and_no_two_hashes_are_alike() -> None:
    one, other = hashed("correct horse", QUICK), hashed("correct horse", QUICK)
    assert one != other
    assert is_password("correct horse", one)
    assert not is_password("correct hors", one)
    assert not is_password("", "")
    assert "correct" not in one


def test_the_cost_is_one_that_owasp_names() -> None:
    assert (Cost().n, Cost().r, Cost().p) in {(2**17, 8, 1), (2**16, 8, 2), (2**15, 8, 3), (2**14, 8, 5)}


def test_a_session_ends_when_idle_when_old_and_at_signing_out(state: State) -> None:
    sessions = Sessions(state, TERMS)
    idle = sessions.begin("ada", NOON)
    assert sessions.find(idle.token, after(minutes=29)) is not None, "being used keeps it"
    assert sessions.find(idle.token, after(minutes=58)) is not None
    assert sessions.find(idle.token, after(minutes=58 + 31)) is None
    used = sessions.begin("ada", NOON)
    for minutes in range(20, 60 * TERMS.session_hours, 20):
        assert sessions.find(used.token, after(minutes=minutes)) is not None
    assert sessions.find(used.token, after(minutes=60 * TERMS.session_hours + 1)) is None
    left = sessions.begin("ada", NOON)
    sessions.end(left)
    assert sessions.find(left.token, NOON) is None


def test_signing_in_gives_the_session_another_name(state: State) -> None:
    sessions = Sessions(state, TERMS)
    before = sessions.begin(None, NOON)
    now = sessions.begin("ada", NOON, replacing=before)
    assert now.token != before.token
    assert now.csrf != before.csrf
    assert sessions.find(before.token, NOON) is None


def test_a_copy_of_the_database_opens_no_session(state: State) -> None:
    session = Sessions(state, TERMS).begin("ada", NOON)
    with sqlite3.connect(state.path) as database:
        kept = "\n".join(map(str, database.execute("select token_sha256, user_name from sessions").fetchall()))
    assert session.token not in kept
    assert stat.S_IMODE(state.path.stat().st_mode) == 0o600


def test_five_failures_lock_a_name_out_for_a_quarter_of_an_hour_also_over_a_restart(state: State, empty: Lake) -> None:
    doors = LockOuts(state, TERMS)
    assert [doors.failed("ada", "127.0.0.1", NOON) for _ in range(5)] == [False] * 4 + [True]
    again = LockOuts(State(empty), TERMS)
    assert again.is_out("ada", "10.0.0.9", after(minutes=14))
    assert not again.is_out("ben", "127.0.0.1", after(minutes=14))
    assert not again.is_out("ada", "127.0.0.1", after(minutes=15, seconds=1))


def test_an_address_that_tries_many_names_is_locked_out_too(state: State) -> None:
    doors = LockOuts(state, TERMS)
    for number in range(20):
        doors.failed(f"name{number}", "10.0.0.9", NOON)
    assert doors.is_out("ada", "10.0.0.9", NOON)
    assert not doors.is_out("ada", "10.0.0.8", NOON)


def test_what_was_typed_as_a_name_is_not_kept(state: State) -> None:
    LockOuts(state, TERMS).failed("a password by mistake", "127.0.0.1", NOON)
    assert b"by mistake" not in state.path.read_bytes()


def test_a_window_slides() -> None:
    limits = Limits()
    assert [limits.allows("ada", 2, 60, at) for at in (0, 1, 2, 60.5, 61.5)] == [True, True, False, True, True]
    assert limits.allows("ben", 2, 60, 2)


def test_accounts_are_made_by_command_and_the_password_is_never_on_the_command_line(empty: Lake) -> None:
    ended = countylink(empty, "add", "ada", "--role", "reviewer", typed="a long password\na long password\n")
    assert ended.exit_code == 0, ended.output
    assert "a long password" not in ended.output
    assert is_password("a long password", read_users(empty)["ada"].password)
    assert stat.S_IMODE(users_file(empty).stat().st_mode) == 0o600
    assert "a long password" not in users_file(empty).read_text()
    assert countylink(empty, "add", "cyd", "--role", "adjudicator", "--without-password").exit_code == 0
    assert countylink(empty, "disable", "ada").exit_code == 0
    listed = countylink(empty, "list").output.split()
    assert listed == ["ada", "reviewer", "disabled", "cyd", "adjudicator", "proxy", "only"]
    assert countylink(empty, "disable", "ada", "--again").exit_code == 0
    assert countylink(empty, "password", "cyd", typed="another long one\nanother long one\n").exit_code == 0
    told = [(one.act, one.subject) for one in acts(empty)]
    assert told[0] == ("reviewer_added", "user ada")
    assert told[-1] == ("reviewer_changed", "user cyd")


@pytest.mark.parametrize(
    ("words", "typed", "told"),
    [
        (("add", "ada", "--role", "reviewer"), "short\nshort\n", "at least 12 characters"),
        (("add", "Ada Lovelace", "--role", "reviewer", "--without-password"), "", "2 to 64 of a-z"),
        (("disable", "nobody"), "", "there is no user nobody"),
        (("password", "nobody"), "a long password\na long password\n", "there is no user nobody"),
    ],
)
def test_an_account_that_cannot_be_is_refused(empty: Lake, words: tuple[str, ...], typed: str, told: str) -> None:
    ended = countylink(empty, *words, typed=typed)
    assert ended.exit_code == 1
    assert told in ended.output


def test_a_name_is_given_once_and_a_disabled_account_keeps_it(empty: Lake) -> None:
    add_user(empty, "ada", "reviewer", None, TERMS)
    set_disabled(empty, "ada", is_disabled=True)
    with pytest.raises(LakeError, match="ada is there already"):
        add_user(empty, "ada", "supervisor", None, TERMS)


@pytest.mark.parametrize("host", ["0.0.0.0", "10.1.2.3", "::"])
def test_beyond_loopback_only_a_trusted_proxy_is_answered(host: str) -> None:
    with pytest.raises(LakeError, match="answers a trusted proxy alone"):
        refuse_open_network(Address(host, 8420), None)
    refuse_open_network(Address(host, 8420), Proxy("X-User", "10.1.2.4"))
    for near in ("127.0.0.1", "::1", "localhost"):
        refuse_open_network(Address(near, 8420), None)


def test_a_public_origin_is_https() -> None:
    with pytest.raises(LakeError, match="https address"):
        refuse_open_network(Address("127.0.0.1", 8420, "http://review.example"), None)


def test_one_app_serves_a_lake(empty: Lake) -> None:
    with sole_app(empty), pytest.raises(LakeError, match="another review app serves this lake"), sole_app(empty):
        pytest.fail("a second app was let in")
    with sole_app(empty):
        pass


def test_each_term_has_a_reason_and_a_file_without_one_is_refused(tmp_path: Path) -> None:
    assert replace(TERMS) == load_terms()
    bad = tmp_path / "terms.yaml"
    bad.write_text("queue_most_pairs:\n  value: 1\n")
    with pytest.raises(ContractError, match="queue_most_pairs needs a value, a number, and a reason"):
        load_terms(bad)
    assert isinstance(TERMS, Terms)


def test_the_guide_tells_the_terms_that_are_shipped() -> None:
    guide = (CHECKOUT / "docs" / "reviewing.md").read_text(encoding="utf-8")
    assert f"less than ${TERMS.second_from_usd:,.0f} rests" in guide
    assert f"${TERMS.measure_row_usd} a row" in guide
    assert f"{TERMS.password_least_length} characters or more" in guide
    assert (TERMS.audit_share, TERMS.agreement_least_pairs) == (0.1, 10), "the guide says one in ten, and ten pairs"
    assert (TERMS.lock_out_minutes, TERMS.failures_to_lock_out) == (15, 5), "… a quarter of an hour, and five"


def test_each_answer_has_reasons_and_none_of_two_answers() -> None:
    assert list(reasons()) == ["same", "different", "unsure"]
    codes = [code for chosen in reasons().values() for code in chosen]
    assert len(codes) == len(set(codes))
    assert all(len(chosen) <= 9 for chosen in reasons().values()), "each has a digit for its key"
