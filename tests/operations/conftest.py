from tests.unit.conftest import released

__all__ = ["released"]
