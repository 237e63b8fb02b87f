from collections.abc import Iterator

import pytest

from tests.sql.tables import Tables


@pytest.fixture
def tables() -> Iterator[Tables]:
    opened = Tables()
    yield opened
    opened.connection.close()
