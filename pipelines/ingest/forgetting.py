"""Rows of deleted clients are taken out of a delivery in `raw`: out of its text, and the bytes as sent go.

The rows of a deleted client are those that name it, and those that point at such a row, however far, by the contracts'
relationships. A cell in which another agency quotes a deleted client is emptied. What is left of the delivery is the
table of text: the bytes as sent would hold the client for ever, in whatever packing.

Belongs here: finding and removing rows in one delivery's folder. Who was deleted is said in `pipelines/forgotten.py`.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from pipelines.forgotten import CLIENT, ROW, SHARED, Forgotten
from pipelines.ingest.delivery import AS_SENT, UNREADABLE, Delivery
from pipelines.ingest.problems import problem
from pipelines.ingest.text_table import FILE_NAME
from pipelines.lake import replacing
from schemas.data_contract import Column, DataContract, Reference

RULE = "delivery.rows_deleted"

SHARED_ROLE = "shared_id:"

QUOTES = " \t\r\n\"'"


@dataclass
class Forgetting:
    """What was taken out of one delivery."""

    rows: Counter[str] = field(default_factory=Counter)
    """Rows by table; of lines that could not be read too."""
    cells: int = 0
    """Quotes of deleted clients that were emptied."""
    tokens: set[str] = field(default_factory=set)
    """Of rows that other deliveries may point at."""

    @property
    def has_changed(self) -> bool:
        """Whether anything was found."""
        return bool(self.rows or self.cells)


def forget_in(
    folder: Path,
    delivery: Delivery,
    contracts: Sequence[DataContract],
    known: Forgotten,
    before_writing: Callable[[], None] = lambda: None,
) -> tuple[Delivery, Forgetting]:
    """Take deleted clients out of a delivery's folder; returns the delivery as it is then, which the caller writes.

    `before_writing` is called before each table that changes.
    """
    found = Forgetting()
    told = {one.table: one for one in contracts if (folder / f"{one.table}.parquet").exists()}
    tables = {name: _Table(folder / f"{name}.parquet", contract) for name, contract in told.items()}
    _spread(tables, delivery.agency, known, found)
    for name, table in tables.items():
        found.rows += Counter({name: table.gone.sum()} if table.gone.any() else {})
        found.cells += table.write(known, delivery.agency, before_writing)
    for path in sorted((folder / UNREADABLE).glob("*.parquet")):
        found.rows += _without_lines(path, delivery.agency, known, before_writing)
    if not found.has_changed:
        return delivery, found
    shutil.rmtree(folder / AS_SENT, ignore_errors=True)
    return _recounted(delivery, folder, tables), found


@dataclass
class _Table:
    """A table of text, of which only columns that say whose a row is are read until something is found."""

    path: Path
    contract: DataContract
    header: Mapping[str, str | None] = field(init=False)
    """Columns of the contract → what they are called in the file, if they are there."""
    gone: pl.Series = field(init=False)
    """Which rows are to go."""
    read: dict[str, pl.Series] = field(default_factory=dict)

    def __post_init__(self) -> None:
        header = {name.casefold(): name for name in pl.read_parquet_schema(self.path)}
        self.header = {column.name: _as_sent(column, header) for column in self.contract.columns}
        rows = int(pl.scan_parquet(self.path).select(pl.len()).collect().item())
        self.gone = pl.repeat(value=False, n=rows, eager=True, dtype=pl.Boolean)

    def values(self, column: str) -> pl.Series | None:
        """A column of the contract, without blanks around its values; None where the file lacks it."""
        name = self.header.get(column)
        if name is None:
            return None
        if name not in self.read:
            self.read[name] = pl.read_parquet(self.path, columns=[name])[name].str.strip_chars()
        return self.read[name]

    def mark(self, is_gone: pl.Series) -> bool:
        """Mark more rows; returns whether any was not marked before."""
        before = int(self.gone.sum())
        self.gone = self.gone | is_gone.fill_null(value=False)
        return int(self.gone.sum()) > before

    def write(self, known: Forgotten, agency: str, before_writing: Callable[[], None]) -> int:
        """Write the table without the rows and quotes of deleted clients, if there are any; returns the quotes."""
        quotes = self._quotes(known, agency)
        if not quotes and not self.gone.any():
            return 0
        rows = pl.read_parquet(self.path).filter(~self.gone)
        emptied = 0
        for name, values in quotes.items():
            is_quote = rows[name].str.strip_chars().is_in(values)
            emptied += int(is_quote.sum())
            rows = rows.with_columns(pl.when(is_quote).then(None).otherwise(pl.col(name)).alias(name))
        before_writing()
        with replacing(self.path) as staged:
            staged.touch(mode=0o600)
            rows.write_parquet(staged, compression="zstd", statistics=False)
        return emptied

    def _quotes(self, known: Forgotten, agency: str) -> dict[str, list[str]]:
        """Deleted clients that surviving rows quote, by column of the file."""
        found = {}
        for column in self.contract.columns:
            parts = _quoted_as(column, agency)
            values = self.values(column.name) if parts else None
            if values is None:
                continue
            if quoted := known.among(values.filter(~self.gone).unique().to_list(), *parts):
                found[self.header[column.name] or ""] = quoted
        return found


def _quoted_as(column: Column, agency: str) -> tuple[str, ...]:
    """The kind of token that a column's values have, if it quotes clients."""
    role = column.linkage_role or ""
    if role == "merged_into_client_id":
        return CLIENT, agency
    return (SHARED, role.removeprefix(SHARED_ROLE)) if role.startswith(SHARED_ROLE) else ()


def _as_sent(column: Column, header: Mapping[str, str]) -> str | None:
    return next((header[one.casefold()] for one in (column.name, *column.aliases) if one.casefold() in header), None)


def _spread(tables: Mapping[str, _Table], agency: str, known: Forgotten, found: Forgetting) -> None:
    """Mark the rows of deleted clients, then those that point at them, until there are no more."""
    for table in tables.values():
        client = table.contract.with_role("client_id")
        values = table.values(client.name) if client else None
        if values is not None:
            table.mark(values.is_in(known.among(values.unique().to_list(), CLIENT, agency)))
    _note_rows(tables, agency, known, found)
    while any(_point_at_gone(table, tables, agency, known, found) for table in tables.values()):
        _note_rows(tables, agency, known, found)


def _point_at_gone(
    table: _Table, tables: Mapping[str, _Table], agency: str, known: Forgotten, found: Forgetting
) -> bool:
    more = known.with_tokens(found.tokens)
    return any(_mark_children(table, reference, agency, more) for reference in table.contract.references)


def _mark_children(table: _Table, reference: Reference, agency: str, known: Forgotten) -> bool:
    columns = [table.values(name) for name in reference.columns]
    present = [column for column in columns if column is not None]
    if len(present) != len(columns):
        return False
    keys = pl.DataFrame([column.alias(str(at)) for at, column in enumerate(present)])
    gone = [
        row
        for row in keys.filter(~table.gone).unique().drop_nulls().iter_rows()
        if known.holds(ROW, agency, reference.table, *reference.to_columns, *row)
    ]
    if not gone:
        return False
    wanted = pl.DataFrame(gone, schema=keys.schema, orient="row").with_columns(pl.lit(value=True).alias("gone"))
    return table.mark(keys.join(wanted, on=keys.columns, how="left", maintain_order="left")["gone"])


def _note_rows(tables: Mapping[str, _Table], agency: str, known: Forgotten, found: Forgetting) -> None:
    """Note which rows are gone under the columns by which others point at them."""
    for name, table in tables.items():
        for columns in _pointing_at(name, tables):
            values = [table.values(column) for column in columns]
            present = [one for one in values if one is not None]
            if len(present) == len(columns) and table.gone.any():
                rows = pl.DataFrame([one.alias(str(at)) for at, one in enumerate(present)]).filter(table.gone)
                for row in rows.unique().drop_nulls().iter_rows():
                    found.tokens.add(known.token(ROW, agency, name, *columns, *row))


def _pointing_at(name: str, tables: Mapping[str, _Table]) -> set[tuple[str, ...]]:
    """The columns by which rows of a table are pointed at, in the tables here; and its business key."""
    own = {tuple(tables[name].contract.business_key)}
    return own | {
        reference.to_columns
        for table in tables.values()
        for reference in table.contract.references
        if reference.table == name
    }


def _without_lines(path: Path, agency: str, known: Forgotten, before_writing: Callable[[], None]) -> Counter[str]:
    """Take lines out that no contract could read and that name a deleted client in a field."""
    lines = pl.read_parquet(path)
    is_gone = pl.Series([_names_deleted(text, agency, known) for text in lines["text"]], dtype=pl.Boolean)
    if not is_gone.any():
        return Counter()
    before_writing()
    with replacing(path) as staged:
        staged.touch(mode=0o600)
        lines.filter(~is_gone).write_parquet(staged, compression="zstd")
    return Counter({path.stem: int(is_gone.sum())})


def _names_deleted(text: str | None, agency: str, known: Forgotten) -> bool:
    cells = (text or "").replace(";", ",").replace("\t", ",").replace("|", ",").split(",")
    return any(known.holds(CLIENT, agency, cell.strip(QUOTES)) for cell in cells)


def _recounted(delivery: Delivery, folder: Path, tables: Mapping[str, _Table]) -> Delivery:
    """The delivery with the rows that its files have now, and a word that some are gone."""
    readable = {name: _by_file(folder / f"{name}.parquet") for name in tables}
    unreadable = {path.stem: _by_file(path) for path in (folder / UNREADABLE).glob("*.parquet")}
    files = tuple(
        replace(
            one,
            rows=readable.get(one.table or "", {}).get(one.name, 0),
            unreadable_rows=unreadable.get(one.table or "", {}).get(one.name, 0),
        )
        for one in delivery.files
    )
    warnings = tuple(one for one in delivery.warnings if one.rule_id != RULE)
    return replace(delivery, files=files, warnings=(*warnings, problem(RULE)))


def _by_file(path: Path) -> dict[str, int]:
    return dict(pl.scan_parquet(path).group_by(FILE_NAME).len().collect().iter_rows())
