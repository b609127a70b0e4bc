"""Pages of the built book as documents for the press: the whole book, or the exercises of a part.

The book is a document for each page, to be bound when all are printed: each is laid out alone, in
seconds, and one that is printed already is not printed again.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml
from bs4 import BeautifulSoup, Tag
from building.chapters import files

# Nothing of a page that only works on a screen.
SCREEN_ONLY = (
    "script, .headerlink, .d-print-none, .copybtn, .claim-hint, form.ledger-filter, "
    "details.above-input, .frame-slider-control input"
)
# Before an anchor on another page of the book, which is printed alone: no site has this address.
ELSEWHERE = "https://bound.invalid/#"
# Lines of code that are not broken over two pages.
WHOLE = 20
HEADINGS = re.compile(r"^h[1-5]$")


@dataclass(frozen=True)
class Part:
    """A part of the book: its caption and its pages, by name."""

    caption: str
    pages: tuple[str, ...]


def parts_of(root: Path) -> tuple[Part, ...]:
    """Return the parts in reading order; the first, without a caption, is the opening page."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    parts = [Part("", (toc["root"],))]
    for entry in toc["parts"]:
        pages = tuple(files(entry["chapters"]))
        if "caption" in entry:
            parts.append(Part(entry["caption"], pages))
        else:
            parts[-1] = Part(parts[-1].caption, parts[-1].pages + pages)
    return tuple(parts)


@dataclass(frozen=True)
class Leaf:
    """A page of the book for paper, whether its headings stand below one before it, the built page
    that has its style sheets, and how many sheets stand before it that open a part.
    """

    name: str
    body: str
    below: bool
    styled_as: str
    opens: int = 0


@dataclass(frozen=True)
class Bindery:
    """Takes pages from a folder of built HTML."""

    html: Path
    solutions: bool = True

    def book(self, parts: Sequence[Part]) -> Iterator[Leaf]:
        """Yield every page of the book."""
        pages = {name for part in parts for name in part.pages}
        for part in parts:
            opening = f'<section class="part"><h1>{escape(part.caption)}</h1></section>'
            for name in part.pages:
                article = self.article(name)
                self._bind(article, name, pages)
                # Chromium makes a destination of what is linked within a document.
                anchors = [_bound(name), *(str(one["id"]) for one in article.find_all(id=True))]
                links = "".join(f'<a href="#{quote(one)}"></a>' for one in anchors)
                body = f'<section class="chapter" id="{_bound(name)}">{article}</section>'
                first = bool(part.caption) and name == part.pages[0]
                body = f"{opening if first else ''}{body}<div hidden>{links}</div>"
                below = bool(part.caption) and not first
                yield Leaf(name, body, below, styled_as=name, opens=int(first))

    def opening(
        self, title: str, parts: Sequence[Part], first: Mapping[str, int] | None = None
    ) -> Leaf:
        """Return the title page with the contents, and with the number where each page begins."""
        page = f'<section class="title-page"><h1>{escape(title)}</h1></section>'
        body = page + self._contents(parts, first or {})
        return Leaf("contents", body, below=False, styled_as=parts[0].pages[0])

    def document(self, title: str, leaf: Leaf, first: int = 1) -> str:
        """Return the document of a leaf whose first page has a number."""
        counted = f"<style>html {{ counter-reset: page {first - 1}; }}</style>"
        return self._document(title, leaf.styled_as, [counted, leaf.body])

    def exercises(self, title: str, part: Part) -> str:
        """Return the exercises of a part, chapter by chapter, with their solutions if chosen."""
        kind = "Exercises with solutions" if self.solutions else "Exercises"
        above = f"<h1>{escape(part.caption)}</h1><p>{escape(f'{kind} of {title}')}</p>"
        body = [f'<section class="sheet">{above}</section>']
        for name in part.pages:
            article = self.article(name)
            self._bind(article, name, {name})
            found = article.select(".exercise, .solution")
            heading = article.find("h2")
            if found and heading:
                shown = "".join(map(str, found))
                body.append(f'<section class="chapter">{heading}{shown}</section>')
        return self._document(f"{part.caption}: {kind}", part.pages[0], body)

    def has_exercises(self, part: Part) -> bool:
        """Whether any page of a part has an exercise."""
        return any('class="exercise' in self._source(name) for name in part.pages)

    def article(self, name: str) -> Tag:
        """Return what a page says, in a form for paper: vectors for pictures, nothing to click."""
        soup = BeautifulSoup(self._source(name), "html.parser")
        article = soup.find("article")
        if not isinstance(article, Tag):
            raise ValueError(f"{name} has no article")
        _draw_vectors(article)
        # An empty anchor has no place on paper.
        for anchor in article.select(".amsmath > span[id]:empty"):
            if anchor.parent is not None:
                anchor.parent.wrap(soup.new_tag("div", id=str(anchor["id"])))
                anchor.decompose()
        for unwanted in article.select(SCREEN_ONLY):
            unwanted.decompose()
        for code in article.select(".cell_input, .highlight"):
            if code.get_text().count("\n") <= WHOLE:
                code["class"] = " ".join([*code.get_attribute_list("class"), "whole"])
        if not self.solutions:
            for solution in article.select(".solution, .question-reasons"):
                solution.decompose()
        for reasons in article.select(".question-reasons"):
            reasons["open"] = ""  # paper does not unfold
        for image in article.select("img"):
            if not str(image["src"]).startswith("data:"):
                image["src"] = (self.html / name).parent.joinpath(str(image["src"])).as_uri()
        return article

    def _source(self, name: str) -> str:
        return (self.html / f"{name}.html").read_text(encoding="utf-8")

    def _bind(self, article: Tag, name: str, pages: Iterable[str]) -> None:
        """Make anchors unique among all pages, let links lead within, and lower the headings."""
        for marked in article.find_all(id=True):
            marked["id"] = _bound(name, str(marked["id"]))
        for link in article.find_all("a", href=True):
            path, _, anchor = str(link["href"]).partition("#")
            if re.match(r"\w+:", path):
                continue
            here = posixpath.dirname(name)
            to = posixpath.normpath(posixpath.join(here, path)).removesuffix(".html")
            to = to if path else name
            if to == name:
                link["href"] = f"#{_bound(to, anchor)}"
            elif to in pages:
                link["href"] = f"{ELSEWHERE}{quote(_bound(to, anchor))}"
            else:
                del link["href"]
        for heading in article.find_all(HEADINGS):
            heading.name = f"h{int(heading.name[1]) + 1}"

    def _contents(self, parts: Sequence[Part], first: Mapping[str, int]) -> str:
        lines = ['<section class="bound-contents"><nav aria-label="Contents">']
        for part in parts:
            lines.append(f"<p><b>{escape(part.caption or 'Contents')}</b></p><ul>")
            for name in part.pages:
                soup = BeautifulSoup(self._source(name).partition("</h1>")[0], "html.parser")
                heading: Any = soup.find("h1")
                text = heading.get_text().removesuffix("#").strip()
                link = f'<a href="{ELSEWHERE}{quote(_bound(name))}">{escape(text)}</a>'
                lines.append(f"<li>{link} <span>{first.get(name, '')}</span></li>")
            lines.append("</ul>")
        return "".join([*lines, "</nav></section>"])

    def _document(self, title: str, page: str, body: Sequence[str]) -> str:
        """Return a document with the style sheets and the mathematics of a page."""
        head = BeautifulSoup(self._source(page), "html.parser").find("head")
        assert isinstance(head, Tag)
        kept = [*head.find_all("link", rel="stylesheet")]
        kept += [s for s in head.find_all("script") if "athjax" in str(s).lower()]
        for element in kept:
            for key in ("href", "src"):
                if element.get(key):
                    local = str(element[key]).partition("?")[0]
                    element[key] = (self.html / page).parent.joinpath(local).resolve().as_uri()
        return (
            '<!DOCTYPE html><html lang="en" data-theme="light" data-mode="light"><head>'
            f'<meta charset="utf-8"><title>{escape(title)}</title>{"".join(map(str, kept))}</head>'
            f'<body class="bound"><main class="bd-content"><div class="bd-article">{"".join(body)}'
            "</div></main></body></html>"
        )


def _bound(page: str, anchor: str = "") -> str:
    """Return an anchor that no other page has."""
    return f"{page}--{anchor}" if anchor else page


def _draw_vectors(article: Tag) -> None:
    """Show each figure as the vectors that the line below it offers, and drop its downloads."""
    for line in article.select("p.provenance"):
        vectors = next(
            (a for a in line.find_all("a") if str(a.get("download", "")).endswith(".svg")), None
        )
        image = line.find_previous("img")
        if vectors is not None and image is not None:
            image["src"] = vectors["href"]
        text = str(line)
        before, _, _ = text.partition(" Download:")
        if before != text:
            line.replace_with(BeautifulSoup(f"{before}</p>", "html.parser"))
