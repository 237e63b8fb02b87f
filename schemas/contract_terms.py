"""The terms of a data contract that are of no column: delivery, law, service; field by field for a `DataContract`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from schemas.contract_fields import Fields
from schemas.data_contract import DataThrough, DeleteMarker, HashedWhen
from schemas.row_rules import read_row_rules


def delivery_terms(rules: Fields) -> dict[str, Any]:
    """What files a table comes in, and what of them is tolerated.

    Raises:
        ContractError: a term is missing or malformed.
    """
    marker, hashed, through = rules.get("deleteMarker"), rules.get("hashedWhen"), rules.need("dataThrough")
    try:
        return {
            "file_names": rules.texts("fileNames"),
            "newest_by": rules.get("newestBy"),
            "delete_marker": marker and DeleteMarker(marker["column"], _values(marker)),
            "row_rules": read_row_rules(rules),
            "refused_columns": rules.texts("refusedColumns"),
            "required_table": bool(rules.need("requiredTable")),
            "may_be_empty": bool(rules.get("mayBeEmpty", True)),
            "max_bad_row_share": float(rules.need("maxBadRowShare")),
            "max_set_aside_share": float(rules.get("maxSetAsideShare", rules.need("maxBadRowShare"))),
            "bad_rows_tolerated": int(rules.get("badRowsTolerated", 0)),
            "hashed_when": hashed and HashedWhen(hashed["table"], hashed["column"], tuple(map(str, hashed["plain"]))),
            "data_through": DataThrough(through.get("lagDays"), through.get("table"), through.get("column")),
        }
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        rules.refuse("", f"has a malformed entry near {problem}; see the shipped contracts for its form")


def _values(marker: Mapping[str, Any]) -> tuple[str, ...] | None:
    return tuple(map(str, marker["values"])) if "values" in marker else None


def legal_terms(terms: Fields) -> dict[str, Any]:
    """By what right the county holds the data, for what, and for how long.

    Raises:
        ContractError: a term is missing or malformed.
    """
    return {
        "legal_basis": terms.need("legalBasis"),
        "legal_regimes": terms.texts("legalRegimes"),
        "agreement_id": terms.need("agreementId"),
        "agreement_expires_on": _last_day(terms),
        "permitted_purposes": terms.texts("permittedPurposes"),
        "prohibited_purposes": terms.texts("prohibitedPurposes"),
        "access_tier": terms.need("accessTier"),
        "retention_days": int(terms.need("retentionDays")),
    }


def _last_day(terms: Fields) -> date | None:
    day = terms.get("agreementExpiresOn")
    if day is not None and type(day) is not date:
        terms.refuse("agreementExpiresOn", "is a day, written 2027-06-30")
    return day


def service_terms(top: Fields) -> dict[str, Any]:
    """Who answers for the deliveries, when they are due and when late.

    Raises:
        ContractError: a term is missing or malformed.
    """
    levels = {item["property"]: item for item in top.get("slaProperties", [])}
    for name in ("frequency", "latency"):
        if name not in levels:
            top.refuse("slaProperties", f"lacks {name}; say when a delivery is due and when it is late")
    contacts = top.get("support", [])
    if not contacts:
        top.refuse("support", "is missing; name the steward's channel")
    return {
        "owner": Fields(top.file, "team.", top.need("team")).need("name"),
        "steward_contact": contacts[0]["channel"],
        "schedule": Fields(top.file, "slaProperties.frequency.", levels["frequency"]).need("schedule"),
        "timezone": str(levels["frequency"].get("valueExt", "America/Los_Angeles")),
        "latency_hours": int(levels["latency"]["value"]),
    }
