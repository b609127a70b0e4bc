"""What one visit to a page finds: it is loaded and typeset once, and every test judges its part."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from site_axe import violations
from site_browser import Browser

PHONE, LAPTOP = 380, 1300
WIDTHS = (PHONE, 800, LAPTOP, 1920)

# Sphinx marks every formula; MathJax replaces what stands inside the mark.
RAW_FORMULAE = """
return [...document.querySelectorAll('.math, .amsmath')]
  .filter(e => !e.querySelector('mjx-container') || e.querySelector('mjx-merror'))
  .map(e => e.textContent)
"""
TEXT = """
const article = document.querySelector('article')?.cloneNode(true);
article?.querySelectorAll('pre, code, script, mjx-container').forEach(e => e.remove());
// What the library calls its things is code too, also where the page does not say so.
article?.querySelectorAll('dt.sig, .field-list :is(strong, em, .pre), .indextable, .genindextable, '
  + '[id^="module-moirelib"] h2').forEach(e => e.remove());
return article?.textContent ?? ''
"""
CAPTIONS = """
return [...document.querySelectorAll('article :is(figcaption, .frame-slider label, .pasted-text)')]
  .map(e => { const copy = e.cloneNode(true);
    copy.querySelectorAll('code, mjx-container').forEach(it => it.remove());
    return copy.textContent; })
"""
BAD_IMAGES = """
return [...document.querySelectorAll('article img')]
  .filter(i => i.naturalWidth === 0 || !i.alt.trim() || /^(\\.\\.\\/)*_images/.test(i.alt))
  .map(i => `${i.alt}: ${i.src.slice(0, 80)}`)
"""
# What is folded is looked at too. Figures, formulae and code may scroll in their place on a narrow
# screen; on one of a laptop nothing in a chapter does, and nothing is ever cut above or below.
# The right edge of the text; a page without an article has none.
COLUMN = """
const article = document.querySelector('article');
const column = article && {right: article.getBoundingClientRect().right
  - parseFloat(getComputedStyle(article).paddingRight)};
"""
LAYOUT = (
    COLUMN
    + """
document.querySelectorAll('article details').forEach(it => it.open = true);
const root = document.documentElement;
const excess = root.scrollWidth - root.clientWidth;
if (!column) return {wide: [], cut: [], formulae: [], scrolling: [], excess};
const scrollers = '.enlargeable-scroll, mjx-container, pre';
const all = selector => [...document.querySelectorAll(`article :is(${selector})`)]
  .filter(it => it.offsetParent);
const wide = all('p, li, dt, dd, h1, h2, h3, table, td, th, form, select, legend, label, figure, '
    + 'figcaption, img, pre, details, summary, .forms, ' + scrollers)
  .filter(it => it.getBoundingClientRect().right > column.right + 1
      && !it.parentElement.closest(scrollers)
    || it.matches('td, th, summary, select, legend, label') && it.scrollWidth > it.clientWidth + 1)
  .map(it => it.outerHTML.slice(0, 150));
const cut = all('mjx-container')
  .filter(it => it.scrollHeight > it.clientHeight + 1).map(it => it.textContent);
// One in a line has a width of its own only where it may scroll; a bar above a letter stands out.
const least = it => it.clientWidth + (it.matches('[display]') ? 1 : 3);
const formulae = all('mjx-container').filter(it => it.clientWidth && it.scrollWidth > least(it))
  .map(it => it.textContent.slice(0, 150));
const scrolling = all('.enlargeable-scroll, mjx-container[display], .cell_input pre, .output pre')
  .filter(it => it.scrollWidth > it.clientWidth + 1).map(it => it.textContent.slice(0, 150));
return {wide, cut, formulae, scrolling, excess};
"""
)
# Numbers of equations that are out of sight, until their formula is scrolled.
HIDDEN_NUMBERS = (
    COLUMN
    + """
return [...document.querySelectorAll('article mjx-labels mjx-mtd')]
  .filter(it => it.offsetParent && it.getBoundingClientRect().right > column.right + 1)
  .map(it => it.id)
"""
)
# Pixels of the smallest letters of each figure that says how large these are.
LETTERS = """
return [...document.querySelectorAll('article .provenance[data-letters]')].map(line => {
  const cell = line.closest('.cell'), images = cell.querySelectorAll('img');
  return [images[0]?.alt ?? '', line.dataset.letters * images[0]?.clientWidth];
})
"""
PICTURES = """
return [...document.querySelectorAll('article img')].map(i => i.currentSrc || i.src)
"""


@dataclass(frozen=True)
class Visit:
    """What one visit to a page found."""

    requests: list[str]
    messages: list[str]
    layout: dict[int, dict[str, Any]]
    """By width of the screen: what is wider than its column, formulae that are cut above or below,
    formulae and other things that scroll from side to side, and the width of the page beyond the
    screen in pixels."""
    hidden_numbers: list[str]
    """Numbers of equations that a phone does not show."""
    letters: dict[int, list[tuple[str, float]]]
    """By width of the screen: for each figure of ours its alternative text and the pixels of its
    letters."""
    pictures: list[str]
    """Addresses of the images of the article."""
    formulae: list[str]
    """Formulae that were not typeset."""
    text: str
    """The article without code and mathematics."""
    captions: list[str]
    """Captions, labels of sliders and measured numbers, without mathematics."""
    images: list[str]
    """Images that did not load or say nothing."""
    violations: list[str]
    """What axe finds, in either theme."""


def visit(browser: Browser, page: Path, spoil: str = "") -> Visit:
    """Load a page once, look at it at every width, then let axe look at it in both themes.

    A script that spoils the page shows that the visit finds what it should.
    """
    browser.open(page)
    browser.run(spoil)
    # An image below the fold loads when it is scrolled to: ask for it now.
    browser.run("document.querySelectorAll('img').forEach(i => i.loading = 'eager')")
    # A formula that was folded away is fitted to its column when it is seen.
    browser.run("document.querySelectorAll('article details').forEach(it => it.open = true)")
    browser.wait("[...document.images].every(i => i.complete)")
    formulae, text, captions, images = map(browser.run, (RAW_FORMULAE, TEXT, CAPTIONS, BAD_IMAGES))
    layout, letters = {}, {}
    for pixels in WIDTHS:
        with browser.as_wide_as(pixels):
            # What fits its type or its focus to the width does so after the next frame.
            browser.settle()
            layout[pixels] = browser.run(LAYOUT)
            if pixels == PHONE:
                hidden = browser.run(HIDDEN_NUMBERS)
            letters[pixels] = browser.run(LETTERS)
    # Before axe comes into the page: it reads the style sheets itself.
    requests, messages = browser.requests(), browser.messages()
    pictures = browser.run(PICTURES)
    return Visit(
        requests,
        messages,
        layout,
        hidden,
        letters,
        pictures,
        formulae,
        text,
        captions,
        images,
        violations(browser),
    )
