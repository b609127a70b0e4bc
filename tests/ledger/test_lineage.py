"""The graph of the claims: whole, without cycles, and nothing beside it."""

from __future__ import annotations

import pytest

from moirelib import ledger
from moirelib.ledger import Discrepancy, Evidence
from moirelib.ledger.coverage import INVENTORY, covers
from moirelib.ledger.lineage import Lineage

DIAMOND = Lineage({"a": (), "b": ("a",), "c": ("a",), "d": ("b", "c", "a")})


@pytest.fixture(scope="module")
def lineage() -> Lineage:
    ledger.load()
    return Lineage.of(ledger.claims())


def test_every_numbered_equation_and_figure_is_tied_in(lineage: Lineage) -> None:
    tied = {one for one, sources in lineage.sources.items() if sources or lineage.consequences[one]}
    assert tied == set(lineage.sources)
    for entries in INVENTORY.values():
        for entry in entries:
            assert any(covers(one, entry) for one in tied)


def test_the_papers_rest_on_few_things(lineage: Lineage) -> None:
    """What follows from nothing is a model, a definition or a datum, never a result."""
    ledger.load()
    kinds = {entry.kind for entry in ledger.claims() if not entry.follows}
    assert kinds <= {"definition", "number", "approximation"}
    (expansion,) = [c.id for c in ledger.claims() if not c.follows and c.kind == "approximation"]
    assert expansion == "kundu-46"  # Sommerfeld's, for any function


def test_the_papers_do_not_follow_from_each_other(lineage: Lineage) -> None:
    for one, sources in lineage.sources.items():
        own = one.split("-")[0]
        assert own == "new" or {source.split("-")[0] for source in sources} <= {own}


def test_each_source_lies_in_an_earlier_layer(lineage: Lineage) -> None:
    for one, sources in lineage.sources.items():
        assert all(lineage.layers[source] < lineage.layers[one] for source in sources)


def test_slips_reach_what_the_papers_make_of_them(lineage: Lineage) -> None:
    assert {"kundu-5", "kundu-33", "kundu-1", "kundu-fig1b"} <= lineage.downstream("kundu-6")
    assert {"ying-A4", "ying-4", "ying-text-tc", "ying-fig2"} <= lineage.downstream("ying-A42")
    assert {"ying-fig7", "ying-20", "ying-text-switching"} <= lineage.downstream("ying-19")
    assert "ying-15" not in lineage.downstream("ying-A42")
    assert "kundu-30" not in lineage.downstream("kundu-32")


def test_the_reduced_graph_reaches_the_same(lineage: Lineage) -> None:
    slim = Lineage(lineage.reduced)
    assert sum(map(len, slim.sources.values())) < sum(map(len, lineage.sources.values()))
    for one in lineage.sources:
        assert slim.downstream(one) == lineage.downstream(one)


def test_layers_and_reach() -> None:
    assert DIAMOND.layers == {"a": 0, "b": 1, "c": 1, "d": 2}
    assert DIAMOND.upstream("d") == {"a", "b", "c"}
    assert DIAMOND.downstream("a") == {"b", "c", "d"}
    assert DIAMOND.consequences["a"] == ("b", "c", "d")
    assert DIAMOND.reduced["d"] == ("b", "c")


def test_a_cycle_is_refused() -> None:
    with pytest.raises(ValueError, match=r"claims follow from each other: \w → \w"):
        Lineage({"a": ("c",), "b": ("a",), "c": ("b",)})


def test_a_loose_end_is_refused() -> None:
    with pytest.raises(ValueError, match="'a' follows from 'b', and there is no such claim"):
        Lineage({"a": ("b",)})


@pytest.mark.usefixtures("empty_ledger")
@pytest.mark.parametrize("follows", ["kundu-2", ("kundu-1",), ("kundu-2", "kundu-2")])
def test_a_claim_follows_from_a_tuple_of_others(follows: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="'kundu-1' must follow from a tuple of other claims"):
        ledger.claim("kundu-1", "Eq. 1", kind="identity", statement="", follows=follows)(
            lambda: Evidence(Discrepancy("", 0.0, 1.0, ""))
        )
