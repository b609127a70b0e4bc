"""The study of convergence for the sign that the chapter and the ledger do not study."""

from __future__ import annotations

from moirelib.figures import kundu_response


def test_printed_sign_converges_at_every_point_of_the_map() -> None:
    study = kundu_response.convergence("as_printed", names=kundu_response.USED)
    assert study.worst.sum() < 1e-3
