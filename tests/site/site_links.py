"""The anchors of a page, what it links to and what it loads, and which of these lead nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOCAL = ("file", "data", "blob", "about")


class References(HTMLParser):
    """Collect the anchors of a page, what it links to, and what it loads."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.repeated: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        # The name of anything else, as of a field of a form, is no place on the page.
        places = {given.get("id", "")} | ({given.get("name", "")} if tag == "a" else set())
        self.repeated += places & self.anchors
        self.anchors |= places - {""}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag == "link" and "href" in given:
            self.loads.append(given["href"])
        elif "src" in given:
            self.loads.append(given["src"])


def broken(page: Path, references: dict[Path, References]) -> list[str]:
    """Return what a page links to or loads and is not there."""
    return dead(page, [*references[page].links, *references[page].loads], references)


def dead(page: Path, targets: Iterable[str], references: Mapping[Path, References]) -> list[str]:
    """Return those targets of a page that are not there, as a page or as a place on one."""
    found = []
    for target in targets:
        parts = urlsplit(target)
        if parts.scheme or parts.netloc:
            continue
        path = (page.parent / unquote(parts.path)).resolve() if parts.path else page
        anchors = references[path].anchors if path in references else None
        if not path.exists() or (
            parts.fragment and anchors is not None and unquote(parts.fragment) not in anchors
        ):
            found.append(target)
    return found


def remote(page: References) -> list[str]:
    """Return what a page loads from elsewhere."""
    split = [(load, urlsplit(load)) for load in page.loads]
    return [load for load, at in split if at.netloc or at.scheme not in ("", "data")]
