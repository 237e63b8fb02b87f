from datetime import date
from pathlib import Path

import pytest

from pipelines.lake import Lake
from pipelines.publish import PublishReport, publish, release
from pipelines.reports import draw, draw_all
from tests.unit.fake_lake import fake_lake, receipt, shipped_contracts, write_receipts
from tests.unit.publishing import AS_OF, Publish


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A fake lake that nothing was published from."""
    return fake_lake(tmp_path / "lake")


@pytest.fixture
def publish_it(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> Publish:
    """Publish the fake lake; another bundle or day is another release."""
    monkeypatch.setattr(release, "accepted_deliveries", lambda lake, as_of: [receipt("sheriff", AS_OF)])

    def run(as_of: date = AS_OF, bundle: str = "b1", held: tuple[object, ...] = (), draw=draw) -> PublishReport:
        return publish(
            lake,
            contracts=shipped_contracts(),
            outcome_contracts=Path("outcome_contracts"),
            bundle_version=bundle,
            as_of=as_of,
            held=held,  # type: ignore[arg-type]
            draw=draw,
            model_card="# Model <b1>",
        )

    return run


@pytest.fixture
def published(publish_it: Publish) -> Path:
    """A release of the fake lake, with its pages."""
    return publish_it(draw=draw_all).release


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of the fake lake, with its pages, that nobody changes; a test that changes one works on a copy."""
    lake = fake_lake(tmp_path_factory.mktemp("released") / "lake")
    write_receipts(lake)
    return publish(
        lake,
        contracts=shipped_contracts(),
        outcome_contracts=Path("outcome_contracts"),
        bundle_version="b1",
        as_of=AS_OF,
        held=(),
        draw=draw_all,
        model_card="# Model <b1>",
    ).release
