"""Figures as the book shows them: words keep off the curves, ticks read at a glance."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.patches import Circle
from site_browser import HTML, Browser

GALLERY = HTML / "book" / "reference" / "gallery.html"
DRAWINGS = sorted(HTML.glob("_figures/*/*.svg"), key=lambda path: path.name)
# A drawing in a chapter, and the label of a drag in it that is no modulus.
DRAWN = re.compile(r'href="\.\./\.\./(_figures/[^"]+\.svg)"')
SIGNED = re.compile(r"<!-- [^|\n]*sigma[^|\n]*_\{12[^|\n]*e\^2/h[^|\n]*-->")

# For each legend of a drawing by Matplotlib, and for each other text by its words, the pixels of
# curves and the points that lie on it. What a panel cuts off does not count, nor straight lines
# behind a legend or a text with a ground of its own.
COVERED = r"""
const all = (where, names) =>
  [...where.querySelectorAll(names.map(name => `g[id*="${name}_"]`).join())];
const within = (x, y, left, top, right, bottom) => x > left && x < right && y > top && y < bottom;

function clip(drawn) {
  const cut = drawn.closest('[clip-path]');
  const named = cut && cut.getAttribute('clip-path').match(/#([^)]+)/);
  const box = named && document.getElementById(named[1]).querySelector('rect');
  if (!box) return [-Infinity, -Infinity, Infinity, Infinity];
  const [x, y, width, height] = ['x', 'y', 'width', 'height'].map(key => box[key].baseVal.value);
  return [x, y, x + width, y + height];
}

// A mark is a use of a path, at a place of its own. What is only filled has no line.
function points(drawn) {
  const used = drawn.href ? document.querySelector(drawn.href.baseVal) : null;
  if (!used && getComputedStyle(drawn).stroke === 'none') return [];
  const path = used ?? drawn, length = path.getTotalLength(), box = clip(drawn), found = [];
  const [x, y] = used ? [drawn.x.baseVal.value, drawn.y.baseVal.value] : [0, 0];
  const steps = Math.min(4000, Math.ceil(length));
  for (let i = 0; i <= steps && steps; i++) {
    const on = path.getPointAtLength(length * i / steps), at = new DOMPoint(on.x + x, on.y + y);
    if (within(at.x, at.y, ...box)) found.push(at.matrixTransform(drawn.getScreenCTM()));
  }
  return found;
}

const drawn = document.documentElement, samples = [];
// Frames of panels and grounds of texts are patches too, but are not cut off by a panel.
const patches = all(drawn, ['patch']).filter(it => it.querySelector('path[clip-path]'));
const curves = all(drawn, ['line2d', 'Collection', 'ContourSet', 'Quiver']);
for (const curve of [...curves, ...patches]) {
  if (curve.closest('g[id^="legend_"], g[id^="matplotlib.axis_"]')) continue;
  for (const line of curve.querySelectorAll('path, use')) {
    if (line.closest('defs')) continue;
    const straight = (line.getAttribute('d')?.match(/[MLCQ]/g) ?? []).length === 2;
    for (const at of points(line)) samples.push([at.x, at.y, straight]);
  }
}
const has_ground = it => it.querySelector(':scope > g[id^="patch_"]') !== null;
const legends = all(drawn, ['legend']).map(legend => {
  const boxes = all(legend, ['text', 'line2d']).map(one => one.getBoundingClientRect());
  const edges = [Math.min(...boxes.map(b => b.left)), Math.min(...boxes.map(b => b.top)),
                 Math.max(...boxes.map(b => b.right)), Math.max(...boxes.map(b => b.bottom))];
  const opaque = has_ground(legend);
  return samples.filter(([x, y, straight]) => !(opaque && straight) && within(x, y, ...edges))
    .length;
});
// The box of a line of text is upright in the frame in which the line is.
const on = (line, opaque) => {
  const box = line.getBBox(), frame = line.getScreenCTM().inverse();
  return samples.filter(([x, y, straight]) => {
    const at = new DOMPoint(x, y).matrixTransform(frame);
    return !(opaque && straight)
      && within(at.x, at.y, box.x, box.y, box.x + box.width, box.y + box.height);
  }).length;
};
const words = it => [...it.childNodes].find(one => one.nodeType === Node.COMMENT_NODE)?.data.trim();
const texts = all(drawn, ['text']).filter(it => !it.closest('g[id^="legend_"]')).map(text => {
  const lines = [...text.querySelectorAll(':scope > g[transform]')];
  return [words(text) ?? '', lines.reduce((sum, line) => sum + on(line, has_ground(text)), 0)];
});
return {legends, texts};
"""


@dataclass(frozen=True)
class Covered:
    """How many points of curves lie on each legend, and on each other text."""

    legends: list[int]
    texts: list[tuple[str, int]]

    @property
    def illegible(self) -> list[str]:
        """The texts that lie on a curve."""
        return [words for words, count in self.texts if count]


def covered(browser: Browser, drawing: Path) -> Covered:
    browser.driver.get(drawing.as_uri())
    return Covered(**browser.run(COVERED))


@pytest.fixture(scope="module")
def found(browser: Browser) -> dict[str, Covered]:
    return {path.name: covered(browser, path) for path in DRAWINGS}


def test_no_legend_lies_on_a_curve(found: dict[str, Covered]) -> None:
    assert sum(len(one.legends) for one in found.values()) > 40
    assert {name: one.legends for name, one in found.items() if any(one.legends)} == {}


def test_no_text_lies_on_a_curve(found: dict[str, Covered]) -> None:
    assert all(one.texts for one in found.values())
    assert {name: one.illegible for name, one in found.items() if one.illegible} == {}


def test_a_legend_on_a_curve_is_found(browser: Browser, tmp_path: Path) -> None:
    x = np.linspace(0.0, 1.0, 40)
    for place, ground, hit in (
        ("upper right", {}, True),
        ("upper left", {}, False),
        ("lower center", {}, True),
        ("lower center", {"frameon": True, "framealpha": 1}, False),
    ):
        figure, axes = plt.subplots()
        axes.plot(x, x**2, label="curve")
        axes.axvline(0.5, color="grey")
        # What lies beyond the limits is cut off.
        axes.plot(x, x + 1.0, label="beyond")
        axes.set(xlim=(0, 1), ylim=(-0.5, 1))
        axes.legend(loc=place, **({"frameon": False} | ground))
        figure.savefig(tmp_path / "toy.svg")
        plt.close(figure)
        (count,) = covered(browser, tmp_path / "toy.svg").legends
        assert (count > 0) is hit, (place, ground, count)


def test_a_text_on_a_curve_is_found(browser: Browser, tmp_path: Path) -> None:
    x = np.linspace(0.0, 1.0, 40)
    ground = {"bbox": {"facecolor": "white"}}
    figure, axes = plt.subplots()
    axes.plot(x, x**1.2)
    axes.axvline(0.7, color="grey")
    axes.scatter([0.1, 0.5, 0.9], [0.95, 0.95, 3.0], s=400)
    axes.fill_between([0.75, 0.95], 0.3, 0.5, color="0.9")
    axes.contour(x, x, np.hypot(x - 0.2, x[:, None] - 0.7), [0.15], colors="black")
    axes.add_patch(Circle((0.9, 0.15), 0.1, fill=False))
    axes.set(xlim=(0, 1), ylim=(0, 1), title="above", xlabel="below")
    texts = {
        ("crossed", 0.3, 0.27): {},
        ("at the line", 0.65, 0.2): {},
        ("two lines,\nof which\none is crossed", 0.45, 0.4): ground,
        ("across", 0.84, 0.84): {"rotation": -45},
        ("on a mark", 0.45, 0.94): {},
        ("at an edge", 0.77, 0.48): {},
        ("on a contour", 0.3, 0.75): {},
        ("on a circle", 0.75, 0.04): {},
        ("over the line", 0.55, 0.1): ground,
        ("along", 0.08, 0.2): {"rotation": 45},
        ("beside", 0.13, 0.94): {},
        ("within", 0.8, 0.38): {},
        ("in it", 0.15, 0.68): {},
    }
    for (words, *at), given in texts.items():
        axes.text(*at, words, **given)
    figure.savefig(tmp_path / "toy.svg")
    plt.close(figure)
    found = covered(browser, tmp_path / "toy.svg")
    illegible = [words.split("\n")[0] for words, *_ in texts][:8]
    assert found.illegible == illegible
    assert {words for words, _ in found.texts} >= {"above", "below", "over the line", "along"}


def test_no_tick_is_a_product_with_a_power_of_ten() -> None:
    """A short logarithmic axis is labelled by decimals."""
    found = [
        path.name
        for path in DRAWINGS
        if re.search(r"<!-- \$\\mathdefault\{.*times10", path.read_text())
    ]
    assert found == []


def test_no_two_cards_of_the_gallery_have_one_title() -> None:
    page = GALLERY.read_text(encoding="utf-8")
    titles = re.findall(r'class="gallery-card">.*?<p><b>(.*?)</b>', page, re.DOTALL)
    assert len(titles) == page.count('class="gallery-card"') > 10
    assert repeated(titles) == []
    assert repeated(["Fig. 1(b)", "fig. 1(b) ", "Fig. 1(b), screened"]) == ["fig. 1(b)"]


def repeated(titles: list[str]) -> list[str]:
    """Return the titles that a reader would take for one another."""
    counts = Counter(" ".join(title.lower().split()) for title in titles)
    return [title for title, count in counts.items() if count > 1]


def test_a_drag_with_the_sign_of_the_paper_says_so() -> None:
    """Layers that relax carry the opposite: a reader sees which, also without the caption."""
    pages = sorted((HTML / "book" / "part1").glob("*.html"))
    links = {path for page in pages for path in DRAWN.findall(page.read_text(encoding="utf-8"))}
    drawings = [(HTML / path).read_text(encoding="utf-8") for path in sorted(links)]
    signed = [text for text in drawings if SIGNED.search(text)]
    assert len(signed) > 12
    assert all("<!-- sign of Kundu Eq. 1 -->" in text for text in signed)
