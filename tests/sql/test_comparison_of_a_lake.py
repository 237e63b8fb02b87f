"""`countylink compare` on a small lake: twelve people whom Just-in-Reach housed, and thirty whom it did not."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
import yaml
from click.testing import CliRunner

from pipelines.cli import main
from pipelines.comparison import compare, read_specification
from pipelines.comparison.candidates import INPUTS
from pipelines.errors import LakeError
from pipelines.lake import Lake
from tests.sql.tables import Tables
from tests.unit.comparisons import DOCUMENT

TREATED, EVERYBODY = range(1, 13), range(1, 43)


def lake_of(tables: Tables, folder: Path, through: str | None = "2026-01-01") -> Lake:
    """Everybody was in jail in February 2023; the treated were housed on 2023-03-01 and never went back."""
    everybody = "\n".join(f"{100 + person} | {person}" for person in EVERYBODY)
    stays = [f"a{person} | {person} | 2023-02-01 | 2023-02-0{2 + person % 5}" for person in EVERYBODY]
    stays += [f"b{person} | {person} | 2023-08-01 | 2023-08-10" for person in EVERYBODY if person not in TREATED]
    tables.given("person_index.person_of_client", f"client_key | person_id\n{everybody}")
    clients = "\n".join(f"{100 + person} | 1983-01-01 | M" for person in EVERYBODY)
    tables.given("standard.clients", f"client_key | birth_on | sex_code\n{clients}")
    tables.given("episodes.persons", "person_id | is_linkable\n" + "\n".join(f"{one} | true" for one in EVERYBODY))
    placed = "\n".join(f"{person} | JIR | 2023-03-01" for person in TREATED)
    tables.given("episodes.placements", f"person_id | program_code | placed_on\n{placed}")
    tables.given("episodes.custody", "episode_id | person_id | started_on | ended_on\n" + "\n".join(stays))
    for empty in ("psychiatric_emergency", "inpatient", "homelessness", "partnership"):
        tables.given(f"episodes.{empty}")
    lake = Lake(folder / "lake")
    tables.connection.execute("create or replace table standard.data_through (data_through_on date)")
    tables.connection.execute("insert into standard.data_through values (?::date)", [through])
    for zone, table in INPUTS:
        lake.write(zone, table, tables.connection.sql(f"from {zone}.{table}"))
    return lake


def specification_in(folder: Path) -> Path:
    path = folder / "small.yaml"
    path.write_text(yaml.safe_dump(DOCUMENT), encoding="utf-8")
    return path


def test_a_lake_is_compared_from_its_episodes_to_tables_and_a_page(tables: Tables, tmp_path: Path) -> None:
    lake, out = lake_of(tables, tmp_path), tmp_path / "out"
    asked = ["compare", str(specification_in(tmp_path)), "--lake", str(lake.root), "--out", str(out), "--json"]
    answer = CliRunner().invoke(main, asked)
    assert answer.exit_code == 0, answer.output
    found = {row["method"]: row for row in json.loads(answer.output)["effects"]}
    # ten days of August for the untreated, none for the treated
    assert found["matched_difference"]["estimate"] == pytest.approx(-10)
    assert found["pre_post"]["causal_strength"] == "descriptive"
    assert found["pre_post"]["estimate"] < 0
    assert "Jail days" in (out / "comparison.html").read_text(encoding="utf-8")
    assert "person_id" not in pl.read_parquet_schema(out / "cohort.parquet")


def test_the_same_lake_gives_the_same_comparison(tables: Tables, tmp_path: Path) -> None:
    lake, specification = lake_of(tables, tmp_path), read_specification(specification_in(tmp_path))
    one, other = compare(lake, specification), compare(lake, specification)
    assert one.cohort.equals(other.cohort)
    assert one.effects.equals(other.effects)


def test_a_lake_without_data_is_refused(tables: Tables, tmp_path: Path) -> None:
    lake = lake_of(tables, tmp_path, through=None)
    with pytest.raises(LakeError, match="no agency has delivered"):
        compare(lake, read_specification(specification_in(tmp_path)))
