"""What holds of every table of rows: each line ends in one place, order is nothing, nobody is named."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.cli import main
from pipelines.validate import Receipt
from pipelines.validate.tables import SUPERSEDED
from tests.intake import PATIENT_HEADER, VISIT_HEADER, County, county, patient

CANARIES = ("Xyzzyname", "1919-02-29", "918273645", "code-of-nobody", "id-nobody")
RULES = [
    {"id": "before_birth", "kind": "not_before", "earlier": "patient.birth_date", "later": "started_on", "mend": "x"},
    {"id": "crowd", "kind": "at_most", "of": ["patient_id", "started_on"], "most": 2, "mend": "x"},
    {
        "id": "two_at_once",
        "kind": "not_overlapping",
        "of": ["patient_id"],
        "from": "started_on",
        "to": "ended_on",
        "mend": "x",
    },
]

ids = st.sampled_from(["p1", "p2", "p3", "p4"])
days = st.sampled_from(["1979-12-31", "1980-01-02", "2026-01-01", "2026-02-01", "2024-02-30", ""])
times = st.sampled_from(["2026-10-01 08:00:00", "2026-10-02 08:00:00", "never"])
patients = st.builds(patient, ids, st.sampled_from(["Oak", "Elm"]), days, updated_at=times)
visits = st.builds("{},{},{},{}\n".format, st.sampled_from("abcdefgh"), ids, days, days)


def judged(root: Path, parts: list[list[str]], visit_rows: list[str]) -> tuple[County, Receipt]:
    """A county whose rules look across rows and tables, with its patients in several files."""
    made = county(root)
    terms = {"semantics": "full", "maxBadRowShare": 1.0, "badRowsTolerated": 1000}
    made.add_terms("patient", terms)
    made.add_terms("visit", terms | {"rowRules": RULES, "mayBeEmpty": True})
    names = ["patient.csv", "patient.part2.csv"]
    files = {name: PATIENT_HEADER + "".join(rows) for name, rows in zip(names, parts, strict=False)}
    made.deliver(files | {"visit.csv": VISIT_HEADER + "".join(visit_rows)})
    (receipt,) = made.run()
    return made, receipt


def lines(made: County, table: str) -> dict[str, list[tuple[str, int]]]:
    """File and line of every row, by where it ended."""
    ends = {
        "accepted": ("validated", ""),
        "quarantined": ("quarantine", ""),
        "superseded": ("validated", f"{SUPERSEDED}/"),
    }
    found = {}
    for end, (zone, inner) in ends.items():
        paths = list(made.lake.zone(zone).glob(f"*/*/{inner}{table}.parquet"))
        rows = pl.read_parquet(paths[0]).select("_file_name", "_line_number").unique().rows() if paths else []
        found[end] = sorted((str(file), int(line)) for file, line in rows)
    return found


@settings(max_examples=10, deadline=None)
@given(first=st.lists(patients, max_size=6), second=st.lists(patients, max_size=4), seen=st.lists(visits, max_size=8))
def test_each_line_of_each_file_ends_in_one_place(
    first: list[str], second: list[str], seen: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    made, receipt = judged(tmp_path_factory.mktemp("county"), [first, second], [*seen, "cut,off\n"])
    assert receipt.is_accepted
    for table in ("patient", "visit"):
        ends = lines(made, table)
        every = [line for where in ends.values() for line in where]
        raw = made.raw(table).select("_file_name", "_line_number").rows()
        unread = [("visit.csv", len(seen) + 2)] if table == "visit" else []
        assert sorted(every) == sorted(raw + unread)
        counts = receipt.tables[table]
        told = (counts.accepted, counts.quarantined, counts.superseded)
        assert told == tuple(len(ends[end]) for end in ("accepted", "quarantined", "superseded"))


@settings(max_examples=8, deadline=None)
@given(rows=st.lists(patients, max_size=6), seen=st.lists(visits, max_size=8), data=st.data())
def test_the_order_of_rows_changes_nothing_that_is_accepted(
    rows: list[str], seen: list[str], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    shuffled = data.draw(st.permutations(rows)), data.draw(st.permutations(seen))
    contents = []
    for patient_rows, visit_rows in ((rows, seen), shuffled):
        made, _ = judged(tmp_path_factory.mktemp("county"), [patient_rows], visit_rows)
        contents.append([sorted(made.validated(table).drop("_line_number", "_delivery_id").rows(), key=str)
                         for table in ("patient", "visit")])  # fmt: skip
    assert contents[0] == contents[1]


def test_nobody_is_named_in_what_is_told_of_refused_rows(tmp_path: Path) -> None:
    name, day, number, code, key = CANARIES
    made = county(tmp_path)
    made.add_terms("visit", {"rowRules": RULES})
    refused = [
        patient("p1", name, day),
        patient("p2", name, ssn=number + "x"),
        patient("p3", name, sex_code=code),
        patient(key, name, day),
        patient("p4", name),
        patient("p4", name + "son"),
        f"{key},{name}\n",
        *(patient(f"q{i}", name) for i in range(12)),
    ]
    stays = f"v1,{key},2026-01-01,\nv2,{key},2026-01-02,\nv3,q3,2026-01-01,\nv4,q1,1919-02-28,\nv5,q2,2026-01-01,\n"
    made.deliver({"patient.csv": PATIENT_HEADER + "".join(refused), "visit.csv": VISIT_HEADER + stays})
    (receipt,) = made.run()
    assert receipt.is_accepted
    back = tmp_path / "back.csv"
    lake, contracts = ["--lake", str(made.lake.root)], ["--contracts", str(tmp_path / "contracts")]
    told, one = [str(receipt)], receipt.delivery_id
    export = ["export", "clinic", "--out", str(back), *contracts]
    for command in (["list"], ["list", "--json"], ["show", one], ["show", one, "--json"], export):
        result = CliRunner().invoke(main, ["quarantine", command[0], *lake, *command[1:]])
        assert result.exit_code == 0
        told.append(result.output)
    told += [str(pl.read_parquet(path).rows()) for path in made.lake.zone("quarantine").rglob("*.parquet")]
    told += [back.read_text(encoding="utf-8")]
    assert set(re.findall(r"[a-z_]+\.[a-z_]+|duplicate_key|two_at_once|before_birth", " ".join(told))) >= {
        "birth_date.not_a_date", "ssn.wrong_form", "sex_code.unknown_code", "row.too_few_fields", "duplicate_key",
        "two_at_once", "before_birth"}  # fmt: skip
    assert not [canary for canary in CANARIES if canary in " ".join(told)]
