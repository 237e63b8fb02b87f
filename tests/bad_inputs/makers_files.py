"""Files, archives and landing folders that a line of text cannot show."""

from __future__ import annotations

from tests.intake import PATIENT_HEADER, County, patient

GOOD = PATIENT_HEADER + patient("p1") + patient("p2")


def both_patients_are_read(county: County) -> None:
    """p1 and p2 came through as they are."""
    rows = county.validated("patient")
    assert rows["patient_id"].to_list() == ["p1", "p2"]
    assert rows["last_name"].to_list() == ["Alder", "Alder"]
    assert rows.columns[:2] == ["patient_id", "last_name"]


def byte_order_mark(county: County) -> None:
    county.deliver({"patient.csv": b"\xef\xbb\xbf" + GOOD.encode()})


def crlf(county: County) -> None:
    county.deliver({"patient.csv": GOOD.replace("\n", "\r\n")})


def cr(county: County) -> None:
    county.deliver({"patient.csv": GOOD.replace("\n", "\r")})


def mixed_line_ends(county: County) -> None:
    county.deliver({"patient.csv": GOOD.replace("\n", "\r\n", 1)})
