"""Print documents of the built book to PDF: `make pdf`.

The book is printed page by page, the contents last, when the pages have their numbers. What was
printed of the same build is kept, so that a run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import yaml
from pypdf import PdfReader
from selenium.common.exceptions import WebDriverException
from urllib3.exceptions import HTTPError

from export.binding import Piece, bind
from export.bound import Bindery, Leaf, Part, parts_of
from export.chromium import chromium

ROOT = Path(__file__).resolve().parents[2]
# The text of a page of paper, in pixels of CSS: A4 less the margins of print.css.
WIDTH = round((210 - 2 * 18) / 25.4 * 96)
# Seconds for one step of one page, on a machine that is busy with something else as well; and how
# often a page is tried.
PATIENCE = 900
ATTEMPTS = 2

TYPESET = """
const done = arguments[arguments.length - 1];
const typeset = window.MathJax?.startup?.promise ?? Promise.resolve();
typeset.then(() => document.fonts.ready).then(() => done());
"""
# Formulas and tables cannot be broken into lines: those that are too wide are set smaller. All are
# measured before any is changed, for each change lays out the whole book again.
FIT = """
const edge = document.querySelector('.bd-article').getBoundingClientRect().right;
let boxes = [...document.querySelectorAll('mjx-container, table')];
// More than once: the number beside a formula keeps its distance.
for (let attempt = 0; attempt < 8 && boxes.length; attempt++) {
  const tooWide = boxes.map(box => {
    const room = Math.min(edge, box.parentElement.getBoundingClientRect().right)
      - box.getBoundingClientRect().left;
    const wide = Math.max(box.scrollWidth, box.getBoundingClientRect().width);
    return {box, wide, share: room / wide, size: parseFloat(getComputedStyle(box).fontSize)};
  }).filter(({wide, share}) => wide > share * wide + 1);
  for (const {box, share, size} of tooWide) {
    box.style.setProperty('font-size', `${size * Math.min(share, 0.96)}px`, 'important');
  }
  boxes = tooWide.map(({box}) => box);
}
"""
TOO_WIDE = """
const edge = document.querySelector('.bd-article').getBoundingClientRect().right + 2;
return [...document.querySelectorAll('.bd-article :is(mjx-container, pre, table, img, svg)')]
  .filter(e => {
    const {left, width} = e.getBoundingClientRect();
    return left + Math.max(e.scrollWidth, width) > edge
      || (e.matches('pre') && e.scrollWidth > e.clientWidth + 2);
  })
  .map(e => `${e.tagName} ${e.textContent.slice(0, 60)}`);
"""
# A bookmark as Chromium writes it, in Latin letters or in hexadecimal Unicode, with its text twice.
TWICE = re.compile(
    rb"/Title (?:\(((?:[^()\\]|\\.)+)\1\)|<FEFF((?:[0-9A-F]{4})+)\2>)",
)


def once(pdf: bytes) -> bytes:
    """Return a PDF whose bookmarks say their headings once.

    Chromium says a heading twice that it has moved to the next page, to keep it with its text.
    Blanks fill the place of the second, for the file counts its bytes.
    """

    def half(match: re.Match[bytes]) -> bytes:
        letters, code = match.groups()
        title = b"/Title (%b)" % letters if letters else b"/Title <FEFF%b>" % code
        return title.ljust(len(match[0]))

    return TWICE.sub(half, pdf)


class Press:
    """A headless Chromium that prints."""

    def __init__(self, profile: Path) -> None:
        self.driver = chromium(profile, WIDTH, "--allow-file-access-from-files")
        for limit in (self.driver.set_script_timeout, self.driver.set_page_load_timeout):
            limit(PATIENCE)
        # The client would wait two minutes.
        connection: Any = self.driver.command_executor
        connection.client_config.timeout = PATIENCE

    def lay_out(self, page: Path) -> None:
        """Open a document as paper shows it, typeset, with everything as wide as the paper."""
        size = {"width": WIDTH, "height": 1000, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        self.driver.get(page.as_uri())
        self.driver.execute_async_script(TYPESET)
        self.driver.execute_script(FIT)

    def too_wide(self) -> list[str]:
        """Return what is cut at the edge of the paper."""
        return list(self.driver.execute_script(TOO_WIDE))

    def print(self) -> bytes:
        """Return the open document as PDF, with a bookmark for each heading."""
        options = {
            "preferCSSPageSize": True,
            "printBackground": True,
            "generateTaggedPDF": True,
            "generateDocumentOutline": True,
            "transferMode": "ReturnAsStream",
        }
        stream = self.driver.execute_cdp_cmd("Page.printToPDF", options)["stream"]
        return once(b"".join(self._read(stream)))

    def _read(self, stream: str) -> Iterator[bytes]:
        """Yield the pieces of a stream: in one piece a book is too long for the protocol."""
        while True:
            piece = self.driver.execute_cdp_cmd("IO.read", {"handle": stream, "size": 2**22})
            yield (
                base64.b64decode(piece["data"])
                if piece["base64Encoded"]
                else piece["data"].encode()
            )
            if piece["eof"]:
                return


@contextmanager
def press() -> Iterator[Press]:
    """Provide a press, and end its browser."""
    with tempfile.TemporaryDirectory() as profile:
        machine = Press(Path(profile))
        try:
            yield machine
        finally:
            machine.driver.quit()


def print_book(bindery: Bindery, title: str, parts: Sequence[Part], target: Path) -> None:
    """Print a book page by page, and bind it; pages that are there from the same build are kept."""
    kept = target.with_suffix(".pages")
    build = str((bindery.html / "index.html").stat().st_mtime_ns)
    leaves = list(bindery.book(parts))
    with patient_press() as print_patiently:

        def printed(leaf: Leaf, first: int) -> tuple[Piece, int]:
            """Return a printed leaf and the number of the page after it."""
            start = time.monotonic()
            document = bindery.document(title, leaf, first)
            key = hashlib.sha256(f"{build}{document}".encode()).hexdigest()[:16]
            piece = Piece(kept / f"{leaf.name.replace('/', '-')}-{key}.pdf", leaf.below)
            known = piece.path.exists()
            if not known:
                print_patiently(document, piece.path)
            after = first + len(PdfReader(piece.path).pages)
            took = "known" if known else f"{time.monotonic() - start:.0f} s"
            print(f"  {leaf.name}, p. {first} to {after - 1}, {took}", flush=True)
            return piece, after

        # Without the numbers, to know how many pages it takes.
        _, after = printed(bindery.opening(title, parts), 1)
        pieces: list[Piece] = []
        first: dict[str, int] = {}
        for leaf in leaves:
            first[leaf.name] = after + leaf.opens
            piece, after = printed(leaf, after)
            pieces.append(piece)
        opening, _ = printed(bindery.opening(title, parts, first), 1)
    bind([opening, *pieces], title, target)
    shutil.rmtree(kept)
    print(f"  {target}: {after - 1} pages, {target.stat().st_size / 1e6:.1f} MB", flush=True)


@contextmanager
def patient_press() -> Iterator[Callable[[str, Path], None]]:
    """Provide what prints documents, with one browser; where that fails, again with another."""
    with ExitStack() as running:
        machine: Press | None = None

        def print_patiently(document: str, target: Path) -> None:
            nonlocal machine
            for attempt in range(1, ATTEMPTS + 1):
                try:
                    machine = machine or running.enter_context(press())
                    print_to(machine, document, target)
                    return
                except (WebDriverException, HTTPError) as error:
                    machine = None
                    running.close()
                    if attempt == ATTEMPTS:
                        raise
                    print(f"  {target.stem}: once more after {type(error).__name__}", flush=True)

        yield print_patiently


def print_to(machine: Press, document: str, target: Path) -> None:
    """Print a document; refuse what would be cut. The file is there whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    source = target.with_suffix(".html")
    source.write_text(document, encoding="utf-8")
    machine.lay_out(source)
    cut = machine.too_wide()
    if cut:
        raise ValueError(f"{target.name} would be cut at the edge: {cut[:5]}")
    aside = target.with_suffix(".part")
    aside.write_bytes(machine.print())
    aside.replace(target)
    source.unlink()


def main() -> None:
    """Print the book and the exercises of each part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--html", type=Path, default=ROOT / "_build" / "html")
    parser.add_argument("--target", type=Path, default=ROOT / "_build" / "pdf")
    parser.add_argument("--without-solutions", action="store_true")
    parser.add_argument("--sheets-only", action="store_true", help="the exercises, not the book")
    chosen = parser.parse_args()
    config: dict[str, Any] = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    title = config["title"]
    parts = parts_of(ROOT)
    with press() as machine:
        for part in parts:
            for solved in (False, True):
                bindery = Bindery(chosen.html, solved)
                if bindery.has_exercises(part):
                    name = "-".join(part.caption.lower().split())
                    name += "-exercises-solved" if solved else "-exercises"
                    sheet = bindery.exercises(title, part)
                    print_to(machine, sheet, chosen.target / f"{name}.pdf")
                    print(f"  {chosen.target / name}.pdf", flush=True)
    if not chosen.sheets_only:
        solved = not chosen.without_solutions
        name = "book" if solved else "book-without-solutions"
        print_book(Bindery(chosen.html, solved), title, parts, chosen.target / f"{name}.pdf")


if __name__ == "__main__":
    main()
