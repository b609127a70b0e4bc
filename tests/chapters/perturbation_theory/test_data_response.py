"""The study of convergence for the sign that the chapter and the ledger do not study."""

from __future__ import annotations

from moirelib.chapters.perturbation_theory.data.response import USED, convergence


def test_printed_sign_converges_at_every_point_of_the_map() -> None:
    study = convergence("as_printed", names=USED)
    assert study.worst.sum() < 1e-3
