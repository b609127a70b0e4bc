"""The rules of axe, at a small part of their usual cost.

Most of the time of axe goes into the contrast of every piece of text, and most pieces are inside
of formulae. So what does not depend on colours is judged once, not in both themes; a formula counts
as one piece of text in its place; and contrast is judged on one piece of each look.
"""

from __future__ import annotations

from contextlib import suppress

from axe_core_python.selenium import Axe
from site_browser import Browser

LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
SERIOUS = ("serious", "critical")

# Colour, size and weight of a text, and the grounds of all that it stands in: contrast depends on
# nothing else. The first of each look is marked.
MARK_LOOKS = """
const seen = new Set(), grounds = new Map([[null, '']]);
const ground = e => {
  if (!grounds.has(e)) {
    const s = getComputedStyle(e);
    const own = [s.backgroundColor, s.backgroundImage, s.opacity].join();
    const plain = own === 'rgba(0, 0, 0, 0),none,1';
    grounds.set(e, ground(e.parentElement) + (plain ? '' : own));
  }
  return grounds.get(e);
};
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
document.querySelectorAll('[data-look]').forEach(e => e.removeAttribute('data-look'));
while (walk.nextNode()) {
  const e = walk.currentNode.parentElement;
  if (!walk.currentNode.data.trim() || !e.checkVisibility()) continue;
  const s = getComputedStyle(e);
  const look = [s.color, s.fontSize, s.fontWeight, s.textShadow, ground(e)].join();
  if (!seen.has(look)) e.dataset.look = '';
  seen.add(look);
}
return seen.size;
"""
# The theme lets the keyboard into what scrolls, a third of a second after the page has changed.
SCROLLS_BY_KEYBOARD = """
[...document.querySelectorAll('pre')].every(
  e => e.tabIndex === 0 || (e.scrollWidth <= e.clientWidth && e.scrollHeight <= e.clientHeight))
"""
FORMULAE_AS_TEXT = """
document.querySelectorAll('mjx-container').forEach(e => e.replaceChildren('formula'))
"""


def violations(browser: Browser) -> list[str]:
    """Return what axe finds on the open page, whose formulae become plain text.

    Everything of the levels A and AA, and of the other rules what is serious. Contrast is judged in
    both themes.
    """
    browser.run(FORMULAE_AS_TEXT)
    with suppress(AssertionError):  # axe says what the keyboard does not reach
        browser.wait(SCROLLS_BY_KEYBOARD, 5.0)
    found = run_axe(browser, {"rules": {"color-contrast": {"enabled": False}}})
    for theme in ("light", "dark"):
        browser.show(theme)
        # Colours fade from one theme to the other; contrast is judged when they have arrived.
        browser.run("document.getAnimations().forEach(a => a.finish())")
        if browser.run(MARK_LOOKS):
            contrast = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
            found += [f"{theme}: {v}" for v in run_axe(browser, contrast, "[data-look]")]
    return found


def run_axe(
    browser: Browser, options: dict[str, object], within: str = "html", *, every: bool = False
) -> list[str]:
    """Return the violations within the elements of a selector: of every rule, or of those above."""
    # Details of what passed would take half of the time; no rule in use reads style sheets.
    options = {"resultTypes": ["violations"], "preload": False, **options}
    browser.run(Axe().axe_script)
    found = browser.driver.execute_async_script(
        "const [context, options, done] = arguments;"
        "axe.run(context, options).then(results => done(results.violations))",
        {"include": [[within]]},
        options,
    )
    return [
        f"{v['id']} ({v['impact']}): {node['target']} {node['html'][:200]} {node['failureSummary']}"
        for v in found
        if every or v["impact"] in SERIOUS or set(LEVELS) & set(v["tags"])
        for node in v["nodes"]
    ]
