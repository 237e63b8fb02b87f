"""The rules of `contracts/pricing.py` for many draws at once: the same cents, a column of them instead of one.

Every amount is a whole number: dollars in cents, quantities in millionths, a tier's worth in millionths of a cent. So
nothing is lost on the way, and a draw comes to exactly what the engine of the statements makes of it; a test holds the
two together. A price that both rises and has tiers is no whole number, and goes to that engine itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from pipelines.contracts.pricing import Unit, price_units, to_the_cent
from pipelines.contracts.terms import Clause, Commitment, Maximum, Minimum, OutcomesContract, Tier

Ints = NDArray[np.int64]

MILLION = 1_000_000
"""A quantity of one, in millionths: statements count to six decimals."""

SHARE = 10**6
"""A share of 100 %, in ten-thousandths of a percent: the finest that the payers' table keeps."""


@dataclass(frozen=True, order=True)
class UnitPlace:
    """Where the quantities of a clause stand: a day and its statement's period."""

    earned_on: date
    period: str
    position: int
    """Of the clause in the contract."""
    clause_id: str


@dataclass(frozen=True)
class Priced:
    """What every place is paid in every draw, in cents; `places` in the order in which they use up the caps."""

    places: tuple[UnitPlace, ...]
    earned: Ints
    """place × draw: before any cap."""
    paid: Ints
    """place × draw."""
    payers: Ints
    """payer × place × draw."""
    contract_cut: Ints
    """draw: what the contract's own cap took."""


def price_draws(contract: OutcomesContract, places: Sequence[UnitPlace], quantities: Ints) -> Priced:
    """Price draws of quantities, in millionths, place × draw; the places in any order."""
    order = sorted(range(len(places)), key=lambda at: places[at])
    ordered, ranked = tuple(places[at] for at in order), quantities[np.array(order, dtype=np.int64)]
    if not _is_whole(contract):
        return _one_by_one(contract, ordered, ranked)
    ledger = _Ledger(contract, quantities.shape[1])
    earned, payers = np.zeros_like(ranked), np.zeros((len(contract.payers), *ranked.shape), dtype=np.int64)
    for at, place in enumerate(ordered):
        earned[at], payers[:, at] = ledger.line(place, ranked[at])
    return Priced(ordered, earned, payers.sum(axis=0), payers, ledger.contract_cut)


def _is_whole(contract: OutcomesContract) -> bool:
    """Whether everything that the contract says comes to whole numbers of the units above."""
    shares = [share.share_percent for payer in contract.payers for share in payer.shares]
    shares += [payer.share_percent for payer in contract.payers if payer.share_percent is not None]
    quantities = [limit.quantity for clause in contract.clauses for limit in (clause.minimum, clause.maximum) if limit]
    steps = [step for clause in contract.clauses if clause.tiers for step in clause.tiers.steps]
    quantities += [end for step in steps for end in (step.starts_at, step.ends_at) if end is not None]
    return (
        not any(clause.tiers is not None and clause.escalator is not None for clause in contract.clauses)
        and all(share * SHARE // 100 == share * SHARE / 100 for share in shares)
        and all(quantity * MILLION % 1 == 0 for quantity in quantities)
    )


def _one_by_one(contract: OutcomesContract, places: tuple[UnitPlace, ...], quantities: Ints) -> Priced:
    draws = quantities.shape[1]
    earned, paid = np.zeros_like(quantities), np.zeros_like(quantities)
    payers = np.zeros((len(contract.payers), *quantities.shape), dtype=np.int64)
    cut = np.zeros(draws, dtype=np.int64)
    for draw in range(draws):
        units = [
            Unit(
                place.clause_id,
                place.period,
                place.earned_on,
                f"{at:06d}",
                Decimal(int(quantities[at, draw])) / MILLION,
            )
            for at, place in enumerate(places)
        ]
        for line in price_units(contract, units):
            at = int(line.unit.key)
            earned[at, draw], paid[at, draw] = _cents(line.earned_usd), _cents(line.amount_usd)
            cut[draw] += sum(_cents(one.amount_usd) for one in line.cuts if one.cap == "contract")
            for number, payer in enumerate(contract.payers):
                payers[number, at, draw] = _cents(line.payer_usd[payer.id])
    return Priced(places, earned, paid, payers, cut)


def _cents(amount: Decimal) -> int:
    return int(amount * 100)


def _half_up(value: Ints) -> Ints:
    """Millionths of a cent to cents."""
    return (value + MILLION // 2) // MILLION


class _Ledger:
    """A contract while its draws are priced; each step stands in the engine under the same name."""

    def __init__(self, contract: OutcomesContract, draws: int) -> None:
        self._contract = contract
        self._counted: dict[tuple[str, str], Ints] = defaultdict(lambda: np.zeros(draws, dtype=np.int64))
        self._waiting: dict[tuple[str, str], Ints] = defaultdict(lambda: np.zeros(draws, dtype=np.int64))
        self._passed: dict[tuple[str, ...], Ints] = defaultdict(lambda: np.zeros(draws, dtype=np.int64))
        self._shares = _Shares(contract, draws)
        self._clauses = {clause.id: clause for clause in contract.clauses}
        self.contract_cut: Ints = np.zeros(draws, dtype=np.int64)

    def line(self, place: UnitPlace, quantity: Ints) -> tuple[Ints, list[Ints]]:
        clause = self._clauses[place.clause_id]
        earned = self._earned(clause, place, self._paid_quantity(clause, place, quantity))
        return earned, self._shares.split(self._capped(clause, place, earned), place.earned_on)

    def _paid_quantity(self, clause: Clause, place: UnitPlace, quantity: Ints) -> Ints:
        if clause.quantity_rounding == "down":
            quantity = quantity // MILLION * MILLION
        if clause.maximum is None:
            return quantity
        key = ("maximum " + clause.id, _scope(clause.maximum, place))
        paid = np.maximum(np.minimum(quantity, _millionths(clause.maximum.quantity) - self._counted[key]), 0)
        self._counted[key] = self._counted[key] + paid
        return paid

    def _earned(self, clause: Clause, place: UnitPlace, quantity: Ints) -> Ints:
        if clause.minimum is None:
            return self._added(clause, place, quantity)
        key, least = ("minimum " + clause.id, _scope(clause.minimum, place)), _millionths(clause.minimum.quantity)
        before = self._counted[key]
        after = self._counted[key] = before + quantity
        if clause.minimum.then_pays == "units_above":
            return self._added(clause, place, np.maximum(after - least, 0) - np.maximum(before - least, 0))
        waiting = self._waiting[key] + self._added(clause, place, quantity)
        is_reached = after >= least
        self._waiting[key] = np.where(is_reached, 0, waiting)
        return np.where(is_reached, waiting, 0)

    def _added(self, clause: Clause, place: UnitPlace, quantity: Ints) -> Ints:
        if clause.tiers is None:
            factor = clause.escalator.factor(place.earned_on) if clause.escalator else Decimal(1)
            return _half_up(quantity * _cents(to_the_cent((clause.price_usd or Decimal(0)) * factor)))
        key = (clause.id, "" if clause.tiers.over == "contract" else place.period)
        before = self._counted[key]
        after = self._counted[key] = before + quantity
        nothing = _tiered(clause, 0)
        return _half_up(_tiered(clause, after) - nothing) - _half_up(_tiered(clause, before) - nothing)

    def _capped(self, clause: Clause, place: UnitPlace, earned: Ints) -> Ints:
        budget = next(
            (cap for cap in self._contract.budget_caps if cap.starts_on <= place.earned_on <= cap.ends_on), None
        )
        caps: list[tuple[tuple[str, ...], Decimal | None]] = [
            (("clause_period", clause.id, place.period), clause.period_cap_usd),
            (("clause", clause.id), clause.cap_usd),
            (("budget", str(budget and budget.starts_on)), budget.cap_usd if budget else None),
            (("contract",), self._contract.cap_usd),
        ]
        left = earned
        for account, most in caps:
            if most is not None:
                through = np.minimum(left, _cents(most) - self._passed[account])
                if account == ("contract",):
                    self.contract_cut = self.contract_cut + left - through
                left = through
        for account, most in caps:
            if most is not None:
                self._passed[account] = self._passed[account] + left
        return left


def _scope(limit: Maximum | Minimum, place: UnitPlace) -> str:
    return place.period if limit.over == "period" else ""


def _millionths(quantity: Decimal) -> int:
    return int(quantity * MILLION)


def _tiered(clause: Clause, quantity: Ints | int) -> Ints:
    """What a whole quantity is worth under a clause's tiers, in millionths of a cent."""
    counted = np.asarray(quantity, dtype=np.int64)
    worth = np.zeros_like(counted)
    if clause.tiers is None:
        return worth
    for step in sorted(clause.tiers.steps, key=lambda step: step.starts_at):
        most = counted if step.ends_at is None else np.minimum(counted, _millionths(step.ends_at))
        value = _in_tier(step, most, counts_all=clause.tiers.priced == "all_units")
        worth = np.where(counted >= _millionths(step.starts_at), value, worth)
    return worth


def _in_tier(step: Tier, quantity: Ints, *, counts_all: bool) -> Ints:
    price = _cents(step.price_usd)
    if counts_all:
        return price * quantity
    return _cents(step.base_usd) * MILLION + price * (quantity - _millionths(step.starts_at))


class _Shares:
    """Each payer's part of every amount of every draw, as the engine splits it."""

    def __init__(self, contract: OutcomesContract, draws: int) -> None:
        self._payers = contract.payers
        self._others_pay = contract.when_a_payer_is_exhausted == "others_pay"
        self._behind = [np.zeros(draws, dtype=np.int64) for _ in self._payers]
        """Owed less given, in cents × SHARE."""
        self._left = [
            None if payer.max_amount_usd is None else np.full(draws, _cents(payer.max_amount_usd), dtype=np.int64)
            for payer in self._payers
        ]

    def split(self, amount: Ints, day: date) -> list[Ints]:
        wanted = self._wanted(amount, [_share(payer, day) for payer in self._payers])
        pays: list[Ints] = []
        unpaid: list[Ints] = []
        for at, part in enumerate(wanted):
            paid = self._take(at, part)
            pays.append(paid)
            unpaid.append(part - paid)
        if self._others_pay:
            self._pass_on(pays, unpaid)
        return pays

    def _wanted(self, amount: Ints, shares: list[int]) -> list[Ints]:
        behind = [owed + amount * share for owed, share in zip(self._behind, shares, strict=True)]
        sharing = [at for at, share in enumerate(shares) if share]
        parts = [
            np.maximum(owed // SHARE, 0) if at in sharing else np.zeros_like(amount) for at, owed in enumerate(behind)
        ]
        left = amount - sum(parts)
        while np.any(left):
            # The next cent goes to who is furthest behind; one too many is taken from who is furthest ahead.
            step = np.sign(left)
            ranks = np.array([step * (behind[at] - parts[at] * SHARE) for at in sharing])
            is_open = np.array([(step > 0) | (parts[at] > 0) for at in sharing])
            chosen = np.argmax(np.where(is_open, ranks, np.iinfo(np.int64).min), axis=0)
            for number, at in enumerate(sharing):
                parts[at] = parts[at] + np.where(chosen == number, step, 0)
            left = left - step
        self._behind = [owed - part * SHARE for owed, part in zip(behind, parts, strict=True)]
        return parts

    def _take(self, at: int, wanted: Ints) -> Ints:
        left = self._left[at]
        if left is None:
            return wanted
        paid = np.minimum(wanted, left)
        self._left[at] = left - paid
        return paid

    def _pass_on(self, pays: list[Ints], unpaid: list[Ints]) -> None:
        for owing in range(len(self._payers)):
            for at in range(len(self._payers)):
                if at != owing:
                    more = self._take(at, unpaid[owing])
                    pays[at] = pays[at] + more
                    unpaid[owing] = unpaid[owing] - more


def _share(payer: Commitment, day: date) -> int:
    return int(payer.share_on(day) * (SHARE // 100))
