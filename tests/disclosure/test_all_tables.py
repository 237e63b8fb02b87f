"""Somebody with all tables of all releases works out no small count of any of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

import pyarrow.parquet as pq

from pipelines.lake import Lake
from pipelines.publish.disclosure import is_small
from tests.disclosure.attacker import Attacker, Unknown
from tests.disclosure.attacker_of_tables import NUMBERS, Place, Tables, names_of, read_tables, tables_of
from tests.disclosure.rows import AS_OF, controlled, result
from tests.disclosure.test_attacker import found_out
from tests.pipeline.counties import Place as Nights

TARGETS = 4
"""So many counts of a kind are attacked, drawn by name: each takes two linear programmes over hundreds of counts."""


def group(cut: str, value: str, clients: int, linked: int) -> dict[str, Any]:
    """A row of clients by group."""
    linked_and_not = {"linked_clients": linked, "unlinked_clients": clients - linked}
    return {"cut_code": cut, "cut_value": value, "clients": clients, "linked": linked / clients, **linked_and_not}


def agencies(one: str, other: str, clients: int, unlinkable: int, persons: int, both: int) -> dict[str, Any]:
    """A row of two agencies."""
    counts = {"clients": clients, "unlinkable_clients": unlinkable, "persons": persons, "persons_in_both": both}
    return {"agency": one, "other_agency": other, **counts}


def paid(period: str | None, persons: int, usd: float) -> dict[str, Any]:
    """A row of what a clause paid, for as many lines as persons."""
    counts = {"persons": persons, "lines": persons, "quantity": float(persons), "amount_usd": usd}
    return {"contract_id": "jir", "clause_id": "milestone", "unit": "milestone", "period": period, **counts,
            "amount_of_largest_usd": 100.0, "amount_of_second_usd": 100.0}  # fmt: skip


def small_county() -> dict[str, list[dict[str, Any]]]:
    """Every table, with something small in each that its sums would give back."""
    figures = [{"figure_code": "clusters", "part_code": part, "value": value}
               for part, value in (("01", 100), ("02", 40), ("05+", 6), ("all", 146))]  # fmt: skip
    return {
        "contract_statements": [paid("2026Q1", 60, 6000.0), paid("2026Q2", 7, 700.0), paid(None, 67, 6700.0)],
        "linkage_by_group": [
            group("all", "all", 300, 200),
            group("agency", "sheriff", 180, 120),
            group("agency", "health", 112, 72),
            group("agency", "hmis", 8, 5),
            group("agency_pair", "health+sheriff", 292, 150),
            group("agency_pair", "hmis+sheriff", 188, 90),
        ],
        "linkage_figures": figures,
        "linkage_quality": [
            agencies("sheriff", "sheriff", 180, 20, 170, 170),
            agencies("sheriff", "health", 180, 20, 170, 163),
            agencies("health", "sheriff", 112, 4, 168, 163),
            agencies("health", "health", 112, 4, 168, 168),
        ],
        "measure_results": [
            result(n=100, numerator=40.0, kind="proportion"),
            *(result("age_group", age, n=n, numerator=part, kind="proportion")
              for age, n, part in (("adult", 70, 30.0), ("tay", 24, 10.0), ("older_adult", 6, 0.0))),
            *(result("sex", sex, n=n, numerator=part, kind="proportion")
              for sex, n, part in (("F", 45, 15.0), ("M", 52, 25.0), ("unknown", 3, 0.0))),
        ],
    }  # fmt: skip


def only_small_cells_withheld(tables: Tables) -> dict[str, list[dict[str, Any]]]:
    """What a release told if nothing but small cells were withheld."""
    return {
        table: [
            {name: None if name in NUMBERS[table] and is_small(value) else value for name, value in row.items()}
            | {"told_as_of_on": AS_OF}
            for row in rows
        ]
        for table, rows in tables.items()
    }


def withheld(release: int, true: Tables, shown: Tables) -> dict[Unknown, float]:
    """The counts above zero that a release did not tell, with what they are."""
    return {
        (release, *name): float(row[count])
        for table, rows in true.items()
        for row, told_row in zip(rows, shown[table], strict=True)
        for count, name in names_of(table, row).items()
        if told_row[count] is None and row[count]
    }


def test_with_small_cells_alone_withheld_each_table_gives_them_back() -> None:
    true = small_county()
    shown = only_small_cells_withheld(true)
    targets = {name: value for name, value in withheld(0, true, shown).items() if is_small(value)}
    given_back = {place for _, place, _ in found_out(targets, read_tables(Attacker(), [shown], [AS_OF]))}
    assert given_back >= {
        ("contract_statements", "jir", "milestone", "milestone", "2026Q2"),
        ("agency", "hmis"),
        ("linkage_figures", "clusters", "05+"),
        ("jail_returns", "age_group=older_adult", None),
        ("jail_returns", "sex=unknown", None),
    }


def test_under_control_none_of_them_does() -> None:
    true = small_county()
    shown = controlled(true).tables
    targets = withheld(0, true, shown)
    assert {place[0] for _, place, _ in targets} >= {"contract_statements", "agency", "linkage_figures", "jail_returns"}
    assert found_out(targets, read_tables(Attacker(), [shown], [AS_OF])) == {}


def kept(release: Path, lake: Lake) -> tuple[Tables, Tables]:
    """What a release was made of, and what it told, row by row, as the lake remembers it."""
    (folder,) = lake.root.glob(f"disclosure/*_{release.name}")
    true, told = (
        {path.stem: pq.read_table(path).to_pylist() for path in (folder / kind).iterdir() if path.stem in NUMBERS}
        for kind in ("true", "told")
    )
    return true, told


def unchanged(tables: Sequence[Tables]) -> Callable[[int, Place, str], int]:
    """What the attacker is told beside the releases: since when a count has had its value."""
    values = [
        {name: row[name[1]] for table, rows in one.items() for row in rows for name in names_of(table, row).values()}
        for one in tables
    ]

    @cache
    def since(release: int, place: Place, count: str) -> int:
        if (place, count) not in values[release]:
            return release
        now = values[release][place, count]
        return next(at for at in range(release + 1) if values[at].get((place, count)) == now)

    return since


def drawn(targets: Mapping[Unknown, float]) -> dict[Unknown, float]:
    """Some of the small counts, of every kind."""
    small = sorted(
        (one for one, value in targets.items() if is_small(value)), key=lambda one: crc32(repr(one).encode())
    )
    by_count: dict[str, list[Unknown]] = {}
    for one in small:
        by_count.setdefault(one[2], []).append(one)
    return {one: targets[one] for names in by_count.values() for one in names[:TARGETS]}


def test_all_tables_of_the_releases_of_two_nights_tell_no_small_count(nightly: Nights) -> None:
    releases = sorted(nightly.lake.root.glob("published/outcomes/releases/*"))
    read = [tables_of(folder) for folder in releases]
    made = [kept(folder, nightly.lake) for folder in releases]
    attacker = read_tables(
        Attacker(unchanged([true for true, _ in made])), [tables for tables, _ in read], [day for _, day in read]
    )
    assert len(releases) == 2
    for number, (true, told) in enumerate(made):
        targets = {attacker.name(*name): value for name, value in withheld(number, true, told).items()}
        assert len(chosen := drawn(targets)) > TARGETS
        assert found_out(chosen, attacker) == {}
