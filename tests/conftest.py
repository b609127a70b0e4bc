"""What several test modules share."""

from __future__ import annotations

import matplotlib
import pytest

from moirelib import ledger
from moirelib.ledger import registry

matplotlib.use("agg")


@pytest.fixture
def empty_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the registered claims by none, for tests of the ledger itself."""
    # A chapter's module registers its claims once per process; they must not land in the copy.
    ledger.load()
    monkeypatch.setattr(registry, "_REGISTRY", {})
