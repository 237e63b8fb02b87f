"""What units of outcome earn under a contract, and what its caps leave of it. Decimal arithmetic, to the cent.

Belongs here: prices, tiers, minimums, caps and payers' shares. The same for units counted in the lake and for
quantities out of a file. Sums do not depend on the order in which units are given: they are priced in the order of the
days on which they were earned, then of the clauses, then of their keys.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from pipelines.contracts.fields import CENT
from pipelines.contracts.terms import BudgetCap, Clause, Commitment, Maximum, Minimum, OutcomesContract, Tier

NOTHING = Decimal("0.00")


@dataclass(frozen=True)
class Unit:
    """Something that was counted under a clause: a person's milestone, a provider's quarter, a quantity of days."""

    clause_id: str
    period: str
    earned_on: date | None
    """The day that decides on shares, raises and budgets; None for a period that is no time."""
    key: str
    """Names the unit among those of its clause, day and period."""
    quantity: Decimal


@dataclass(frozen=True)
class Cut:
    """What a cap took of a payment."""

    cap: str
    """`clause_period`, `clause`, `budget`, `contract` or `payer:<id>`."""
    amount_usd: Decimal


@dataclass(frozen=True)
class Line:
    """What one unit is paid: `earned_usd` = `amount_usd` + the cuts; `amount_usd` = the payers' amounts."""

    unit: Unit
    paid_quantity: Decimal
    """What counts of the quantity, after rounding and the clause's maximum."""
    unit_price_usd: Decimal | None
    """The clause's price on the day, raised where it rises; None where tiers decide."""
    earned_usd: Decimal
    amount_usd: Decimal
    cuts: tuple[Cut, ...]
    payer_usd: Mapping[str, Decimal]


def price_units(contract: OutcomesContract, units: Iterable[Unit]) -> list[Line]:
    """A line for every unit, in the order in which they use up the caps."""
    position = {clause.id: number for number, clause in enumerate(contract.clauses)}
    ordered = sorted(
        units, key=lambda unit: (unit.earned_on or date.max, unit.period, position[unit.clause_id], unit.key)
    )
    ledger = _Ledger(contract)
    return [ledger.line(unit) for unit in ordered]


def to_the_cent(amount: Decimal) -> Decimal:
    """Half a cent is rounded up, as in an invoice."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


@dataclass
class _Counted:
    """What a clause has counted so far, in a period or in all."""

    quantity: Decimal = Decimal(0)
    value: Decimal = Decimal(0)
    """What the quantity is worth, exactly; before any cap."""
    is_released: bool = False


@dataclass
class _Ledger:
    """A contract while its units are priced."""

    contract: OutcomesContract
    counted: dict[tuple[str, str], _Counted] = field(default_factory=lambda: defaultdict(_Counted))
    """By clause, and by period or "" for the whole contract."""
    paid: dict[tuple[str, ...], Decimal] = field(default_factory=lambda: defaultdict(lambda: NOTHING))
    """What every cap has let through."""
    shares: _Shares = field(init=False)

    def __post_init__(self) -> None:
        self.shares = _Shares(self.contract)

    def line(self, unit: Unit) -> Line:
        clause = self.contract.clause(unit.clause_id)
        if clause is None:
            raise KeyError(unit.clause_id)
        quantity = self._paid_quantity(clause, unit)
        earned = self._earned(clause, unit, quantity)
        amount, cuts = self._capped(clause, unit, earned)
        amounts, unpaid = self.shares.split(amount, unit.earned_on)
        cuts += [Cut(f"payer:{payer}", usd) for payer, usd in unpaid.items() if usd]
        price = None if clause.price_usd is None else to_the_cent(clause.price_usd * _factor(clause, unit))
        paid = sum(amounts.values(), NOTHING)
        return Line(unit, quantity, price, earned, paid, tuple(cuts), amounts)

    def _paid_quantity(self, clause: Clause, unit: Unit) -> Decimal:
        quantity = (
            unit.quantity.to_integral_value("ROUND_DOWN") if clause.quantity_rounding == "down" else unit.quantity
        )
        if clause.maximum is None:
            return quantity
        before = self.counted["maximum " + clause.id, _scope(clause.maximum, unit)]
        paid = max(min(quantity, clause.maximum.quantity - before.quantity), Decimal(0))
        before.quantity += paid
        return paid

    def _earned(self, clause: Clause, unit: Unit, quantity: Decimal) -> Decimal:
        """What one more quantity adds to what the clause is worth."""
        if clause.minimum is None:
            return self._added(clause, unit, quantity)
        minimum, so_far = clause.minimum, self.counted["minimum " + clause.id, _scope(clause.minimum, unit)]
        before = so_far.quantity
        so_far.quantity += quantity
        if minimum.then_pays == "units_above":
            above = max(so_far.quantity - minimum.quantity, Decimal(0)) - max(before - minimum.quantity, Decimal(0))
            return self._added(clause, unit, above)
        added = self._added(clause, unit, quantity)
        if so_far.quantity < minimum.quantity:
            so_far.value += added
            return NOTHING
        waiting, so_far.value = so_far.value, NOTHING
        return waiting + added

    def _added(self, clause: Clause, unit: Unit, quantity: Decimal) -> Decimal:
        factor = _factor(clause, unit)
        if clause.tiers is None:
            return to_the_cent(quantity * to_the_cent((clause.price_usd or NOTHING) * factor))
        so_far = self.counted[clause.id, "" if clause.tiers.over == "contract" else unit.period]
        before = so_far.value
        at = _tiered(clause, so_far.quantity)
        so_far.quantity += quantity
        so_far.value += (_tiered(clause, so_far.quantity) - at) * factor
        # Rounded as a running total, so that many small quantities come to what one large one comes to.
        return to_the_cent(so_far.value) - to_the_cent(before)

    def _capped(self, clause: Clause, unit: Unit, earned: Decimal) -> tuple[Decimal, list[Cut]]:
        caps = caps_of(self.contract, clause, unit)
        left, cuts = earned, []
        for cap, account, most in caps:
            if most is None:
                continue
            passed = min(left, most - self.paid[account])
            if passed < left:
                cuts.append(Cut(cap, left - passed))
            left = passed
        for _, account, most in caps:
            if most is not None:
                self.paid[account] += left
        return left, cuts


Cap = tuple[str, tuple[str, ...], Decimal | None]
"""Name, account that it is held against, and the most that it lets through; None: there is no such cap."""


def caps_of(contract: OutcomesContract, clause: Clause, unit: Unit) -> list[Cap]:
    """The caps that a unit's payment goes through, in their order."""
    budget = _budget(contract, unit.earned_on)
    return [
        ("clause_period", ("clause_period", clause.id, unit.period), clause.period_cap_usd),
        ("clause", ("clause", clause.id), clause.cap_usd),
        ("budget", ("budget", str(budget and budget.starts_on)), budget.cap_usd if budget else None),
        ("contract", ("contract",), contract.cap_usd),
    ]


def _scope(limit: Maximum | Minimum, unit: Unit) -> str:
    return unit.period if limit.over == "period" else ""


def _factor(clause: Clause, unit: Unit) -> Decimal:
    if clause.escalator is None:
        return Decimal(1)
    if unit.earned_on is None:
        raise ValueError("a price that rises needs a day")
    return clause.escalator.factor(unit.earned_on)


def _tiered(clause: Clause, quantity: Decimal) -> Decimal:
    """What a whole quantity is worth under a clause's tiers, exactly."""
    if clause.tiers is None:
        return NOTHING
    reached = [step for step in clause.tiers.steps if step.starts_at <= quantity]
    if not reached:
        return NOTHING
    step = max(reached, key=lambda step: step.starts_at)
    most = quantity if step.ends_at is None else min(quantity, step.ends_at)
    return _in_tier(step, most, counts_all=clause.tiers.priced == "all_units")


def _in_tier(step: Tier, quantity: Decimal, *, counts_all: bool) -> Decimal:
    return step.price_usd * quantity if counts_all else step.base_usd + step.price_usd * (quantity - step.starts_at)


def _budget(contract: OutcomesContract, day: date | None) -> BudgetCap | None:
    running = [cap for cap in contract.budget_caps if day is not None and cap.starts_on <= day <= cap.ends_on]
    return running[0] if running else None


class _Shares:
    """Each payer's part of every amount: in cents, none lost, and in all within a cent of the payer's exact share."""

    def __init__(self, contract: OutcomesContract) -> None:
        self._payers = contract.payers
        self._others_pay = contract.when_a_payer_is_exhausted == "others_pay"
        self._owed = {payer.id: Decimal(0) for payer in self._payers}
        self._given = {payer.id: NOTHING for payer in self._payers}
        self._left = {payer.id: payer.max_amount_usd for payer in self._payers}

    def split(self, amount: Decimal, day: date | None) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
        """What each payer pays of an amount, and what of it each could not pay any more."""
        wanted = self._wanted(amount, {payer.id: payer.share_on(day) for payer in self._payers})
        pays: dict[str, Decimal] = {}
        unpaid: dict[str, Decimal] = {}
        for payer in self._payers:
            pays[payer.id], unpaid[payer.id] = self._take(payer, wanted[payer.id])
        return (self._passed_on(pays, unpaid)) if self._others_pay else (pays, unpaid)

    def _wanted(self, amount: Decimal, shares: Mapping[str, Decimal]) -> dict[str, Decimal]:
        for payer_id, share in shares.items():
            self._owed[payer_id] += amount * share / 100
        behind = {payer_id: self._owed[payer_id] - self._given[payer_id] for payer_id in shares}
        # Nobody gives back what was paid before, and who has no share on the day pays nothing.
        sharing = [payer_id for payer_id, share in shares.items() if share]
        parts = dict.fromkeys(shares, NOTHING)
        for payer_id in sharing:
            parts[payer_id] = max(behind[payer_id].quantize(CENT, rounding="ROUND_FLOOR"), NOTHING)
        left = int((amount - sum(parts.values(), NOTHING)) / CENT)
        step = CENT if left > 0 else -CENT
        while left:
            # The next cent goes to who is furthest behind; one too many is taken from who is furthest ahead.
            open_to = [one for one in sharing if step > 0 or parts[one] > 0]
            chosen = max(open_to, key=lambda one: (step * (behind[one] - parts[one]), -sharing.index(one)))
            parts[chosen] += step
            left -= 1 if step > 0 else -1
        for payer_id, part in parts.items():
            self._given[payer_id] += part
        return parts

    def _take(self, payer: Commitment, wanted: Decimal) -> tuple[Decimal, Decimal]:
        left = self._left[payer.id]
        if left is None:
            return wanted, NOTHING
        paid = min(wanted, left)
        self._left[payer.id] = left - paid
        return paid, wanted - paid

    def _passed_on(
        self, pays: dict[str, Decimal], unpaid: dict[str, Decimal]
    ) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
        """What an exhausted payer leaves open goes to the others, in the order in which they stand."""
        for owing in list(unpaid):
            for payer in self._payers:
                if unpaid[owing] and payer.id != owing:
                    more, unpaid[owing] = self._take(payer, unpaid[owing])
                    pays[payer.id] += more
        return pays, unpaid


def total(amounts: Sequence[Decimal]) -> Decimal:
    """A sum in cents."""
    return sum(amounts, NOTHING)
