"""How the ODCS YAML of a data contract becomes a `DataContract`.

Every key is looked at: one that we do not know is an error, because a misspelt rule that is silently skipped is worse
than none.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import fastjsonschema
import yaml

from pipelines.errors import ContractError
from schemas import breaker_terms, coverage_terms, file_terms
from schemas.contract_fields import (
    COLUMN_KEYS,
    COLUMN_PROPERTIES,
    CONTRACT_PROPERTIES,
    RELATIONSHIP_PROPERTIES,
    TABLE_PROPERTIES,
    Fields,
)
from schemas.contract_terms import delivery_terms, legal_terms, service_terms
from schemas.conversions import find_conversion, read_conversion
from schemas.data_contract import (
    SHIPPED_ROOT,
    Column,
    DataContract,
    Reference,
)
from schemas.yaml_documents import read_yaml

KIND_OF_LOGICAL_TYPE = {
    "string": "text",
    "integer": "integer",
    "number": "decimal",
    "date": "date",
    "timestamp": "timestamp",
}
DEFAULT_FORMATS = {"date": ("%Y-%m-%d",), "timestamp": ("%Y-%m-%d %H:%M:%S",)}
OPTIONS_UNDERSTOOD = {"pattern", "maxLength", "minimum", "maximum"}


def read_contract(path: Path, root: Path) -> DataContract:
    """The contract in one file; `root` is where its code lists are."""
    raw = path.read_bytes()
    file = f"{path.parent.name}/{path.name}"
    document = _parsed(file, raw)
    used: dict[str, bytes] = {}
    top = Fields(file, "", document)
    table = Fields(file, "schema[0].", _only_table(top))
    terms = _custom(top, "", CONTRACT_PROPERTIES)
    rules = _custom(table, "schema[0].", TABLE_PROPERTIES | file_terms.FILE_PROPERTIES)
    columns = tuple(_column(file, item, root, used) for item in table.need("properties"))
    coverage = coverage_terms.read(rules, path.name.removesuffix(".odcs.yaml"), str(top.need("version")))
    used |= _conversions(rules, coverage, root)
    return DataContract(
        id=top.need("id"),
        version=top.need("version"),
        agency=path.parent.name,
        table=path.name.removesuffix(".odcs.yaml"),
        title=top.need("name"),
        grain=table.need("dataGranularityDescription"),
        columns=columns,
        business_key=_business_key(table),
        coverage=coverage,
        references=tuple(_reference(table, item) for item in table.get("relationships", [])),
        **delivery_terms(rules),
        **legal_terms(terms),
        **service_terms(top),
        files=file_terms.read(rules),
        breakers=breaker_terms.read(rules),
        path=path,
        sha256=_sha256(raw, used),
    )


def _parsed(file: str, raw: bytes) -> dict[str, Any]:
    try:
        document = read_yaml(raw)
    except (yaml.YAMLError, UnicodeDecodeError):
        raise ContractError(f"{file}: is not YAML; mend its syntax") from None
    try:
        _odcs_validator()(document)
    except fastjsonschema.JsonSchemaValueException as problem:
        raise ContractError(f"{file}: {problem.message}; see the Open Data Contract Standard 3.1") from None
    return dict(document)


@cache
def _odcs_validator() -> Callable[[object], object]:
    text = resources.files("schemas").joinpath("odcs-3.1.0.schema.json").read_text(encoding="utf-8")
    validator: Callable[[object], object] = fastjsonschema.compile(json.loads(text), use_default=False)
    return validator


def _only_table(top: Fields) -> dict[str, Any]:
    tables = top.need("schema")
    if len(tables) != 1:
        top.refuse("schema", "must hold exactly one table; write one contract a table")
    return dict(tables[0])


def _custom(owner: Fields, place: str, known: set[str]) -> Fields:
    pairs = owner.get("customProperties", [])
    found = Fields(owner.file, f"{place}customProperties.", {pair["property"]: pair["value"] for pair in pairs})
    if len(found.values) != len(pairs):
        owner.refuse("customProperties", "names a property twice; keep one")
    found.only(known)
    return found


def _column(file: str, item: Mapping[str, Any], root: Path, used: dict[str, bytes]) -> Column:
    place = f"column {item['name']}: "
    given = Fields(file, place, item)
    given.only(COLUMN_KEYS)
    extra = _custom(given, place, COLUMN_PROPERTIES)
    kind = KIND_OF_LOGICAL_TYPE.get(given.need("logicalType"))
    if kind is None:
        given.refuse("logicalType", f"must be one of {', '.join(KIND_OF_LOGICAL_TYPE)}")
    options = Fields(file, f"{place}logicalTypeOptions.", given.get("logicalTypeOptions", {}))
    options.only(OPTIONS_UNDERSTOOD)
    return Column(
        name=item["name"],
        kind=kind,
        required=bool(given.get("required", False)),
        optional=bool(extra.get("optional", False)),
        key=bool(given.get("primaryKey", False)),
        codes=_codes(extra, root, used),
        formats=extra.texts("dateFormats", DEFAULT_FORMATS.get(kind, ())),
        century_from=extra.get("centuryFrom"),
        time_zone=extra.get("timeZone"),
        null_tokens=extra.texts("nullTokens"),
        aliases=extra.texts("aliases"),
        minimum=_bound(options, "minimum", kind),
        maximum=_bound(options, "maximum", kind),
        pattern=options.get("pattern"),
        max_length=options.get("maxLength"),
        classification=given.need("classification"),
        linkage_role=extra.get("linkageRole"),
        also_shared_id=extra.get("sharedIdNamespace"),
        standard_codes=_standard_codes(extra),
        when_broken=str(extra.get("whenBroken", "row")),
        description=given.need("description"),
    )


def _bound(options: Fields, name: str, kind: str) -> float | date | None:
    value = options.get(name)
    if value is None:
        return None
    if kind in ("integer", "decimal"):
        return float(value)
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        options.refuse(name, "must be a date YYYY-MM-DD")


def _codes(extra: Fields, root: Path, used: dict[str, bytes]) -> dict[str, str] | None:
    if "codeList" in extra.values:
        if "codes" in extra.values:
            extra.refuse("codeList", "stands beside codes; keep one of them")
        return _code_list(extra, str(extra.need("codeList")), root, used)
    codes = extra.get("codes")
    if codes is None:
        return None
    if not isinstance(codes, dict) or not all(isinstance(code, str) for code in codes):
        extra.refuse("codes", "must map each code, in quotes, to its meaning")
    return {code: str(meaning) for code, meaning in codes.items()}


def _code_list(extra: Fields, name: str, root: Path, used: dict[str, bytes]) -> dict[str, str]:
    candidates = [folder / "code_lists" / f"{name}.csv" for folder in (root, SHIPPED_ROOT)]
    path = next((candidate for candidate in candidates if candidate.is_file()), None)
    if path is None:
        extra.refuse("codeList", f"names {name}, and there is no code_lists/{name}.csv; add it")
    used[name] = path.read_bytes()
    rows = list(csv.DictReader(used[name].decode("utf-8").splitlines()))
    codes = {row["code"]: row["meaning"] for row in rows if row.get("code")}
    if not codes or len(codes) != len(rows):
        extra.refuse("codeList", f"names {name}, whose CSV must have columns code and meaning and each code once")
    return codes


def _conversions(rules: Fields, coverage: coverage_terms.Coverage, root: Path) -> dict[str, bytes]:
    """The bytes of every conversion that the contract names; each is read, so that a malformed one is told now."""
    names = sorted(set(coverage.version_by.convert.values())) if coverage.version_by else []
    found = {}
    for name in names:
        path = find_conversion(name, (root, SHIPPED_ROOT))
        if path is None:
            rules.refuse("versionBy.convert", f"names {name}, and there is no conversions/{name}.yaml; add it")
        read_conversion(path)
        found[f"conversions/{name}"] = path.read_bytes()
    return found


def _standard_codes(extra: Fields) -> dict[str, str | None] | None:
    mapping = extra.get("standardCodes")
    if mapping is None:
        return None
    return {str(code): None if standard is None else str(standard) for code, standard in mapping.items()}


def _business_key(table: Fields) -> tuple[str, ...]:
    keys = [item for item in table.need("properties") if item.get("primaryKey")]
    return tuple(item["name"] for item in sorted(keys, key=lambda item: int(item.get("primaryKeyPosition", 1))))


def _reference(table: Fields, item: Mapping[str, Any]) -> Reference:
    sources, targets = (value if isinstance(value, list) else [value] for value in (item["from"], item["to"]))
    tables = {target.split(".")[0] for target in targets}
    if len(tables) != 1 or any("." not in end for end in (*sources, *targets)):
        table.refuse("relationships", "must be written from: table.column, to: table.column, into one table")
    terms = _custom(Fields(table.file, f"relationship to {min(tables)}: ", item), "", RELATIONSHIP_PROPERTIES)
    return Reference(
        columns=tuple(source.split(".")[1] for source in sources),
        table=tables.pop(),
        to_columns=tuple(target.split(".")[1] for target in targets),
        when_broken=terms.get("whenBroken"),
    )


def _sha256(contract: bytes, code_lists: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256(contract)
    for name in sorted(code_lists):
        digest.update(name.encode() + b"\0" + code_lists[name])
    return digest.hexdigest()
