"""What a copy button hands to the clipboard."""

from __future__ import annotations

from site_browser import HTML, Browser


def test_an_example_is_copied_without_prompts_and_output(browser: Browser) -> None:
    browser.open(HTML / "book" / "reference" / "library" / "bands.html")
    copied = browser.run(
        "return [...document.querySelectorAll('div.doctest pre')].map(pre => ["
        "pre.innerText, copyTargetText(pre.parentElement.querySelector('button.copybtn'))])"
    )
    assert isinstance(copied, list)
    assert copied
    for shown, code in copied:
        expected = [line[4:] for line in shown.splitlines() if line[:4].rstrip() in (">>>", "...")]
        assert [line for line in code.splitlines() if line] == [e for e in expected if e]
        compile(code, "copied", "exec")
