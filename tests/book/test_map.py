"""The layout of a graph in layers, and the drawing of the claims by it."""

from __future__ import annotations

import random
import re
from itertools import pairwise

import numpy as np
import pytest
from equation_map import as_map, as_svg
from equation_map.drawing import HEIGHT, WIDTH, label
from equation_map.layout import Graph, Layout, assign_layers, isotonic, lay_out

from moirelib import ledger
from moirelib.ledger import Claim, Discrepancy, Evidence, Result
from moirelib.ledger.coverage import INVENTORY, covers
from moirelib.ledger.lineage import Lineage
from moirelib.ledger.registry import Kind

SIZE, GAP, ROOM = 30.0, 6.0, 300.0


def random_graph(seed: int, size: int = 40) -> dict[str, list[str]]:
    draw = random.Random(seed)
    return {
        str(i): sorted({str(draw.randrange(i)) for _ in range(draw.randint(1, 3))}) if i > 2 else []
        for i in range(size)
    }


def crossings(layout: Layout) -> int:
    """Pairs of edges of which one starts left of the other and ends right of it, layer by layer."""
    level = {node: i for i, layer in enumerate(layout.layers) for node in layer}
    steps: dict[int, set[tuple[float, float]]] = {}
    for (source, _), xs in layout.edges.items():
        for i, step in enumerate(pairwise(xs), level[source]):
            steps.setdefault(i, set()).add(step)
    return sum(
        (a - c) * (b - d) < 0
        for found in steps.values()
        for a, b in found
        for c, d in found
        if a < c
    )


@pytest.fixture(params=range(4))
def graph(request: pytest.FixtureRequest) -> Graph:
    return random_graph(request.param)


@pytest.fixture
def layout(graph: Graph) -> Layout:
    return lay_out(graph, dict.fromkeys(graph, SIZE), ROOM, GAP)


def test_every_edge_leads_down(graph: Graph, layout: Layout) -> None:
    level = {node: i for i, layer in enumerate(layout.layers) for node in layer}
    assert set(level) == set(graph)
    assert set(layout.edges) == {(s, node) for node, found in graph.items() for s in found}
    for (source, node), xs in layout.edges.items():
        assert len(xs) == level[node] - level[source] + 1 > 1
        assert (xs[0], xs[-1]) == (layout.x[source], layout.x[node])


def test_neighbours_keep_apart_and_within_the_width(layout: Layout) -> None:
    for layer in layout.layers:
        xs = [layout.x[node] for node in layer]
        assert all(b - a >= SIZE + GAP - 1e-9 for a, b in pairwise(xs))
    assert min(layout.x.values()) >= SIZE / 2 - 1e-9
    assert max(layout.x.values()) <= layout.width - SIZE / 2 + 1e-9


def test_ordering_unties_the_edges(
    graph: Graph, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("equation_map.layout.SWEEPS", 0)
    raw = lay_out(graph, dict.fromkeys(graph, SIZE), ROOM, GAP)
    assert crossings(layout) < 0.6 * crossings(raw)


def test_a_tree_has_no_crossings() -> None:
    tree = {str(i): [str((i - 1) // 2)] if i else [] for i in range(31)}
    assert crossings(lay_out(tree, dict.fromkeys(tree, SIZE), 1000.0, GAP)) == 0


def test_layers_are_filled_by_the_longest_chains() -> None:
    chain = {"a": [], "b": ["a"], "c": ["b"], **{f"leaf{i}": ["a"] for i in range(3)}}
    level = assign_layers(chain, dict.fromkeys(chain, 1.0), 2.0)
    assert level["b"] == 1
    assert max(level.values()) == 3
    # A root stands where it is needed.
    assert (
        assign_layers(
            {**chain, "late": [], "d": ["c", "late"]},
            dict.fromkeys([*chain, "late", "d"], 1.0),
            5.0,
        )["late"]
        == 2
    )


def test_a_layer_that_a_root_has_left_closes_up() -> None:
    # Each is as wide as a layer. The root begins alone on top, and moves down to its leaf, which
    # the other has kept from the second layer.
    graph: Graph = {"root": [], "other": [], "leaf": ["root"]}
    laid = lay_out(graph, dict.fromkeys(graph, ROOM), ROOM, GAP)
    assert all(laid.layers)
    assert set(laid.x) == set(graph)


def test_a_cycle_cannot_be_laid_out() -> None:
    with pytest.raises(ValueError, match="the graph has a cycle"):
        lay_out({"a": ["b"], "b": ["a"]}, {"a": 1.0, "b": 1.0}, ROOM, GAP)


def test_isotonic_regression_is_the_nearest_rising_sequence() -> None:
    random_numbers = np.random.default_rng(1)
    values, weights = random_numbers.normal(size=30), random_numbers.uniform(0.5, 2, 30)
    fitted = isotonic(values, weights)
    assert np.all(np.diff(fitted) >= 0)
    # Kuhn and Tucker: residuals sum to zero on each level, and from the left to no less than zero.
    partial = np.cumsum(weights * (values - fitted))
    assert abs(partial[-1]) < 1e-12
    assert partial.min() > -1e-12 or partial.max() < 1e-12
    rises = np.flatnonzero(np.diff(fitted) > 1e-12)
    assert np.abs(partial[rises]).max() < 1e-12


def judged(entry: Claim) -> Result:
    distance = Discrepancy("this against that", 2.0 if entry.finding else 0.0, 1.0, "")
    return Result(entry, Evidence(distance), 0.0)


@pytest.fixture(scope="module", params=["kundu", "ying"])
def drawn(request: pytest.FixtureRequest) -> tuple[list[Result], Lineage, str]:
    ledger.load()
    claims = ledger.claims()
    lineage = Lineage.of(claims)
    ours = [judged(entry) for entry in claims if entry.id.startswith(f"{request.param}-")]
    return ours, lineage, as_svg(ours, lineage, "claims.html")


def test_every_claim_and_numbered_equation_is_on_the_map(
    drawn: tuple[list[Result], Lineage, str],
) -> None:
    results, lineage, svg = drawn
    nodes = re.findall(r'data-claim="([^"]+)" data-sources="([^"]*)"', svg)
    assert sorted(dict(nodes)) == sorted(r.claim.id for r in results)
    assert {one: tuple(found.split()) for one, found in nodes} == {
        one: lineage.sources[one] for one, _ in nodes
    }
    paper = nodes[0][0].split("-")[0]
    for entries in INVENTORY.values():
        for entry in entries:
            if entry.startswith(paper):
                assert any(covers(one, entry) for one, _ in nodes)
    drawn_edges = {tuple(edge.split()) for edge in re.findall(r'data-edge="([^"]+)"', svg)}
    assert drawn_edges == {(s, one) for one, _ in nodes for s in lineage.reduced[one]}


def test_boxes_do_not_overlap_and_fit_a_column(drawn: tuple[list[Result], Lineage, str]) -> None:
    svg = drawn[2]
    boxes = [
        tuple(map(float, found))
        for found in re.findall(r'<rect x="([\d.-]+)" y="([\d.]+)" width="([\d.]+)"', svg)
    ]
    view = re.search(r'viewBox="0 0 (\d+) (\d+)"', svg)
    assert view
    width, height = map(float, view.groups())
    # Bends come on top of the boxes.
    assert width <= 1.05 * WIDTH
    for x, y, w in boxes:
        assert 0 <= x < x + w <= width
        assert 0 <= y < y + HEIGHT <= height
        assert not any(
            b[1] == y and x < b[0] + b[2] and b[0] < x + w for b in boxes if b != (x, y, w)
        )


def test_labels_tell_the_claims_of_a_paper_apart(drawn: tuple[list[Result], Lineage, str]) -> None:
    labels = [label(r.claim.id) for r in drawn[0]]
    assert len(set(labels)) == len(labels)


def test_the_list_says_what_the_drawing_shows(drawn: tuple[list[Result], Lineage, str]) -> None:
    results, lineage, svg = drawn
    text = as_map(results, lineage, "claims.html")
    assert svg in text
    slips = re.findall(r'<option value="([^"]+)"', text)
    assert sorted(slips) == sorted(r.claim.id for r in results if r.claim.finding)
    for r in results:
        entry = text.split(f'data-entry="{r.claim.id}"')[1].split("</div>")[0]
        for source in lineage.sources[r.claim.id]:
            assert f"[{label(source)}](#claim-{source.lower()})" in entry


def test_a_map_without_a_source_is_refused() -> None:
    claims = [
        Claim(f"kundu-{n}", f"Eq. {n}", "identity", "", lambda: Evidence(hit), follows=follows)
        for n, follows in ((1, ()), (2, ("kundu-1",)))
    ]
    hit = Discrepancy("", 0.0, 1.0, "")
    with pytest.raises(ValueError, match="claims of the map follow from others: \\['kundu-1'"):
        as_svg([judged(claims[1])], Lineage.of(claims), "")


def test_the_map_of_new_findings_leaves_out_lines_to_the_papers() -> None:
    def entry(claim_id: str, kind: Kind, *follows: str) -> Claim:
        held = Evidence(Discrepancy("", 0.0, 1.0, ""))
        return Claim(claim_id, claim_id, kind, "x", lambda: held, follows=follows)

    paper = entry("kundu-1", "identity")
    ours = [entry("new-a", "new", "kundu-1"), entry("new-b", "new", "new-a", "kundu-1")]
    lineage = Lineage.of([paper, *ours])
    text = as_map([judged(one) for one in ours], lineage, "claims.html")
    assert re.findall(r'data-edge="([^"]+)"', text) == ["new-a new-b"]
    assert re.findall(r'data-sources="([^"]*)"', text) == ["", "new-a"]
    assert "What rests on this finding?" in text
    assert "Follows from: [kundu-1](#claim-kundu-1)." in text
    assert "Follows from: [a](#claim-new-a), [kundu-1](#claim-kundu-1)." in text
