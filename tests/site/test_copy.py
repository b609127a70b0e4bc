"""What a copy button hands to the clipboard."""

from __future__ import annotations

from site_browser import HTML, Browser

# The button puts the text into a text area and asks the browser to copy what is selected.
PRESS = """
let copied;
document.execCommand = () => {
  copied = [...document.querySelectorAll('body > textarea')].at(-1).value;
  return true;
};
return [...document.querySelectorAll('div.doctest pre')].map(pre => {
  pre.parentElement.querySelector('button.copybtn').click();
  return [pre.innerText, copied];
});
"""


def test_an_example_is_copied_without_prompts_and_output(browser: Browser) -> None:
    browser.open(HTML / "book" / "reference" / "library" / "bands.html")
    pairs = browser.run(PRESS)
    assert isinstance(pairs, list)
    assert pairs
    for shown, copied in pairs:
        code = [line[4:] for line in shown.splitlines() if line[:4].rstrip() in (">>>", "...")]
        assert [line for line in copied.splitlines() if line] == [line for line in code if line]
        compile(copied, "copied", "exec")
