"""What several test modules share."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib
import matplotlib.pyplot as plt
import pytest
from threadpoolctl import threadpool_limits

from moirelib import ledger
from moirelib.ledger import registry

matplotlib.use("agg")

# Products that tests make themselves, like those of the library. NumPy and SciPy are loaded above.
threadpool_limits(1, user_api="blas")


@pytest.fixture(autouse=True)
def close_figures() -> Iterator[None]:
    """Close what a test drew, so that the next one can count its own figures."""
    yield
    plt.close("all")


@pytest.fixture
def empty_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the registered claims by none, for tests of the ledger itself."""
    # A chapter's module registers its claims once per process; they must not land in the copy.
    ledger.load()
    monkeypatch.setattr(registry, "_REGISTRY", {})
