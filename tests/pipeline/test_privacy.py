"""Nothing identifying leaves the identified zones: planted names, numbers and dates are looked for everywhere.

Canaries stand in every free-text column of every contract (codes, keys and references are left alone, or the rows
would be refused), in SSNs and in birth dates; they go through an accepted delivery, a held one, and a crash. In a
county of its own they stand in every column of text but keys of records, codes among them, and are refused for it.
"""

from __future__ import annotations

import csv
import gzip
import io
import shutil
import tarfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import polars as pl
import pyrage
import pytest
import yaml
from click.testing import CliRunner
from pyrage import x25519

from pipelines import outcomes
from pipelines.alerts import load_settings
from pipelines.alerts.notice import message
from pipelines.cli import main
from pipelines.commands.dagster_home import instance_at
from pipelines.defs.alerts import look
from pipelines.defs.calendar import draw_site, draw_statements, reports_folder
from pipelines.lake import IDENTIFIED_FOLDERS
from pipelines.products import PRODUCTS
from pipelines.review_app.users import User
from schemas.data_contract import Column, DataContract, load_contracts
from tests.pipeline.counties import AGENCIES, NIGHTS, Place
from tests.review_app.places import serving, with_people

WORD = "Quolmstrandx"
SSN = "548097731"
BIRTH_DATE = "1931-03-29"
PLANTED_ROWS = 3
PUBLIC_TABLES = {("mental_health", "provider"), ("hmis", "organization"), ("hmis", "project"), ("hmis", "export")}
"""Tables about organisations; what is planted there would be published, and rightly."""


PUBLISHED_CODES = {"provider_id"}
"""The only code of an agency that a release carries: results are cut by it."""


def canary_for(column: Column, contract: DataContract) -> str | None:
    roles = (column.linkage_role or "").partition(":")[0]
    if roles in ("ssn", "ssn_last4"):
        return SSN if roles == "ssn" else SSN[-4:]
    if roles == "birth_date":
        return BIRTH_DATE
    if column.name in PUBLISHED_CODES:
        return None
    referring = {name for reference in contract.references for name in reference.columns}
    is_free = column.kind == "text" and not column.codes and not column.pattern
    if (
        not is_free
        or column.key
        or column.name in referring
        or roles in ("client_id", "merged_into_client_id", "shared_id")
    ):
        return None
    return WORD[: column.max_length or len(WORD)] if (column.max_length or 99) >= 8 else None


def plant(landing: Path) -> dict[str, int]:
    """Put canaries into the first rows of every file; returns how many columns of each agency have one."""
    planted = dict.fromkeys(AGENCIES, 0)
    for contract in load_contracts().all():
        if (contract.agency, contract.table) in PUBLIC_TABLES:
            continue
        for path in landing.glob(f"{contract.agency}/*/{contract.file_names[0]}"):
            planted[contract.agency] += plant_file(path, contract)
    return planted


def plant_file(path: Path, contract: DataContract) -> int:
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    known = set(contract.column_names)
    canaries = {
        name: canary_for(contract.column(name), contract) for name in (rows[0] if rows else {}) if name in known
    }
    for row in rows[:PLANTED_ROWS]:
        row.update({name: canary for name, canary in canaries.items() if canary})
    write_rows(path, rows)
    return sum(canary is not None for canary in canaries.values())


def plant_everywhere(landing: Path) -> int:
    """Put a canary into each column of text of each file, in a row of its own; returns how many."""
    planted = 0
    for contract in load_contracts().all():
        if (contract.agency, contract.table) in PUBLIC_TABLES:
            continue
        for path in landing.glob(f"{contract.agency}/*/{contract.file_names[0]}"):
            with path.open(newline="", encoding="utf-8") as file:
                rows = list(csv.DictReader(file))
            columns = [name for name in (rows[0] if rows else ()) if name in texts_of(contract)]
            for place, name in enumerate(columns):
                rows[place % len(rows)][name] = WORD
            planted += len(columns)
            write_rows(path, rows)
    return planted


def texts_of(contract: DataContract) -> set[str]:
    """Columns of text, but for keys of records: episodes carry those, so that a number can be walked back."""
    texts = {name for name in contract.column_names if contract.column(name).kind == "text"}
    keys = {*contract.business_key, *(name for reference in contract.references for name in reference.columns)}
    return texts - keys - PUBLISHED_CODES


def write_rows(path: Path, rows: list[dict[str, str]]) -> None:
    if rows:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def spoil(path: Path) -> None:
    """Make a file that its contract refuses as a whole, with canaries in its header and in every line."""
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    bad = [f'{WORD},"{SSN}' + row for row in [*rows, header]]
    path.write_text("\n".join([header.replace("main_number", WORD), *bad]) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def canary_place(county: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = Place(tmp_path_factory.mktemp("canary")).deliver(county, NIGHTS[:1])
    planted = plant(place.landing)
    assert all(count >= 3 for count in planted.values()), planted
    return place


def places_to_search(lake: Path) -> Iterator[Path]:
    identified = {lake / folder for folder in IDENTIFIED_FOLDERS}
    for path in lake.rglob("*"):
        if path.is_file() and not identified & set(path.parents):
            yield path


def opened(path: Path) -> bytes:
    """A file's bytes, and what is packed in it: a canary in a compressed copy is not seen from outside."""
    data = path.read_bytes()
    if path.suffix == ".gz":
        return data + gzip.decompress(data)
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            return data + b"".join(packed.read(name) for name in packed.namelist())
    return data


def finds(lake: Path) -> list[str]:
    """Where a canary is found: in raw bytes of any kind, and in the cells of Parquet, which are compressed."""
    needles = [text.lower().encode() for text in (WORD, SSN, f"{SSN[:3]}-{SSN[3:5]}-{SSN[5:]}", BIRTH_DATE)]
    found = []
    for path in places_to_search(lake):
        data = opened(path)
        if path.suffix == ".parquet":
            with duckdb.connect() as connection:
                data += "\n".join(map(str, connection.execute(f"from read_parquet('{path}')").fetchall())).encode()
        if any(needle in data.lower() for needle in needles):
            found.append(path.relative_to(lake).as_posix())
    return found


def test_canaries_stay_in_the_identified_zones(
    canary_place: Place,
    county: Path,
    tmp_path_factory: pytest.TempPathFactory,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = canary_place
    accepted = place.run()
    assert accepted.status == "published"
    assert not accepted.held, "canaries must reach the lake, or nothing is proven"
    assert_in_the_lake(place)

    delivered = deliver_to_recipients(place, tmp_path_factory.mktemp("recipients"))

    readers = tmp_path_factory.mktemp("readers")
    reported = report(place, readers)
    assert finds(readers) == []

    place.deliver(county, NIGHTS[1:2])
    spoil(place.landing / "sheriff" / NIGHTS[1] / "person.csv")
    held = place.run()
    assert [one["agency"] for one in held.held] == ["sheriff"]

    def crash(*_: object) -> None:
        raise ValueError(f"Conversion Error: {WORD} {SSN} {BIRTH_DATE}")

    monkeypatch.setattr(outcomes, "measure", crash)
    shutil.rmtree(place.latest)
    reviewed = review(place, tmp_path_factory.mktemp("reviewers"))
    crashed = place.run()
    assert crashed.status == "failed"
    alerted = alerts_and_pages(place)

    printed = "".join(capfd.readouterr())
    told = "\n".join(
        [
            *place.said,
            printed,
            *reviewed,
            *delivered,
            *operate(place, tmp_path_factory.mktemp("operators")),
            *reported,
            *alerted,
            *accepted.lines(),
            *held.lines(),
            *crashed.lines(),
            str(held.as_json()),
        ]
    )
    assert not [canary for canary in (WORD, SSN, BIRTH_DATE) if canary.lower() in told.lower()]
    assert finds(place.lake.root) == []


def test_canaries_in_every_column_of_text_stay_though_they_are_refused(
    county: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    place = Place(tmp_path).deliver(county, NIGHTS[:1])
    assert plant_everywhere(place.landing) >= 100
    ended = place.run()
    assert ended.status != "failed"
    assert sum(one["quarantined"] + one["rows_held"] for one in ended.agencies.values()) >= 20, (
        "they must be refused somewhere"
    )
    told = "\n".join([*place.said, *capfd.readouterr(), *ended.lines(), str(ended.as_json())])
    assert WORD.lower() not in told.lower()
    assert finds(place.lake.root) == []


def alerts_and_pages(place: Place) -> list[str]:
    """Every alert of the runs, as it would be sent; and the pages of the calendar, drawn into the lake."""
    settings = load_settings()
    with instance_at(place.lake.root / "dagster") as instance:
        seen = look(instance, settings, datetime(2020, 1, 1, tzinfo=UTC))
    kinds = {one.kind for one in seen.notices}
    assert {"run_failed", "held_delivery"} <= kinds, "both must be told, or nothing is proven"
    told = message(seen.notices, settings.titles, settings.ui, 0)
    release = sorted((place.lake.root / "published" / "outcomes" / "releases").glob("[!.]*"))[0]
    draw_site(place.lake, release, reports_folder(place.lake) / release.name)
    draw_statements(release, "2026Q3", reports_folder(place.lake) / "statements")
    return [told.title, told.text, str(told.document)]


def deliver_to_recipients(place: Place, folder: Path) -> list[str]:
    """Build and seal every tier, take in an opt-out of a planted client; returns what was said and what is in them."""
    definitions, identity = folder / "products", x25519.Identity.generate()
    definitions.mkdir()
    for path in PRODUCTS.glob("*.yaml"):
        terms = yaml.safe_load(path.read_text(encoding="utf-8")) | {"age_public_key": str(identity.to_public())}
        (definitions / path.name).write_text(yaml.safe_dump(terms), encoding="utf-8")
    (one, _), *_ = place.query(TWO_PLANTED)
    choices = folder / "choices.csv"
    choices.write_text(f"agency,client_id,choice_code,stated_on\n{one.replace(':', ',')},opt_out,2026-11-02\n")
    by, lake = ("--by", "ada"), ("--lake", str(place.lake.root))
    defined = ("--definitions", str(definitions))
    said = [CliRunner().invoke(main, ["consent", "add", *lake, *by, "--file", str(choices)]).output]
    for path in sorted(definitions.glob("*.yaml")):
        sealed = folder / f"{path.stem}.tar.age"
        for words in (("build", path.stem, *by), ("bundle", path.stem, *by, "--out", str(sealed))):
            ended = CliRunner().invoke(main, ["product", words[0], words[1], *lake, *defined, *words[2:]])
            assert ended.exit_code == 0, ended.output
            said.append(ended.output)
        said += unsealed(sealed, identity)
    return said


def report(place: Place, folder: Path) -> list[str]:
    """Draw the site, sign a scorecard, list a provider's own clients; returns what was said and what is in the list."""
    identity, lake = x25519.Identity.generate(), ("--lake", str(place.lake.root))
    ((provider, quarter),) = place.query(
        "select provider_id, max(period) from outcomes.person_measures where measure_id = 'fsp_retention_6_months' "
        "and status_code = 'not_met' group by provider_id order by count(*) desc, provider_id limit 1"
    )
    keys = folder / "keys.yaml"
    keys.write_text(f'"{provider}": {identity.to_public()}\n')
    asked = ("--provider", provider, "--quarter", quarter, "--by", "ada")
    commands = [
        ("scorecard", "review", *lake, *asked),
        ("scorecard", "states", *lake),
        ("scorecard", "clients", *lake, *asked, "--to", str(folder), "--keys", str(keys)),
        ("report", *lake, "--to", str(folder / "site"), "--quarter", quarter, "--draws", "0"),
        ("statement", "lacdmh_fsp", *lake, "--period", quarter, "--lines", str(folder / "lines.csv")),
        ("dispute", "lacdmh_fsp", *lake, "--provider", provider, "--out", str(folder / "rows.csv")),
    ]
    ended = [CliRunner().invoke(main, words) for words in commands]
    assert [one.exit_code for one in ended] == [0] * len(ended), [one.output for one in ended]
    (sealed,) = folder.glob("*.tar.age")
    listed = [*unsealed(sealed, identity), *(path.read_text(encoding="utf-8") for path in folder.glob("*.csv"))]
    assert any(len(text.splitlines()) > 1 for text in listed), "somebody must be listed, or nothing is proven"
    return [*(one.output for one in ended), *listed]


def unsealed(sealed: Path, identity: x25519.Identity) -> list[str]:
    """Everything in a bundle as text: files as they are, and the cells of Parquet."""
    with tarfile.open(fileobj=io.BytesIO(pyrage.decrypt(sealed.read_bytes(), [identity]))) as tar:
        files = {one.name: (tar.extractfile(one) or io.BytesIO()).read() for one in tar.getmembers()}
    cells = [str(pl.read_parquet(one).rows()) for name, one in files.items() if name.endswith(".parquet")]
    csvs = [gzip.decompress(one).decode() for name, one in files.items() if name.endswith(".csv.gz")]
    return cells + csvs + [one.decode("utf-8", "replace") for one in files.values()]


def operate(place: Place, folder: Path) -> list[str]:
    """Look after a lake as those who run it do; what was said, and what a backup tells beside its copies."""
    lake, backups = ("--lake", str(place.lake.root)), str(folder / "backups")
    asked = [("backup", *lake, "--to", backups), ("doctor", *lake, "--backups", backups), ("doctor", *lake, "--json"),
             ("status", *lake), ("status", *lake, "--json"), ("upgrade", *lake, "--dry-run")]  # fmt: skip
    said = [CliRunner().invoke(main, words).output for words in asked]
    assert all(said)
    told = [path.read_text(encoding="utf-8") for path in (folder / "backups").glob("*/*") if path.is_file()]
    assert len(told) == 2
    return [*said, *told]


TWO_PLANTED = f"""
    select people.agency || ':' || people.client_id, any_value(people.person_id)
    from standard.identities inner join person_index.person_of_client as people using (client_key)
    where identities::varchar ilike '%{WORD}%' group by all order by 1 limit 2
"""


def review(place: Place, folder: Path) -> list[str]:
    """Decide, explain and draw a sample on planted clients; returns what was said without asking for values."""
    (one, person), (other, _) = place.query(TWO_PLANTED)
    lake = ("--lake", str(place.lake.root))
    asked_for_nothing = [
        ("decide", "pair", *lake, one, other, "--as", "different", "--by", "ada", "--reason", "two files"),
        ("decide", "list", *lake),
        ("explain", "pair", *lake, one, other),
        ("explain", "pair", *lake, one, other, "--json"),
        ("explain", "person", *lake, str(person)),
        ("review", "sample", *lake, "--out", str(folder / "pairs.csv"), "--precision", "0.1"),
    ]
    ended = [CliRunner().invoke(main, words) for words in asked_for_nothing]
    assert [one.exit_code for one in ended] == [0] * len(ended)
    shown = CliRunner().invoke(main, ["explain", "pair", *lake, one, other, "--show-values"])
    assert WORD.lower() in shown.output.lower(), "a canary must be there to be told, or nothing is proven"
    # A reason is somebody's own words, and may name a person: it stays in the store.
    reason = f"{WORD} is on both photographs"
    named = ["decide", "pair", *lake, one, other, "--as", "unsure", "--by", "ada", "--reason", reason]
    return [*(one.output for one in ended), CliRunner().invoke(main, named).output, *in_the_app(place)]


def in_the_app(place: Place) -> list[str]:
    """Look at a pair with a planted client in the review app, and answer; returns addresses and pages of counts."""
    planted = {one for one, _ in place.query(TWO_PLANTED.replace("limit 2", ""))}
    with serving(with_people(place.lake, {"ada": "reviewer"})) as site:
        ada, desk = site.visitor("ada"), site.services.desk
        offers = desk.offers(User("ada", "reviewer"))
        wanted = next(one.pair_id for one in offers if {":".join(client) for client in one.queued.pair} & planted)
        desk.leases.take_first("ada", [wanted], datetime.now(UTC))
        pages = [ada.get(f"/pair/{wanted}"), ada.follow(f"/pair/{wanted}/open", what="persons")]
        assert all(WORD.lower() in page.text.lower() for page in pages), "a canary must be there to be told"
        ada.follow(f"/pair/{wanted}/open", what="waterfall")
        answered = ada.post(f"/pair/{wanted}", code="unsure", reason_unsure="too_little_known", note=f"{WORD} again")
        assert answered.status == 303, answered.text
        return [wanted, answered.location, *(ada.get(path).text for path in ("/", "/progress", "/changes"))]


def assert_in_the_lake(place: Place) -> None:
    ((identities,),) = place.query(
        f"select count(*) from standard.identities where identities::varchar ilike '%{WORD}%'"
    )
    assert identities > 0


def test_every_file_of_a_lake_is_private(nightly: Place) -> None:
    open_to_others = [
        path for path in nightly.lake.root.rglob("*") if not path.is_symlink() and path.stat().st_mode & 0o077
    ]
    assert open_to_others == []


def test_a_canary_in_a_compressed_copy_would_be_found(tmp_path: Path) -> None:
    (tmp_path / "published").mkdir()
    with gzip.open(tmp_path / "published" / "a.csv.gz", "wb") as packed:
        packed.write(f"name\n{WORD}\n".encode())
    with zipfile.ZipFile(tmp_path / "published" / "b.xlsx", "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("sheet1.xml", SSN * 9)
    assert sorted(finds(tmp_path)) == ["published/a.csv.gz", "published/b.xlsx"]
