"""What one visit to a page finds: it is loaded and typeset once, and every test judges its part."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from site_axe import violations
from site_browser import Browser

WIDTHS = (380, 800, 1300, 1920)

# Sphinx marks every formula; MathJax replaces what stands inside the mark.
RAW_FORMULAE = """
return [...document.querySelectorAll('.math, .amsmath')]
  .filter(e => !e.querySelector('mjx-container') || e.querySelector('mjx-merror'))
  .map(e => e.textContent)
"""
TEXT = """
const article = document.querySelector('article')?.cloneNode(true);
article?.querySelectorAll('pre, code, script, mjx-container').forEach(e => e.remove());
return article?.textContent ?? ''
"""
BAD_IMAGES = """
return [...document.querySelectorAll('article img')]
  .filter(i => i.naturalWidth === 0 || !i.alt.trim() || /^(\\.\\.\\/)*_images/.test(i.alt))
  .map(i => `${i.alt}: ${i.src.slice(0, 80)}`)
"""
# What is folded is looked at too. A formula may scroll from side to side, and nothing of it may be
# cut above or below.
LAYOUT = """
document.querySelectorAll('article details').forEach(it => it.open = true);
const root = document.documentElement;
const column = document.querySelector('article')?.getBoundingClientRect();
const excess = root.scrollWidth - root.clientWidth;
if (!column) return {wide: [], cut: [], excess};
const wide = [...document.querySelectorAll('article :is(table, form, details, .forms)')]
  .filter(it => it.offsetParent && !it.closest('.cell_input'))
  .filter(it => it.getBoundingClientRect().right > column.right + 1
      || [...it.querySelectorAll('td, th, summary, p, select, legend, label, h3')].some(
        inner => inner.getBoundingClientRect().right > column.right + 1
          || inner.scrollWidth > inner.clientWidth + 1))
  .map(it => it.outerHTML.slice(0, 150));
const cut = [...document.querySelectorAll('article mjx-container')]
  .filter(it => it.scrollHeight > it.clientHeight + 1).map(it => it.textContent);
return {wide, cut, excess};
"""


@dataclass(frozen=True)
class Visit:
    """What one visit to a page found."""

    requests: list[str]
    messages: list[str]
    layout: dict[int, dict[str, Any]]
    """By width of the screen: what is wider than its column, formulae that are cut above or below,
    and the width of the page beyond the screen in pixels."""
    formulae: list[str]
    """Formulae that were not typeset."""
    text: str
    """The article without code and mathematics."""
    images: list[str]
    """Images that did not load or say nothing."""
    violations: list[str]
    """What axe finds, in either theme."""


def visit(browser: Browser, page: Path) -> Visit:
    """Load a page once, look at it at every width, then let axe look at it in both themes."""
    browser.open(page)
    # An image below the fold loads when it is scrolled to: ask for it now.
    browser.run("document.querySelectorAll('img').forEach(i => i.loading = 'eager')")
    browser.wait("[...document.images].every(i => i.complete)")
    formulae, text, images = map(browser.run, (RAW_FORMULAE, TEXT, BAD_IMAGES))
    layout = {}
    for pixels in WIDTHS:
        with browser.as_wide_as(pixels):
            layout[pixels] = browser.run(LAYOUT)
    # Before axe comes into the page: it reads the style sheets itself.
    requests, messages = browser.requests(), browser.messages()
    return Visit(requests, messages, layout, formulae, text, images, violations(browser))
