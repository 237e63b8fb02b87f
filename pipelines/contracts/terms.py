"""The terms of an outcomes contract: who pays, for what, at which price, under which caps. One class a YAML mapping.

Belongs here: the fields, their types, and what is wrong with one field by itself. What is wrong with a contract as a
whole stands in `whole.py`, what it pays in `pricing.py`. The words follow the INDIGO data standard (projects have
`outcome_metrics`, `outcome_payment_commitments` and `investments`; its `outcome_pricings` are our `clauses`).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from pipelines.contracts.fields import Day, Id, Number, Quantity, Text, TwoDigits, Usd

PAYS_WHEN = {"person": ("met", "not_met"), "provider_period": ("at_most", "at_least")}
"""A person earns by the status of their row; a provider and a period by the measure's estimate."""

Unit = Literal[
    "person", "person-milestone", "graduate", "day", "month", "quarter", "visit", "percentage-point", "provider-quarter"
]
Over = Literal["period", "contract"]
"""Whether a quantity is counted anew in every period, or over the whole contract."""


class Terms(BaseModel):
    """Base of every mapping: no field that nobody reads, nothing changed once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Party(Terms):
    """An organisation, and what it does under the contract."""

    id: Id
    name: Text
    role: Literal["outcome_payer", "service_provider", "investor", "evaluator", "intermediary", "validator"]


class Population(Terms):
    """Who the contract is for, and how people come into it."""

    text: Text
    eligibility: Text | None = None
    referral: Text | None = None
    enrolment: Text | None = None
    program_codes: tuple[Text, ...] = ()
    targeted_number: Annotated[int, Field(ge=1)] | None = None


class Share(Terms):
    """A payer's share of what is earned from a day on."""

    starts_on: Day
    share_percent: Quantity


class Commitment(Terms):
    """What one payer pays from one funding stream: a share of every amount, up to a maximum."""

    id: Id
    payer: Text
    funding_stream: Id
    share_percent: Quantity | None = None
    shares: tuple[Share, ...] = ()
    """Instead of `share_percent`, where the share changes: as when a funding stream is replaced by another."""
    max_amount_usd: Usd | None = None
    source: Text | None = None

    def share_on(self, day: date | None) -> Decimal:
        """The share in percent of what is earned on a day. `day` may be None only if the share never changes."""
        if self.share_percent is not None:
            return self.share_percent
        running = [share for share in self.shares if day is not None and share.starts_on <= day]
        return max(running, key=lambda share: share.starts_on).share_percent if running else Decimal(0)


class Metric(Terms):
    """What is looked at to say whether a payment is earned."""

    id: Id
    title: Text
    definition: Text
    measure: Text | None = None
    """One of our measures; without it the quantities come from outside, and `data_source` says from where."""
    data_source: Text
    verification_method: Text
    target: Text | None = None
    targeted_number: Number | None = None


class Tier(Terms):
    """A price for the units from one quantity up to another."""

    starts_at: Quantity
    ends_at: Quantity | None = None
    """None: without end. A quantity that equals it belongs to the next tier."""
    base_usd: Usd = Decimal("0.00")
    """Paid once the tier is reached, for everything below it."""
    price_usd: Usd


class Tiers(Terms):
    """Prices that change with the quantity."""

    over: Over
    priced: Literal["units_in_tier", "all_units"]
    """`units_in_tier`: the tier's base, and its price for each unit above its start. `all_units`: its price for all."""
    steps: Annotated[tuple[Tier, ...], Field(min_length=1)]


class Escalator(Terms):
    """A price that rises every year."""

    percent_per_year: Quantity
    first_raise_on: Day

    def factor(self, day: date) -> Decimal:
        """What the price is multiplied by on a day: compounded at each anniversary of the first raise."""
        years = day.year - self.first_raise_on.year + 1
        if (day.month, day.day) < (self.first_raise_on.month, self.first_raise_on.day):
            years -= 1
        return (1 + self.percent_per_year / 100) ** max(years, 0)


class Minimum(Terms):
    """A quantity below which nothing is paid."""

    quantity: Quantity
    over: Over
    then_pays: Literal["all_units", "units_above"]


class Maximum(Terms):
    """A quantity beyond which nothing more is paid."""

    quantity: Quantity
    over: Over


class Conditions(Terms):
    """What the units must satisfy before they count. The measure applies it; the linter holds the two together."""

    precondition_days: Annotated[int, Field(ge=1)] | None = None
    window_months: Annotated[int, Field(ge=1)] | None = None
    max_gap_days: Annotated[int, Field(ge=0)] | None = None
    net_of: tuple[Text, ...] = ()
    allowed_exits: tuple[Text, ...] = ()


class Clause(Terms):
    """One thing that is paid for, and its price. INDIGO: an outcome pricing."""

    id: Id
    title: Text
    metric: Id
    unit: Unit
    pays_per: Literal["person", "provider_period", "population"]
    """`population`: one quantity a period for all, as a percentage point against a control group."""
    pays_when: Literal["met", "not_met", "at_most", "at_least"] | None = None
    counts: Literal["rows", "numerator"] = "rows"
    """Whether a person's row is one unit, or as many as its numerator: days, months, visits."""
    program_code: Text | None = None
    threshold: Number | None = None
    minimum_n: Annotated[int, Field(ge=1)] = 1
    price_usd: Usd | None = None
    tiers: Tiers | None = None
    price_reason: Text
    escalator: Escalator | None = None
    quantity_rounding: Literal["none", "down"] = "none"
    minimum: Minimum | None = None
    maximum: Maximum | None = None
    cap_usd: Usd | None = None
    period_cap_usd: Usd | None = None
    conditions: Conditions = Conditions()
    source: Text | None = None

    @property
    def is_by_period(self) -> bool:
        """Whether anything of it is counted anew in every period."""
        limits = (self.tiers, self.minimum, self.maximum)
        return self.period_cap_usd is not None or any(one is not None and one.over == "period" for one in limits)


class BudgetCap(Terms):
    """The most that is paid for what is earned between two days: an appropriation, a fiscal year's budget."""

    starts_on: Day
    ends_on: Day
    cap_usd: Usd


class Evaluation(Terms):
    """How it is known that the outcomes are the programme's."""

    method: Literal[
        "randomized", "matched_comparison", "difference_in_differences", "historical_baseline", "validation"
    ]
    text: Text
    minimum_n: Annotated[int, Field(ge=1)] | None = None


class ReimbursementRate(Terms):
    """What one kind of service is reimbursed at: a mode of the state's cost report, and functions of it."""

    title: Text
    mode_code: TwoDigits
    function_from: TwoDigits = "00"
    function_to: TwoDigits = "99"
    unit: Literal["minute", "service"]
    usd: Quantity
    source: Text


class CostReimbursement(Terms):
    """What reimbursing the cost of the same services would have paid: nobody is paid by it, it stands beside."""

    text: Text
    rates: Annotated[tuple[ReimbursementRate, ...], Field(min_length=1)]


class Calendar(Terms):
    """When statements are made and when they are final."""

    statement_every: Literal["month", "quarter", "year", "once"]
    freeze_after_days: Annotated[int, Field(ge=0)]
    """A period's statement is frozen so many days after it ends; what comes later is a restatement."""
    reports: tuple[Text, ...] = ()


class Investment(Terms):
    """Money put in up front, and what it may earn or lose."""

    investor: Text
    type: Text
    amount_usd: Usd
    max_return_usd: Usd | None = None
    max_loss_usd: Usd | None = None


class OutcomesContract(Terms):
    """One agreement. Amounts are dollars with two decimals."""

    id: Id
    version: Text
    title: Text
    text: Text
    source: Text
    parties: tuple[Party, ...] = ()
    population: Population
    currency: Literal["USD"]
    starts_on: Day
    ends_on: Day
    cap_usd: Usd
    budget_caps: tuple[BudgetCap, ...] = ()
    outcome_payment_commitments: Annotated[tuple[Commitment, ...], Field(min_length=1)]
    when_a_payer_is_exhausted: Literal["unpaid", "others_pay"] = "unpaid"
    outcome_metrics: Annotated[tuple[Metric, ...], Field(min_length=1)]
    clauses: Annotated[tuple[Clause, ...], Field(min_length=1)]
    evaluation: Evaluation
    calendar: Calendar
    investments: tuple[Investment, ...] = ()
    cost_reimbursement: CostReimbursement | None = None
    path: Annotated[Path, Field(exclude=True, default=Path())]

    @property
    def payers(self) -> tuple[Commitment, ...]:
        """Who pays, in the order of the file."""
        return self.outcome_payment_commitments

    @cached_property
    def _clauses_by_id(self) -> dict[str, Clause]:
        return {clause.id: clause for clause in self.clauses}

    def clause(self, clause_id: str) -> Clause | None:
        """A clause by its id."""
        return self._clauses_by_id.get(clause_id)

    def metric(self, clause: Clause) -> Metric:
        """What a clause looks at."""
        return next(metric for metric in self.outcome_metrics if metric.id == clause.metric)

    @property
    def is_dated(self) -> bool:
        """Whether what is paid depends on the day on which it was earned."""
        has_shares = any(payer.shares for payer in self.payers)
        return has_shares or bool(self.budget_caps) or any(clause.escalator for clause in self.clauses)
