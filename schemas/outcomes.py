"""The tables of `outcomes/` and `contracts/`: what was measured, and what is paid for it."""

import pandera.polars as pa
import polars as pl
from pandera.polars import Field
from pandera.typing.polars import Series

STATUSES = ("met", "not_met", "censored", "excluded", "immature", "unknown")
"""`met` and `not_met` are the denominator of a proportion; a rate also keeps the time of the `censored`."""

CUTS = (
    "all",
    "program",
    "provider",
    "quarter",
    "age_group",
    "sex",
    "race_ethnicity",
    "service_area",
    "provider_service_area",
)
"""What results are cut by; `service_area`: the home of the person, `provider_service_area`: that of the provider."""


class PersonMeasures(pa.DataFrameModel):
    """Grain: measure × person × index day (and programme, provider, period). `person_time`: in the measure's unit."""

    measure_id: Series[str]
    definition_version: Series[str]
    person_id: Series[int]
    provider_id: Series[str] = Field(nullable=True)
    program_code: Series[str] = Field(nullable=True)
    period: Series[str] = Field(nullable=True)
    index_on: Series[pl.Date]
    window_end_on: Series[pl.Date]
    status_code: Series[str] = Field(isin=STATUSES)
    numerator: Series[float] = Field(ge=0)
    person_time: Series[float] = Field(nullable=True, ge=0)
    flags: Series[str]

    class Config:
        """No column more than these, in this order, and none coerced."""

        strict = True
        ordered = True


class MeasureResults(pa.DataFrameModel):
    """Grain: measure × cut × cut value × period (null: all periods). Null estimate: nobody in the denominator.

    `excluded_by_reason`: `reason=persons`, comma-separated; each person under the first reason of the definition.
    """

    measure_id: Series[str]
    definition_version: Series[str]
    title: Series[str]
    cut_code: Series[str] = Field(isin=CUTS)
    cut_value: Series[str]
    period: Series[str] = Field(nullable=True)
    n: Series[int] = Field(ge=0)
    numerator: Series[float]
    person_time: Series[float] = Field(nullable=True)
    censored: Series[int]
    immature: Series[int]
    unknown: Series[int]
    excluded: Series[int]
    excluded_by_reason: Series[str]
    estimate: Series[float] = Field(nullable=True)
    lower: Series[float] = Field(nullable=True)
    upper: Series[float] = Field(nullable=True)
    interval_method: Series[str]
    unit: Series[str]
    data_through_on: Series[pl.Date] = Field(nullable=True)
    link_version: Series[str]

    class Config:
        """No column more than these, in this order, and none coerced."""

        strict = True
        ordered = True


class EpisodeCosts(pa.DataFrameModel):
    """Grain: episode of a member or tenant × dated unit cost. Days [from_on, to_on), a visit one day; dollars."""

    episode_kind: Series[str]
    episode_id: Series[str]
    person_id: Series[int]
    unit_code: Series[str]
    from_on: Series[pl.Date]
    to_on: Series[pl.Date] = Field(nullable=True)
    units: Series[pl.Int32] = Field(ge=0)
    usd_per_unit: Series[pl.Decimal(18, 2)]  # type: ignore[valid-type]
    cost_usd: Series[pl.Decimal(18, 2)]  # type: ignore[valid-type]

    class Config:
        """No column more than these, in this order, and none coerced."""

        strict = True
        ordered = True


class UnknownClients(pa.DataFrameModel):
    """Grain: agency × provider × reason why nobody knows what other agencies hold of its clients. No client is named.

    Not `is_unknown`: the client was compared and found nowhere else, which is a zero and not an unknown.
    """

    agency: Series[str]
    provider_id: Series[str]
    reason_code: Series[str]
    is_unknown: Series[bool]
    clients: Series[int] = Field(ge=1)

    class Config:
        """No column more than these, in this order, and none coerced."""

        strict = True
        ordered = True


class UnavailableMeasures(pa.DataFrameModel):
    """Grain: measure that is asked for and that these extracts cannot give; `needs`: what would have to be sent."""

    measure_id: Series[str] = Field(unique=True)
    title: Series[str]
    text: Series[str]
    needs: Series[str]
    source: Series[str]

    class Config:
        """No column more than these, in this order, and none coerced."""

        strict = True
        ordered = True


class StatementLines(pa.DataFrameModel):
    """Grain: contract × clause × unit that earned a payment. Dollars in cents; `earned_usd` - `cut_usd` = `amount_usd`.

    `price_usd` is null where tiers decide; `cut_by` names the caps that cut, in their order.
    """

    contract_id: Series[str]
    contract_version: Series[str]
    clause_id: Series[str]
    line_id: Series[str] = Field(unique=True)
    period: Series[str]
    measure_id: Series[str]
    definition_version: Series[str]
    person_id: Series[int] = Field(nullable=True)
    provider_id: Series[str] = Field(nullable=True)
    index_on: Series[pl.Date] = Field(nullable=True)
    earned_on: Series[pl.Date]
    quantity: Series[pl.Decimal(18, 6)]  # type: ignore[valid-type]
    paid_quantity: Series[pl.Decimal(18, 6)]  # type: ignore[valid-type]
    unit: Series[str]
    price_usd: Series[pl.Decimal(18, 2)] = Field(nullable=True)  # type: ignore[valid-type]
    earned_usd: Series[pl.Decimal(18, 2)]  # type: ignore[valid-type]
    cut_usd: Series[pl.Decimal(18, 2)]  # type: ignore[valid-type]
    cut_by: Series[str]
    amount_usd: Series[pl.Decimal(18, 2)]  # type: ignore[valid-type]

    class Config:
        """No column more than these, in this order, and none coerced."""

        strict = True
        ordered = True


class StatementLinePayers(pa.DataFrameModel):
    """Grain: line × payer. The payers' amounts of a line sum to its amount, to the cent."""

    line_id: Series[str]
    payer_id: Series[str]
    amount_usd: Series[pl.Decimal(18, 2)]  # type: ignore[valid-type]

    class Config:
        """No column more than these, in this order, and none coerced."""

        strict = True
        ordered = True


class Statements(pa.DataFrameModel):
    """Grain: contract × period × payer. The payers' amounts of a period sum to its lines, to the cent."""

    contract_id: Series[str]
    contract_version: Series[str]
    title: Series[str]
    period: Series[str]
    payer_id: Series[str]
    payer: Series[str]
    funding_stream: Series[str]
    share_percent: Series[pl.Decimal(9, 4)]  # type: ignore[valid-type]
    line_count: Series[int]
    amount_usd: Series[pl.Decimal(18, 2)]  # type: ignore[valid-type]

    class Config:
        """No column more than these, in this order, and none coerced."""

        strict = True
        ordered = True


class CostReimbursement(pa.DataFrameModel):
    """Grain: contract × statement period × provider that gave services to members, or is paid for them.

    `reimbursed_usd`: what the contract's rates come to; `services_without_cost` are not in it.
    """

    contract_id: Series[str]
    period: Series[str]
    provider_id: Series[str]
    services: Series[int] = Field(ge=0)
    services_without_cost: Series[int] = Field(ge=0)
    reimbursed_usd: Series[pl.Decimal(18, 2)]  # type: ignore[valid-type]
    paid_usd: Series[pl.Decimal(18, 2)]  # type: ignore[valid-type]

    class Config:
        """No column more than these, in this order, and none coerced."""

        strict = True
        ordered = True


OUTCOME_TABLES: dict[str, type[pa.DataFrameModel]] = {
    "person_measures": PersonMeasures,
    "measure_results": MeasureResults,
    "episode_costs": EpisodeCosts,
    "unknown_clients": UnknownClients,
    "unavailable_measures": UnavailableMeasures,
}
"""Table of `outcomes/` → its schema."""

CONTRACT_TABLES: dict[str, type[pa.DataFrameModel]] = {
    "statement_lines": StatementLines,
    "statement_line_payers": StatementLinePayers,
    "statements": Statements,
    "cost_reimbursement": CostReimbursement,
}
"""Table of `contracts/` → its schema."""
