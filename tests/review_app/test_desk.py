"""Who gets which pair, what becomes of what they say, and that taking it back leaves decisions as they were."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pipelines.audit import acts, verify_audit
from pipelines.deletion.erasing import Erasure, _from_what_people_said
from pipelines.errors import LakeError
from pipelines.lake import Lake
from pipelines.link.decision_store import decision, in_force, record, recorded
from pipelines.review_app import judgements
from pipelines.review_app.deciding import effect
from pipelines.review_app.desk import Desk
from pipelines.review_app.judgements import Pair
from pipelines.review_app.reasons import reasons
from pipelines.review_app.state import State, app_folder
from pipelines.review_app.terms import Terms
from pipelines.review_app.users import User
from tests.review_app.places import TERMS, VALUES, night

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ADA, BEN, CYD = User("ada", "reviewer"), User("ben", "reviewer"), User("cyd", "adjudicator")
TWO_EACH = replace(TERMS, second_from_usd=0)


def desk_of(lake: Lake, terms: Terms = TERMS) -> Desk:
    return Desk(lake, terms, State(lake))


def judge(desk: Desk, user: User, code: str, minute: int = 0, *, disputed: bool = False) -> Pair:
    """Take the next pair and answer it."""
    now = NOON + timedelta(minutes=minute)
    lease = desk.next_for(user, now, disputed=disputed)
    assert lease is not None
    return desk.judge(user, lease.pair_id, code, list(reasons()[code])[:1], "seen", now).pair


def effects(lake: Lake) -> Mapping[Pair, str]:
    """What decisions do to the linkage."""
    return {one.clients: code for one in in_force(recorded(lake)) if (code := effect(one.decision_code))}


def test_two_who_ask_at_once_never_get_the_same_pair(lake) -> None:
    desk = desk_of(lake)
    many = [User(f"reviewer{number}", "reviewer") for number in range(12)]
    got: list[str] = []
    start = threading.Barrier(len(many))

    def ask(user: User) -> None:
        start.wait(30)
        lease = desk.next_for(user, NOON)
        if lease:
            got.append(lease.pair_id)

    threads = [threading.Thread(target=ask, args=(user,)) for user in many]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(got) == len(set(got)) == min(len(many), len(desk.offers(ADA))) > 2


def test_a_pair_that_nobody_answers_goes_to_the_next_after_half_an_hour(lake) -> None:
    desk = desk_of(lake)
    first = desk.next_for(ADA, NOON)
    other = desk.next_for(BEN, NOON)
    assert first and other and first.pair_id != other.pair_id
    later = NOON + timedelta(minutes=TERMS.lease_minutes + 1)
    third = desk.next_for(CYD, later)
    assert third and third.pair_id == first.pair_id
    with pytest.raises(LakeError, match="not on your table any longer, and nothing was recorded"):
        desk.judge(ADA, first.pair_id, "same", ["rare_name_agrees"], "", later)
    assert desk.records() == ()


def test_an_answer_becomes_a_decision_with_its_evidence_and_the_next_night_keeps_to_it(lake) -> None:
    desk = desk_of(lake)
    pair = judge(desk, ADA, "different")
    (one,) = recorded(lake)
    assert (one.clients, one.decision_code, one.decided_by) == (pair, "different", "ada")
    assert one.reason == f"{reasons()['different']['other_birth_date']}; seen"
    assert one.evidence["judgement"] == 1
    assert one.evidence["match_weight"] is not None
    assert not any(value in json.dumps(one.as_json()).upper() for value in VALUES)
    night(lake, 2)
    queued = desk_of(lake)._known().queue
    assert pair not in {item.queued.pair for item in desk_of(lake).offers(BEN)}
    assert queued[pair].is_together is False


def test_where_much_rests_on_it_two_must_agree_and_the_second_is_blind(lake) -> None:
    desk = desk_of(lake, TWO_EACH)
    pair = judge(desk, ADA, "different", 1)
    assert recorded(lake) == []
    assert pair not in {item.queued.pair for item in desk.offers(ADA)}
    assert judge(desk, BEN, "different", 2) == pair, "the pair on which most rests comes first for the second too"
    (one,) = recorded(lake)
    assert (one.decision_code, one.decided_by) == ("different", "ada, ben")


def test_where_two_differ_an_adjudicator_decides_who_was_neither_of_them(lake) -> None:
    desk = desk_of(lake, TWO_EACH)
    pair = judge(desk, ADA, "different", 1)
    judge(desk, BEN, "same", 2)
    assert [item.queued.pair for item in desk.offers(CYD, disputed=True)] == [pair]
    assert desk.offers(User("ben", "adjudicator"), disputed=True) == []
    with pytest.raises(LakeError, match="only adjudicators"):
        desk.next_for(BEN, NOON, disputed=True)
    assert judge(desk, CYD, "same", 3, disputed=True) == pair
    assert effects(lake) == {pair: "same"}
    with pytest.raises(LakeError, match="an adjudicator has decided on it since"):
        desk.take_back(ADA, 1, NOON)


def test_an_answer_needs_a_reason_of_its_own_kind(lake) -> None:
    desk = desk_of(lake)
    lease = desk.next_for(ADA, NOON)
    assert lease
    for code, chosen, told in (
        ("", [], "choose same, different or unsure"),
        ("same", [], "at least one reason"),
        ("same", ["twins_or_siblings"], "belong to another answer"),
    ):
        with pytest.raises(LakeError, match=told):
            desk.judge(ADA, lease.pair_id, code, chosen, "", NOON)
    assert (desk.records(), recorded(lake)) == ((), [])


def test_a_pair_that_was_decided_by_command_is_not_asked_about(lake) -> None:
    desk = desk_of(lake)
    pair = desk.offers(ADA)[0].queued.pair
    record(lake, [decision(*pair, "same", "eve", NOON, "the paper file")])
    assert pair not in {item.queued.pair for item in desk.offers(ADA)}


def test_a_share_of_what_one_decided_goes_to_a_second(lake) -> None:
    desk = desk_of(lake, replace(TERMS, audit_share=1.0))
    pair = judge(desk, ADA, "same", 1)
    assert effects(lake) == {pair: "same"}, "it is in force meanwhile"
    assert judge(desk, BEN, "same", 2) == pair
    assert len(recorded(lake)) == 1, "the second word confirms it, and nothing is to be said anew"


def test_a_killed_app_records_what_it_still_owes_and_says_nothing_twice(lake) -> None:
    desk = desk_of(lake)
    lease = desk.next_for(ADA, NOON)
    assert lease
    held = desk.on_table(ADA, NOON)
    assert held
    judgements.keep(lake, desk._record(held[1], ADA, "same", ["rare_name_agrees"], "", (), NOON))  # killed here
    assert recorded(lake) == []
    again = desk_of(lake)
    assert effects(lake) == {held[1].queued.pair: "same"}
    desk_of(lake)
    assert len(recorded(lake)) == 1
    kept = again.on_table(ADA, NOON)
    assert kept is None, "it is settled, so it is on nobody's table"


def test_ids_in_addresses_are_opaque_and_the_same_after_a_restart(lake) -> None:
    first, again = desk_of(lake), desk_of(lake)
    ids = [item.pair_id for item in first.offers(ADA)]
    assert ids == [item.pair_id for item in again.offers(ADA)]
    assert all(len(one) == 22 for one in ids)
    assert len(set(ids)) == len(ids)


def test_every_act_stands_in_the_audit_log_which_seals_what_was_said(lake) -> None:
    desk = desk_of(lake)
    judge(desk, ADA, "same", 1)
    desk.take_back(ADA, 1, NOON + timedelta(minutes=2))
    told = [(one.act, one.by) for one in acts(lake) if one.act.startswith(("judgement", "decisions"))]
    assert told == [
        ("judgement_recorded", "ada"),
        ("decisions_recorded", "ada"),
        ("judgement_taken_back", "ada"),
        ("decisions_recorded", "ada"),
    ]
    assert verify_audit(lake).is_whole
    path = judgements.judgements_folder(lake) / "00000001.json"
    path.write_text(path.read_text().replace('"same"', '"different"'))
    assert any("00000001.json is not as the log sealed it" in fault for fault in verify_audit(lake).faults)


def test_what_is_taken_back_while_another_has_the_pair_stays_with_the_other(lake) -> None:
    desk = desk_of(lake, TWO_EACH)
    pair = judge(desk, ADA, "same", 1)
    theirs = desk.next_for(BEN, NOON + timedelta(minutes=2))
    assert theirs and theirs.pair_id == desk.pair_id(pair)
    assert desk.take_back(ADA, 1, NOON + timedelta(minutes=3)) is None
    desk.judge(BEN, theirs.pair_id, "different", ["other_number"], "", NOON + timedelta(minutes=4))
    assert [word.by for word in desk.standing_of(pair).words] == ["ben"]


def test_a_deletion_unnames_the_client_and_takes_the_note_out(lake) -> None:
    desk = desk_of(lake)
    pair = judge(desk, ADA, "same", 1)
    _from_what_people_said(lake, Erasure((pair[0],), 3))
    (one,) = judgements.kept(lake)
    assert (one.pair[0], one.reason, one.evidence) == ((pair[0][0], "deleted-3-0"), "deleted", {})
    assert desk.standings()[0].outcome == "same", "that somebody judged stays, and the desk goes on"


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["ada", "ben", "cyd", "eve", "back"]),
        st.sampled_from(["same", "different", "unsure"]),
        st.integers(0, 2),
    ),
    max_size=8,
)


@given(steps=STEPS, wants_second=st.booleans(), is_audit=st.booleans())
@example(steps=[("ada", "same", 0), ("eve", "different", 0)], wants_second=False, is_audit=True)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_taking_back_leaves_decisions_as_they_were_before_the_word(
    lake, steps: list[tuple[str, str, int]], wants_second: bool, is_audit: bool
) -> None:
    """Whatever was said before, by the app or by command (`eve`): a word taken back leaves no trace in force."""
    shutil.rmtree(lake.root / "decisions", ignore_errors=True)
    (app_folder(lake) / "state.sqlite").unlink(missing_ok=True)
    desk = desk_of(lake, replace(TERMS, second_from_usd=0 if wants_second else 10**9, audit_share=float(is_audit)))
    wanted = [item.queued.pair for item in desk.offers(ADA)][:3]
    for minute, (by, code, place) in enumerate(steps):
        _step(desk, by, code, wanted[place], 2 * minute)
    before = effects(lake)
    for number, user in enumerate((ADA, BEN, CYD), start=len(steps)):
        now = NOON + timedelta(minutes=2 * number)
        lease = desk.next_for(user, now) or (user is CYD and desk.next_for(user, now, disputed=True))
        if lease:
            said = desk.judge(user, lease.pair_id, "same", ["rare_name_agrees"], "", now)
            desk.take_back(user, desk.words_of(user.name)[0].number, now + timedelta(minutes=1))
            assert effects(lake) == before
            assert said.pair in {item.queued.pair for item in (*desk.offers(user), *desk.offers(user, disputed=True))}


def _step(desk: Desk, by: str, code: str, pair: Pair, minute: int) -> None:
    """One thing that happens to a pair, if it may."""
    now = NOON + timedelta(minutes=minute)
    if by == "eve":
        record(desk.lake, [decision(*pair, code, "eve", now, "by command")])
        return
    if by == "back":
        words = [word for user in (ADA, BEN) for word in desk.words_of(user.name) if word.pair == pair]
        if words and not any(word.stage == judgements.ADJUDICATION for word in desk.standing_of(pair).words):
            desk.take_back({"ada": ADA, "ben": BEN}[words[0].by], words[0].number, now)
        return
    user = {"ada": ADA, "ben": BEN, "cyd": CYD}[by]
    if desk.leases.take_first(user.name, [desk.pair_id(pair)], now) and desk.on_table(user, now):
        desk.judge(user, desk.pair_id(pair), code, list(reasons()[code])[:1], "", now)
