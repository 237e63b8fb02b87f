"""Landing folders, filled chunk by chunk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from synthetic.agencies.extract import Extract
from synthetic.agencies.hmis_county import county_files, export_id
from synthetic.deltas import by_night
from synthetic.times import as_of_text


class Landing:
    """Writes the deliveries of some nights: `<root>/<agency>/<as-of>/<file>.csv`, appended to by every chunk."""

    def __init__(self, root: Path, nights: Sequence[int]) -> None:
        self._root, self._nights = root, nights
        self.rows: Counter[str] = Counter()

    def open_county_files(self) -> None:
        """Write the HMIS files that are about the county, not about its people."""
        for night in self._nights:
            for file, frame in county_files(night).items():
                self._append("hmis", night, file, _of_export(frame, night))

    def add(self, extract: Extract) -> None:
        """Append a chunk's extract."""
        for table in extract.tables:
            for night, frame in zip(self._nights, by_night(table, self._nights), strict=True):
                rows = _of_export(frame, night) if extract.agency == "hmis" else frame
                self._append(extract.agency, night, table.file, rows)

    def folders(self) -> tuple[Path, ...]:
        """Every delivery's folder."""
        return tuple(sorted(path for path in self._root.glob("*/*") if path.is_dir()))

    def _append(self, agency: str, night: int, file: str, frame: pl.DataFrame) -> None:
        """Add rows to a file; the first to come writes the header. The providers file is the same in every chunk."""
        path = self._root / agency / as_of_text(night) / f"{file}.csv"
        fresh = not path.exists()
        if not fresh and file == "provider":
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as handle:
            frame.write_csv(handle, include_header=fresh)
        self.rows[f"{agency}/{file}"] += len(frame)


def _of_export(frame: pl.DataFrame, night: int) -> pl.DataFrame:
    columns = [column for column in frame.columns if not column.startswith("_")]
    return frame.select(columns).with_columns(pl.lit(export_id(night)).alias("ExportID")).select(columns)
