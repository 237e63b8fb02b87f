"""Who may be in a product, and under which name: from the release's keys, over the vault, to the recipient's."""

from __future__ import annotations

from datetime import date

import duckdb
import polars as pl

from pipelines import sql
from pipelines.consent import open_choices, people_with_consent
from pipelines.lake import Lake
from pipelines.person_index.update import latest_version, version_folder
from pipelines.products.keys import RecipientKey
from pipelines.products.vault import vault_ids
from pipelines.publish.latest import PRODUCT
from pipelines.publish.person_keys import open_key_ring

PACKAGE = "pipelines.products"

RELEASE_KEY, SHIFT_DAYS = "release_key", "shift_days"


def people_of(
    lake: Lake, version: int, key: RecipientKey, on: date, *, greatest_shift: int, with_places: bool
) -> pl.DataFrame:
    """A row a person that may be in the product.

    Columns: `release_key` (its key in the county's release), `person_key` (its key in the product), `shift_days`,
    `has_part2_consent`, and `zip5` if it is asked for.

    Args:
        version: of the person index that the release was made with.
        on: the day by which consents have expired or not.
    """
    with sql.connect(lake.spill) as connection:
        sql.open_views(connection, lake, [("person_index", "person_of_client")])
        connection.execute("create schema product")
        _open_release_index(connection, lake, version)
        open_choices(connection, lake, on)
        people_with_consent(connection, key.recipient).create("consent.consented")
        people = sql.relation(connection, PACKAGE, "people").pl()
        if with_places:
            sql.open_views(connection, lake, [("standard", "identities")])
            people = people.join(sql.relation(connection, PACKAGE, "places").pl(), on="person_id", how="left")
    return _named(lake, people, key, greatest_shift)


def _open_release_index(connection: duckdb.DuckDBPyConnection, lake: Lake, version: int) -> None:
    source = (
        version_folder(lake, version) / "person_of_client.parquet"
        if latest_version(lake)
        else lake.path("person_index", "person_of_client")
    )
    connection.execute(f"create view product.release_index as from read_parquet({sql.literal(str(source))})")


def _named(lake: Lake, people: pl.DataFrame, key: RecipientKey, greatest_shift: int) -> pl.DataFrame:
    ids = people["person_id"].to_list()
    vault, ring = vault_ids(lake, ids), open_key_ring(lake, PRODUCT)
    return people.drop("person_id").with_columns(
        pl.Series(RELEASE_KEY, [ring.person_key(one) for one in ids], pl.String),
        pl.Series("person_key", [key.person_key(vault[one]) for one in ids], pl.String),
        pl.Series(SHIFT_DAYS, [key.shift_days(vault[one], greatest_shift) for one in ids], pl.Int64),
    )
