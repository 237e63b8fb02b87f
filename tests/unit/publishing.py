"""What tests of publishing share: how a fake lake is published, and the day that it is as of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from pipelines.publish import PublishReport

AS_OF = date(2026, 11, 1)

Publish = Callable[..., PublishReport]
