"""What a contract says of its files: read, and refused with file, field and mend when wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipelines.errors import ContractError
from schemas.file_terms import FileTerms, Trailer
from tests.intake import county


def test_a_contract_that_says_nothing_takes_utf_8_and_commas(tmp_path: Path) -> None:
    contract = county(tmp_path).contracts().get("clinic", "patient")
    assert contract is not None
    assert contract.files == FileTerms()


def test_every_term_is_read(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.add_terms(
        "patient",
        {
            "encodings": ["utf-8", "windows-1252"],
            "delimiter": "|",
            "fileFormats": ["csv", "xlsx"],
            "worksheet": "Patients",
            "skipLines": 2,
            "trailer": {"pattern": "END [0-9]+", "rowsField": 2},
            "maxFileBytes": 1000,
            "checksum": "required",
            "doneMarker": "none",
        },
    )
    contract = made.contracts().get("clinic", "patient")
    assert contract is not None
    assert contract.files == FileTerms(
        encodings=("utf-8", "windows-1252"),
        delimiter="|",
        file_formats=("csv", "xlsx"),
        worksheet="Patients",
        skip_lines=2,
        trailer=Trailer("END [0-9]+", 2),
        max_file_bytes=1000,
        checksum="required",
        done_marker="none",
    )


@pytest.mark.parametrize(
    ("term", "value", "told"),
    [
        ("encodings", ["utf-7"], "encodings must be of"),
        ("encodings", [], "encodings must be of"),
        ("delimiter", "::", "delimiter must be of"),
        ("fileFormats", ["pdf"], "fileFormats must be of"),
        ("worksheet", "Patients", "worksheet is named, and fileFormats has no xlsx"),
        ("skipLines", 1000, "skipLines must be between"),
        ("skipLines", "two", "skipLines must be a whole number"),
        ("maxFileBytes", 0, "maxFileBytes must be more than 0"),
        ("checksum", "maybe", "checksum must be of"),
        ("doneMarker", "maybe", "doneMarker must be of"),
        ("trailer", "END", "trailer must be"),
        ("trailer", {"pattern": "("}, r"trailer.pattern is no regular expression"),
        ("trailer", {"pattern": "END", "rowsField": -1}, "trailer.rowsField must be 1"),
        ("trailer", {"pattern": "END", "rows": 1}, "trailer must be"),
    ],
)
def test_a_wrong_term_is_told_with_file_field_and_mend(term: str, value: Any, told: str, tmp_path: Path) -> None:
    made = county(tmp_path)
    made.add_terms("patient", {term: value})
    with pytest.raises(ContractError, match=rf"clinic/patient.odcs.yaml: .*{told}"):
        made.contracts()
