"""The claim on the exact solution compares two things, and closely."""

import pytest

from moirelib import ledger
from moirelib.chapters.boltzmann.claims import balance
from moirelib.ledger.registry import registered


def test_the_exact_solution_is_held_to_nine_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    claim = registered("ying-14-exact")
    assert ledger.run(claim).sound
    exact = balance.exact_density_difference
    monkeypatch.setattr(
        balance, "exact_density_difference", lambda *given: exact(*given) * (1 + 1e-9)
    )
    assert not ledger.run(claim).sound
