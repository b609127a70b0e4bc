"""Bind printed pieces into one PDF: pages, bookmarks, links from piece to piece, and tags.

Each piece is a document of its own, printed alone. A link to another piece was printed as one to
an address that no site has, and becomes one to the page where its anchor stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DictionaryObject,
    Fit,
    FloatObject,
    NameObject,
    NullObject,
    NumberObject,
    TextStringObject,
)

from export.bound import ELSEWHERE


@dataclass(frozen=True)
class Piece:
    """A printed document, and whether its bookmarks stand below the last that does not."""

    path: Path
    below: bool


def bind(pieces: Sequence[Piece], title: str, target: Path) -> None:
    """Write the pieces as one file.

    Raises
    ------
    ValueError
        If links lead to anchors that no piece has.
    """
    writer = PdfWriter()
    places: dict[str, ArrayObject] = {}
    tags = _Tags(writer)
    parent: Any = None
    for piece in pieces:
        reader = PdfReader(piece.path)
        first = len(writer.pages)
        for page in reader.pages:
            writer.add_page(page)
        tags.add(reader, first)
        for name, there in reader.named_destinations.items():
            number = reader.get_destination_page_number(there)
            top = FloatObject(there.top or 0)
            page_of = writer.pages[first + (number or 0)].indirect_reference
            to = [page_of, NameObject("/XYZ"), FloatObject(0), top, NullObject()]
            places[name.removeprefix("/")] = ArrayObject(to)
        found = _bookmarks(writer, reader, reader.outline, first, parent if piece.below else None)
        if not piece.below:
            parent = found
    lost: set[str] = set()
    for link in _links(writer):
        anchor = _anchor(link)
        if anchor is None:
            continue
        if anchor not in places:
            lost.add(anchor)
            continue
        link.pop("/A", None)
        link[NameObject("/Dest")] = places[anchor]
    if lost:
        raise ValueError(f"links lead to anchors that are nowhere: {sorted(lost)}")
    tags.close()
    writer.add_metadata({"/Title": title})
    writer.compress_identical_objects()
    # Through a buffer: by its path the file would be written in millions of pieces.
    with target.open("wb") as file:
        writer.write(file)


def _bookmarks(
    writer: PdfWriter, reader: PdfReader, outline: Sequence[Any], first: int, parent: Any
) -> Any:
    """Copy bookmarks, and return the last of the topmost."""
    last = parent
    for entry in outline:
        if isinstance(entry, list):
            _bookmarks(writer, reader, entry, first, last)
        else:
            number = reader.get_destination_page_number(entry) or 0
            fit = Fit.xyz(top=float(entry.top or 0))
            last = writer.add_outline_item(
                title=str(entry.title), page_number=first + number, parent=parent, fit=fit
            )
    return last


def _links(writer: PdfWriter) -> Iterator[Any]:
    for page in writer.pages:
        for annotation in page.get("/Annots", ()):
            yield annotation.get_object()


def _anchor(link: Any) -> str | None:
    """Return the anchor to which a link leads within the book."""
    if "/Dest" in link:
        return str(link["/Dest"]).removeprefix("/")
    address = str(link.get("/A", {}).get("/URI", ""))
    return unquote(address.removeprefix(ELSEWHERE)) if address.startswith(ELSEWHERE) else None


class _Tags:
    """The tree of tags, by which a screen reader knows headings, tables and alternatives.

    Pages and links name their tags by numbers, which begin anew in each piece.
    """

    def __init__(self, writer: PdfWriter) -> None:
        self._writer = writer
        self._children = ArrayObject()
        self._numbers = ArrayObject()
        self._next = 0

    def add(self, reader: PdfReader, first: int) -> None:
        """Take over the tags of a piece, whose pages have been added."""
        root: Any = reader.root_object.get("/StructTreeRoot")
        if root is None:
            return
        copied = root.get_object().clone(self._writer)
        children = copied["/K"]
        for child in children if isinstance(children, ArrayObject) else [copied.raw_get("/K")]:
            self._children.append(child)
        numbers = _numbers(copied["/ParentTree"])
        for number, tagged in sorted(numbers.items()):
            self._numbers.append(NumberObject(number + self._next))
            self._numbers.append(tagged)
        for read, page in zip(reader.pages, self._writer.pages[first:], strict=True):
            # The writer leaves this number out.
            if "/StructParents" in read:
                number = int(read["/StructParents"]) + self._next  # type: ignore[call-overload]
                page[NameObject("/StructParents")] = NumberObject(number)
            for link in (one.get_object() for one in page.get("/Annots", ())):
                if "/StructParent" in link:
                    number = int(link["/StructParent"]) + self._next
                    link[NameObject("/StructParent")] = NumberObject(number)
        self._next += max(numbers, default=-1) + 1

    def close(self) -> None:
        """Put the tree of the whole into the file."""
        if not self._children:
            return
        tree = DictionaryObject({NameObject("/Nums"): self._numbers})
        whole = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/StructTreeRoot"),
                NameObject("/K"): self._children,
                NameObject("/ParentTree"): self._writer._add_object(tree),
                NameObject("/ParentTreeNextKey"): NumberObject(self._next),
            }
        )
        reference = self._writer._add_object(whole)
        for child in self._children:
            child.get_object()[NameObject("/P")] = reference
        root = self._writer.root_object
        root[NameObject("/Lang")] = TextStringObject("en")
        root[NameObject("/StructTreeRoot")] = reference
        root[NameObject("/MarkInfo")] = DictionaryObject(
            {NameObject("/Marked"): BooleanObject(value=True)}
        )


def _numbers(tree: Any) -> dict[int, Any]:
    """Return a tree of numbers as a mapping."""
    tree = tree.get_object()
    found = {}
    flat = tree.get("/Nums", ())
    for i in range(0, len(flat), 2):
        found[int(flat[i])] = flat[i + 1]
    for kid in tree.get("/Kids", ()):
        found |= _numbers(kid)
    return found
