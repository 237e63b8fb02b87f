"""What the text of a workbook's number is, and when it is none."""

from __future__ import annotations

import pytest

from pipelines.ingest.cell_text import number_text, shown_as
from pipelines.ingest.problems import UnreadableFileError


@pytest.mark.parametrize(
    ("stored", "shown", "text"),
    [
        ("3", "General", "3"),
        ("-3.5", "General", "-3.5"),
        ("5.5999999999999996", "General", "5.6"),
        ("0.30000000000000004", "General", "0.3"),
        ("1E-3", "General", "0.001"),
        ("100", "General", "100"),
        ("90001", "00000", "90001"),
        ("123", "00000", "00123"),
        ("10.5", "0.00", "10.50"),
        ("1234.5", "#,##0.00_);[Red]-#,##0.00", "1234.50"),
        ("29222", "yyyy-mm-dd", "1980-01-02"),
        ("29222", "[$-409]m/d/yyyy;@", "1980-01-02"),
        ("29222", 'd"." mmmm yyyy', "1980-01-02"),
        ("46296.333333333336", "m/d/yy h:mm", "2026-10-01 08:00:00"),
        ("46296", "m/d/yyyy h:mm AM/PM", "2026-10-01 00:00:00"),
        ("61", "yyyy-mm-dd", "1900-03-01"),
    ],
)
def test_a_number_is_written_as_it_is_shown(stored: str, shown: str, text: str) -> None:
    assert number_text(stored, shown_as(shown), is_1904=False) == text


def test_a_day_is_counted_from_the_epoch_of_its_workbook() -> None:
    assert number_text("0", shown_as("yyyy-mm-dd"), is_1904=True) == "1904-01-01"
    assert number_text("27760", shown_as("yyyy-mm-dd"), is_1904=True) == "1980-01-02"


@pytest.mark.parametrize(
    ("stored", "shown", "rule"),
    [
        ("0.25", "0%", "xlsx.not_plain"),
        ("5", '"$"#,##0.00_);[Red]\\("$"#,##0.00\\)', "xlsx.not_plain"),
        ("5", '0" mg"', "xlsx.not_plain"),
        ("5", "$0", "xlsx.not_plain"),
        ("5", "# ?/?", "xlsx.not_plain"),
        ("5", "0.00E+00", "xlsx.not_plain"),
        ("10.505", "0.00", "xlsx.not_plain"),
        ("5.5", "0", "xlsx.not_plain"),
        ("29222.5", "yyyy-mm-dd", "xlsx.not_plain"),
        ("29222.500001", "yyyy-mm-dd hh:mm:ss", "xlsx.not_plain"),
        ("29222", "mmm-yy", "xlsx.not_plain"),
        ("0.5", "h:mm", "xlsx.time_without_date"),
        ("60", "yyyy-mm-dd", "xlsx.doubtful_date"),
        ("2958466", "yyyy-mm-dd", "xlsx.doubtful_date"),
        ("1234567890123456", "0", "xlsx.doubtful_number"),
        ("NaN", "General", "xlsx.doubtful_number"),
        ("a", "General", "xlsx.damaged"),
    ],
)
def test_a_number_that_is_shown_as_something_else_is_told(stored: str, shown: str, rule: str) -> None:
    with pytest.raises(UnreadableFileError, match=rule):
        number_text(stored, shown_as(shown), is_1904=False)
