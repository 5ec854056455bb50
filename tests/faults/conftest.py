"""All here is of the fault matrix, and takes minutes."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
TIMEOUT_S = 400


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marked, so that `make test` leaves it out."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("faults")
            item.add_marker(pytest.mark.timeout(TIMEOUT_S))
