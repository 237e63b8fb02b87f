"""Column lineage: what is kept of the `.sql` files is what they say."""

from __future__ import annotations

import os

import yaml

from pipelines import sql
from pipelines.lineage.sources import WALKED, Source, column_sources
from pipelines.lineage.walk import FILES, as_document, files_sha256, walk
from schemas.data_contract import load_contracts
from tests.pipeline.counties import Place

HEAD = "# Made by `UPDATE_GOLDEN=1 pytest tests/unit/test_lineage.py`, off the `.sql` files: column → sources.\n"


def test_the_kept_lineage_was_read_off_the_files_as_they_are(nightly: Place) -> None:
    """A changed `.sql` file changes the fingerprint: `UPDATE_GOLDEN=1` reads the lineage anew."""
    if os.environ.get("UPDATE_GOLDEN"):
        found = {"files_sha256": files_sha256(), **as_document(walk(nightly.lake, load_contracts()))}
        text = yaml.safe_dump(found, sort_keys=False, width=200, default_flow_style=None)
        WALKED.write_text(HEAD + text, encoding="utf-8")
    kept = yaml.safe_load(WALKED.read_text(encoding="utf-8"))
    assert kept["files_sha256"] == files_sha256()


def test_two_tables_read_anew_are_as_kept(nightly: Place) -> None:
    kept = yaml.safe_load(WALKED.read_text(encoding="utf-8"))
    wanted = ("standard/bookings", "published/persons")
    found = walk(nightly.lake, load_contracts(), only=wanted)
    assert found == {table: kept[table] for table in wanted}


def test_every_file_that_lineage_is_read_off_is_there() -> None:
    assert all(sql.text(package, name).lower().count("select") for _, package, name in FILES)


def test_an_identity_comes_from_every_agency_that_tells_the_name() -> None:
    found = column_sources("standard/identities", ["last_name"], load_contracts())["last_name"]
    assert Source("validated/sheriff_person", "last_name") in found
    assert Source("validated/hmis_client", "LastName") in found


def test_the_ids_of_a_pair_come_from_the_ids_of_identities_alone() -> None:
    found = column_sources("linked/links", ["client_key_r", "match_weight"], load_contracts())
    assert found["client_key_r"] == (Source("standard/identities", "client_key"),)
    assert len(found["match_weight"]) > 5
