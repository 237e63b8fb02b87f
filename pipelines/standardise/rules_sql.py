"""The linkage rules' words and patterns, as SQL macros and tables that the `.sql` files of this stage name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import duckdb
import pyarrow as pa

from linkage_rules import normalisation
from linkage_rules.normalisation import Pattern
from pipelines import sql


def load_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the macros of `macros.sql`, of titles, and of each kind of placeholder, known to a connection."""
    _title_macros(connection)
    connection.execute(sql.text("pipelines.standardise", "macros"))
    rules = normalisation.placeholders()
    _placeholder_macro(connection, "first_name_placeholder", rules.first_names)
    _placeholder_macro(connection, "last_name_placeholder", rules.last_names)
    _placeholder_macro(connection, "whole_name_placeholder", rules.whole_names)
    _placeholder_macro(connection, "birth_date_placeholder", rules.birth_dates)
    _placeholder_macro(connection, "address_placeholder", rules.addresses)
    connection.execute(f"create or replace macro is_crowded(surnames) as surnames >= {rules.crowded_surnames}")
    connection.execute(f"create or replace macro is_lent(bearers) as bearers >= {rules.lent_to}")


def load_rule_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Make linkage.street_words, linkage.facility_addresses and linkage.nickname_roots."""
    connection.execute("create schema if not exists linkage")
    _table(connection, "street_words", ("word", "usps"), normalisation.street_words())
    _table(connection, "facility_addresses", ("address_line", "kind"), normalisation.facility_addresses())
    _table(connection, "nickname_roots", ("name", "roots"), normalisation.nickname_roots())


def _placeholder_macro(connection: duckdb.DuckDBPyConnection, name: str, patterns: Iterable[Pattern]) -> None:
    cases = " ".join(
        f"when regexp_full_match(value, {sql.literal(rule.pattern)}) then {sql.literal(rule.kind)}" for rule in patterns
    )
    connection.execute(f"create or replace macro {name}(value) as case {cases} end")


def _title_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the patterns of titles known; macros.sql takes them off."""
    rules = normalisation.titles()
    every = (*rules.before, *rules.after, *rules.ranks)
    for name, words in (
        ("titles_before", rules.before),
        ("titles_after", rules.after),
        ("ranks", rules.ranks),
        ("ranks_behind_ordinals", (*rules.ranks, *rules.ordinal_ranks)),
        ("any_title", every),
    ):
        connection.execute(f"create or replace macro {name}() as {sql.literal(_any_of(words))}")


def _any_of(words: Iterable[str]) -> str:
    """A pattern (RE2) for any of the words, with or without dots: MD, M.D., Dr."""
    return f"(?:{'|'.join(''.join(letter + '[.]?' for letter in word) for word in words)})"


def _table(
    connection: duckdb.DuckDBPyConnection, name: str, columns: Sequence[str], rows: Sequence[Sequence[object]]
) -> None:
    table = pa.table({column: [row[place] for row in rows] for place, column in enumerate(columns)})
    connection.register("rule_rows", table)
    connection.execute(f"create or replace table linkage.{name} as select distinct * from rule_rows")
    connection.unregister("rule_rows")
