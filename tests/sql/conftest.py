from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sql.tables import Tables


@pytest.fixture
def tables(tmp_path: Path) -> Iterator[Tables]:
    opened = Tables(tmp_path)
    yield opened
    opened.connection.close()
