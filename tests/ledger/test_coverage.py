from moirelib import ledger
from moirelib.ledger.coverage import INVENTORY, missing


def test_every_equation_and_figure_has_its_claim() -> None:
    ledger.load()
    assert not any(missing(c.id for c in ledger.claims()).values())


def test_the_inventory_counts_what_the_papers_number() -> None:
    assert {group: len(entries) for group, entries in INVENTORY.items()} == {
        "Kundu, equations": 53,
        "Kundu, figures": 5,
        "Ying, equations": 21,
        "Ying, Appendix A": 52,
        "Ying, Appendix B": 14,
        "Ying, figures": 8,
    }


def test_a_missing_entry_is_reported() -> None:
    ids = [entry for entries in INVENTORY.values() for entry in entries if entry != "ying-A42"]
    assert missing(ids)["Ying, Appendix A"] == ("ying-A42",)
    assert missing([*ids, "ying-A42-ladder"])["Ying, Appendix A"] == ()
