"""Small .xlsx workbooks, written part by part so that each can be wrong in one way."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
HEADER = "patient_id,last_name,birth_date,ssn,sex_code,visit_count,fee_usd,updated_at,record_action"
FORMATS = ("General", "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "0.00", "00000", "0%", "hh:mm:ss", "0")
"""Number formats by the style that cells name them with."""
GENERAL, DAY, MOMENT, CENTS, FIVE_DIGITS, PERCENT, TIME, WHOLE = range(len(FORMATS))

BIRTH_DAY, UPDATED = '<c s="1"><v>29222</v></c>', '<c s="2"><v>46296.333333333336</v></c>'
"""2 January 1980 and 1 October 2026, 8:00, counted from 1900."""


def text(value: str) -> str:
    """A cell that holds its own text."""
    return f'<c t="inlineStr"><is><t>{escape(value)}</t></is></c>'


def number(value: str, style: int = GENERAL) -> str:
    """A cell that holds a number and a way to show it."""
    return f'<c s="{style}"><v>{value}</v></c>'


def patient_cells(patient_id: str, **other: str) -> list[str]:
    """The cells of a good row, but for those given."""
    cells = {
        "patient_id": text(patient_id),
        "last_name": text("Alder"),
        "birth_date": BIRTH_DAY,
        "ssn": text("123456789"),
        "sex_code": text("F"),
        "visit_count": number("3"),
        "fee_usd": number("10.5", CENTS),
        "updated_at": UPDATED,
        "record_action": text("U"),
    }
    return list({**cells, **other}.values())


def workbook(
    rows: Sequence[Sequence[str]],
    *,
    sheets: Mapping[str, str] = {"Patients": "visible"},
    after: str = "",
    before: str = "",
    is_1904: bool = False,
    row_attributes: str = "",
    prolog: str = "",
) -> bytes:
    """A workbook whose every sheet holds these rows below the header."""
    header = [text(name) for name in HEADER.split(",")]
    data = "".join(f"<row {row_attributes}>{''.join(cells)}</row>" for cells in [header, *rows])
    sheet = f'{prolog}<worksheet xmlns="{MAIN}">{before}<sheetData>{data}</sheetData>{after}</worksheet>'
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{i}" state="{state}" r:id="s{i}"/>'
        for i, (name, state) in enumerate(sheets.items(), 1)
    )
    formats = "".join(f'<numFmt numFmtId="{164 + i}" formatCode="{code}"/>' for i, code in enumerate(FORMATS))
    cell_styles = "".join(f'<xf numFmtId="{164 + i}"/>' for i in range(len(FORMATS)))
    parts = {
        "_rels/.rels": _relations({"main": ("officeDocument", "xl/workbook.xml")}),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><workbookPr date1904="{int(is_1904)}"/>'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": _relations(
            {"styles": ("styles", "styles.xml")}
            | {f"s{i}": ("worksheet", f"sheet{i}.xml") for i in range(1, len(sheets) + 1)}
        ),
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><numFmts>{formats}</numFmts><cellXfs>{cell_styles}</cellXfs>'
        "</styleSheet>",
        **{f"xl/sheet{i}.xml": sheet for i in range(1, len(sheets) + 1)},
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()


def _relations(targets: Mapping[str, tuple[str, str]]) -> str:
    listed = "".join(f'<Relationship Id="{k}" Type="{OFFICE}/{t}" Target="{p}"/>' for k, (t, p) in targets.items())
    return f'<Relationships xmlns="{PACKAGE}">{listed}</Relationships>'
