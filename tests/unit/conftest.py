from pathlib import Path

import pytest

from pipelines.publish import publish, release
from pipelines.reports import draw_all
from tests.unit.fake_lake import fake_lake, receipt, shipped_contracts
from tests.unit.test_publish import AS_OF


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A release of the fake lake, with its pages."""
    monkeypatch.setattr(release, "accepted_deliveries", lambda lake, as_of: [receipt("sheriff", AS_OF)])
    return publish(
        fake_lake(tmp_path / "lake"),
        contracts=shipped_contracts(),
        outcome_contracts=Path("outcome_contracts"),
        bundle_version="b1",
        as_of=AS_OF,
        held=(),
        draw=draw_all,
        model_card="# Model <b1>",
    ).release
