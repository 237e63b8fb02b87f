"""What the runbook, the units and the container files tell people to run is what there is."""

from __future__ import annotations

import ast
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import click
import pytest

from pipelines.cli import main
from tests.pipeline.counties import CHECKOUT

DOCS = CHECKOUT / "docs"
DEPLOYMENT = CHECKOUT / "deployment"
RUNBOOK = (DOCS / "runbook.md").read_text(encoding="utf-8")


def commands_of(text: str) -> list[str]:
    """Every `countylink …` of a text that has options or arguments: in blocks, in code, on lines of units."""
    blocks = re.findall(r"^(?:    |\S*=\S*/)(countylink .*)$", text, re.MULTILINE)
    inline = re.findall(r"`(countylink [a-z-]+ [^`]*)`", text)
    return [one.partition("  #")[0].strip() for one in (*blocks, *inline) if "…" not in one and "|" not in one]


def parse(line: str) -> None:
    """Parse a line as the command line does, up to where the command would begin; places exist for this test."""
    command: click.Command = main
    words = [word for part in line.split(";")[:1] for word in shlex.split(part)][1:]
    context = click.Context(main)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(context, words[0])
        assert found is not None, f"{line}: there is no {words[0]}"
        command, words = found, words[1:]
    for parameter in command.params:  # the folders of a runbook are not there
        parameter.callback = None
        if isinstance(parameter.type, click.Path):
            parameter.type = click.STRING
    if words and "--help" not in words:
        command.make_context(command.name, words)


@pytest.fixture(autouse=True)
def _commands_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    """A parameter that a test makes lenient is as strict as before after it."""
    for command in _all(main):
        for parameter in command.params:
            monkeypatch.setattr(parameter, "callback", parameter.callback)
            monkeypatch.setattr(parameter, "type", parameter.type)


def _all(group: click.Group) -> list[click.Command]:
    own = list(group.commands.values())
    return own + [one for child in own if isinstance(child, click.Group) for one in _all(child)]


TEXTS = {
    **{path.name: path.read_text(encoding="utf-8") for path in (DOCS / "runbook.md", DOCS / "operations.md")},
    **{path.name: path.read_text(encoding="utf-8") for path in (DEPLOYMENT / "systemd").glob("*.service")},
}


@pytest.mark.parametrize("line", sorted({line for text in TEXTS.values() for line in commands_of(text)}))
def test_every_command_that_is_written_down_can_be_typed(line: str) -> None:
    parse(line)


SHORTENED = [
    CHECKOUT / "README.md",
    CHECKOUT / "pipelines/defs/mends.yaml",
    *DOCS.glob("*.md"),
]
"""Texts that name commands with the options that matter there, and leave out the others."""


@pytest.mark.parametrize("path", sorted(SHORTENED), ids=lambda path: path.name)
def test_every_command_that_is_named_has_the_options_that_are_named_with_it(path: Path) -> None:
    for line in re.findall(r"(?:^    |`)(countylink [^`\n#]+)", path.read_text(encoding="utf-8"), re.MULTILINE):
        words, command = line.split()[1:], main
        while isinstance(command, click.Group) and words and command.get_command(click.Context(command), words[0]):
            command, words = command.commands[words[0]], words[1:]
        known = {name for one in command.params for name in (*one.opts, *one.secondary_opts)} | {"--help"}
        named = {word.split("=")[0].rstrip(".,;)") for word in words if word.startswith("--")}
        assert named <= known, line


def test_commands_are_found_where_they_stand() -> None:
    assert len(commands_of(RUNBOOK)) > 25
    assert commands_of("ExecStart=/opt/x/countylink doctor --json\n") == ["countylink doctor --json"]
    with pytest.raises(click.UsageError):
        parse("countylink doctor --no-such-option")
    with pytest.raises(AssertionError, match="there is no mend"):
        parse("countylink mend")


def test_every_symptom_leads_to_a_place_that_says_where_to_look() -> None:
    anchors = set(re.findall(r"\(#([a-z-]+)\)", RUNBOOK))
    sections = {
        anchor(title): body for title, body in re.findall(r"^## (.+)\n((?:(?!^## ).*\n?)*)", RUNBOOK, re.MULTILINE)
    }
    assert anchors >= set(sections)
    assert set(sections) >= anchors
    assert [name for name, body in sections.items() if "countylink" not in body] == []
    assert [name for name, body in sections.items() if "look" not in body.lower()] == []


def anchor(title: str) -> str:
    return re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")


def test_what_programs_refer_to_in_the_runbook_is_there() -> None:
    there = {anchor(title) for title in re.findall(r"^## (.+)$", RUNBOOK, re.MULTILINE)}
    code = "\n".join(path.read_text(encoding="utf-8") for path in (CHECKOUT / "pipelines").rglob("*.py"))
    named = set(re.findall(r"docs/runbook\.md#([a-z-]+)", code))
    assert len(named) >= 8
    assert named <= there


@pytest.mark.parametrize(("page", "rows"), [("faults.md", 23), ("invariants.md", 10)])
def test_each_row_of_a_page_names_tests_that_are_there(page: str, rows: int) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    told = re.findall(r"^\| (\d+) \| (?:.+? \| )+?(`.+) \|$", text, re.MULTILINE)
    assert [int(number) for number, _ in told] == list(range(1, rows + 1))
    for number, cell in told:
        named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", cell)
        assert named, f"{page}: row {number} names no test"
        for file, test in named:
            tree = ast.parse((CHECKOUT / file).read_text(encoding="utf-8"))
            assert test in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, f"{file}::{test}"


def test_the_units_are_well_formed_and_leave_little_open(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    units = tmp_path / "etc/systemd/system"
    shutil.copytree(DEPLOYMENT / "systemd", units)
    programs = tmp_path / "programs"
    for path in units.glob("*.service"):
        path.write_text(path.read_text().replace("/opt/countylink", str(programs)))
    for name in (".venv/bin/dagster", ".venv/bin/dagster-daemon", ".venv/bin/dagster-webserver", ".venv/bin/countylink",
                 "deployment/production/dump-runs.sh"):  # fmt: skip
        (programs / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy("/bin/true", programs / name)
    found = [str(path) for path in sorted(units.glob("countylink*.*")) if path.is_file()]
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=no", *found], capture_output=True, text=True
    )
    assert [line for line in checked.stderr.splitlines() if "countylink" in line] == []
    for path in units.glob("*.service"):
        words = ["systemd-analyze", "security", "--offline=true", f"--root={tmp_path}", "--threshold=20", path.name]
        assert subprocess.run(words, capture_output=True).returncode == 0, (
            f"{path.name} leaves more open than 2.0 of 10"
        )


def test_the_pages_of_dagster_and_its_daemon_cannot_read_the_lake() -> None:
    shut = {path.name for path in (DEPLOYMENT / "systemd").glob("*.service") if "InaccessiblePaths" in path.read_text()}
    assert shut == {"countylink-daemon.service", "countylink-admin.service", "countylink-watch.service"}


def test_the_code_server_is_one_that_waits_for_its_runs() -> None:
    unit = (DEPLOYMENT / "systemd/countylink-code.service").read_text()
    (line,) = re.findall(r"^ExecStart=\S*/(.+)$", unit, re.MULTILINE)
    assert line.startswith("dagster api grpc "), "`dagster code-server` ends thirty seconds after it was asked to"
    assert "TimeoutStopSec=2h" in unit and "KillMode=mixed" in unit


def test_the_image_is_made_from_the_locked_packages() -> None:
    text = (DEPLOYMENT / "containers/Dockerfile").read_text()
    locked = re.findall(r"-r (requirements\S+)", text)
    assert locked == ["requirements-production.lock"]
    assert "dagster-postgres==" in (CHECKOUT / locked[0]).read_text()
    copied = re.findall(r"(deployment/\S+) ", text)
    assert all((CHECKOUT / path).exists() for path in copied if not path.startswith("deployment/containers"))


def test_no_file_of_the_deployment_holds_a_password() -> None:
    for path in (path for path in DEPLOYMENT.rglob("*") if path.is_file()):
        assert not re.search(r"://[^/\s:]+:[^@\s/]+@", path.read_text(encoding="utf-8")), path


def test_the_dump_of_runs_is_a_sound_script() -> None:
    subprocess.run(["bash", "-n", str(DEPLOYMENT / "production/dump-runs.sh")], check=True)
