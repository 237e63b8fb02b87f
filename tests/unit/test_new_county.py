"""A new county is laid out from the shipped one: complete, in its own time zone, and never over what is there."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import click
import pytest
import yaml
from click.testing import CliRunner

from pipelines.cli import main
from pipelines.commands import new_county
from pipelines.commands.new_county import COPIED, RULES, NewCounty, lay_out, shipped_agencies
from pipelines.errors import ContractError
from pipelines.places import SHIPPED, county_root, county_terms, rules_file
from schemas.data_contract import load_contracts

RIVER = NewCounty("River County", "America/Denver", ("fhsp", "sheriff"))


@pytest.fixture(scope="module")
def river(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("county") / "river"
    lay_out(folder, RIVER)
    return folder


def test_only_the_chosen_agencies_are_laid_out(river: Path) -> None:
    assert tuple(load_contracts(river / "data_contracts").agencies) == RIVER.agencies


def test_contracts_and_schedules_keep_the_countys_hours(river: Path) -> None:
    assert {one.timezone for one in load_contracts(river / "data_contracts").all()} == {"America/Denver"}
    assert county_terms(river) == {"name": "River County", "timezone": "America/Denver"}


def test_every_rule_that_a_county_may_change_is_there_and_no_code_is(river: Path) -> None:
    assert {path.name for path in (river / "linkage_rules").iterdir()} == set(RULES)
    assert list(river.rglob("*.py")) == []


def test_people_and_keys_stay_out_of_git(river: Path) -> None:
    ignored = (river / ".gitignore").read_text().split()
    assert {"landing/", "lake/", "secrets/"} <= set(ignored)


def test_the_readme_names_no_file_that_is_not_there(river: Path) -> None:
    text = (river / "README.md").read_text()
    for name in ("countylink.yaml", "data_contracts/law/", "linkage_rules/thresholds.yaml", "deployment/alerts.yaml"):
        assert f"`{name}`" in text
        assert (river / name).exists()
    assert "2 agencies: fhsp, sheriff" in text


def test_the_readmes_commands_are_understood(river: Path) -> None:
    lines = re.findall(r"^    countylink ([^#\n]*)", (river / "README.md").read_text(), re.MULTILINE)
    assert len(lines) == 3
    for name, *rest in map(shlex.split, lines):
        command = main.commands[name]
        _, left, _ = command.make_parser(click.Context(command)).parse_args(rest)
        assert left == [], name


def test_a_folder_that_holds_something_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(ContractError, match="holds something already"):
        lay_out(tmp_path, RIVER)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_an_agency_that_nobody_ships_is_refused_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="no contracts are shipped for probation"):
        lay_out(tmp_path / "new", NewCounty("X", "UTC", ("probation",)))
    assert not (tmp_path / "new").exists()


def test_a_time_zone_that_is_none_is_refused(tmp_path: Path) -> None:
    ended = CliRunner().invoke(main, ["init", str(tmp_path / "new"), "--name", "X", "--timezone", "Mars/Olympus"])
    assert ended.exit_code == 2
    assert "is no time zone" in ended.output


def test_a_process_serves_the_county_that_it_is_started_in_or_that_is_named(
    river: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert county_root() == SHIPPED
    monkeypatch.chdir(river / "data_contracts" / "incoming")
    assert county_root() == river
    monkeypatch.chdir("/")
    monkeypatch.setenv("COUNTYLINK_COUNTY", str(river))
    assert county_root() == river
    monkeypatch.setenv("COUNTYLINK_COUNTY", "/nowhere")
    with pytest.raises(ContractError, match=r"no countylink\.yaml stands there"):
        county_root()


def test_rules_that_a_county_does_not_keep_are_the_shipped_ones() -> None:
    assert rules_file("gallery.yaml") == SHIPPED / "linkage_rules" / "gallery.yaml"


def test_a_county_has_its_own_rules_and_its_own_lake(river: Path) -> None:
    asked = (
        "from linkage_rules.thresholds import thresholds; from pipelines.defs.resources import DEFAULTS\n"
        "print(thresholds().max_cluster, DEFAULTS['COUNTYLINK_LAKE'], DEFAULTS['COUNTYLINK_CONTRACTS'])"
    )
    rules = river / "linkage_rules" / "thresholds.yaml"
    stated = yaml.safe_load(rules.read_text())
    stated["max_cluster"]["value"] = 7
    rules.write_text(yaml.safe_dump(stated))
    ended = run_in(river, ["-c", asked], SHIPPED)
    assert ended.stdout.split() == ["7", str(river / "lake"), str(river / "data_contracts")]


def run_in(folder: Path, words: list[str], code: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(code)}
    return subprocess.run(
        [sys.executable, "-W", "ignore", *words], cwd=folder, env=environment, capture_output=True, text=True,
        timeout=240, check=True,
    )  # fmt: skip


def test_passwords_and_places_of_the_machine_it_is_laid_out_on_stay_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout = tmp_path / "checkout"
    for name in (*COPIED, "linkage_rules"):
        shutil.copytree(SHIPPED / name, checkout / name)
    containers = checkout / "deployment/containers"
    (containers / "secrets").mkdir(exist_ok=True)
    (containers / "secrets/postgres_password").write_text("of this machine")
    (containers / ".env").write_text("COUNTYLINK_LAKE=/srv/countylink/lake\n")
    monkeypatch.setattr(new_county, "SHIPPED", checkout)
    lay_out(tmp_path / "river", RIVER)
    laid_out = {path.name for path in (tmp_path / "river/deployment/containers").rglob("*")}
    assert laid_out == {"Dockerfile", "compose.yaml", "proxy.sh", "workspace.yaml"}


def test_a_wheel_carries_what_a_county_is_laid_out_from(tmp_path: Path) -> None:
    build = "import hatchling.build, sys; print(hatchling.build.build_wheel(sys.argv[1]))"
    name = run_in(SHIPPED, ["-c", build, str(tmp_path)], SHIPPED).stdout.split()[-1]
    site = tmp_path / "site"
    with zipfile.ZipFile(tmp_path / name) as wheel:
        wheel.extractall(site)
    run_in(tmp_path, ["-m", "pipelines.cli", "init", "new", "--name", "New County"], site)
    assert tuple(load_contracts(tmp_path / "new" / "data_contracts").agencies) == shipped_agencies()
    assert (tmp_path / "new" / "deployment" / "dagster.yaml").exists()
