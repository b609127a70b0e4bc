"""The claim on the law of distance is held to what it says."""

from dataclasses import replace

import pytest

from moirelib import ledger
from moirelib.chapters.perturbation_theory.claims import quoted
from moirelib.chapters.perturbation_theory.data.drag import distance_law
from moirelib.ledger.registry import registered


def test_a_decay_off_by_a_tenth_is_no_decay_with_the_first_shell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    small = {"cutoff": 2, "mesh": 48, "bands": 8, "shells": 3}
    monkeypatch.setattr("moirelib.chapters.perturbation_theory.data.drag.CONVERGED", small)
    law = distance_law(mu=(-128.0, 150.0))
    monkeypatch.setattr(quoted, "fitted_law", lambda: replace(law, decay=1.1 * law.decay))
    problems = ledger.run(registered("kundu-fig1d")).problems
    assert any("0.1" in one and "printed form misses" in one for one in problems)
