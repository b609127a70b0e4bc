"""The numbers of the chapters, from the table of contents."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from building.chapters import files
from chapter_graph import title
from export.bound import parts_of
from numbering import chapter_numbers, label_of_equation, numbered_title

ROOT = Path(__file__).parents[2]
TOC = """
root: book/intro
parts:
  - caption: Start
    chapters: [{file: book/glance}]
  - numbered: 2
    chapters: [{file: book/start/zero}]
  - caption: I First
    numbered: 2
    chapters: [{file: book/part1/one}, {file: book/part1/two}]
  - caption: Reference
    chapters: [{file: book/reference/all}]
"""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    (tmp_path / "_toc.yml").write_text(TOC, encoding="utf-8")
    return tmp_path


def test_chapters_are_counted_across_the_numbered_parts(book: Path) -> None:
    assert chapter_numbers(book) == {
        "book/start/zero": 1,
        "book/part1/one": 2,
        "book/part1/two": 3,
    }
    assert numbered_title(book, "book/part1/two", "Two") == "3 Two"
    assert numbered_title(book, "book/glance", "Results") == "Results"


def test_a_part_without_a_caption_continues_the_one_above(book: Path) -> None:
    parts = parts_of(book)
    assert [part.caption for part in parts] == ["", "Start", "I First", "Reference"]
    assert parts[1].pages == ("book/glance", "book/start/zero")


def test_every_page_of_a_part_has_a_number() -> None:
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    pages = [name for name in files(toc) if name.startswith(("book/part", "book/start"))]
    assert list(chapter_numbers(ROOT)) == pages
    # Chapters and sections; what is below has none.
    assert {part["numbered"] for part in toc["parts"] if "numbered" in part} == {2}


def test_titles_of_chapters_bear_their_numbers() -> None:
    assert title(ROOT, "book/part1/hamiltonian").startswith("2 ")
    assert title(ROOT, "book/reference/errata") == "Errata"


def test_an_equation_is_named_after_its_target() -> None:
    from types import SimpleNamespace

    from docutils import nodes

    serial = SimpleNamespace(docname="book/a", new_serialno=lambda kind: 7)
    above = nodes.target(names=["eq-mine"])
    for before, name in (
        ([above], "eq-mine"),
        ([above, nodes.paragraph()], "book/a-7"),
        ([], "book/a-7"),
    ):
        renderer = SimpleNamespace(current_node=nodes.section("", *before), sphinx_env=serial)
        assert label_of_equation(renderer) == name  # type: ignore[arg-type]
