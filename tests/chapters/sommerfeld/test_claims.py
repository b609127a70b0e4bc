"""What the claims of the chapter "sommerfeld" would notice."""

from __future__ import annotations

import pytest

from moirelib import ledger
from moirelib.chapters.sommerfeld.claims import fermi_line
from moirelib.ledger.registry import registered


def test_the_sum_over_states_is_held_to_ten_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    claim = registered("kundu-37")
    assert ledger.run(claim).sound
    *sums, library = fermi_line._literal_sums()
    monkeypatch.setattr(fermi_line, "_literal_sums", lambda: (*sums, library * (1 + 1e-10)))
    assert not ledger.run(claim).sound
