from pathlib import Path

from moirelib import ledger

STORE = Path(__file__).parents[2] / "_build" / "ledger.json"


def results_of_this_code(chapter: str) -> list[ledger.Result]:
    """The run that `make ledger` has stored, if it is of this code, or one of now."""
    try:
        return [r for r in ledger.read(STORE) if r.claim.chapter == chapter]
    except ledger.StaleLedgerError:
        return ledger.verify(chapter)


def test_every_claim_stands_and_every_equation_is_accounted_for():
    results = {r.claim.id: r for r in results_of_this_code("keldysh")}
    assert [r.claim.id for r in results.values() if not r.sound] == []
    numbers = [f"ying-A{n}" for n in range(1, 53)] + [f"ying-{n}" for n in range(1, 5)]
    assert set(numbers) | {"ying-fig1", "ying-fig2"} <= results.keys()
