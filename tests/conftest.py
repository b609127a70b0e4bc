"""What several test modules share."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import ExitStack

import matplotlib
import matplotlib.pyplot as plt
import pytest
from displace import displaced
from hypothesis import settings
from threadpoolctl import threadpool_limits

from moirelib import ledger
from moirelib.ledger import registry

matplotlib.use("agg")

# Products that tests make themselves, like those of the library. NumPy and SciPy are loaded above.
threadpool_limits(1, user_api="blas")
# A shell that starts the tests in the background makes them, and what they start, deaf to Ctrl-C.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
# The same examples on every machine; `make test-portable` draws others.
settings.register_profile("fixed", deadline=None, derandomize=True)
settings.register_profile("drawn", deadline=None, derandomize=False, database=None)
settings.load_profile("fixed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--displace",
        type=float,
        default=0.0,
        metavar="RELATIVE",
        help="move every grid that a test, a claim or a figure makes by this relative amount",
    )


def pytest_configure(config: pytest.Config) -> None:
    # For good: modules imported later make grids too.
    stack = ExitStack()
    stack.enter_context(displaced(config.getoption("displace")))
    config.add_cleanup(stack.close)


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
