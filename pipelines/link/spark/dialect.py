"""The rules' SQL, written for DuckDB, said in Spark's words.

Belongs here: one translation of an expression, by its syntax tree and never by its text. What has no counterpart that
is known to mean the same is refused by name: a condition that Spark reads otherwise would be wrong without a sound.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sqlglot
from sqlglot import exp

from pipelines.errors import ModelError

SAME_IN_BOTH = (
    exp.Abs,
    exp.Add,
    exp.And,
    exp.ArrayFilter,
    exp.Between,
    exp.Boolean,
    exp.Case,
    exp.Cast,
    exp.Coalesce,
    exp.Column,
    exp.DataType,
    exp.EQ,
    exp.GT,
    exp.GTE,
    exp.Greatest,
    exp.Identifier,
    exp.If,
    exp.In,
    exp.IntDiv,
    exp.Is,
    exp.LT,
    exp.LTE,
    exp.Lambda,
    exp.Least,
    exp.Left,
    exp.Length,
    exp.Levenshtein,
    exp.Literal,
    exp.Mod,
    exp.NEQ,
    exp.Neg,
    exp.Not,
    exp.Null,
    exp.NullSafeEQ,
    exp.NullSafeNEQ,
    exp.Or,
    exp.Paren,
    exp.Right,
    exp.StartsWith,
    exp.Sub,
    exp.Substring,
    exp.Tuple,
)
"""Kinds of expression that both engines take alike, nulls included; sqlglot knows how each spells them."""


def _call(name: str, *arguments: exp.Expression) -> exp.Expression:
    return exp.Anonymous(this=name, expressions=list(arguments))


RENAMED: Mapping[type[exp.Expression], Callable[[exp.Expression], exp.Expression]] = {
    # Splink's own jar brings the function; it counts transpositions in halves, DuckDB in wholes.
    exp.JarowinklerSimilarity: lambda node: _call("jaro_winkler", node.this, node.expression),
    exp.ArrayOverlaps: lambda node: _call("arrays_overlap", node.this, node.expression),
    # Beyond the end of a list DuckDB gives null, and Spark's brackets an error.
    exp.Bracket: lambda node: _call("get", node.this, *node.expressions),
}
"""Kinds of expression that Spark has under another name."""


def spark_sql(expression: str) -> str:
    """A DuckDB expression of the rules as Spark SQL, or ModelError naming what Spark has no word for."""
    tree = exp.Paren(this=sqlglot.parse_one(expression, read="duckdb"))
    _refuse_unknown(tree, expression)
    for node in list(tree.find_all(*RENAMED)):
        node.replace(RENAMED[type(node)](node))
    return str(tree.this.sql(dialect="spark"))


def _refuse_unknown(tree: exp.Expr, expression: str) -> None:
    unknown = sorted({_said(node) for node in tree.walk() if not isinstance(node, (*SAME_IN_BOTH, *RENAMED))})
    if unknown:
        raise ModelError(
            f"the Spark engine has no word for {', '.join(unknown)} in `{expression}`; "
            "add it to pipelines/link/spark/dialect.py, or link with DuckDB"
        )


def _said(node: exp.Expr) -> str:
    return node.name if isinstance(node, exp.Anonymous) else type(node).__name__
