"""Lay out a new county's folder from the shipped one: contracts, rules, outcomes contracts, deployment, a README."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from pipelines.code_version import code_sha256
from pipelines.errors import ContractError
from pipelines.lake import new_folder
from pipelines.places import MARK, SHIPPED, SHIPPED_TERMS

COPIED = ("data_contracts", "outcome_contracts", "deployment")
"""Folders that a county has whole, and changes as it likes."""

LEFT_OUT = ("__pycache__", "*.py", "secrets", ".env")
"""What may stand in those folders and is no county's to have: code, and what this machine's operator put there."""

RULES = (
    "drift.yaml",
    "facility_addresses.csv",
    "nicknames.csv",
    "placeholders.yaml",
    "street_words.csv",
    "thresholds.yaml",
    "titles.yaml",
    "uncertainty.yaml",
)
"""What a county may say about linking; how records are compared is code, and stays with the program."""

INCOMING = Path("data_contracts") / "incoming"

TEMPLATES = {"README.md": "README.md", "gitignore": ".gitignore", "workspace.yaml": "workspace.yaml", MARK: MARK}
"""Template → file of the county."""


@dataclass(frozen=True)
class NewCounty:
    """What is chosen of a county before anything is written."""

    name: str
    timezone: str
    agencies: tuple[str, ...]


def shipped_agencies() -> tuple[str, ...]:
    """The agencies whose contracts come with the program."""
    return tuple(sorted(path.name for path in (SHIPPED / INCOMING).iterdir() if path.is_dir()))


def lay_out(folder: Path, county: NewCounty) -> list[str]:
    """Make the folder of a county; returns its files, relative to it.

    Raises:
        ContractError: an agency is none of those shipped, or something is in the folder already; nothing is written.
    """
    if unknown := sorted(set(county.agencies) - set(shipped_agencies())):
        raise ContractError(
            f"no contracts are shipped for {', '.join(unknown)}; those shipped are {', '.join(shipped_agencies())}. "
            f"Leave it out, and write its contracts into {INCOMING.as_posix()}/<agency>/ afterwards"
        )
    if folder.exists():
        _refuse_filled(folder)
    with new_folder(folder) as staged:
        _copy(staged, county)
        _fill_in(staged, folder, county)
        return sorted(path.relative_to(staged).as_posix() for path in staged.rglob("*") if path.is_file())


def _refuse_filled(folder: Path) -> None:
    if any(folder.iterdir()):
        raise ContractError(f"{folder} holds something already; name a folder that is not there yet")
    folder.rmdir()


def _copy(target: Path, county: NewCounty) -> None:
    for name in COPIED:
        shutil.copytree(SHIPPED / name, target / name, ignore=shutil.ignore_patterns(*LEFT_OUT))
    for agency in set(shipped_agencies()) - set(county.agencies):
        shutil.rmtree(target / INCOMING / agency)
    _set_timezone(target / INCOMING, county.timezone)
    rules = target / "linkage_rules"
    rules.mkdir()
    for name in RULES:
        shutil.copyfile(SHIPPED / "linkage_rules" / name, rules / name)


def _set_timezone(incoming: Path, timezone: str) -> None:
    for path in sorted(incoming.rglob("*.odcs.yaml")):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(SHIPPED_TERMS["timezone"], timezone), encoding="utf-8")


def _fill_in(target: Path, folder: Path, county: NewCounty) -> None:
    environment = Environment(
        loader=PackageLoader("pipelines.commands", "templates/county"),
        autoescape=False,  # noqa: S701 — Markdown and YAML
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    values = {**asdict(county), "folder": str(folder.resolve()), "code": code_sha256(county=SHIPPED)[:12]}
    for template, name in TEMPLATES.items():
        (target / name).write_text(environment.get_template(template).render(values), encoding="utf-8")
    (target / "landing").mkdir()


def next_steps(folder: Path, county: NewCounty, files: Sequence[str]) -> list[str]:
    """What is said at the end: what was made, and what to do next."""
    return [
        f"{county.name}: {len(files)} files in {folder}, of {len(county.agencies)} agencies",
        f"next: cd {folder}, countylink lint, and README.md there says what to change",
    ]
