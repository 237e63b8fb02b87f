"""A recipient gets what purpose, agreement and law let it have, under keys of its own, whole or not at all."""

from __future__ import annotations

import gzip
import html
import io
import json
import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyrage
import pytest

from pipelines.audit import acts
from pipelines.consent import Choice, record
from pipelines.errors import ContractError, LakeError, ReleaseError
from pipelines.key_files import read_key
from pipelines.outcomes import load_measures
from pipelines.products import (
    PRODUCTS,
    BuildReport,
    Product,
    build,
    current_build,
    load_law,
    load_products,
    rotate,
    verify_build,
    withdraw_builds,
    write_bundle,
    write_crosswalk,
)
from pipelines.products.basis import grounds
from pipelines.products.keys import open_key
from pipelines.products.law import regimes_by_agency
from pipelines.publish import Verification, load_published_contracts
from pipelines.publish.person_keys import open_key_ring
from pipelines.spreadsheets import harmless
from schemas.data_contract import DataContracts
from tests.unit.fake_lake import shipped_contracts
from tests.unit.product_cases import CODED, DE_IDENTIFIED, IDENTITY, TODAY, Desk, copied, desk, released


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with pytest.MonkeyPatch.context() as patched:
        yield desk(tmp_path_factory.mktemp("desk"), patched)


@pytest.fixture
def place(made: Desk, tmp_path: Path) -> Desk:
    return copied(made, tmp_path)


def built(place: Desk, product: Product, on: date = TODAY) -> BuildReport:
    return build(place.lake, product, place.rulebook, by="ada", on=on)


def table(report: BuildReport, name: str) -> pl.DataFrame:
    return pl.read_parquet(report.folder / f"{name}.parquet")


def part2(place: Desk, *providers: str) -> Desk:
    law = replace(place.rulebook.law, part2_providers=frozenset(providers))
    return replace(place, rulebook=replace(place.rulebook, law=law))


def test_a_coded_product_holds_the_columns_it_names_and_no_key_of_the_release(place: Desk) -> None:
    report = built(place, place.product(CODED))
    persons = table(report, "persons")
    assert persons.columns == CODED["tables"]["persons"]
    assert persons.height == 3
    own = pl.read_parquet(place.lake.root / "published/outcomes/latest/persons.parquet")
    assert not set(persons["person_key"]) & set(own["person_key"])
    assert set(table(report, "person_measures")["person_key"]) <= set(persons["person_key"])
    assert verify_build(report.folder) == []


def test_the_same_inputs_build_the_same_product_once(place: Desk) -> None:
    product = place.product(CODED)
    first = built(place, product)
    before = {path.name: path.read_bytes() for path in first.folder.iterdir()}
    assert not built(place, product).is_new
    shutil.rmtree(first.folder)
    again = built(place, product)
    assert again.build_id == first.build_id
    assert {path.name: path.read_bytes() for path in again.folder.iterdir()} == before


def test_two_recipients_cannot_join_their_rows(place: Desk) -> None:
    one = table(built(place, place.product(CODED)), "persons")
    other = table(built(place, place.product(CODED, recipient="rand")), "persons")
    project = table(built(place, place.product(CODED, project="fsp")), "persons")
    keys = [set(rows["person_key"]) for rows in (one, other, project)]
    assert [len(each) for each in keys] == [3, 3, 3]
    assert not keys[0] & keys[1]
    assert not keys[0] & keys[2]
    assert not keys[1] & keys[2]


def test_a_person_key_does_not_follow_from_the_person_id(place: Desk) -> None:
    product = place.product(CODED)
    held = set(table(built(place, product), "persons")["person_key"])
    key = open_key(place.lake, "ucla", "jir")
    assert not held & {key.person_key(message) for n in (11, 12, 13) for message in (str(n).encode(), bytes([n]))}


def test_a_key_that_two_recipients_share_is_refused(place: Desk) -> None:
    built(place, place.product(CODED))
    keys = place.lake.root / "keys/recipients"
    (keys / "rand").mkdir(mode=0o700)
    shutil.copy(keys / "ucla/jir.0001.key", keys / "rand/jir.0001.key")
    with pytest.raises(LakeError, match="hold the same secret"):
        built(place, place.product(CODED, recipient="rand"))


def test_a_key_that_others_can_read_or_that_is_gone_is_refused(place: Desk) -> None:
    product = place.product(CODED)
    built(place, product)
    path = place.lake.root / "keys/recipients/ucla/jir.0001.key"
    path.chmod(0o640)
    with pytest.raises(LakeError, match="chmod 600"):
        built(place, product)
    path.write_bytes(b"short")
    path.chmod(0o600)
    with pytest.raises(LakeError, match="5 bytes"):
        read_key(path)
    path.unlink()
    with pytest.raises(LakeError, match="is gone but products were made"):
        built(place, product)


def test_a_vault_that_is_gone_stops_the_build(place: Desk) -> None:
    product = place.product(CODED)
    built(place, product)
    (place.lake.root / "keys/person_vault.parquet").unlink()
    with pytest.raises(LakeError, match="person_vault"):
        built(place, product)


def test_rotation_takes_two_people_and_the_crosswalk_leads_from_old_names_to_new(place: Desk) -> None:
    product = place.product(CODED)
    old = set(table(built(place, product), "persons")["person_key"])
    with pytest.raises(ReleaseError, match="second person"):
        rotate(place.lake, product, by="ada", approved_by=" Ada", reason="a laptop was lost")
    rotate(place.lake, product, by="ada", approved_by="bo", reason="a laptop was lost")
    out = place.root / "crosswalk.csv.age"
    count = write_crosswalk(place.lake, product, out, by="ada", approved_by="bo", reason="rows go on")
    rows = pyrage.decrypt(out.read_bytes(), [IDENTITY]).decode().splitlines()[1:]
    leads = dict(row.split(",") for row in rows)
    new = set(table(built(place, product), "persons")["person_key"])
    assert (count, set(leads), set(leads.values())) == (3, old, new)
    assert not old & new
    assert [act.act for act in acts(place.lake)][-4:] == [
        "product_built",
        "key_rotated",
        "crosswalk_made",
        "product_built",
    ]


def test_a_crosswalk_leads_from_old_names_also_after_the_next_build(place: Desk) -> None:
    product, out = place.product(CODED), place.root / "crosswalk.csv.age"
    people = {"by": "ada", "approved_by": "bo", "reason": "a year is over"}
    old = set(table(built(place, product), "persons")["person_key"])
    rotate(place.lake, product, **people)
    new = set(table(built(place, product), "persons")["person_key"])
    assert write_crosswalk(place.lake, product, out, **people) == 3
    rows = pyrage.decrypt(out.read_bytes(), [IDENTITY]).decode().splitlines()[1:]
    assert {row.split(",")[0] for row in rows} == old
    assert {row.split(",")[1] for row in rows} == new
    rotate(place.lake, product, **people)
    rotate(place.lake, product, **people)
    with pytest.raises(ReleaseError, match=r"no build of ucla\.jir with the key before is left"):
        write_crosswalk(place.lake, product, out, **people)


def test_a_product_without_a_basis_is_refused_with_clause_column_and_mend(place: Desk) -> None:
    bases = [one for one in CODED["bases"] if one != "pc_13202_research"]
    with pytest.raises(ReleaseError) as refused:
        built(place, place.product(CODED, bases=bases))
    told = str(refused.value)
    assert "person_measures.status_code: Penal Code 13202" in told
    assert "records of sheriff; name a basis (pc_13202_research)" in told
    assert "person_measures.person_key" not in told
    assert current_build(place.lake, "ucla.jir") is None


def test_a_purpose_that_a_source_does_not_permit_is_refused(place: Desk) -> None:
    with pytest.raises(ReleaseError, match="DSA-SHERIFF-01 permits outcome measurement"):
        built(place, place.product(CODED, purpose="immigration enforcement"))


def test_a_basis_reaches_its_tier_and_purpose_only(place: Desk) -> None:
    bases = [*CODED["bases"][1:], "hipaa_safe_harbor"]
    with pytest.raises(ReleaseError, match=r"bases.hipaa_safe_harbor: 45 CFR 164.514\(b\)\(2\): reaches de_identified"):
        built(place, place.product(CODED, bases=bases))


def test_coordination_of_care_is_never_the_only_ground(place: Desk) -> None:
    with pytest.raises(ReleaseError, match=r"18999\.8: is never the only ground"):
        built(place, place.product(CODED, bases=["ab210_coordination"]))


@pytest.mark.parametrize(
    ("on", "said"), [(date(2027, 7, 1), "expired on 2027-06-30"), (date(2026, 6, 1), "not in force")]
)
def test_an_agreement_that_is_not_in_force_refuses(place: Desk, on: date, said: str) -> None:
    with pytest.raises(ReleaseError, match=said):
        built(place, place.product(CODED), on)


def test_an_agency_whose_agreement_is_over_is_in_no_product(place: Desk) -> None:
    ended = [replace(one, agreement_expires_on=date(2026, 10, 31)) for one in shipped_contracts().all()]
    contracts = DataContracts(shipped_contracts().root, tuple(ended))
    place = replace(place, rulebook=replace(place.rulebook, contracts=contracts))
    with pytest.raises(ReleaseError, match="records of sheriff: agreement DSA-SHERIFF-01 expired on 2026-10-31"):
        built(place, place.product(CODED))


def test_rows_of_part_2_programmes_stay_out_without_a_basis(place: Desk) -> None:
    with_programme(place, "P9")
    kept = table(built(part2(place), place.product(CODED)), "person_measures")
    assert kept.height == released_rows(place, 11, 12)
    left = table(built(part2(place, "P9"), place.product(CODED, project="other")), "person_measures")
    assert left.height == released_rows(place, 11)
    assert "P9" not in left["provider_id"].to_list()


def test_part_2_rows_of_those_who_consented_may_be_held_with_the_notice(place: Desk) -> None:
    with_programme(place, "P9")
    product = place.product(CODED, bases=[*CODED["bases"], "part2_consent"])
    without, everybody = released_rows(place, 11), released_rows(place, 11, 12)
    assert table(built(part2(place, "P9"), product), "person_measures").height == without
    consent = Choice("health", "H2", "consent", TODAY, recipient="ucla")
    record(place.lake, [consent], "clerk")
    report = built(part2(place, "P9"), product)
    assert table(report, "person_measures").height == everybody
    told = (report.folder / "NOTICE.txt").read_text()
    assert "42 CFR part 2 prohibits unauthorized use or disclosure" in told
    assert "consented in writing to their disclosure to the recipient named above" in told
    record(place.lake, [replace(consent, choice_code="revoke")], "clerk")
    assert table(built(part2(place, "P9"), product), "person_measures").height == without


def released_rows(place: Desk, *person_ids: int) -> int:
    """How many rows of measures the release has of some persons."""
    rows = pl.read_parquet(place.lake.root / "published/outcomes/latest/person_measures.parquet")
    return rows.filter(pl.col("person_key").is_in([key_of_release(place, one) for one in person_ids])).height


def with_programme(place: Desk, provider: str) -> None:
    """Let the row of person 12 be of a provider, in the release."""
    path = place.lake.root / "published/outcomes/latest/person_measures.parquet"
    rows = pl.read_parquet(path)
    mark = pl.when(pl.col("person_key") == key_of_release(place, 12)).then(pl.lit(provider))
    rows.with_columns(mark.alias("provider_id")).write_parquet(path)


def key_of_release(place: Desk, person_id: int) -> str:
    return open_key_ring(place.lake, "outcomes").person_key(person_id)


@pytest.fixture(autouse=True)
def _changed_releases_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests change a row of a release; whether releases are whole is tested in test_publish."""
    whole = Verification("r", 0, 0, ())
    monkeypatch.setattr("pipelines.products.building.verify_release", lambda release: whole)


def test_the_page_of_a_product_tells_terms_notices_and_columns_and_no_row(place: Desk) -> None:
    report = built(place, place.product(CODED))
    told = html.unescape((report.folder / "index.html").read_text(encoding="utf-8"))
    agreement = CODED["agreement"]["id"]
    assert agreement in told and "5328" in told and "Destroy every copy" in told
    for name, columns in CODED["tables"].items():
        assert f"Columns of {name}" in told
        assert all(f"<code>{column}</code>" in told for column in columns)
    assert not [key for key in table(report, "persons")["person_key"] if key in told]


def test_who_opted_out_by_any_client_is_in_no_product_and_no_coded_release(
    place: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(place.lake, [Choice("hmis", "M1", "opt_out", TODAY)], "clerk")
    report = built(place, place.product(CODED))
    assert table(report, "persons").height == 2
    assert table(report, "person_measures").height == released_rows(place, 12)
    released(place.lake, monkeypatch)
    rows = pl.read_parquet(place.lake.root / "published/outcomes/latest/persons.parquet")
    assert rows.height == 2
    lines = pl.read_parquet(place.lake.root / "published/outcomes/latest/statement_lines.parquet")
    paid = lines.filter(pl.col("person_key").is_null())
    assert set(paid["index_on"]) == {None}
    assert 0 < paid.height < lines.height
    record(place.lake, [Choice("hmis", "M1", "opt_in", date(2026, 11, 23))], "clerk")
    released(place.lake, monkeypatch)
    assert table(built(place, place.product(CODED)), "persons").height == 3


def test_an_opt_out_survives_merge_and_split(place: Desk) -> None:
    record(place.lake, [Choice("hmis", "M1", "opt_out", TODAY)], "clerk")
    product = place.product(CODED)
    index = place.lake.path("person_index", "person_of_client")
    rows = pl.read_parquet(index)
    as_released = place.lake.root / "person_index/versions/000001"
    as_released.mkdir(parents=True)
    shutil.copy(index, as_released / "person_of_client.parquet")
    merged = rows.with_columns(pl.when(pl.col("client_id") == "H2").then(11).otherwise("person_id").alias("person_id"))
    merged.write_parquet(index)
    use_version(place, 1)
    assert table(built(place, product), "persons").height == 1  # H2 is one with M1 now, though not when it was released
    split = rows.with_columns(pl.when(pl.col("client_id") == "M1").then(14).otherwise("person_id").alias("person_id"))
    split.write_parquet(index)
    assert (
        table(built(place, place.product(CODED, project="later")), "persons").height == 2
    )  # as released, they were one


def use_version(place: Desk, version: int) -> None:
    path = place.lake.root / "published/outcomes/latest/manifest.json"
    told = json.loads(path.read_text())
    told["inputs"]["person_index_version"] = version
    path.write_text(json.dumps(told))


def test_groups_that_are_too_small_hold_a_de_identified_product_and_say_how_to_mend_it(place: Desk) -> None:
    report = built(place, place.product(DE_IDENTIFIED))
    assert report.is_held
    assert current_build(place.lake, report.product_id) is None
    assert report.anonymity is not None
    held = json.loads((place.lake.root / "products/policy_lab.jir/held.json").read_text())["anonymity"]
    assert (held["smallest_k"], held["floor_k"]) == (1, 11)
    assert held["too_small"][0] == {"columns": ["birth_year"], "groups": 3, "persons": 3}
    assert {mend["change"] for mend in held["mends"]} >= {"without sex_code", "birth_year_band: 10"}
    assert not list((place.lake.root / "products/policy_lab.jir").glob("builds/*"))


def test_a_de_identified_product_has_years_and_its_measure_in_the_manifest(place: Desk) -> None:
    law = place.rulebook.law
    low = law.rules.model_copy(update={"floors": law.rules.floors.model_copy(update={"smallest_k": 1})})
    place = replace(place, rulebook=replace(place.rulebook, law=replace(law, rules=low)))
    report = built(place, place.product(DE_IDENTIFIED))
    rows = table(report, "person_measures")
    assert rows.columns == ["measure_id", "person_key", "period", "index_year", "status_code"]
    assert set(rows["index_year"]) == {2025}
    meanings = pl.read_csv(report.folder / "data_dictionary.csv").filter(column="index_year")["description"]
    assert meanings.to_list() == ["Year only: Day on which the window opens"]
    told = json.loads((report.folder / "manifest.json").read_text())
    assert told["inputs"]["anonymity"]["smallest_k"] == 1
    assert told["regimes"] == ["cjis_local_records", "cori_research", "hipaa_phi", "hmis_ppi", "pc_13202", "wic_5328"]


def test_three_digits_of_a_zip_code_come_from_where_most_of_a_person_is_known(place: Desk) -> None:
    with duckdb.connect() as connection:
        rows = "(1, '90012'), (2, '90012'), (3, '10001'), (4, '03601'), (5, null)"
        identities = connection.sql(f"from (values {rows}) as t (client_key, zip5)")
        place.lake.write("standard", "identities", identities)
    law = place.rulebook.law
    low = law.rules.model_copy(update={"floors": law.rules.floors.model_copy(update={"smallest_k": 1})})
    place = replace(place, rulebook=replace(place.rulebook, law=replace(law, rules=low)))
    terms = {"method": "safe_harbor", "quasi_identifiers": ["zip3"]}
    product = place.product(DE_IDENTIFIED, tables={"persons": ["person_key", "zip3"]}, de_identification=terms)
    assert sorted(table(built(place, product), "persons")["zip3"].to_list(), key=str) == ["000", "900", None]


def test_few_persons_in_small_groups_are_left_out_of_every_table(place: Desk) -> None:
    release = place.lake.root / "published/outcomes/latest"
    persons = pl.read_parquet(release / "persons.parquet")
    law = place.rulebook.law
    low = law.rules.model_copy(update={"floors": law.rules.floors.model_copy(update={"smallest_k": 2})})
    place = replace(place, rulebook=replace(place.rulebook, law=replace(law, rules=low)))
    alone = key_of_release(place, 12)
    same = pl.when(pl.col("person_key") == alone).then(1936).otherwise(1980)
    persons.with_columns(same.alias("birth_year"), pl.lit("F").alias("sex_code")).write_parquet(
        release / "persons.parquet"
    )
    terms = DE_IDENTIFIED["de_identification"] | {"leave_out_share": 0.1}
    assert built(place, place.product(DE_IDENTIFIED, de_identification=terms)).is_held  # one of three is too many
    product = place.product(DE_IDENTIFIED, project="few")
    assert product.de_identification is not None
    lenient = product.de_identification.model_copy(update={"leave_out_share": 0.5})
    report = built(place, product.model_copy(update={"de_identification": lenient}))
    assert (report.is_held, report.rows["persons"]) == (False, 2)
    assert set(table(report, "person_measures")["person_key"]) <= set(table(report, "persons")["person_key"])
    assert report.rows["person_measures"] == released_rows(place, 11)


def test_the_shipped_products_are_lawful_while_their_agreements_last() -> None:
    law, published, contracts = load_law(), load_published_contracts(), shipped_contracts()
    measures = {one.id: one for one in load_measures()}
    products = load_products(PRODUCTS, published, law)
    assert [one.tier for one in products] == ["de_identified", "public_aggregates", "coded"]
    for product in products:
        assert grounds(product, contracts, law, measures, product.agreement.signed_on).agencies == set(
            contracts.agencies
        )


def test_every_published_column_says_whose_records_it_is_made_from_and_every_regime_is_known() -> None:
    law, contracts = load_law(), shipped_contracts()
    measures = load_measures()
    for table, told in load_published_contracts().items():
        for column in told.columns:
            assert law.agencies(table, column.name, measures, contracts.agencies) <= set(contracts.agencies)
    assert regimes_by_agency(contracts, law)["mental_health"] == {"hipaa_phi", "wic_5328"}
    returns = next(one for one in measures if one.sql == "jail_return_after_placement")
    assert law.agencies_of(returns) == {"fhsp", "hmis", "sheriff"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"tier": "identified"}, r":\d+: tier: identified rows stay in the linkage zones"),
        ({"bases": ["hope"]}, r":\d+: bases\[0\]: there is no such basis"),
        ({"tables": {"persons": ["ssn"]}}, r":\d+: tables\.persons\[0\]: there is no such column"),
        ({"tables": {"people": ["x"]}}, r":\d+: tables\.people: there is no such table"),
        ({"tier": "public_aggregates"}, r":\d+: tables\.person_measures: has a row a person"),
        ({"age_public_key": "age1x"}, r":\d+: age_public_key: is no age public key"),
        ({"purposes": "x"}, r":\d+: purposes: there is no such field"),
        ({"agreement": CODED["agreement"] | {"expires_on": date(2026, 1, 1)}}, r"expires_on: lies before"),
        (
            DE_IDENTIFIED | {"recipient": "ucla", "tables": {"person_measures": ["provider_id"]}},
            "cannot be de-identified",
        ),
        (
            DE_IDENTIFIED
            | {"recipient": "ucla", "de_identification": {"method": "expert", "quasi_identifiers": ["sex_code"]}},
            "names who made the determination",
        ),
        (
            DE_IDENTIFIED
            | {"recipient": "ucla", "de_identification": {"method": "safe_harbor", "quasi_identifiers": ["sex_code"]}},
            "is a quasi-identifier; name it",
        ),
        (
            DE_IDENTIFIED
            | {"recipient": "ucla", "de_identification": DE_IDENTIFIED["de_identification"] | {"smallest_k": 5}},
            "below the county's floor of 11",
        ),
    ],
)
def test_what_is_wrong_with_a_product_is_told_with_file_line_field_and_mend(
    place: Desk, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(ContractError, match=said):
        place.product(CODED, **changes)


def test_a_bundle_opens_for_its_recipient_alone_and_holds_the_build(place: Desk) -> None:
    product, out = place.product(CODED), place.root / "ucla.tar.age"
    report = built(place, product)
    write_bundle(place.lake, product, out, by="ada", on=TODAY)
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(out.read_bytes(), [pyrage.x25519.Identity.generate()])
    with tarfile.open(fileobj=io.BytesIO(pyrage.decrypt(out.read_bytes(), [IDENTITY]))) as tar:
        names = [name.removeprefix("ucla.jir/") for name in tar.getnames()]
        assert names == sorted(path.name for path in report.folder.iterdir())
    assert out.stat().st_mode & 0o077 == 0
    assert [act.act for act in acts(place.lake)][-1] == "product_exported"


def test_nothing_leaves_unencrypted_damaged_or_after_the_agreement(place: Desk) -> None:
    product, out = place.product(CODED), place.root / "ucla.tar.age"
    with pytest.raises(ReleaseError, match="was not built yet"):
        write_bundle(place.lake, product, out, by="ada", on=TODAY)
    report = built(place, product)
    with pytest.raises(ReleaseError, match="not in force on 2027-07-01"):
        write_bundle(place.lake, product, out, by="ada", on=date(2027, 7, 1))
    (report.folder / "NOTICE.txt").write_text("do as you like")
    with pytest.raises(ReleaseError, match=r"NOTICE\.txt: its bytes"):
        write_bundle(place.lake, product, out, by="ada", on=TODAY)
    open_product = place.product(CODED, project="open", age_public_key=None)
    built(place, open_product)
    with pytest.raises(ReleaseError, match="names no age_public_key"):
        write_bundle(place.lake, open_product, out, by="ada", on=TODAY)
    assert not out.exists()


def test_a_withdrawn_product_is_gone_but_for_its_tombstone(place: Desk) -> None:
    report = built(place, place.product(CODED))
    assert withdraw_builds(place.lake, report.product_id, "withdrawn") == 1
    assert current_build(place.lake, report.product_id) is None
    assert not report.folder.exists()
    assert (
        json.loads(report.folder.with_name(f"{report.build_id}.withdrawn.json").read_text())["build_id"]
        == report.build_id
    )


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_a_spreadsheet_would_run_is_escaped_and_numbers_are_not(start: str) -> None:
    assert harmless(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"
    assert harmless(-1.5) == -1.5
    assert harmless("plain") == "plain"


def test_cells_of_a_product_are_no_formulas(place: Desk) -> None:
    path = place.lake.root / "published/outcomes/latest/person_measures.parquet"
    pl.read_parquet(path).with_columns(pl.lit("=1+1").alias("provider_id")).write_parquet(path)
    report = built(place, place.product(CODED))
    text = gzip.decompress((report.folder / "person_measures.csv.gz").read_bytes()).decode()
    assert ",'=1+1," in text
    assert ",=1+1," not in text
