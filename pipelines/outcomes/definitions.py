"""Measure definitions: YAML families, each with one `.sql` and a variant for every window it is asked for.

Belongs here: reading and checking them. What a measure counts stands in its `.sql`; what it means stands in its YAML.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from pipelines.errors import ContractError
from pipelines.standardise.code_sets import CODE_SETS, code_set_versions
from schemas.outcomes import CUTS
from schemas.yaml_documents import read_yaml

DEFINITIONS = CODE_SETS.parent / "measures"
"""The measures that this checkout ships."""

PACKAGE = "pipelines.outcomes"
KINDS = ("proportion", "rate", "count")
EVERY_OTHER_CUT = "each"
"""Stands in a definition's `cuts` for every cut that it does not name."""

INTERVALS = ("wilson", "poisson_exact", "person_bootstrap", "person_robust", "none")
ANY_PROGRAM = "*"
"""Key of the agencies that every programme needs."""
RESAMPLED_CUTS = ("all", "program", "provider")
"""Cuts of which `person_bootstrap` is made; a thousand draws for each of thousands of small cells take too long."""

FIELDS = frozenset(
    {
        "version",
        "sql",
        "kind",
        "unit",
        "scale",
        "text",
        "numerator",
        "denominator",
        "person_time",
        "window",
        "exclusions",
        "flags",
        "unknown_when",
        "needs_agencies",
        "cuts",
        "is_by_period",
        "code_sets",
        "source",
        "variants",
    }
)

OPTIONAL = frozenset({"net_of", "allowed_exits"})
"""Fields that a family may leave out: what it takes off, and which ends it forgives."""

MAY_VARY = frozenset(
    {"unit", "text", "numerator", "denominator", "window", "exclusions", "flags", "source", "is_published"}
)
"""Fields that a variant may say in its own words."""


@dataclass(frozen=True)
class Measure:
    """One measure: an outcome definition with its version and its parameters."""

    id: str
    version: str
    title: str
    sql: str
    parameters: Mapping[str, Any]
    kind: str
    """`proportion`: persons met of persons observed. `rate`: events over person-time. `count`: how many."""
    unit: str
    scale: float
    text: str
    numerator: str
    denominator: str
    person_time: str
    window: str
    exclusions: Mapping[str, str]
    flags: Mapping[str, str]
    unknown_when: str
    needs_agencies: Mapping[str, tuple[str, ...]]
    """Programme (or `*`) → the agencies whose data-through dates bound maturity."""
    cuts: Mapping[str, str]
    """Cut → how its interval is made."""
    is_by_period: bool
    code_sets: Mapping[str, str]
    source: str
    path: Path
    is_published: bool = True
    """Whether its aggregates leave in a release: not where they differ from another measure's by a few persons."""
    net_of: Mapping[str, str] = field(default_factory=dict)
    """What is taken off the numerator: name → in words. Clauses that say `net_of` are held against it."""
    allowed_exits: Mapping[str, str] = field(default_factory=dict)
    """Ends that are no failure: name → in words. Clauses that say `allowed_exits` are held against it."""


def load_measures(folder: Path = DEFINITIONS, code_sets: Path = CODE_SETS) -> tuple[Measure, ...]:
    """Every measure in a folder of YAML files, by id; raises ContractError with file, field and mend."""
    versions = code_set_versions(code_sets)
    measures = [measure for path in sorted(folder.glob("*.yaml")) for measure in read_family(path, versions)]
    if not measures:
        raise ContractError(f"{folder}: no measure is defined there; put a YAML file in it")
    seen: dict[str, Path] = {}
    for measure in measures:
        if measure.id in seen:
            raise ContractError(f"{measure.path}: variants: the id {measure.id} is taken by {seen[measure.id].name}")
        seen[measure.id] = measure.path
    return tuple(sorted(measures, key=lambda measure: measure.id))


def read_family(path: Path, versions: Mapping[str, str]) -> list[Measure]:
    """The measures of one YAML file."""
    document = read_yaml(path.read_text(encoding="utf-8"))
    _check_fields(path, document)
    _check_choices(path, document)
    _check_code_sets(path, document["code_sets"], versions)
    return [_variant(path, document, variant) for variant in document["variants"]]


def _variant(path: Path, family: Mapping[str, Any], variant: Mapping[str, Any]) -> Measure:
    if not {"id", "title", "parameters"} <= variant.keys():
        raise ContractError(f"{path}: variants: each needs id, title and parameters")
    strange = variant.keys() - MAY_VARY - {"id", "title", "parameters", "needs_agencies"}
    if strange:
        raise ContractError(f"{path}: variants: {', '.join(sorted(strange))}: does not vary; write it for the family")
    shared = {name: family[name] for name in FIELDS - {"variants", "needs_agencies", "version", "scale", "cuts"}}
    shared |= {name: family[name] for name in OPTIONAL & family.keys()}
    shared |= {name: variant[name] for name in MAY_VARY & variant.keys()}
    return Measure(
        id=variant["id"],
        title=variant["title"],
        parameters=variant["parameters"],
        version=str(family["version"]),
        scale=float(family["scale"]),
        needs_agencies=_needs(variant.get("needs_agencies", family["needs_agencies"])),
        cuts=_cuts(family["cuts"]),
        path=path,
        **shared,
    )


def _cuts(entry: Mapping[str, str]) -> dict[str, str]:
    rest = entry.get(EVERY_OTHER_CUT)
    return {cut: method for cut in CUTS if (method := entry.get(cut, rest)) is not None}


def _needs(entry: Any) -> dict[str, tuple[str, ...]]:
    by_program = entry if isinstance(entry, dict) else {ANY_PROGRAM: entry}
    return {program: tuple(agencies) for program, agencies in by_program.items()}


def _check_fields(path: Path, document: Any) -> None:
    if not isinstance(document, dict):
        raise ContractError(f"{path}: a measure family is a mapping of fields")
    missing, unknown = FIELDS - document.keys(), document.keys() - FIELDS - OPTIONAL
    if missing:
        raise ContractError(f"{path}: {', '.join(sorted(missing))}: the field is missing; add it")
    if unknown:
        raise ContractError(f"{path}: {', '.join(sorted(unknown))}: no such field; take it out")


def _check_choices(path: Path, document: Mapping[str, Any]) -> None:
    if document["kind"] not in KINDS:
        raise ContractError(f"{path}: kind: is one of {', '.join(KINDS)}")
    for cut, method in document["cuts"].items():
        if cut not in (*CUTS, EVERY_OTHER_CUT) or method not in INTERVALS:
            cuts, intervals = ", ".join((*CUTS, EVERY_OTHER_CUT)), ", ".join(INTERVALS)
            raise ContractError(f"{path}: cuts.{cut}: cuts are {cuts}, intervals {intervals}")
        if method == "person_bootstrap" and cut not in RESAMPLED_CUTS:
            raise ContractError(f"{path}: cuts.{cut}: persons are resampled for {', '.join(RESAMPLED_CUTS)} alone")
    if not resources.files(PACKAGE).joinpath(f"{document['sql']}.sql").is_file():
        raise ContractError(f"{path}: sql: there is no {document['sql']}.sql in pipelines/outcomes")


def _check_code_sets(path: Path, used: Mapping[str, str], versions: Mapping[str, str]) -> None:
    for name, version in used.items():
        if versions.get(name) != str(version):
            raise ContractError(
                f"{path}: code_sets.{name}: version {version} is not the one in force ({versions.get(name, 'none')}); "
                "review the change, then raise the measure's version and name the new one"
            )
