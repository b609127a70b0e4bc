"""Figures as the book shows them: legends keep off the curves, ticks read at a glance."""

from __future__ import annotations

import re
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from site_browser import HTML, Browser

DRAWINGS = sorted(HTML.glob("_figures/*/*.svg"), key=lambda path: path.name)

# For each legend of a drawing by Matplotlib, the pixels of curves and the points that lie on it.
# What a panel cuts off does not count, nor straight lines behind a legend with a ground of its own.
COVERED = r"""
const all = (where, names) =>
  [...where.querySelectorAll(names.map(name => `g[id^="${name}_"]`).join())];
const within = (x, y, left, top, right, bottom) => x > left && x < right && y > top && y < bottom;

function clip(path) {
  const named = (path.getAttribute('clip-path') ?? '').match(/#([^)]+)/);
  const box = named && document.getElementById(named[1]).querySelector('rect');
  if (!box) return [-Infinity, -Infinity, Infinity, Infinity];
  const [x, y, width, height] = ['x', 'y', 'width', 'height'].map(key => box[key].baseVal.value);
  return [x, y, x + width, y + height];
}

function points(path) {
  const length = path.getTotalLength(), box = clip(path), found = [];
  const steps = Math.min(4000, Math.ceil(length));
  for (let i = 0; i <= steps && steps; i++) {
    const at = path.getPointAtLength(length * i / steps);
    if (within(at.x, at.y, ...box)) found.push(at.matrixTransform(path.getScreenCTM()));
  }
  return found;
}

const drawn = document.documentElement, samples = [];
for (const curve of all(drawn, ['line2d', 'PathCollection', 'LineCollection', 'PolyCollection'])) {
  if (curve.closest('g[id^="legend_"], g[id^="matplotlib.axis_"]')) continue;
  for (const path of curve.querySelectorAll('path')) {
    if (path.closest('defs')) continue;
    const straight = (path.getAttribute('d').match(/[MLCQ]/g) ?? []).length === 2;
    for (const at of points(path)) samples.push([at.x, at.y, straight]);
  }
  for (const mark of curve.querySelectorAll('use')) {
    const box = mark.getBoundingClientRect();
    samples.push([(box.left + box.right) / 2, (box.top + box.bottom) / 2, false]);
  }
}
return all(drawn, ['legend']).map(legend => {
  const boxes = all(legend, ['text', 'line2d']).map(one => one.getBoundingClientRect());
  const edges = [Math.min(...boxes.map(b => b.left)), Math.min(...boxes.map(b => b.top)),
                 Math.max(...boxes.map(b => b.right)), Math.max(...boxes.map(b => b.bottom))];
  const opaque = legend.querySelector(':scope > g[id^="patch_"]') !== null;
  return samples.filter(([x, y, straight]) => !(opaque && straight) && within(x, y, ...edges))
    .length;
});
"""


def covered(browser: Browser, drawing: Path) -> list[int]:
    browser.driver.get(drawing.as_uri())
    found: list[int] = browser.run(COVERED)
    return found


def test_no_legend_lies_on_a_curve(browser: Browser) -> None:
    found = {path.name: covered(browser, path) for path in DRAWINGS}
    assert sum(map(len, found.values())) > 40
    assert {name: counts for name, counts in found.items() if any(counts)} == {}


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
        (count,) = covered(browser, tmp_path / "toy.svg")
        assert (count > 0) is hit, (place, ground, count)


def test_no_tick_is_a_product_with_a_power_of_ten() -> None:
    """A short logarithmic axis is labelled by decimals."""
    found = [
        path.name
        for path in DRAWINGS
        if re.search(r"<!-- \$\\mathdefault\{.*times10", path.read_text())
    ]
    assert found == []
