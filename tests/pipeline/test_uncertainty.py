"""Results on other linkages come to what the stages themselves make of such an index."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines import episodes, outcomes, sql
from pipelines.kept_results import FOLDER
from pipelines.lake import Lake
from pipelines.outcomes import load_measures
from pipelines.uncertainty import measure_uncertainty
from pipelines.uncertainty.partitions import moved
from pipelines.uncertainty.placing import read_linkage
from pipelines.uncertainty.rules import Rules, load_rules
from pipelines.uncertainty.worlds import open_county, world_cells
from schemas.uncertainty import UNCERTAINTY_TABLES
from tests.pipeline.counties import Place

HARD = Rules(strict_bits=25, loose_bits=-10, draws=4, seed=7, settled_weight=40)
"""Far enough to part and join people even in a small county."""


@pytest.fixture(scope="module")
def place(at_once: Place, tmp_path_factory: pytest.TempPathFactory) -> Place:
    found = at_once.copy(tmp_path_factory.mktemp("uncertain") / "place")
    report = measure_uncertainty(found.lake, rules=HARD)
    assert report.touched_cells > 0
    return found


def test_a_world_cut_as_the_county_is_changes_nothing(at_once: Place) -> None:
    assert changes_in_worlds_like_the_county(at_once.lake) == 0


def test_enrolments_on_the_same_days_come_in_the_same_order_in_every_world(at_once: Place, tmp_path: Path) -> None:
    lake = at_once.copy(tmp_path / "ties").lake
    path = sql.literal(str(lake.path("standard", "homeless_enrollments")))
    with duckdb.connect() as connection:  # each enrolment once more, on the same days in a project of the other kind
        twins = connection.sql(
            f"from read_parquet({path}) union all select * replace (enrollment_id || 'twin' as enrollment_id, "
            "if(project_type_code in (0, 1), 4, 1) as project_type_code, 'other' as project_id) "
            f"from read_parquet({path}) order by enrollment_id"
        ).to_arrow_table()
    lake.write_arrow("standard", "homeless_enrollments", twins)
    episodes.build(lake)
    outcomes.measure(lake)
    assert changes_in_worlds_like_the_county(lake) == 0


def changes_in_worlds_like_the_county(lake: Lake) -> int:
    """How many sums of cells differ in two worlds that have the county's own persons."""
    with sql.connect(lake.spill) as connection:
        clusters = sql.literal(str(lake.path("linked", "clusters")))
        placed = connection.sql(
            "select w::integer as world, client_key, cluster_id as cluster_key "
            f"from read_parquet({clusters}), range(2) as worlds (w)"
        ).to_arrow_table()
        open_county(connection, lake)
        return world_cells(connection, lake, load_measures(), placed).num_rows


def test_the_linkage_as_it_is_makes_the_clusters_of_the_run(at_once: Place) -> None:
    linkage = read_linkage(at_once.lake)
    found = dict(zip(linkage.keys.tolist(), linkage.keys[moved(linkage, 0.0)].tolist(), strict=True))
    clusters = dict(at_once.query("select client_key, cluster_id from linked.clusters"))
    assert found == {key: clusters[key] for key in found}
    assert all(clusters[key] == key for key in clusters.keys() - found.keys())


def test_strict_results_are_those_of_a_lake_with_the_strict_index(place: Place, tmp_path: Path) -> None:
    other = place.copy(tmp_path / "strict")
    linkage = read_linkage(other.lake)
    strict = linkage.keys[moved(linkage, HARD.strict_bits)]
    cut = pa.table({"client_key": linkage.keys, "cluster_key": strict})
    index = sql.literal(str(other.lake.path("person_index", "person_of_client")))
    with duckdb.connect() as connection:
        connection.register("cut", cut)
        persons = connection.sql(
            "select p.* replace (dense_rank() over (order by coalesce(c.cluster_key, p.client_key)) as person_id) "
            f"from read_parquet({index}) as p left join cut as c using (client_key) order by client_key"
        ).to_arrow_table()
    other.lake.write_arrow("person_index", "person_of_client", persons)
    episodes.build(other.lake)
    outcomes.measure(other.lake)
    keys = "measure_id, cut_code, cut_value, period"
    anew = other.query(
        f"select {keys}, n, numerator, round(estimate, 9) from outcomes.measure_results "
        "where cut_code in ('all', 'program', 'provider') and n > 0 order by all"
    )
    ours = place.query(
        f"select {keys}, n, numerator, round(estimate, 9) from outcomes.measure_by_threshold "
        "where scenario_code = 'strict' and n > 0 order by all"
    )
    assert ours == anew
    assert ours != place.query(
        f"select {keys}, n, numerator, round(estimate, 9) from outcomes.measure_by_threshold "
        "where scenario_code = 'base' and n > 0 order by all"
    )


def test_base_results_and_naive_intervals_are_those_that_are_published(place: Place) -> None:
    keys = "measure_id, cut_code, cut_value, period"
    published = place.query(
        f"select {keys}, n, estimate, lower, upper from outcomes.measure_results "
        "where cut_code in ('all', 'program', 'provider') order by all"
    )
    assert place.query(f"select {keys}, n, estimate, lower, upper from outcomes.measure_uncertainty order by all") == (
        published
    )
    assert place.query(
        f"select {keys}, n, estimate from outcomes.measure_by_threshold "
        "where scenario_code = 'base' and n > 0 order by all"
    ) == [row[:6] for row in published if row[4] > 0]


def test_an_interval_with_link_error_is_never_narrower_where_nothing_is_corrected(place: Place) -> None:
    assert place.query(
        "select count(*) from outcomes.measure_uncertainty where estimate_corrected = estimate "
        "and (lower_total > lower + 1e-9 or upper_total < upper - 1e-9)"
    ) == [(0,)]
    ((with_link_error,),) = place.query("select count(*) from outcomes.measure_uncertainty where link_error > 0")
    assert with_link_error > 0


@pytest.mark.parametrize("table", UNCERTAINTY_TABLES)
def test_the_tables_are_what_their_schemas_say(place: Place, table: str) -> None:
    with duckdb.connect() as connection:
        path = place.lake.path("outcomes", table)
        UNCERTAINTY_TABLES[table].validate(connection.sql(f"from '{path}'").pl())


def test_a_second_run_writes_the_same_bytes(place: Place) -> None:
    paths = [place.lake.path("outcomes", table) for table in UNCERTAINTY_TABLES]
    before = [path.read_bytes() for path in paths]
    measure_uncertainty(place.lake, rules=HARD)
    assert [path.read_bytes() for path in paths] == before


def test_the_shipped_rules_have_strict_above_and_loose_below() -> None:
    rules = load_rules()
    assert rules.loose_bits < 0 < rules.strict_bits


def test_a_night_that_finds_results_again_comes_to_what_one_without_them_does(place: Place, tmp_path: Path) -> None:
    known = place.copy(tmp_path / "known")
    without(known.lake, "episodes", "custody", "person_id % 23 = 0")
    without(known.lake, "linked", "links", "client_key_l % 7 = 0")
    bare = known.copy(tmp_path / "bare")
    shutil.rmtree(bare.lake.root / "outcomes" / FOLDER)
    before = kept(known.lake)
    for one in (known, bare):
        outcomes.measure(one.lake)
        measure_uncertainty(one.lake, rules=HARD)
    for path in sorted((known.lake.root / "outcomes").glob("*.parquet")):
        assert pq.read_table(path).equals(pq.read_table(bare.lake.root / "outcomes" / path.name)), path.name
    after = kept(known.lake)
    assert after == kept(bare.lake)
    assert before.keys() == after.keys() == {"resampled", "corrected"}
    assert all(after[name] & before[name] for name in after)
    assert all(after[name] - before[name] for name in after)
    assert all(before[name] - after[name] for name in after)


def without(lake: Lake, zone: str, table: str, gone: str) -> None:
    """Take rows out of a table."""
    with sql.connect(lake.spill) as connection:
        sql.open_views(connection, lake, [(zone, table)])
        lake.write_arrow(zone, table, connection.sql(f"from {zone}.{table} where not ({gone})").to_arrow_table())


def kept(lake: Lake) -> dict[str, set[bytes]]:
    """The hashes under which results are kept, by function."""
    return {
        path.stem: set(pq.read_table(path)["input_hash"].to_pylist())
        for path in (lake.root / "outcomes" / FOLDER).iterdir()
    }
