"""Which columns of which agency say who a client is: SQL made from the contracts' linkage roles.

Belongs here: reading any agency's tables into one shape, text as it stands. Does not belong here: what the text means
(the `.sql` files) nor any agency's name: a fifth agency is its contracts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import duckdb

from pipelines import sql
from pipelines.standardise.current import delivered_name, view_name
from schemas.data_contract import Column, DataContract, DataContracts

TEXT_ROLES = {
    "first_name": "first_name",
    "middle_name": "middle_name",
    "last_name": "last_name",
    "name_suffix": "name_suffix",
    "full_name": "full_name",
    "birth_date": "birth_date",
    "ssn": "ssn",
    "ssn_last4": "ssn_last4",
    "phone": "phone",
    "address_line": "address_line",
    "city": "city",
    "zip_code": "zip_code",
}
"""Linkage role → column of linkage.identity_sources, taken as text."""


def open_identity_sources(connection: duckdb.DuckDBPyConnection, contracts: DataContracts) -> None:
    """Make linkage.identity_sources: a row per row of every table that describes persons, whoever sent it."""
    selects = [_identity_select(contract, contracts) for contract in contracts.all() if contract.describes_persons]
    connection.execute("create schema if not exists linkage")
    connection.execute(f"create or replace table linkage.identity_sources as {' union all by name '.join(selects)}")


def open_client_sources(connection: duckdb.DuckDBPyConnection, contracts: DataContracts) -> None:
    """Make linkage.client_sources: what the tables that name a client say of them, a row or more a client and table.

    Tables that describe persons give a row per row. Of the others, which are far longer, equal rows count once, and
    those that say no more than who it was count only where no other row is about that client.
    """
    naming = [contract for contract in contracts.all() if contract.with_role("client_id")]
    told = [contract for contract in naming if contract.describes_persons or len(_roles(contract)) > 1]
    selects = [_client_select(contract, contracts) for contract in told]
    connection.execute("create schema if not exists linkage")
    connection.execute(f"create or replace table linkage.client_sources as {' union all by name '.join(selects)}")
    for agency in dict.fromkeys(contract.agency for contract in naming):
        only_naming = [contract for contract in naming if contract.agency == agency and contract not in told]
        if only_naming:
            _add_only_named(connection, agency, only_naming)


def _add_only_named(connection: duckdb.DuckDBPyConnection, agency: str, contracts: Sequence[DataContract]) -> None:
    """Add the clients whom no table of an agency tells of, and these tables name.

    Whether a row is in force costs far more to say than whom it names, and hardly a client is named only. So they are
    looked for among all rows first.
    """
    known = f"select client_id from linkage.client_sources where agency = {sql.literal(agency)}"
    connection.execute(
        "create or replace table linkage.only_named as "
        f"from ({_named_in(map(delivered_name, contracts), contracts)}) anti join ({known}) using (client_id)"
    )
    if sql.count(connection, "linkage.only_named"):
        connection.execute(
            f"insert into linkage.client_sources by name select client_key({sql.literal(agency)}, client_id) "
            f"as client_key, {sql.literal(agency)} as agency, client_id, false as is_primary, false as is_plain, "
            "false as is_identity, []::varchar[] as race_codes "
            f"from ({_named_in(map(view_name, contracts), contracts)}) semi join linkage.only_named using (client_id)"
        )


def _named_in(tables: Iterable[str], contracts: Iterable[DataContract]) -> str:
    """SQL of the client ids that tables of these contracts name, each once."""
    named = [
        f"select {_text(contract.with_role('client_id'))} as client_id from {table} as s"
        for table, contract in zip(tables, contracts, strict=True)
    ]
    return f"select distinct client_id from ({' union all '.join(named)}) where client_id is not null"


def _roles(contract: DataContract) -> list[Column]:
    return [column for column in contract.columns if column.linkage_role]


def _identity_select(contract: DataContract, contracts: DataContracts) -> str:
    return _select(
        contract,
        [
            *_who(contract),
            f"{_is_plain(contract, contracts)} as is_plain",
            f"{_standard_code(contract.with_role('sex'))} as sex_code",
            f"{_id_list(_given_ids(contract))} as given_ids",
            f"{_id_list(_own_ids(contract))} as own_ids",
            *(f"{_text(contract.with_role(role))} as {name}" for role, name in TEXT_ROLES.items()),
        ],
    )


def _client_select(contract: DataContract, contracts: DataContracts) -> str:
    died, born = contract.with_role("death_date"), contract.with_role("birth_date")
    return _select(
        contract,
        [
            *_who(contract),
            f"{_is_plain(contract, contracts)} as is_plain",
            f"{'true' if contract.describes_persons else 'false'} as is_identity",
            f"{_standard_code(contract.with_role('sex'))} as sex_code",
            f"{_race_codes(contract)} as race_codes",
            f"try_cast({_text(born)} as date) as birth_on",
            f"{_text(contract.with_role('merged_into_client_id'))} as merged_into_client_id",
            f"try_cast({_text(died)} as date) as died_on",
        ],
        source=view_name(contract) if contract.describes_persons else _each_once(contract),
    )


def _select(contract: DataContract, expressions: Iterable[str], source: str = "") -> str:
    client = contract.with_role("client_id")
    assert client is not None
    source = source or view_name(contract)
    return f"(select {', '.join(expressions)} from {source} as s where {_name(client)} is not null)"


def _each_once(contract: DataContract) -> str:
    """SQL of what a table says of clients, delivery by delivery, each saying once."""
    said = [_quoted(column.name) for column in _roles(contract)]
    return f"(select distinct {', '.join([*said, '_delivery_id'])} from {view_name(contract)})"


def _who(contract: DataContract) -> Iterator[str]:
    client = contract.with_role("client_id")
    yield f"client_key({sql.literal(contract.agency)}, {_text(client)}) as client_key"
    yield f"{sql.literal(contract.agency)} as agency"
    yield f"{_text(client)} as client_id"
    yield f"{'true' if client and contract.business_key == (client.name,) else 'false'} as is_primary"


def _is_plain(contract: DataContract, contracts: DataContracts) -> str:
    """Whether a row's delivery carries names, not hashes of names."""
    rule = contract.hashed_when
    if rule is None:
        return "true"
    other = contracts.get(contract.agency, rule.table)
    if other is None:
        return "true"
    plain = ", ".join(sql.literal(value) for value in rule.plain)
    marker = other.column(rule.column)
    return (
        f"not exists (select 1 from {view_name(other)} as e "
        f"where e._delivery_id = s._delivery_id and coalesce(e.{_quoted(marker.name)}::varchar, '') not in ({plain}))"
    )


def _standard_code(column: Column | None) -> str:
    if column is None:
        return "null::varchar"
    if column.standard_codes is None:
        return _text(column)
    cases = " ".join(
        f"when {sql.literal(code)} then {sql.literal(standard)}"
        for code, standard in column.standard_codes.items()
        if standard is not None
    )
    return f"case {_text(column)} {cases} end" if cases else "null::varchar"


def _race_codes(contract: DataContract) -> str:
    """Races and ethnicity that a row states, by our codes."""
    stated = [
        _standard_code(column) for role in ("race", "ethnicity") for column in [contract.with_role(role)] if column
    ]
    flags = [
        f"case when {_text(column)} = '1' then {sql.literal(role.partition(':')[2])} end"
        for column in contract.columns
        if (role := column.linkage_role or "").startswith("race_flag:")
    ]
    return (
        f"list_filter([{', '.join([*stated, *flags, 'null::varchar'])}], "
        "lambda code: code is not null and code <> 'not_hispanic')"
    )


def _id_list(columns: Iterable[tuple[str, Column]]) -> str:
    """`<namespace>:<id>` for each of these columns that holds an id."""
    ids = [f"shared_id({sql.literal(space)}, {_text(column)})" for space, column in columns]
    return f"list_filter([{', '.join([*ids, 'null::varchar'])}], lambda id: id is not null)"


def _given_ids(contract: DataContract) -> Iterator[tuple[str, Column]]:
    """Ids that someone else gave this client: a person has one of each kind."""
    for column in contract.columns:
        role = column.linkage_role or ""
        if role.startswith("shared_id:"):
            yield role.partition(":")[2], column


def _own_ids(contract: DataContract) -> Iterator[tuple[str, Column]]:
    """The agency's own client id, where others quote it: a person may have several, for agencies hold duplicates."""
    for column in contract.columns:
        if column.also_shared_id:
            yield column.also_shared_id, column


def _text(column: Column | None) -> str:
    return "null::varchar" if column is None else f"nullif(trim({_name(column)}::varchar), '')"


def _name(column: Column) -> str:
    return f"s.{_quoted(column.name)}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
