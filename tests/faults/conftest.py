"""The county and the lakes of the pipeline tests, for faults."""

from tests.pipeline.conftest import at_once, county, nightly

__all__ = ["at_once", "county", "nightly"]
