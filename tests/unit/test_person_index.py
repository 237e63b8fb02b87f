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
from pipelines.person_index import index_as_of, replay, resolve, update
from pipelines.person_index.update import latest_version

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


def test_before_anybody_came_index_and_ledger_are_there_without_rows(lake: Lake) -> None:
    assert night(lake, []) == {}
    assert told(lake) == []
    assert latest_version(lake) == 0
    empty = duckdb.read_parquet(str(lake.path("person_index", "ledger")))
    night(lake, [{1}])
    assert empty.columns == duckdb.read_parquet(str(lake.path("person_index", "ledger"))).columns


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


def as_of(lake: Lake, version: int) -> dict[str, tuple[int, int | None]]:
    """Client id → (person then, person now)."""
    with sql.connect(lake.spill) as connection:
        rows = index_as_of(connection, lake, version).fetchall()
    return {client: (then, now) for _, client, then, now in rows}


def test_the_index_as_of_a_past_version_says_who_the_person_is_now(lake: Lake) -> None:
    night(lake, [{1}, {2, 3}, {4}])
    night(lake, [{1, 2, 3}])
    assert as_of(lake, 1) == {"c1": (1, 2), "c2": (2, 2), "c3": (2, 2), "c4": (3, None)}
    assert as_of(lake, 2) == {"c1": (2, 2), "c2": (2, 2), "c3": (2, 2)}


def test_a_person_merged_twice_is_the_last_survivor(lake: Lake) -> None:
    night(lake, [{1}, {2, 3}, {4, 5, 6, 7}])
    night(lake, [{1, 2, 3}, {4, 5, 6, 7}])
    night(lake, [{1, 2, 3, 4, 5, 6, 7}])
    assert as_of(lake, 1)["c1"] == (1, 3)


def test_a_version_that_was_never_written_is_refused(lake: Lake) -> None:
    night(lake, [{1}])
    with pytest.raises(LakeError, match="its versions are 1 to 1"):
        as_of(lake, 2)


def test_a_ledger_that_does_not_replay_to_its_version_is_refused(lake: Lake) -> None:
    night(lake, [{1}, {2}])
    path = lake.zone("person_index") / "versions" / "000001" / "ledger.parquet"
    duckdb.execute(f"copy (from '{path}' where client_key is distinct from 2) to '{path}.new' (format parquet)")
    Path(f"{path}.new").replace(path)
    with pytest.raises(LakeError, match="1 clients differ"):
        as_of(lake, 1)


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
            numbers = [number for (number,) in duckdb.sql(f"select event_number from {ledger}").fetchall()]
            assert numbers == list(range(1, len(numbers) + 1)), "events stand in the order in which they are told"
    created = [event[1] for event in told(lake) if event[0] == "created"] if lake.has("person_index", "ledger") else []
    assert len(created) == len(set(created))


causes = st.sampled_from(("deliveries", "model", "decisions"))


@settings(max_examples=15, deadline=None)
@given(history=st.lists(st.tuples(partitions, causes), min_size=2, max_size=6))
def test_every_past_version_replays_whatever_changed_the_clusters(
    tmp_path_factory: pytest.TempPathFactory, history: list[tuple[list[set[int]], str]]
) -> None:
    """Merges, splits, clients that leave and come back, for any cause: no id has two lives, every version replays."""
    lake = Lake(tmp_path_factory.mktemp("lake"))
    inputs = dict.fromkeys(("deliveries", "model", "decisions"), "0")
    indexes: dict[int, dict[int, int]] = {}
    for number, (clusters, cause) in enumerate(history, start=1):
        inputs[cause] = str(number)
        index = night(lake, clusters, **inputs)
        indexes[latest_version(lake)] = index
    for version, index in indexes.items():
        if version:
            assert {client: then for client, (then, _) in as_of(lake, version).items()} == {
                f"c{client}": person for client, person in index.items()
            }
    assert_no_id_has_two_lives(lake)


def assert_no_id_has_two_lives(lake: Lake) -> None:
    """An id is created once, and once it is merged or retired no client joins it again."""
    if not latest_version(lake):
        return
    ended: set[int] = set()
    created: set[int] = set()
    version = 0
    path = str(lake.path("person_index", "ledger"))
    query = "select version_number, event_code, person_id, cause from read_parquet($p) order by event_number"
    for number, event, person, cause in duckdb.execute(query, {"p": path}).fetchall():
        assert number >= version
        version = number
        assert cause == "first_index" if number == 1 else set(cause.split("+")) <= {"deliveries", "model", "decisions"}
        if event == "created":
            assert person not in created
            created.add(person)
        if event == "client_joined":
            assert person in created - ended
        if event in ("merged", "retired"):
            ended.add(person)
