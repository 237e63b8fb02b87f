"""What the Dagster UI shows of each asset after a night: columns, lineage, counts, plots, pages."""

from __future__ import annotations

import base64
import re
import shutil
from collections.abc import Iterator
from itertools import pairwise

import dagster as dg
import pytest
from dagster._core.definitions.metadata import normalize_metadata

from pipelines.commands.dagster_home import instance_at
from pipelines.definitions import defs
from pipelines.defs import calendar, plots
from pipelines.defs.past_days import KEY as PAST_DAY
from pipelines.defs.pictures import HEADLINES
from tests.pipeline.counties import Place

BY_THE_CALENDAR = {dg.AssetKey(PAST_DAY), *calendar.keys()}
TABLE_ZONES = ("validated", "standard", "linked", "person_index", "episodes", "outcomes", "contracts", "published")
NO_TABLES = {"published/release"}
TRACE = ("_delivery_id", "_line_number")

Shown = dict[dg.AssetKey, dict[str, dg.MetadataValue]]


@pytest.fixture(scope="module")
def shown(nightly: Place, tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """The metadata of every asset: of its definition, and of the last night."""
    location, home = defs(), tmp_path_factory.mktemp("home") / "dagster"
    shutil.copytree(nightly.lake.root / "dagster", home)
    with instance_at(home) as instance:
        found = {}
        for spec in location.resolve_all_asset_specs():
            event = instance.get_latest_materialization_event(spec.key)
            made = event.asset_materialization.metadata if event and event.asset_materialization else {}
            found[spec.key] = {**normalize_metadata(spec.metadata), **made}
        return found


def tables(shown: Shown) -> Iterator[tuple[str, dict[str, dg.MetadataValue]]]:
    for key, metadata in shown.items():
        name = key.to_user_string()
        if name.partition("/")[0] in TABLE_ZONES and name not in NO_TABLES:
            yield name, metadata


def columns_of(metadata: dict[str, dg.MetadataValue]) -> list[str]:
    return [one.name for one in metadata["dagster/column_schema"].schema.columns]


def lineage_of(metadata: dict[str, dg.MetadataValue]) -> dict[str, list[tuple[str, str]]]:
    """Column → tables and columns that it comes from."""
    deps = metadata["dagster/column_lineage"].column_lineage.deps_by_column
    return {name: [(one.asset_key.to_user_string(), one.column_name) for one in found] for name, found in deps.items()}


def test_every_asset_that_a_night_makes_tells_its_rows(shown: Shown) -> None:
    silent = [
        key.to_user_string()
        for key, metadata in shown.items()
        if key.path[0] != "deliveries" and key not in BY_THE_CALENDAR and "dagster/row_count" not in metadata
    ]
    assert silent == []


def test_every_asset_leads_to_a_page(shown: Shown) -> None:
    assert [key.to_user_string() for key, metadata in shown.items() if "report" not in metadata] == []


def test_every_table_tells_its_columns_and_where_each_comes_from(shown: Shown) -> None:
    for name, metadata in tables(shown):
        assert columns_of(metadata), name
        assert set(lineage_of(metadata)) == set(columns_of(metadata)), name


def test_what_lineage_names_is_there(shown: Shown) -> None:
    known = {name: {*columns_of(metadata), *TRACE} for name, metadata in tables(shown)}
    astray = {
        f"{name}.{column} ← {table}.{source}"
        for name, metadata in tables(shown)
        for column, deps in lineage_of(metadata).items()
        for table, source in deps
        if table in known and source not in known[table]
    }
    assert astray == set()


def test_a_published_column_leads_back_to_what_an_agency_sent(shown: Shown) -> None:
    lineage = {key.to_user_string(): lineage_of(one) for key, one in shown.items() if "dagster/column_lineage" in one}
    seen: set[tuple[str, str]] = set()
    waiting = [("published/person_measures", "numerator")]
    while waiting:
        table, column = waiting.pop()
        new = [place for place in lineage.get(table, {}).get(column, ()) if place not in seen]
        seen.update(new)
        waiting += new
    assert ("validated/sheriff_booking", "booked_at") in seen
    assert ("validated/fhsp_tenancy", "moved_in_on") in seen
    assert ("raw/sheriff_booking", "booked_at") in seen


def test_tables_with_rows_show_how_full_their_columns_are(shown: Shown) -> None:
    without = [
        name
        for name, metadata in tables(shown)
        if not name.startswith("published/") and metadata["dagster/row_count"].value and "completeness" not in metadata
    ]
    assert without == []


def test_weights_sizes_and_outcomes_are_drawn(shown: Shown) -> None:
    assert {"links_by_weight", "clusters_by_size"} <= set(shown[dg.AssetKey(["person_index", "linkage_figures"])])
    assert set(HEADLINES.values()) <= set(shown[dg.AssetKey(["published", "measure_results"])])


def test_plots_are_small_images_that_say_their_content_in_words(shown: Shown) -> None:
    images = [
        value.value
        for metadata in shown.values()
        for value in metadata.values()
        if isinstance(value, dg.MarkdownMetadataValue)
    ]
    assert len(images) > 40
    for image in images:
        found = re.fullmatch(r"!\[(.+)\]\(data:image/svg\+xml;base64,(.+)\)", str(image))
        assert found, image
        assert base64.b64decode(found[2]).startswith(b"<svg ")
        assert len(str(image)) < 20_000


def test_a_plot_tells_no_count_of_a_few_people() -> None:
    drawn = str(plots.bars("x", [("a", plots.told(10)), ("b", plots.told(11)), ("c", plots.told(0))]).value)
    assert "a withheld, b 11, c 0" in drawn


def svg_of(plot: dg.MarkdownMetadataValue) -> str:
    found = re.search(r"base64,(.+)\)", str(plot.value))
    assert found
    return base64.b64decode(found[1]).decode()


def test_the_labels_of_quarters_do_not_run_into_each_other() -> None:
    quarters = [(f"{year}Q{quarter}", 1.0) for year in range(2021, 2027) for quarter in (1, 2, 3, 4)]
    places = [float(at) for at in re.findall(r'<text x="([0-9.]+)" y="122"', svg_of(plots.bars("x", quarters)))]
    assert len(places) > 3
    assert min(later - one for one, later in pairwise(places)) > 6 * plots.CHARACTER


def test_a_withheld_bar_is_not_drawn_as_none() -> None:
    drawn = svg_of(plots.bars("Visits", [("2026Q1", None), ("2026Q2", 0.0), ("2026Q3", 12.0)]))
    assert drawn.count(plots.WITHHELD) == 1
    assert "Visits (grey: withheld)" in drawn


def test_every_column_of_a_wide_table_has_its_line_with_its_name() -> None:
    columns = [(f"a_long_name_of_a_column_{place}", 0.5) for place in range(67)]
    plot = plots.lines("Filled", columns)
    assert all(f">{name}<" in svg_of(plot) for name, _ in columns)
    assert len(str(plot.value)) < 20_000


def test_no_key_of_a_plot_is_so_long_that_the_ui_writes_it_over_its_date(shown: Shown) -> None:
    keys = {key for one in shown.values() for key, value in one.items() if isinstance(value, dg.MarkdownMetadataValue)}
    assert max(map(len, keys)) < 30


def test_columns_that_are_carried_derived_and_counted_say_so(shown: Shown) -> None:
    schema = shown[dg.AssetKey(["episodes", "custody"])]["dagster/column_schema"].schema
    made = {one.name: one.tags["made"] for one in schema.columns}
    assert (made["is_felony"], made["started_on"], made["source_count"]) == ("carried", "derived", "made_here")
