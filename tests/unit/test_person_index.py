"""The person index on small literal clusters, and its promises under random histories."""

from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines import sql
from pipelines.errors import LakeError
from pipelines.lake import Lake
from pipelines.person_index import replay, resolve, update

AS_OF = date(2026, 11, 1)


def give_clusters(lake: Lake, clusters: list[set[int]]) -> None:
    """Write a lake in which the numbered clients of one agency stand in these clusters."""
    members = sorted((client, min(cluster)) for cluster in clusters for client in cluster)
    keys = [client for client, _ in members]
    lake.write_arrow(
        "linked",
        "clusters",
        pa.table(
            {"client_key": pa.array(keys, pa.int64()), "cluster_id": pa.array([c for _, c in members], pa.int64())}
        ),
    )
    lake.write_arrow(
        "standard",
        "clients",
        pa.table(
            {
                "client_key": pa.array(keys, pa.int64()),
                "agency": ["sheriff"] * len(keys),
                "client_id": [f"c{k}" for k in keys],
            },
            schema=pa.schema([("client_key", pa.int64()), ("agency", pa.string()), ("client_id", pa.string())]),
        ),
    )


def night(lake: Lake, clusters: list[set[int]], **inputs: str) -> dict[int, int]:
    """Run the stage once and return the person of each client."""
    give_clusters(lake, clusters)
    update(lake, AS_OF, inputs)
    return persons(lake)


def persons(lake: Lake) -> dict[int, int]:
    path = str(lake.path("person_index", "person_of_client"))
    return dict(duckdb.execute("select client_key, person_id from read_parquet($p)", {"p": path}).fetchall())


def told(lake: Lake) -> list[tuple[str, int, int | None, int | None]]:
    path = str(lake.path("person_index", "ledger"))
    query = "select event_code, person_id, other_person_id, client_key from read_parquet($p) order by event_number"
    return duckdb.execute(query, {"p": path}).fetchall()


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path)


def test_new_clusters_get_new_ids_in_order(lake: Lake) -> None:
    assert night(lake, [{1, 2}, {3}]) == {1: 1, 2: 1, 3: 2}


def test_a_night_without_change_writes_no_version(lake: Lake) -> None:
    night(lake, [{1, 2}, {3}])
    report = update(lake, AS_OF, {})
    assert report.version == 1
    assert report.events == {}


def test_a_client_that_joins_takes_the_id_of_its_cluster(lake: Lake) -> None:
    night(lake, [{1, 2}, {3}])
    assert night(lake, [{1, 2, 4}, {3}]) == {1: 1, 2: 1, 4: 1, 3: 2}


def test_when_persons_merge_the_larger_survives_and_the_other_resolves_to_it(lake: Lake) -> None:
    night(lake, [{1}, {2, 3}])
    assert set(night(lake, [{1, 2, 3}]).values()) == {2}
    assert ("merged", 1, 2, None) in told(lake)
    ledger = f"read_parquet({sql.literal(str(lake.path('person_index', 'ledger')))})"
    assert resolve(duckdb.connect(), ledger).fetchall() == [(1, 2)]


def test_when_a_person_splits_the_id_stays_with_the_larger_part(lake: Lake) -> None:
    night(lake, [{1, 2, 3}])
    assert night(lake, [{1}, {2, 3}]) == {1: 2, 2: 1, 3: 1}
    assert ("split", 1, 2, None) in told(lake)


def test_an_id_is_never_used_again_after_its_person_is_gone(lake: Lake) -> None:
    night(lake, [{1}, {2}])
    night(lake, [{1}])
    assert ("retired", 2, None, None) in told(lake)
    assert night(lake, [{1}, {2}]) == {1: 1, 2: 3}


def test_a_person_merged_and_split_again_gets_a_new_id_for_the_part(lake: Lake) -> None:
    night(lake, [{1}, {2}])
    night(lake, [{1, 2}])
    assert night(lake, [{1}, {2}]) == {1: 1, 2: 3}


def test_the_cause_names_the_inputs_that_changed(lake: Lake) -> None:
    night(lake, [{1}, {2}], model="a", deliveries="x")
    night(lake, [{1, 2}], model="b", deliveries="x")
    path = str(lake.path("person_index", "ledger"))
    causes = duckdb.execute(
        "select distinct version_number, cause from read_parquet($p) order by 1", {"p": path}
    ).fetchall()
    assert causes == [(1, "first_index"), (2, "model")]


def test_a_client_without_a_cluster_stops_the_stage(lake: Lake) -> None:
    give_clusters(lake, [{1}, {2}])
    lake.write_arrow(
        "linked",
        "clusters",
        pa.table({"client_key": pa.array([1], pa.int64()), "cluster_id": pa.array([1], pa.int64())}),
    )
    with pytest.raises(LakeError, match="1 astray"):
        update(lake, AS_OF, {})


partitions = st.lists(st.integers(0, 4), min_size=0, max_size=9).map(
    lambda labels: [{n + 1 for n, label in enumerate(labels) if label == wanted} for wanted in sorted({*labels})]
)


@settings(max_examples=20, deadline=None)
@given(nights=st.lists(partitions, min_size=1, max_size=5))
def test_ids_name_the_clusters_and_the_ledger_replays_to_the_index(
    tmp_path_factory: pytest.TempPathFactory, nights: list[list[set[int]]]
) -> None:
    lake = Lake(tmp_path_factory.mktemp("lake"))
    for clusters in nights:
        index = night(lake, clusters)
        by_person: dict[int, set[int]] = {}
        for client, person in index.items():
            by_person.setdefault(person, set()).add(client)
        assert sorted(map(sorted, by_person.values())) == sorted(map(sorted, clusters))
        if lake.has("person_index", "ledger"):
            ledger = f"read_parquet({sql.literal(str(lake.path('person_index', 'ledger')))})"
            assert dict(replay(duckdb.connect(), ledger).fetchall()) == index
    created = [event[1] for event in told(lake) if event[0] == "created"] if lake.has("person_index", "ledger") else []
    assert len(created) == len(set(created))
