from moirelib import ledger


def test_every_claim_stands_and_every_equation_is_accounted_for():
    results = {r.claim.id: r for r in ledger.verify("keldysh")}
    assert [r.claim.id for r in results.values() if not r.sound] == []
    numbers = [f"ying-A{n}" for n in range(1, 53)] + [f"ying-{n}" for n in range(1, 5)]
    assert set(numbers) | {"ying-fig1", "ying-fig2"} <= results.keys()
