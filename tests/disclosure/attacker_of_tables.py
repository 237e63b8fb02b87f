"""The attacker of `attacker.py` with every aggregate table of every release, and all that hangs together among them.

Again written down from `docs/disclosure.md` and what anybody knows (nobody is more persons than clients), and not from
the rules that disclosure control reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from tests.disclosure import attacker
from tests.disclosure.attacker import RETURNS, Attacker, Row, results_of

Rows = Sequence[Row]
Tables = Mapping[str, Rows]
Place = tuple[Any, ...]
Name = tuple[Place, str]
"""(where a count stands, which count it is); the same count in two tables has one name."""
Equation = dict[Name, float]

NUMBERS = {
    "contract_statements": ("persons", "lines", "quantity", "amount_usd"),
    "linkage_by_group": ("clients",),
    "linkage_figures": ("value",),
    "linkage_quality": ("clients", "unlinkable_clients", "persons", "persons_in_both"),
    "measure_results": attacker.COUNTS,
}
KEYS = {
    "contract_statements": ("contract_id", "clause_id", "unit", "period"),
    "linkage_figures": ("figure_code", "part_code"),
}
GOES_FIRST = {"contract_statements": "persons", "measure_results": "n"}
"""Where this count is withheld, all others of the row are, and may be zero."""
BANDS = ("spm_returns_to_homelessness", ("0_180", "181_365", "366_730"))


def read_tables(one: Attacker, releases: Sequence[Tables], days: Sequence[date]) -> Attacker:
    """Take in what each release says in all of its tables."""
    for release, (tables, day) in enumerate(zip(releases, days, strict=True)):
        for table, rows in tables.items():
            for row in rows:
                _note(one, release, table, row, is_of_day=row["told_as_of_on"] == day)
        for equation in _equations(tables):
            one.equations.append({(one.knows_unchanged(release, *name), *name): by for name, by in equation.items()})
    return one


def tables_of(release: Path) -> tuple[dict[str, list[dict[str, Any]]], date]:
    """The aggregates of a release folder, and its day, as anybody reads them."""
    _, day = results_of(release)
    return {name: pq.read_table(release / f"{name}.parquet").to_pylist() for name in NUMBERS}, day


def names_of(table: str, row: Row) -> dict[str, Name]:
    """What the attacker calls the counts of a row."""
    return {count: (_place(table, row, count), count) for count in NUMBERS[table]}


def _note(one: Attacker, release: int, table: str, row: Row, *, is_of_day: bool) -> None:
    for count, (place, name) in names_of(table, row).items():
        unknown = (one.knows_unchanged(release, place, name), place, name)
        if is_of_day and row[count] is not None:
            one.known[unknown] = float(row[count])
        elif is_of_day and (GOES_FIRST.get(table, count) == count or row[GOES_FIRST[table]] is not None):
            one.least[unknown] = 1.0


def _place(table: str, row: Row, count: str) -> Place:
    if table == "measure_results":
        return attacker.place_of(row)
    if table in KEYS:
        return (table, *(row[name] for name in KEYS[table]))
    if table == "linkage_by_group" and row["cut_code"] != "agency":
        return (table, row["cut_code"], row["cut_value"])
    if count == "persons_in_both":
        return ("agencies", *sorted((row["agency"], row["other_agency"])))
    return ("agency", row["agency" if table == "linkage_quality" else "cut_value"])


def _equations(tables: Tables) -> Iterator[Equation]:
    results = {attacker.place_of(row): row for row in tables.get("measure_results", ())}
    yield from attacker.equations(results)
    yield from _measures_in_measures(results)
    yield from _groups(tables.get("linkage_by_group", ()))
    yield from _agencies(tables.get("linkage_quality", ()))
    yield from _parts(tables.get("linkage_figures", ()), "linkage_figures", "part_code", "all", ("value",))
    statements = tables.get("contract_statements", ())
    yield from _parts(statements, "contract_statements", "period", None, ("lines", "quantity", "amount_usd"))
    yield from _paid_in_periods(statements)


def _parts(rows: Rows, table: str, column: str, whole: str | None, counts: Sequence[str]) -> Iterator[Equation]:
    """Rows that differ in one column alone add up to the one that has the value of the whole there."""
    others = [name for name in KEYS[table] if name != column]
    for total in (row for row in rows if row[column] == whole):
        parts = [row for row in rows if row[column] != whole and all(row[name] == total[name] for name in others)]
        for count in counts if parts else ():
            yield {names_of(table, total)[count]: 1.0} | {names_of(table, part)[count]: -1.0 for part in parts}


def _paid_in_periods(rows: Rows) -> Iterator[Equation]:
    """A person may be paid for in several periods: the whole is at most their sum, and at least each of them."""
    for equation in _parts(rows, "contract_statements", "period", None, ("persons",)):
        (whole, _), *parts = equation.items()
        yield {**equation, ((*whole[0], "in several"), "persons"): 1.0}
        for part, _ in parts:
            yield {whole: 1.0, part: -1.0, ((*part[0], "in others alone"), "persons"): -1.0}


def _groups(rows: Rows) -> Iterator[Equation]:
    places = {(row["cut_code"], row["cut_value"]): _place("linkage_by_group", row, "clients") for row in rows}
    for cut in {cut for cut, _ in places} - {"all", "agency_pair"}:
        parts = [place for (of, _), place in places.items() if of == cut]
        yield {(places["all", "all"], "clients"): 1.0} | {(place, "clients"): -1.0 for place in parts}
    for (cut, value), place in places.items():
        if cut == "agency_pair":
            yield {(place, "clients"): 1.0} | {(("agency", one), "clients"): -1.0 for one in value.split("+")}


def _agencies(rows: Rows) -> Iterator[Equation]:
    for row in rows:
        place, both = ("agency", row["agency"]), names_of("linkage_quality", row)["persons_in_both"]
        yield {(place, "clients"): 1.0, (place, "unlinkable_clients"): -1.0, (place, "linkable_clients"): -1.0}
        yield {(place, "clients"): 1.0, (place, "persons"): -1.0, (place, "clients that are a person again"): -1.0}
        apart = ((*place, row["other_agency"]), "persons that the other does not know")
        is_itself = row["agency"] == row["other_agency"]
        yield {(place, "persons"): 1.0, both: -1.0} | ({} if is_itself else {apart: -1.0})


def _measures_in_measures(results: Mapping[Place, Row]) -> Iterator[Equation]:
    """Who was back in a shorter window was back in the longer one; bands of one measure add up to it."""
    for name, months in RETURNS.items():
        for shorter, longer in pairwise(f"{name}_{many}_months" for many in months):
            for (measure, cut, period), row in results.items():
                other = (longer, cut, period)
                if measure == shorter and row["n"] is not None and results.get(other, {}).get("n") == row["n"]:
                    between = ((*other, "came back between"), "numerator")
                    yield {(other, "numerator"): 1.0, ((measure, cut, period), "numerator"): -1.0, between: -1.0}
    whole, bands = BANDS
    for measure, cut, period in results:
        parts = [(f"{whole}_{band}_days", cut, period) for band in bands]
        if measure == whole and all(part in results for part in parts):
            yield {((measure, cut, period), "numerator"): 1.0} | {(part, "numerator"): -1.0 for part in parts}
