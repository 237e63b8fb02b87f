"""How long an evaluator of a large county waits for the first answer: `python -m benchmarks.first_query`.

A release of that size is made up, column by column, with the types, codecs and order of a real one; no linkage takes
part. Each query runs in a process of its own, so that DuckDB is started and nothing is remembered; the files' pages are
dropped from the cache first where the system lets us (else the figure is that of a warm cache, and is marked so).
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click
import duckdb
import pyarrow.parquet as pq

from pipelines.publish.companions import query_texts
from pipelines.publish.dictionary import example
from pipelines.publish.published_contracts import load_published_contracts

MEASURES, PROVIDERS, QUARTERS = 59, 196, 24
ROWS_A_PERSON = 2
"""Person-measure rows for each person of the county: members and housed people have dozens, most people none."""

PERSONS = """
    select md5(range::varchar) as person_key, 1936 + range % 80 as birth_year, range % 80 = 0 as is_90_or_older,
        if(range % 2 = 0, 'F', 'M') as sex_code, 'unknown' as race_ethnicity_code, 'health,sheriff' as agencies,
        1 + range % 4 as clients, true as is_linkable
    from range($persons) order by person_key
"""
PERSON_MEASURES = f"""
    select 'psychiatric_emergency_visits_per_1000_member_months' as measure_id, '1.0.0' as definition_version,
        md5((range % $persons)::varchar) as person_key, 'P' || range % {PROVIDERS} as provider_id,
        'FSP' as program_code, '202' || range % 6 || 'Q' || 1 + range % 4 as period,
        date '2020-01-01' + (range % 2000)::integer as index_on, null::date as window_end_on,
        ['met', 'not_met', 'immature'][1 + range % 3] as status_code, (range % 3)::double as numerator,
        3.0 as person_time, null::varchar as flags
    from range({ROWS_A_PERSON} * $persons) order by measure_id, person_key
"""
MEASURE_RESULTS = f"""
    select 'measure_' || m as measure_id, '1.0.0' as definition_version, 'A measure' as title, 'proportion' as kind,
        'provider' as cut_code, 'P' || p as cut_value, q::varchar as period, 100 as n, 50.0 as numerator,
        0.5 as estimate, 0.4 as lower, 0.6 as upper
    from range({MEASURES}) as a (m), range({PROVIDERS}) as b (p), range({QUARTERS}) as c (q)
    order by measure_id, cut_value, period
"""
PROVIDER_ROWS = f"""
    select 'P' || range as provider_id, 'Clinic ' || range as provider_name, 'SPA1' as service_area_code
    from range({PROVIDERS})
"""
MADE = {
    "persons": PERSONS,
    "person_measures": PERSON_MEASURES,
    "measure_results": MEASURE_RESULTS,
    "providers": PROVIDER_ROWS,
}


@click.command()
@click.option("--persons", default=5_000_000, show_default=True, type=click.IntRange(1))
@click.option("--out", default="build/first_query", type=click.Path(path_type=Path), help="Where the tables are made.")
def main(persons: int, out: Path) -> None:
    """Print seconds from the start of a process to the answer of its first query."""
    make(out, persons)
    size = sum(path.stat().st_size for path in out.glob("*.parquet")) / 2**20
    print(f"{persons:,} persons, {size:,.0f} MiB of Parquet; load {os.getloadavg()[0]:.1f}")
    for name, query in queries():
        cold = drop_from_cache(out)
        wall, cpu = timed(out, query)
        print(f"{wall:7.2f} s{cpu:7.2f} processor s  {name}{'' if cold else ' (warm cache)'}", flush=True)


def make(out: Path, persons: int) -> None:
    """Write the tables as a release has them."""
    out.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(config={"temp_directory": str(out / "spill"), "memory_limit": "6GB"}) as connection:
        for name, query in MADE.items():
            params = {"persons": persons} if "$persons" in query else None
            reader = connection.execute(query, params).to_arrow_reader(1 << 20)
            with pq.ParquetWriter(
                out / f"{name}.parquet", reader.schema, compression="zstd", write_page_checksum=True,
                data_page_version="1.0", version="2.6",
            ) as writer:  # fmt: skip
                for batch in reader:
                    writer.write_batch(batch)


def queries() -> Iterator[tuple[str, str]]:
    """What an evaluator asks first: the README's queries, a count, a look at a table."""
    for number, text in enumerate(query_texts(), start=1):
        yield f"README, query {number}", text
    contracts = load_published_contracts()
    for name in ("persons", "person_measures", "measure_results"):
        yield f"dictionary, {name}", example(contracts[name])
    yield "persons by birth year", "select birth_year, count(*) from 'persons.parquet' group by all order by all"


def timed(folder: Path, query: str) -> tuple[float, float]:
    """Seconds by the clock, and of the processor, of a process that starts DuckDB and asks one thing."""
    before, began = os.times(), time.monotonic()
    code = f"import duckdb; duckdb.sql({query!r}).fetchall()"
    subprocess.run([sys.executable, "-c", code], cwd=folder, check=True)
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return time.monotonic() - began, used


def drop_from_cache(folder: Path) -> bool:
    """Ask the system to forget the pages of the files; returns whether it could be asked."""
    if not hasattr(os, "posix_fadvise"):
        return False
    for path in folder.glob("*.parquet"):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)
    return True


if __name__ == "__main__":
    main()
