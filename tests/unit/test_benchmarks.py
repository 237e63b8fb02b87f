"""The arithmetic that the benchmarks' figures rest on; not the figures."""

import os
import sys
from pathlib import Path

import polars as pl
import pytest

from benchmarks import first_query, floor, nightly
from benchmarks.bare import Stopwatch
from benchmarks.linkage import __main__ as linkage_of_sets
from benchmarks.linkage import exact, labelled
from benchmarks.linkage.labelled import Budget
from benchmarks.processes import Step, StepError, StepTimeoutError, run_command
from benchmarks.scale import growth, steps, tables
from benchmarks.watching import STEP, Watched
from benchmarks.watching import Step as Stage
from pipelines.lake import Lake
from synthetic.person_records.writing import COLUMNS

KEY = ["source", "source_record_id"]


def write(folder: Path, rows: list[dict[str, str]]) -> Path:
    schema = {name: pl.Int64 if name == "event_year" else pl.String for name in COLUMNS}
    named = [{"source": "health", "source_record_id": str(place), **row} for place, row in enumerate(rows)]
    folder.mkdir(parents=True, exist_ok=True)
    pl.DataFrame([{name: row.get(name) for name in COLUMNS} for row in named], schema=schema).write_parquet(
        folder / "records.parquet"
    )
    return folder


def together(out: Path) -> list[list[str]]:
    persons = pl.read_parquet(out).group_by("person_id").agg(pl.col("source_record_id").sort())
    return sorted(persons["source_record_id"].to_list())


def test_exact_rules_join_records_of_one_ssn_only_where_a_name_or_the_birth_date_confirms_it(tmp_path: Path) -> None:
    rows = [
        {"ssn": "123-45-6789", "first_name": "Ana", "last_name": "Ruiz", "dob": "01/02/1980"},
        {"ssn": "123-45-6789", "first_name": "ANA", "last_name": "Soto"},
        {"ssn": "123-45-6789", "first_name": "Bo", "last_name": "Lund", "dob": "03/04/1990"},
        {"ssn": "XXX-XX-6789", "first_name": "Bo", "last_name": "Lund", "dob": "03/04/1990"},
        {"ssn": "XXX-XX-6789", "first_name": "Cy"},
    ]
    exact.main(write(tmp_path, rows), tmp_path / "persons.parquet")
    assert together(tmp_path / "persons.parquet") == [["0", "1"], ["2", "3"], ["4"]]


def test_exact_rules_join_records_by_way_of_others(tmp_path: Path) -> None:
    rows = [
        {"ssn": "123-45-6789", "first_name": "Ana", "last_name": "Ruiz"},
        {"ssn": "123-45-6789", "first_name": "Ana", "last_name": "Soto", "dob": "01/02/1980"},
        {"first_name": "Ana", "last_name": "Soto", "dob": "01/02/1980"},
    ]
    exact.main(write(tmp_path, rows), tmp_path / "persons.parquet")
    assert together(tmp_path / "persons.parquet") == [["0", "1", "2"]]


def test_dedupe_is_given_whole_persons_of_a_large_set_and_all_of_a_small_one(tmp_path: Path) -> None:
    folder = write(tmp_path / "set", [{"first_name": "Ana"}] * 9)
    truth = pl.DataFrame(
        {"source": ["health"] * 9, "source_record_id": list("012345678"), "person_id": list("aaabbbccc")}
    )
    truth.write_parquet(folder / "truth.parquet")
    (tmp_path / "part").mkdir()
    assert labelled.part_of(folder, 9, tmp_path / "part") == folder
    part = labelled.part_of(folder, 7, tmp_path / "part")
    chosen = pl.read_parquet(part / "truth.parquet")
    assert sorted(chosen["person_id"].value_counts()["count"].to_list()) == [3, 3]
    assert set(pl.read_parquet(part / "records.parquet")["source_record_id"]) == set(chosen["source_record_id"])


def test_what_a_set_leaves_of_its_time_is_for_the_sets_after_it() -> None:
    budget = Budget(seconds=60.0, sets=3)
    assert budget.share() == 20.0
    budget.spend(10.0)
    assert budget.share() == 25.0
    budget.spend(60.0)
    assert budget.share() == 0.0


def test_a_method_that_takes_too_long_is_told_with_the_time_it_had(tmp_path: Path) -> None:
    def sleeps(data: Path, out: Path) -> Step:
        return run_command([sys.executable, "-c", "import time; time.sleep(60)"], 1)

    line = linkage_of_sets._measured("slow", sleeps, tmp_path, 1)
    assert (line.f1, line.text.split()) == ("> 1 s", ["slow", "not", "finished", "in", "1", "s"])


def test_the_last_table_tells_what_every_method_reached_on_every_set() -> None:
    told = {("ours", "a"): "0.9900", ("ours", "b"): "0.9000", ("exact rules", "b"): "> 9 s"}
    lines = [line.split() for line in linkage_of_sets.summary(told).splitlines()[2:]]
    assert lines == [["F1", "a", "b"], ["ours", "0.9900", "0.9000"], ["exact", "rules", "–", ">", "9", "s"]]


def test_a_step_tells_its_seconds_its_memory_and_its_last_line() -> None:
    # longer than a few looks at its memory, however busy the machine
    works = "import time; print('on the way'); time.sleep(1); print('{\"pairs\": 3}')"
    step = run_command([sys.executable, "-c", works])
    assert step.told == {"pairs": 3}
    assert step.seconds > 0
    assert 0 < step.peak_gib < 1


def test_a_step_that_fails_says_why() -> None:
    with pytest.raises(StepError, match="no such county"):
        run_command([sys.executable, "-c", "raise SystemExit('no such county')"])


def test_a_step_that_takes_too_long_is_stopped() -> None:
    with pytest.raises(StepTimeoutError, match="stopped after 1 s"):
        run_command([sys.executable, "-c", "import time; time.sleep(60)"], limit_seconds=1)


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("nights") / "made"
    tables.make_records(folder, 2_000)
    return folder


def test_a_night_brings_one_record_in_a_hundred(nights: Path) -> None:
    tonight, tomorrow = (pl.read_parquet(nights / f"{name}.parquet") for name in ("tonight", "tomorrow"))
    assert tonight.height == 2_000
    assert tomorrow.join(tonight, on=KEY, how="anti").height == 10
    assert tonight.join(tomorrow, on=KEY, how="anti").height == 2
    kept = tonight.join(tomorrow, on=KEY, suffix="_after")
    moved = kept.filter(~pl.col("address").eq_missing(pl.col("address_after")))
    assert 5 <= moved.height <= 8  # eight were chosen; one without an address may go on without
    others = [name for name in COLUMNS if name not in (*KEY, "address", "city", "zip")]
    assert kept.filter(
        pl.any_horizontal(~pl.col(name).eq_missing(pl.col(f"{name}_after")) for name in others)
    ).is_empty()


def test_sql_by_hand_finds_the_very_links_that_splink_finds(
    nights: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    tables.standardise(nights / "tonight.parquet", Lake(tmp_path))
    steps.limit(str(tmp_path))
    told = pl.Series([capfd.readouterr().out.splitlines()[-1]]).str.json_decode(
        pl.Struct({"links": pl.Int64, "splink_links": pl.Int64, "pairs": pl.Int64})
    )[0]
    assert told["links"] == told["splink_links"] > 1_000
    assert told["pairs"] > told["links"]


def test_a_stopwatch_says_each_step_as_it_ends_in_the_form_that_is_watched_for() -> None:
    said: list[str] = []
    watch = Stopwatch(said.append)
    assert watch.time("score", lambda: 7) == 7
    watched = STEP.match(said[0])
    assert watched is not None
    assert watched["step"] == "score"
    assert float(watched["seconds"]) == pytest.approx(watch.steps["score"], abs=0.1)
    assert watch.processor.keys() == {"score"}


def step(**told: object) -> Step:
    return Step(seconds=1.0, peak_gib=0.5, told=told)


def size(records: int, full_seconds: float) -> growth.Size:
    return growth.Size(
        records=records,
        standard=step(identities=records, standardise=1.0),
        full=step(link=full_seconds - 1, index=1.0, processor={"link": 14.0, "index": 2.0}),
        bare=step(
            prepare=9.0,
            block=2.0,
            score=5.0,
            cluster=3.0,
            processor={"prepare": 9.0, "block": 2.0, "score": 5.0, "cluster": 1.0},
        ),
        delta=step(link=0.5, index=0.5, processor={"link": 1.0, "index": 1.0}),
        limit=step(
            pairs=60 * records, identities=records, splink=2.0, by_hand=1.0, splink_links=7, links=7, pairs_by_rule={}
        ),
        differing=0,
    )


def test_ratios_are_told_with_whether_they_reach_their_aim() -> None:
    told = "\n".join(growth.lines(size(1_024, full_seconds=20.0)))
    assert "ours / bare: 2.00 (aim ≤ 1.5: missed)" in told
    assert "delta / full: 0.050 (aim ≤ 0.1: met)" in told
    assert "ours / bare 16.0 / 8.0 = 2.00, delta / full 2.0 / 16.0 = 0.125" in told
    assert "60.0 an identity (aim ≤ 50: missed)" in told
    assert "so 50% of the limit" in told
    assert "delta = full: 0 clients differ" in told


def test_a_cost_of_n_log_n_does_not_rise_in_the_growth_table() -> None:
    *_, last = growth.growth_lines([size(1_024, 10.0), size(4_096, 10.0 * 4 * 12 / 10)])
    assert last.split()[-1] == "1.00"


def test_a_made_up_release_answers_the_first_queries_of_an_evaluator(tmp_path: Path) -> None:
    first_query.make(tmp_path, 1_000)
    assert pl.read_parquet(tmp_path / "persons.parquet")["person_key"].n_unique() == 1_000
    asked = dict(first_query.queries())
    wall, cpu = first_query.timed(tmp_path, asked["README, query 3"])
    assert wall > 0
    assert cpu > 0


def test_the_floor_copies_every_table_of_a_zone_and_of_releases_and_versions_the_newest_only(tmp_path: Path) -> None:
    made = ["person_of_client", "versions/000001/ledger", "versions/000002/ledger", "outcomes/releases/a/persons"]
    for place, name in enumerate(made):
        path = tmp_path / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        os.utime(path.parent, (place, place))
    found = [str(path.relative_to(tmp_path)) for path in floor.tables_of(tmp_path)]
    assert found == [
        "outcomes/releases/a/persons.parquet",
        "person_of_client.parquet",
        "versions/000002/ledger.parquet",
    ]


def test_the_floor_reads_delivered_files_and_copies_tables(tmp_path: Path) -> None:
    delivery = tmp_path / "landing" / "health" / "2026-11-01"
    delivery.mkdir(parents=True)
    (delivery / "patient.csv").write_text('patient_id,note\n1,"a, b"\n2,\n', encoding="utf-8")
    (tmp_path / "lake" / "standard").mkdir(parents=True)
    pl.DataFrame({"client_id": ["1"]}).write_parquet(tmp_path / "lake" / "standard" / "clients.parquet")
    told: list[str] = []
    steps = floor.measure(tmp_path / "landing", tmp_path / "lake", told.append)
    assert list(steps) == ["read files", *(f"copy {zone}" for zone in floor.STAGES)]
    assert all(STEP.match(line) for line in told)


def test_a_night_is_compared_with_both_bare_engines_and_with_the_night_before() -> None:
    def ran(seconds: float, peak: float, **steps: float) -> Watched:
        return Watched(
            [Stage(name.replace("_", " "), s, 0, peak) for name, s in steps.items()],
            seconds,
            peak,
            processor_seconds=seconds / 2,
        )

    nights = nightly.Nights(
        county=ran(1, 1),
        full=ran(100, 2.0, link=30, linkage_quality=5),
        changes=ran(25, 3.0, link=4),
        splink=ran(9, 1, prepare=2, block=3, score=4, cluster=1),
        duckdb=ran(12, 1, read_files=10, copy_standard=2),
    )
    assert nightly.comparisons(nights) == [
        "night / bare Splink + bare DuckDB: 100.0 / 20.0 = 5.00",
        "link stage / bare Splink: 30.0 / 8.0 = 3.75",
        "night of changes / full night: 25.0 / 100.0 = 0.25 (aim: 0.1)",
        "… in processor seconds: 12.5 / 50.0 = 0.25",
        "full night 1.7 min (aim at 5,000,000 clients: 15); 3.0 GiB (aim: 12)",
    ]
