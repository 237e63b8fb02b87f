"""Any table of person records as identities and clients: for linking, and measuring on, tables of no agency.

Belongs here: reading the columns of a flat table by their linkage roles. Standardising, training and linking are the
same code that a county runs.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

import duckdb
import yaml

from linkage_rules.bundle import Bundle, load_bundle
from pipelines import sql
from pipelines.errors import LakeError
from pipelines.lake import replacing
from pipelines.link.engine import USUAL, EngineChoice, open_engine
from pipelines.link.linking import LinkReport, make_clusters
from pipelines.link.train import train_on
from pipelines.standardise import make_identities

DEFAULT_ROLES: Mapping[str, str] = {
    "source": "agency",
    "source_record_id": "client_id",
    "first_name": "first_name",
    "middle_name": "middle_name",
    "last_name": "last_name",
    "name_suffix": "name_suffix",
    "full_name": "full_name",
    "dob": "birth_date",
    "ssn": "ssn",
    "sex": "sex",
    "address": "address_line",
    "city": "city",
    "zip": "zip_code",
    "phone": "phone",
}
"""Column → linkage role; a column that the table lacks takes no part."""

TEXT_ROLES = (
    "first_name",
    "middle_name",
    "last_name",
    "name_suffix",
    "full_name",
    "birth_date",
    "ssn",
    "ssn_last4",
    "phone",
    "address_line",
    "city",
    "zip_code",
)


def link_table(
    records: Path, out: Path, roles: Path | None = None, bundle: Bundle | None = None, choice: EngineChoice = USUAL
) -> LinkReport:
    """Link a Parquet table of person records; writes source, source_record_id, person_id to `out`.

    Trains on the table itself unless a bundle is given. `roles` is YAML: column → linkage role.
    """
    with tempfile.TemporaryDirectory() as folder:
        scratch, told = Path(folder), [bundle.folder] if bundle else []
        with sql.connect(places=[records.parent, out.parent, scratch, *told]) as connection:
            open_table(connection, records, _roles(roles))
            if bundle is None:
                train_on(connection, scratch / "bundle", "of-the-table")
                bundle = load_bundle(scratch / "bundle")
            with open_engine(choice, scratch) as engine:
                report = make_clusters(connection, bundle, engine=engine)
            with replacing(out) as staged:
                persons = sql.relation(connection, "pipelines.link", "table_persons")
                persons.write_parquet(str(staged), compression="zstd")
            return report


def open_table(connection: duckdb.DuckDBPyConnection, records: Path, roles: Mapping[str, str] = DEFAULT_ROLES) -> None:
    """Make standard.identities and standard.clients from a Parquet table of person records."""
    source = f"read_parquet({sql.literal(str(records))})"
    present = {row[0] for row in connection.execute(f"describe from {source}").fetchall()}
    by_role = {role: column for column, role in roles.items() if column in present}
    for needed in ("agency", "client_id"):
        if needed not in by_role:
            raise LakeError(f"{records.name}: no column has the role {needed}; name one in the roles")
    connection.execute("create schema if not exists linkage")
    connection.execute(f"create or replace table linkage.identity_sources as {_sources_sql(source, by_role)}")
    make_identities(connection)
    clients = sql.text("pipelines.link", "table_clients")
    connection.execute(f"create or replace table standard.clients as {clients}")


def _sources_sql(source: str, by_role: Mapping[str, str]) -> str:
    texts = ", ".join(f"{_text(by_role.get(role))} as {role}" for role in TEXT_ROLES)
    sex = _text(by_role.get("sex"))
    return (
        f"select {_text(by_role['agency'])} as agency, {_text(by_role['client_id'])} as client_id, "
        "true as is_primary, true as is_plain, []::varchar[] as given_ids, []::varchar[] as own_ids, "
        f"case upper(left({sex}, 1)) when 'M' then 'M' when 'F' then 'F' end as sex_code, {texts} from {source}"
    )


def _text(column: str | None) -> str:
    if column is None:
        return "null::varchar"
    quoted = '"' + column.replace('"', '""') + '"'
    return f"nullif(trim({quoted}::varchar), '')"


def _roles(path: Path | None) -> Mapping[str, str]:
    if path is None:
        return DEFAULT_ROLES
    stated: Mapping[str, str] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return stated
