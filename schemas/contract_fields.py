"""The keys a data contract file may have, and how a wrong one is told.

ODCS leaves room for what it lacks in `customProperties`; ours are listed here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from pipelines.errors import ContractError

COVERAGE_PROPERTIES = {"semantics", "semanticsBy", "period", "window", "scope", "versionBy", "refusedWhen"}
"""Read by `coverage_terms.py`."""

TABLE_PROPERTIES = {
    "fileNames",
    *COVERAGE_PROPERTIES,
    "newestBy",
    "deleteMarker",
    "rowRules",
    "refusedColumns",
    "requiredTable",
    "mayBeEmpty",
    "maxBadRowShare",
    "maxSetAsideShare",
    "badRowsTolerated",
    "hashedWhen",
    "dataThrough",
    "breakers",
}
COLUMN_PROPERTIES = {
    "optional",
    "codes",
    "codeList",
    "dateFormats",
    "centuryFrom",
    "timeZone",
    "nullTokens",
    "aliases",
    "linkageRole",
    "sharedIdNamespace",
    "standardCodes",
    "whenBroken",
}
RELATIONSHIP_PROPERTIES = {"whenBroken"}
CONTRACT_PROPERTIES = {
    "legalBasis",
    "legalRegimes",
    "agreementId",
    "agreementExpiresOn",
    "permittedPurposes",
    "prohibitedPurposes",
    "accessTier",
    "retentionDays",
}
COLUMN_KEYS = {
    "name",
    "businessName",
    "description",
    "logicalType",
    "logicalTypeOptions",
    "physicalType",
    "required",
    "primaryKey",
    "primaryKeyPosition",
    "classification",
    "customProperties",
    "tags",
    "examples",
    "criticalDataElement",
    "authoritativeDefinitions",
}


class Fields:
    """A mapping of a contract file that knows where it stands, so that every complaint can say so."""

    def __init__(self, file: str, place: str, values: Mapping[str, Any]) -> None:
        self.file, self.place, self.values = file, place, values

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a key that may be absent."""
        return self.values.get(name, default)

    def need(self, name: str) -> Any:
        """The value of a key that must be there."""
        if name not in self.values:
            self.refuse(name, "is missing; add it")
        return self.values[name]

    def texts(self, name: str, default: Iterable[str] = ()) -> tuple[str, ...]:
        """A list of texts; a single text counts as a list of one."""
        value = self.values.get(name, list(default))
        return tuple(str(item) for item in (value if isinstance(value, list) else [value]))

    def only(self, known: set[str]) -> None:
        """Refuse a key that nothing reads."""
        for name in self.values:
            if name not in known:
                self.refuse(name, f"is not understood; known here: {', '.join(sorted(known))}")

    def refuse(self, name: str, mend: str) -> NoReturn:
        """Say which field of which file is wrong, and what to do."""
        raise ContractError(f"{self.file}: {self.place}{name} {mend}") from None
