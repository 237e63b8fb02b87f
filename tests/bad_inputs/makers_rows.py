"""Rows whose badness one cell cannot show, and what the later stages make of names and numbers."""

from __future__ import annotations

import csv

import polars as pl
import yaml
from click.testing import CliRunner

from pipelines.cli import main
from pipelines.reports.pages import page_environment
from pipelines.standardise import standardise
from tests.intake import PATIENT_HEADER, VISIT_HEADER, County, patient

GOOD = PATIENT_HEADER + patient("p1") + patient("p2")
SURNAMES = ("Abernathy", "Boudreaux", "Cho", "Dombrowski", "Espinoza", "Fukuda", "Gallagher", "Hovhannisyan")
ZONE = "America/Los_Angeles"


def sent(county: County, *rows: str, visits: str = "") -> None:
    """Two good patients, more rows from line 4 on, and visits if given."""
    files = {"patient.csv": GOOD + "".join(rows)}
    county.deliver(files | {"visit.csv": VISIT_HEADER + visits} if visits else files)


def column_terms(county: County, table: str, column: str, **terms: object) -> None:
    """Add properties to a column of a contract, or change them."""
    path = county.root / "contracts" / "incoming" / "clinic" / f"{table}.odcs.yaml"
    contract = yaml.safe_load(path.read_text(encoding="utf-8"))
    (described,) = contract["schema"]
    (item,) = [one for one in described["properties"] if one["name"] == column]
    kept = [one for one in item.get("customProperties", []) if one["property"] not in terms]
    item["customProperties"] = kept + [{"property": name, "value": value} for name, value in terms.items()]
    path.write_text(yaml.safe_dump(contract, sort_keys=False), encoding="utf-8")


def of_p3(county: County, column: str) -> object:
    """What the third patient has in a column of the accepted rows."""
    return county.validated("patient").filter(pl.col("patient_id") == "p3")[column].item()


# Columns.


def no_required_column(county: County) -> None:
    county.deliver({"patient.csv": GOOD.replace("last_name", "surname")})


def no_optional_column(county: County) -> None:
    county.deliver({"patient.csv": GOOD.replace(",fee_usd", "").replace(",10.50", "")})


def fee_is_empty(county: County) -> None:
    assert county.validated("patient")["fee_usd"].to_list() == [None, None]


def extra_column(county: County) -> None:
    county.deliver({"patient.csv": with_column("shoe_size", "42")})


def with_column(name: str, value: str) -> str:
    head, *rows = GOOD.splitlines()
    return "\n".join([f"{head},{name}", *(f"{row},{value}" for row in rows)]) + "\n"


def nothing_extra_is_carried_on(county: County) -> None:
    assert "shoe_size" not in county.validated("patient").columns


def substance_use_column(county: County) -> None:
    county.add_terms("patient", {"refusedColumns": ["*substance*", "sud_*"]})
    county.deliver({"patient.csv": with_column("SUD_Program_Name", "Alder House")})


def the_refused_column_is_not_told(county: County) -> None:
    (receipt,) = county.run()
    assert "Program_Name" not in str(receipt)
    assert not list(county.lake.zone("validated").rglob("*.parquet"))


# Formulas, scripts, zeros.


def the_formula_is_kept_as_it_is(county: County) -> None:
    assert of_p3(county, "last_name") == "=1+1"


def the_key_given_back_runs_no_formula(county: County) -> None:
    out = county.root / "back.csv"
    told = ["quarantine", "export", "clinic", "--with-keys", "--lake", str(county.lake.root), "--out", str(out)]
    assert CliRunner().invoke(main, [*told, "--contracts", str(county.root / "contracts")]).exit_code == 0
    with out.open(newline="", encoding="utf-8") as file:
        assert [row["record_key"] for row in csv.DictReader(file)] == ["'=1+1"]


def pages_show_a_script_and_do_not_run_it(county: County) -> None:
    template = page_environment().from_string("<td>{{ name }}</td>")
    shown = template.render(name=of_p3(county, "last_name"))
    assert shown == "<td>&lt;script&gt;alert(1)&lt;/script&gt;</td>"


def birth_date_is_empty(county: County) -> None:
    assert of_p3(county, "birth_date") is None


def leading_zeros_are_kept(county: County) -> None:
    assert county.validated("patient")["patient_id"].to_list() == ["p1", "p2", "00123", "p4"]


# Dates and times.


def the_second_of_march_is_read(county: County) -> None:
    assert str(of_p3(county, "birth_date")) == "1981-03-02"


def second_format_throughout(county: County) -> None:
    county.deliver({"patient.csv": GOOD.replace("1980-01-02", "02.01.1980")})


def two_digit_years(county: County) -> None:
    column_terms(county, "patient", "birth_date", dateFormats=["%Y-%m-%d", "%d.%m.%y"], centuryFrom=1927)
    sent(county, patient("p3", birth_date="05.06.27"), patient("p4", birth_date="05.06.26"))


def two_digit_years_lie_in_their_century(county: County) -> None:
    assert [day.year for day in county.validated("patient")["birth_date"]] == [1980, 1980, 1927, 2026]


def skipped_time(county: County) -> None:
    column_terms(county, "patient", "updated_at", timeZone=ZONE)
    sent(county, patient("p3", updated_at="2026-03-08 02:30:00"))


def the_skipped_time_is_an_hour_on(county: County) -> None:
    assert str(of_p3(county, "updated_at")) == "2026-03-08 03:30:00"


def time_told_twice(county: County) -> None:
    column_terms(county, "patient", "updated_at", timeZone=ZONE)
    sent(county, patient("p3", updated_at="2026-11-01 01:30:00"))


def the_time_told_twice_is_kept(county: County) -> None:
    assert str(of_p3(county, "updated_at")) == "2026-11-01 01:30:00"


# Rows beside each other.


def visit_before_birth(county: County) -> None:
    rule = {"id": "before_birth", "kind": "not_before", "earlier": "patient.birth_date", "later": "started_on"}
    county.add_terms("visit", {"rowRules": [{**rule, "mend": "send the true day"}]})
    sent(county, visits="v1,p1,1980-01-03,\nv2,p1,1979-12-31,\nv3,p1,2026-01-01,\n")


def visits_around_tomorrow(county: County) -> None:
    sent(county, visits="v1,p1,2026-11-02,\nv2,p1,2026-11-03,\nv3,p1,2026-01-01,\n")


def visit_ends_before_it_starts(county: County) -> None:
    sent(county, visits="v1,p1,2026-01-02,2026-01-02\nv2,p1,2026-01-02,2026-01-01\nv3,p1,2026-01-02,\n")


def same_row_twice(county: County) -> None:
    sent(county, patient("p1"))


def newer_row(county: County) -> None:
    sent(county, patient("p3", "Oak", updated_at="2026-10-09 00:00:00"), patient("p3", "Elm"))


def the_newer_row_stays(county: County) -> None:
    assert of_p3(county, "last_name") == "Oak"


def rival_rows(county: County) -> None:
    sent(county, patient("p3", "Oak"), patient("p3", "Elm"))


def reused_id(county: County) -> None:
    one, other = ("Oak", "1950-02-03", "111223333"), ("Elm", "2001-08-09", "444556666")
    sent(county, patient("p3", *one), patient("p3", *other))


def the_new_code_is_not_told(county: County) -> None:
    (receipt,) = county.run()
    (told,) = [one.mend for one in receipt.warnings if one.rule_id == "column.unknown_code"]
    assert told == "unknown code, 1 rows; if it is new, add it to the contract"


def count_in_words(county: County) -> None:
    county.deliver({"patient.csv": PATIENT_HEADER + "".join(patient(f"p{i}", visit_count="three") for i in range(20))})


# What linkage makes of names and numbers.


def standardised(county: County) -> pl.DataFrame:
    """Identities by client id: what is compared of each patient."""
    standardise(county.lake, county.contracts())
    identities, clients = (pl.read_parquet(county.lake.path("standard", one)) for one in ("identities", "clients"))
    return identities.join(clients.select("client_key", "client_id"), on="client_key").sort("client_id")


def one_name_six_ways(county: County) -> None:
    ways = ["Pe\u00f1a", "Pen\u0303a", "\u00a0Pe\u00f1a\u00a0", "Pe\u200b\u00f1a", "\u200fPe\u00f1a", "PE\u00d1A "]
    county.deliver({"patient.csv": PATIENT_HEADER + "".join(patient(f"p{i}", way) for i, way in enumerate(ways))})


def all_six_are_one_name(county: County) -> None:
    assert standardised(county)["last_name"].to_list() == ["PENA"] * 6


def odd_names(county: County) -> None:
    sent(county, patient("p3", "x" * 300), patient("p4", "O"), patient("p5", "😀"))


def odd_names_come_through(county: County) -> None:
    """They are kept as they came, and with nothing else to compare they are evidence of nobody."""
    assert county.validated("patient")["last_name"].str.len_chars().to_list() == [5, 5, 300, 1, 1]
    assert standardised(county)["client_id"].to_list() == ["p1", "p2"]


def placeholders(county: County) -> None:
    sent(county, patient("p3", "UNKNOWN", "1900-01-01", "999999999"), patient("p4", "Doe", "1981-02-03", "123456789"))


def placeholders_are_no_evidence_and_are_counted(county: County) -> None:
    compared = standardised(county).filter(pl.col("client_id") == "p3")
    assert compared.select("last_name", "birth_code", "ssn").drop_nulls().is_empty()
    counts = pl.read_parquet(county.lake.path("standard", "placeholder_counts"))
    assert set(counts["field_name"]) >= {"last_name", "birth_date", "ssn"}


def hub(county: County) -> None:
    shared = {"id": "ssn_shared_by_many", "kind": "at_most", "of": ["ssn"], "most": 5, "action": "warn"}
    county.add_terms("patient", {"rowRules": [{**shared, "mend": "find whose number it is"}]})
    people = [patient(f"q{i}", name, f"{1930 + 2 * i}-{1 + i % 12:02}-{1 + 3 * i % 28:02}", "139476997")
              for i, name in enumerate(SURNAMES)]  # fmt: skip
    county.deliver({"patient.csv": PATIENT_HEADER + "".join(people)})


def all_eight_are_counted(county: County) -> None:
    (receipt,) = county.run()
    assert [one.mend for one in receipt.warnings] == ["8 rows break this rule; find whose number it is"]
