"""The person index as each release of a lake used it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from pipelines.cli import main
from pipelines.commands.person_index import write_index_as_of
from pipelines.errors import LakeError, ReleaseError
from pipelines.person_index.update import version_folder
from pipelines.publish import read_manifest
from tests.pipeline.counties import Place


def rows(path: Path, columns: str) -> list[tuple[object, ...]]:
    return duckdb.execute(f"select {columns} from read_parquet($p) order by all", {"p": str(path)}).fetchall()


@pytest.fixture(scope="module")
def place(nightly: Place, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A lake of one's own: who looked is written into it."""
    return nightly.copy(tmp_path_factory.mktemp("looked") / "place")


def test_every_release_names_the_version_that_it_was_made_with(place: Place, tmp_path: Path) -> None:
    releases = sorted((place.lake.root / "published/outcomes/releases").iterdir())
    assert len(releases) == 2
    for release in releases:
        out = tmp_path / f"{release.name}.parquet"
        found = write_index_as_of(place.lake, release.name, out)
        version = version_folder(place.lake, found.version) / "person_of_client.parquet"
        assert rows(out, "agency, client_id, person_id") == rows(version, "agency, client_id, person_id")
        assert read_manifest(release)["rows"]["persons"] == found.persons


def test_the_command_tells_counts_and_nobody(place: Place, tmp_path: Path) -> None:
    out = tmp_path / "index.parquet"
    options = ["--lake", str(place.lake.root), "--release", place.latest.name, "--out", str(out)]
    said = CliRunner().invoke(main, ["person-index", "as-of", *options])
    assert said.exit_code == 0, said.output
    assert "clients were" in said.output
    assert out.stat().st_mode & 0o077 == 0


def test_a_release_that_was_never_made_is_refused(place: Place, tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="there is no release"):
        write_index_as_of(place.lake, "2020-01-01-000000000000", tmp_path / "x.parquet")


def test_clients_are_not_named_inside_a_release(place: Place) -> None:
    with pytest.raises(LakeError, match="choose another --out"):
        write_index_as_of(place.lake, place.latest.name, place.latest / "index.parquet")
    assert not (place.latest / "index.parquet").exists()
