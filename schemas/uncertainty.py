"""The tables of `outcomes/` that tell what the linkage's errors do to a result."""

import pandera.polars as pa
import polars as pl
from pandera.polars import Field
from pandera.typing.polars import Series

SCENARIOS = ("strict", "base", "loose")
"""`linkage_rules/uncertainty.yaml` says how many bits lie between them."""

CAPS = ("clause_period_cap", "clause_cap", "budget_cap", "contract_cap")
"""Caps in the order in which a payment goes through them."""

PAID_CUTS = ("all", "program", "provider")
"""Cuts that something is paid by; the others are for reading."""


class MeasureByThreshold(pa.DataFrameModel):
    """Grain: measure × cut × cut value × period × scenario: the result with the linkage cut more strictly, or less."""

    measure_id: Series[str]
    cut_code: Series[str] = Field(isin=PAID_CUTS)
    cut_value: Series[str]
    period: Series[str] = Field(nullable=True)
    scenario_code: Series[str] = Field(isin=SCENARIOS)
    n: Series[int] = Field(ge=0)
    numerator: Series[float] = Field(ge=0)
    person_time: Series[float] = Field(nullable=True, ge=0)
    estimate: Series[float] = Field(nullable=True)

    class Config:
        """No column more than these, in this order, and none coerced."""

        strict = True
        ordered = True


class MeasureUncertainty(pa.DataFrameModel):
    """Grain: measure × cut × cut value × period: the interval without link error and with it.

    `estimate`, `lower`, `upper`: as in `measure_results`. `estimate_corrected`: false links drawn out, missed ones made
    up for by the recall. `lower_total`, `upper_total`: 95 %, sampling and link error together; where the measure has no
    sampling interval, link error alone. `link_error`: its standard error, in units of the estimate. `recall`: share of
    the true links found, told by `recall_source` (labels, model; null: by nobody, and taken as 1).
    """

    measure_id: Series[str]
    cut_code: Series[str] = Field(isin=PAID_CUTS)
    cut_value: Series[str]
    period: Series[str] = Field(nullable=True)
    n: Series[int] = Field(ge=0)
    estimate: Series[float] = Field(nullable=True)
    lower: Series[float] = Field(nullable=True)
    upper: Series[float] = Field(nullable=True)
    estimate_corrected: Series[float] = Field(nullable=True)
    lower_total: Series[float] = Field(nullable=True)
    upper_total: Series[float] = Field(nullable=True)
    link_error: Series[float] = Field(nullable=True, ge=0)
    recall: Series[float] = Field(gt=0, le=1)
    recall_source: Series[str] = Field(nullable=True)
    precision_source: Series[str] = Field(nullable=True)
    draws: Series[int] = Field(ge=1)

    class Config:
        """No column more than these, in this order, and none coerced."""

        strict = True
        ordered = True


class ThresholdCrossings(pa.DataFrameModel):
    """Grain: contract × clause × step × cell. `strict`, `base`, `loose`: what is held against the step, so linked.

    A cap is held against the dollars that come to it; one that clauses share has clause and measure `all`, and a
    budget's period is its first day. `crosses_by_threshold`: these three lie on both sides. `crosses_by_interval`:
    `lower_total` and `upper_total` do.
    """

    contract_id: Series[str]
    clause_id: Series[str]
    measure_id: Series[str]
    cut_code: Series[str] = Field(isin=PAID_CUTS)
    cut_value: Series[str]
    period: Series[str] = Field(nullable=True)
    step_kind: Series[str] = Field(isin=("threshold", "minimum_n", "tier", "minimum", "maximum", *CAPS))
    step: Series[float]
    strict: Series[float] = Field(nullable=True)
    base: Series[float] = Field(nullable=True)
    loose: Series[float] = Field(nullable=True)
    lower_total: Series[float] = Field(nullable=True)
    upper_total: Series[float] = Field(nullable=True)
    crosses_by_threshold: Series[bool]
    crosses_by_interval: Series[bool]
    crosses_payment_step: Series[bool]

    class Config:
        """No column more than these, in this order, and none coerced."""

        strict = True
        ordered = True


class PaymentsByThreshold(pa.DataFrameModel):
    """Grain: contract × clause × scenario: what the units so linked would be paid. `earned_usd`: before any cap."""

    contract_id: Series[str]
    clause_id: Series[str]
    scenario_code: Series[str] = Field(isin=SCENARIOS)
    quantity: Series[pl.Decimal(18, 6)]  # type: ignore[valid-type]
    earned_usd: Series[pl.Decimal(18, 2)]  # type: ignore[valid-type]
    amount_usd: Series[pl.Decimal(18, 2)]  # type: ignore[valid-type]

    class Config:
        """No column more than these, in this order, and none coerced."""

        strict = True
        ordered = True


UNCERTAINTY_TABLES: dict[str, type[pa.DataFrameModel]] = {
    "measure_by_threshold": MeasureByThreshold,
    "measure_uncertainty": MeasureUncertainty,
}
"""Table of `outcomes/` → its schema."""

CROSSING_TABLES: dict[str, type[pa.DataFrameModel]] = {
    "threshold_crossings": ThresholdCrossings,
    "payments_by_threshold": PaymentsByThreshold,
}
"""Table of `contracts/` → its schema."""
