"""`python -m benchmarks.flicker --people N --nights 30`: how often persons change from night to night without a reason.

Runs standardise, link and the person index for every night of a synthetic county, each as of its date, and compares the
nights. A reason is a client that is new, gone, or described otherwise than the night before, in one of the persons that
a change touches; what changes without one is flicker, and so is what changes and changes back.
"""

from __future__ import annotations

import shutil
import time
from datetime import date
from pathlib import Path

import click
import duckdb

from linkage_rules.bundle import shipped_bundle
from pipelines import ingest, link, person_index, sql, standardise, validate
from pipelines.lake import Lake
from schemas.data_contract import load_contracts
from synthetic.county import generate

SEED = 7

HERE = "benchmarks"

COUNTS = (
    ("persons", "persons, mean over the nights"),
    ("new_clients", "clients new"),
    ("gone_clients", "clients gone"),
    ("described_otherwise", "clients described otherwise than the night before"),
    ("renamed_persons", "persons with a known client that changed its person"),
    ("changed_persons", "persons that known clients joined or left"),
    ("changed_without_reason", "… of them without a new, gone or re-described client"),
    ("merges", "merges"),
    ("splits", "splits"),
)


@click.command()
@click.option("--people", default=2_000, show_default=True, type=click.IntRange(1), help="People in the county.")
@click.option("--nights", default=30, show_default=True, type=click.IntRange(2), help="Nights of deliveries.")
@click.option("--out", default="build/flicker", type=click.Path(path_type=Path), help="Where county and lake are made.")
def main(people: int, nights: int, out: Path) -> None:
    """Print how often persons changed, by reason, over the nights of a synthetic county."""
    shutil.rmtree(out, ignore_errors=True)
    county = generate(out, people=people, seed=SEED, days=nights)
    with sql.connect(places=[out]) as connection:
        began = time.monotonic()
        run_nights(connection, Lake(out / "lake"), county.landing, county.as_of_dates)
        print(f"{people:,} people, {nights} nights, run in {time.monotonic() - began:.0f} s")
        report(connection)


def run_nights(connection: duckdb.DuckDBPyConnection, lake: Lake, landing: Path, as_of_dates: list[str]) -> None:
    """Link every night as of its date; keeps, in seen.clients, who was which person and how each was described."""
    contracts, bundle = load_contracts(), shipped_bundle()
    ingest.take_deliveries(lake, landing, contracts)
    validate.validate_deliveries(lake, contracts)
    connection.execute("create schema seen")
    connection.execute("create table seen.clients (night int, client_key bigint, person_id bigint, described ubigint)")
    connection.execute("create table seen.events (night int, event_code varchar, events bigint)")
    for night, as_of in enumerate(as_of_dates):
        standardise.standardise(lake, contracts, date.fromisoformat(as_of))
        link.link(lake, bundle)
        found = person_index.update(lake, date.fromisoformat(as_of), {"deliveries": as_of, "model": bundle.sha256})
        keep_night(connection, lake, night)
        for code, events in found.events.items() if night else ():
            connection.execute("insert into seen.events values (?, ?, ?)", [night, code, events])


def keep_night(connection: duckdb.DuckDBPyConnection, lake: Lake, night: int) -> None:
    """Add a night to seen.clients: every client with its person, and a hash of its identities."""
    sql.open_views(connection, lake, [("person_index", "person_of_client"), ("standard", "identities")])
    connection.execute(
        "insert into seen.clients select $night, p.client_key, p.person_id, "
        "coalesce(hash(list(i.identity_id order by i.identity_id)), 0) "
        "from person_index.person_of_client as p left join standard.identities as i using (client_key) group by all",
        {"night": night},
    )


def report(connection: duckdb.DuckDBPyConnection) -> None:
    """Print the counts over all steps from one night to the next, and the changes that were taken back."""
    counts, flips = (_row(connection, sql.text(HERE, name)) for name in ("flicker_counts", "flicker_backs"))
    for name, words in COUNTS:
        print(f"{words:<66}{counts[name]:>10,}")
    share = counts["changed_without_reason"] / max(1, counts["steps"] * counts["persons"])
    print(f"{'share of persons changed without a reason, a night':<66}{share:>10.4%}")
    print(f"{'pairs of clients that were ever together':<66}{flips['pairs']:>10,}")
    print(f"{'… of them together, apart and together again':<66}{flips['back_together']:>10,}")
    print(f"{'… of them apart, together and apart again':<66}{flips['apart_again']:>10,}")


def _row(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, int]:
    """The one row of a query, by column."""
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description or []]
    (row,) = cursor.fetchall()
    return dict(zip(names, row, strict=True))


if __name__ == "__main__":
    main()
