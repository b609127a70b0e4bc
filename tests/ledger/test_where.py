from __future__ import annotations

import pytest

from moirelib import ledger
from moirelib.ledger.where import (
    cited_equations,
    claim_place,
    definitions,
    implementations,
    pages,
    where,
)


@pytest.fixture(scope="module")
def claims() -> dict[str, ledger.Claim]:
    ledger.load()
    return {claim.id: claim for claim in ledger.claims()}


@pytest.mark.parametrize(
    ("id", "function", "section"),
    [
        ("kundu-44", "moirelib.bands.brillouin.smearing_nodes", "Low temperature"),
        ("ying-B14", "moirelib.switching.scattering.perturbative_rates", "Weak tunnelling"),
        ("kundu-1", "moirelib.drag.interlayer.first_order_drag", None),
    ],
)
def test_an_equation_is_found(
    claims: dict[str, ledger.Claim], id: str, function: str, section: str | None
) -> None:
    found = where(claims[id])
    assert function in [place.name for place in found["code"]]
    assert section is None or section in [place.name for place in found["page"]]
    assert found["test"]
    for place in [one for group in found.values() for one in group]:
        line = place.file.read_text("utf-8").splitlines()[place.line - 1]
        assert place.name.rpartition(".")[2] in line or place.line >= 1


def test_a_claim_points_at_its_decorator(claims: dict[str, ledger.Claim]) -> None:
    place = claim_place(claims["kundu-44"])
    text = place.file.read_text("utf-8").splitlines()
    assert any("kundu-44" in line for line in text[place.line - 1 : place.line + 3])


def test_every_claim_has_its_place(claims: dict[str, ledger.Claim]) -> None:
    assert {claim_place(claim).path.split("/")[1] for claim in claims.values()} == {"chapters"}


def test_every_numbered_equation_has_a_page(claims: dict[str, ledger.Claim]) -> None:
    assert not [id for id, claim in claims.items() if not pages(claim)]


def test_implementations_exist(claims: dict[str, ledger.Claim]) -> None:
    named = [claim for claim in claims.values() if claim.implements]
    assert not [claim.id for claim in named if not implementations(claim)]
    assert len(definitions()) > 300


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("(Kundu Eq. 15, q = 0)", {"kundu-15"}),
        ("Kundu Eqs. 33, 36 and 42", {"kundu-33", "kundu-36", "kundu-42"}),
        ("Ying Eqs. A3–A5 and B14", {"ying-A3", "ying-A4", "ying-A5", "ying-B14"}),
        ("Xiao, Chang and Niu 2010, Eq. 1.13", set()),
    ],
)
def test_citations_are_read(text: str, ids: set[str]) -> None:
    assert cited_equations(text) == ids
