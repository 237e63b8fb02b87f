"""Rules over the rows of a table, as a contract writes them: what no column can say by itself.

A rule names columns of its own table, or `table.column` of a table that a relationship of the contracts leads to. A
rule that finds a needed value empty says nothing: that a value is missing is another rule. Rows that only delete their
record break no rule.

Belongs here: what a rule is, how it is read, what makes it ill-formed. What it means for a frame is in `rule_logic.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from schemas.contract_fields import Fields

QUARANTINE, SET_ASIDE, WARN = "quarantine", "set_aside", "warn"
ACTIONS = (QUARANTINE, SET_ASIDE, WARN)
ALWAYS = {"id", "kind", "mend", "action", "reason", "source"}


@dataclass(frozen=True)
class Kind:
    """What a kind of rule needs and may have, and how many rows it has to look at."""

    needs: frozenset[str]
    may: frozenset[str]
    compares_rows: bool = False
    """It looks at several rows of its table at once."""


KINDS: Mapping[str, Kind] = {
    "not_before": Kind(frozenset({"earlier", "later"}), frozenset({"when"})),
    "not_in_future": Kind(frozenset({"later"}), frozenset({"when"})),
    "required_when": Kind(frozenset({"column", "when"}), frozenset()),
    "empty_unless": Kind(frozenset({"column", "when"}), frozenset()),
    "not_overlapping": Kind(frozenset({"of", "from", "to"}), frozenset({"created", "when"}), compares_rows=True),
    "not_repeated": Kind(frozenset({"of"}), frozenset({"created", "when"}), compares_rows=True),
    "exactly_one": Kind(frozenset({"of", "when"}), frozenset(), compares_rows=True),
    "at_most": Kind(frozenset({"of", "most"}), frozenset({"when"}), compares_rows=True),
}
"""
`not_before`: `later` may not lie before `earlier`. `not_in_future`: `later` may not lie after the delivery's as-of
date, give or take a day. `required_when`: `column` may not be empty when another column holds certain values;
`empty_unless`: it must be empty when that column holds others. `not_overlapping`: the spans `from`–`to` (an empty end
is open, a last day may be another's first) of rows alike in `of` do not overlap. `not_repeated`: no two rows are alike
in `of`. Of such rows the later-`created` break the rule. `exactly_one`: of the rows alike in `of`, one and only one
holds certain values. `at_most`: no more than `most` rows are alike in `of`; of more, all break the rule.
"""


@dataclass(frozen=True)
class When:
    """A condition on a row: a column holds one of these values, written as in the file."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class RowRule:
    """One rule; which fields it has depends on its kind."""

    id: str
    kind: str
    mend: str
    action: str = QUARANTINE
    """`quarantine`: rows that break it are refused. `set_aside`: the value it is told at is made empty and counted, and
    the row stays. `warn`: rows are counted, and stay as they are."""
    reason: str = ""
    """Why it holds of the world."""
    source: str = ""
    """Who says so."""
    later: str = ""
    earlier: str = ""
    column: str = ""
    of: tuple[str, ...] = ()
    starts: str = ""
    ends: str = ""
    created: str = ""
    most: int = 0
    when: When | None = None

    @property
    def dates(self) -> tuple[str, ...]:
        """The columns that it compares as days or times."""
        return tuple(name for name in (self.earlier, self.later, self.starts, self.ends, self.created) if name)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that it names."""
        condition = (self.when.column,) if self.when else ()
        return tuple(dict.fromkeys((*self.dates, *((self.column,) if self.column else ()), *self.of, *condition)))

    @property
    def told_at(self) -> str:
        """The column of its own table that the sender should look at."""
        return next(name for name in (*self._tellable, "") if not is_elsewhere(name))

    @property
    def _tellable(self) -> tuple[str, ...]:
        named = (self.later, self.column, self.starts, *self.of, self.earlier)
        return tuple(name for name in named if name)

    @property
    def is_of_one_row(self) -> bool:
        """Whether a row by itself shows if it is broken."""
        return not KINDS[self.kind].compares_rows and not any(map(is_elsewhere, self.columns))

    @property
    def refuses(self) -> bool:
        """Whether a row that breaks it is refused."""
        return self.action == QUARANTINE


def is_elsewhere(column: str) -> bool:
    """Whether a rule's column is one of another table, `table.column`."""
    return "." in column


def read_row_rules(rules: Fields) -> tuple[RowRule, ...]:
    """The rules of a table's `rowRules`; raises ContractError with file, field and mend."""
    items = rules.get("rowRules", [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        rules.refuse("rowRules", "must be a list of rules, each with an id, a kind and a mend")
    found = tuple(_read(Fields(rules.file, f"rowRules {item.get('id', '?')}: ", item)) for item in items)
    if len({rule.id for rule in found}) < len(found):
        rules.refuse("rowRules", "have an id twice; quarantine tells rules by their ids")
    return found


def _read(item: Fields) -> RowRule:
    kind = KINDS.get(str(item.need("kind")))
    if kind is None:
        item.refuse("kind", f"must be one of {', '.join(KINDS)}")
    item.only(ALWAYS | kind.needs | kind.may)
    for name in sorted(kind.needs):
        item.need(name)
    if item.get("action", QUARANTINE) not in ACTIONS:
        item.refuse("action", f"must be one of {', '.join(ACTIONS)}")
    texts = {name: str(item.get(name, "")) for name in ("reason", "source", "later", "earlier", "column", "created")}
    rule = RowRule(
        id=_rule_id(item),
        kind=str(item.need("kind")),
        mend=str(item.need("mend")),
        action=str(item.get("action", QUARANTINE)),
        of=item.texts("of"),
        starts=str(item.get("from", "")),
        ends=str(item.get("to", "")),
        most=_most(item) if "most" in item.values else 0,
        when=_when(item) if "when" in item.values else None,
        **texts,
    )
    if not rule.told_at:
        item.refuse("later", "must be a column of this table, or earlier: rules are told where they can be mended")
    if rule.action == SET_ASIDE and not rule.is_of_one_row:
        item.refuse("action", "can be set_aside only where the row by itself shows what is wrong")
    return rule


def _rule_id(item: Fields) -> str:
    rule_id = str(item.need("id"))
    if "." in rule_id:
        item.refuse("id", "may hold no point: rules with one are a column's")
    return rule_id


def _most(item: Fields) -> int:
    most = item.need("most")
    if not isinstance(most, int) or most < 1:
        item.refuse("most", "must be a whole number of rows, 1 or more")
    return most


def _when(item: Fields) -> When:
    given = item.need("when")
    if not isinstance(given, dict) or set(given) != {"column", "values"} or not isinstance(given["values"], list):
        item.refuse("when", "must be written {column: …, values: [ … ]}")
    return When(str(given["column"]), tuple(map(str, given["values"])))


def shares_of(rules: tuple[RowRule, ...]) -> Iterator[tuple[str, str]]:
    """Table and column of everything that rules need of other tables, each once, sorted."""
    names = {name for rule in rules for name in rule.columns if is_elsewhere(name)}
    for name in sorted(names):
        table, _, column = name.partition(".")
        yield table, column
