"""The people of a chunk: who they are, in truth."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from synthetic.chance import flags, scramble, whole
from synthetic.households import Members, draw_members
from synthetic.likenesses import Likenesses, draw_likenesses
from synthetic.names import NameBook
from synthetic.places import Homes, draw_homes
from synthetic.settings import Book
from synthetic.tables import only, without
from synthetic.times import HISTORY_START, HORIZON, NEVER, Bools, Ints, Texts, years_at

SSN_AREAS = np.array([area for area in range(1, 900) if area != 666], dtype=np.int64)
SSN_SPACE = len(SSN_AREAS) * 99 * 9999
"""How many social security numbers are of a form that was ever given out."""

UNASSIGNED_AREA_CODES = np.array(["291", "392", "493", "594"], dtype=object)
"""Telephone area codes with a 9 in the middle are reserved, so nobody has these numbers."""

FAMILY_NAME_KEPT = ("hispanic", "chinese", "korean", "vietnamese")
"""Communities in which most married women keep their own family name."""


@dataclass(frozen=True)
class People:
    """True facts; row = person of the chunk. `number` is the person's place in the county."""

    number: Ints
    members: Members
    homes: Homes
    likenesses: Likenesses
    first: Texts
    middle: Texts
    last: Texts
    maternal: Texts
    suffix: Texts
    later_last: Texts
    renamed_on: Ints
    ssn: Texts
    phone: Texts
    later_phone: Texts
    phone_changed_on: Ints

    @property
    def count(self) -> int:
        """How many people there are."""
        return len(self.number)

    @property
    def birth_day(self) -> Ints:
        """Day of birth."""
        return self.members.birth_day

    def last_at(self, rows: Ints, day: Ints) -> Texts:
        """The family name that persons have on a day."""
        renamed = self.renamed_on[rows] <= day
        return np.where(renamed, self.later_last[rows], self.last[rows])

    def phone_at(self, rows: Ints, day: Ints) -> Texts:
        """The telephone number that persons have on a day."""
        return np.where(self.phone_changed_on[rows] <= day, self.later_phone[rows], self.phone[rows])

    def grown_up_on(self, age: float) -> Ints:
        """The day each person reaches an age."""
        return (self.birth_day + age * 365.25).astype(np.int64) + 1


def draw_people(rng: np.random.Generator, start: int, count: int, names: NameBook, rates: Book) -> People:
    """The people from place `start` on."""
    members = draw_members(rng, count, rates)
    people = _named(rng, members, start, names, rates)
    likenesses = draw_likenesses(rng, members, people.first, rates)
    return _made_alike(people, likenesses)


def _named(rng: np.random.Generator, members: Members, start: int, names: NameBook, rates: Book) -> People:
    count = len(members.role)
    own = names.surnames(rng, members.name_group)
    last = _family_surnames(members, own)
    middle = names.first_names(rng, members.name_group, members.sex)
    phone, later_phone = _phones(rng, members), _phones(rng, members)
    later_last, renamed_on = _renamed(rng, members, last, own, names, rates)
    number = np.arange(start, start + count, dtype=np.int64)
    return People(
        number=number,
        members=members,
        homes=draw_homes(rng, members.households, rates),
        likenesses=Likenesses.none(count),
        first=names.first_names(rng, members.name_group, members.sex),
        middle=only(flags(rng, rates.number("middle_name_share"), count), middle),
        last=last,
        maternal=_maternal(rng, members, own, names, rates),
        suffix=np.full(count, None, dtype=object),
        later_last=later_last,
        renamed_on=renamed_on,
        ssn=_ssns(rng, number, members.ethnicity, rates),
        phone=phone,
        later_phone=later_phone,
        phone_changed_on=np.where(flags(rng, rates.number("phone_change_share"), count), _any_day(rng, count), NEVER),
    )


def _any_day(rng: np.random.Generator, size: int) -> Ints:
    return whole(rng, HISTORY_START, HORIZON, size)


def _family_surnames(members: Members, own: Texts) -> Texts:
    """Children bear the father's name where there is one in the household, else the head's; a spouse her own."""
    head_is_man = members.sex[members.head] == "M"
    father = np.where(head_is_man | (members.spouse < 0), members.head, members.spouse)
    return np.where(np.isin(members.role, ("child",)), own[father], own)


def _maternal(rng: np.random.Generator, members: Members, own: Texts, names: NameBook, rates: Book) -> Texts:
    """The second surname of those who bear two."""
    head_is_man = members.sex[members.head] == "M"
    mother = np.where(head_is_man, members.spouse, members.head)
    drawn = names.surnames(rng, members.name_group)
    maternal = np.where((members.role == "child") & (mother >= 0), own[mother], drawn)
    share = rates.table("double_surname_share")
    bears = rng.random(len(own)) < np.array([share.get(group, 0.0) for group in members.name_group])
    return only(bears, maternal)


def _renamed(
    rng: np.random.Generator, members: Members, last: Texts, own: Texts, names: NameBook, rates: Book
) -> tuple[Texts, Ints]:
    """Who takes another family name, and when: mostly women who marry."""
    count = len(last)
    share = np.where(np.isin(members.name_group, FAMILY_NAME_KEPT), 0.35, 1.0) * rates.number("renamed_spouse_share")
    bride = (members.role == "spouse") & (members.sex == "F") & (rng.random(count) < share)
    other = (members.sex == "F") & (years_at(members.birth_day, HORIZON) > 20) & ~bride
    other &= flags(rng, rates.number("renamed_other_share"), count)
    later = np.where(bride, own[members.head], np.where(other, names.surnames(rng, members.name_group), last))
    on = np.where(flags(rng, 0.6, count) & bride, HISTORY_START - 4000, _any_day(rng, count))
    return later, np.where(bride | other, on, NEVER)


def _phones(rng: np.random.Generator, members: Members) -> Texts:
    own, shared = _phone_numbers(rng, len(members.role)), _phone_numbers(rng, members.households)
    return np.where(flags(rng, 0.45, len(own)), shared[members.household], own)


def _phone_numbers(rng: np.random.Generator, size: int) -> Texts:
    local = whole(rng, 2_000_000, 9_999_999, size)
    codes = rng.choice(UNASSIGNED_AREA_CODES, size)
    return np.array([f"{code}{number}" for code, number in zip(codes, local.tolist(), strict=True)], dtype=object)


def _ssns(rng: np.random.Generator, number: Ints, ethnicity: Texts, rates: Book) -> Texts:
    """A number of one's own, or none."""
    share = rates.table("no_ssn_share")
    lacks = rng.random(len(number)) < np.array([share.get(name, share["default"]) for name in ethnicity])
    return without(lacks, ssn_texts(scramble(number, SSN_SPACE, "ssn")))


def ssn_texts(places: Ints) -> Texts:
    """The social security number at each place of the space of valid numbers."""
    area, rest = SSN_AREAS[places // (99 * 9999)], places % (99 * 9999)
    parts = zip(area.tolist(), (rest // 9999 + 1).tolist(), (rest % 9999 + 1).tolist(), strict=True)
    return np.array([f"{area:03d}{group:02d}{serial:04d}" for area, group, serial in parts], dtype=object)


def _made_alike(people: People, likenesses: Likenesses) -> People:
    """The people once twins, namesakes and fathers with their sons have been made alike."""
    members = replace(people.members, birth_day=likenesses.birth_day(people.birth_day), sex=people.members.sex.copy())
    one, other = likenesses.twins
    members.sex[other] = members.sex[one]
    first, middle, last = people.first.copy(), people.middle.copy(), people.last.copy()
    likenesses.rename(first, middle, last)
    suffix = people.suffix.copy()
    likenesses.add_suffixes(suffix)
    calm = people.renamed_on.copy()
    calm[likenesses.everyone] = NEVER
    maternal = people.maternal.copy()
    maternal[likenesses.everyone] = None
    return replace(
        people,
        members=members,
        likenesses=likenesses,
        first=first,
        middle=middle,
        last=last,
        suffix=suffix,
        maternal=maternal,
        renamed_on=calm,
    )


def adults(people: People, day: int) -> Bools:
    """Who is of age on a day."""
    result: Bools = years_at(people.birth_day, day) >= 18
    return result
