"""Which row of which delivery counts, held against a slow reading of the same rules: delivery after delivery."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines import sql
from pipelines.lake import Lake
from pipelines.standardise import current
from pipelines.validate.told import Told, strays_told
from schemas.data_contract import DataContracts, load_contracts
from tests.unit.test_current import Receipt

SHIPPED = load_contracts()
NAMES = ("client", "enrollment", "exit", "project")
FEW = DataContracts(SHIPPED.root, tuple(one for one in SHIPPED.of("hmis") if one.table in NAMES))
STAYS = (("1", "A"), ("2", "A"), ("1", "B"), ("3", "B"))
"""Client and project of every enrollment there can be."""


@dataclass(frozen=True)
class Sent:
    """One made-up export: what it says it is, its projects, stays, and which of these have ended or are deleted."""

    is_full: bool
    projects: frozenset[str]
    stays: frozenset[tuple[str, str]]
    ended: frozenset[tuple[str, str]]
    deleted: frozenset[tuple[str, str]]


@st.composite
def exports(draw: st.DrawFn) -> Sent:
    is_full = draw(st.booleans())
    projects = draw(st.frozensets(st.sampled_from("AB"), min_size=1))
    stays = draw(st.frozensets(st.sampled_from([stay for stay in STAYS if stay[1] in projects])))
    some = st.frozensets(st.sampled_from(sorted(stays))) if stays else st.just(frozenset())
    return Sent(is_full, projects, stays, draw(some), frozenset() if is_full else draw(some))


@pytest.fixture(autouse=True)
def few_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current, "contracts_at", lambda _: FEW)


def put(lake: Lake, day: int, sent: Sent) -> Receipt:
    """An export of November 2026 as validate would leave it."""
    identity = f"hmis_202611{day:02}_r1_{day}"
    folder = lake.zone("validated") / "hmis" / identity
    folder.mkdir(parents=True)
    gone = "2026-11-01 00:00:00"
    tables = {
        "project": ({"ProjectID": project} for project in sorted(sent.projects)),
        "client": ({"PersonalID": client} for client in sorted({client for client, _ in sent.stays})),
        "enrollment": (
            {"EnrollmentID": f"{c}{p}", "PersonalID": c, "ProjectID": p, "EntryDate": date(2025, 1, day),
             "DateDeleted": gone if (c, p) in sent.deleted else None}
            for c, p in sorted(sent.stays)
        ),
        "exit": (
            {"ExitID": f"x{c}{p}", "EnrollmentID": f"{c}{p}", "PersonalID": c, "ExitDate": date(2026, 1, 1)}
            for c, p in sorted(sent.ended)
        ),
    }  # fmt: skip
    for table, rows in tables.items():
        write(folder / f"{table}.parquet", table, identity, rows)
    units = {"project": tuple(sorted(sent.projects))}
    told = Told(
        semantics=dict.fromkeys(NAMES, "full" if sent.is_full else "delta"),
        starts_on=date(2020, 1, 1),
        ends_on=date(2026, 12, 31),
        units=units,
        strays=strays_told(folder, FEW.of("hmis"), units),
        content=str(day),
    )
    return Receipt("hmis", date(2026, 11, day), 1, identity, None, told)


SHAPES = {
    "project": ("ProjectID",),
    "client": ("PersonalID",),
    "enrollment": ("EnrollmentID", "PersonalID", "ProjectID", "EntryDate", "DateDeleted"),
    "exit": ("ExitID", "EnrollmentID", "PersonalID", "ExitDate"),
}


def write(path: Path, table: str, identity: str, rows: Iterable[dict[str, object]]) -> None:
    schema = {name: pl.Date() if name in ("EntryDate", "ExitDate") else pl.String() for name in SHAPES[table]}
    frame = pl.DataFrame(list(rows), schema=schema)
    frame.with_columns(_delivery_id=pl.lit(identity), _line_number=pl.int_range(2, len(frame) + 2)).write_parquet(path)


def rows_in_force(lake: Lake, receipts: Iterable[Receipt]) -> dict[str, list[str]]:
    keys = {"enrollment": "EnrollmentID", "exit": "ExitID", "client": "PersonalID"}
    with sql.connect(lake.spill) as connection:
        current.open_current(connection, lake, FEW, receipts)
        return {
            table: [
                row[0] for row in connection.execute(f"select {key} from current.hmis_{table} order by 1").fetchall()
            ]
            for table, key in keys.items()
        }


def replayed(all_sent: list[Sent]) -> dict[str, list[str]]:
    """The same, delivery after delivery: a full one forgets what it speaks of and does not hold."""
    stays: set[tuple[str, str]] = set()
    ended: set[tuple[str, str]] = set()
    told_at: dict[str, int] = {}
    for place, sent in enumerate(all_sent):
        if sent.is_full:
            stays = {stay for stay in stays if stay[1] not in sent.projects}
            ended = {stay for stay in ended if stay[1] not in sent.projects}
        stays = (stays | sent.stays) - sent.deleted
        ended |= sent.ended
        told_at.update({client: place for client, _ in sent.stays})
    last_full = max((place for place, sent in enumerate(all_sent) if sent.is_full), default=0)
    needed = {client for client, _ in stays}
    return {
        "enrollment": sorted(client + project for client, project in stays),
        "exit": sorted(f"x{client}{project}" for client, project in ended),
        "client": sorted(client for client, place in told_at.items() if place >= last_full or client in needed),
    }


@settings(max_examples=40, deadline=None)
@given(all_sent=st.lists(exports(), min_size=1, max_size=4), data=st.data())
def test_rows_in_force_are_those_of_a_replay_whatever_order_deliveries_came_in(
    all_sent: list[Sent], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(Path(folder))
        receipts = [put(lake, day, sent) for day, sent in enumerate(all_sent, start=1)]
        in_any_order = data.draw(st.permutations(receipts))
        assert rows_in_force(lake, in_any_order) == replayed(all_sent)
