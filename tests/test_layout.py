"""The rooms, what they may know of each other, and the names that outside scripts use.

The imports between the rooms are contracts in pyproject.toml, checked by ``make lint``. Here is
what those contracts cannot say.
"""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest
import yaml

import moirelib

ROOT = Path(__file__).resolve().parent.parent
LIBRARY = ROOT / "moirelib"
PAGES = [
    ROOT / f"{name}.md"
    for name in re.findall(r"(?:file|root): (\S+)", (ROOT / "_toc.yml").read_text("utf-8"))
]
CHAPTERS = [page for page in PAGES if (LIBRARY / "chapters" / page.stem.replace("-", "_")).is_dir()]
ROOMS = ("bands", "models", "drag", "hall", "switching")


def test_the_front_door() -> None:
    assert moirelib.__all__ == [
        "DragLayer",
        "FirstHarmonicRates",
        "GrapheneHBN",
        "HallLayer",
        "Interlayer",
        "StrainedTBG",
        "ValleyOrderParameter",
        "__version__",
        "drag_conductivity",
        "intervalley_rates",
        "solve_bands",
        "solve_boltzmann",
        "verify",
    ]


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_offers_what_its_modules_define(room: str) -> None:
    package = import_module(f"moirelib.{room}")
    assert len(set(package.__all__)) == len(package.__all__)
    for name in package.__all__:
        home = getattr(getattr(package, name), "__module__", "")
        assert not home.startswith("moirelib.") or home.startswith(f"moirelib.{room}."), name


def test_every_chapter_of_the_library_has_its_page() -> None:
    folders = {p.parent.name for p in (LIBRARY / "chapters").glob("*/__init__.py")}
    assert folders == {page.stem.replace("-", "_") for page in CHAPTERS}


def test_modules_can_be_read_in_one_sitting() -> None:
    long = {
        path.relative_to(ROOT).as_posix(): length
        for path in LIBRARY.rglob("*.py")
        if (length := len(path.read_text("utf-8").splitlines())) > 400
    }
    assert not long


def imported(code: str) -> set[str]:
    """Modules of the library that a piece of code imports from."""
    found = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("moirelib"):
            found.add(str(node.module))
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_a_page_opens_its_own_chapter_only(page: Path) -> None:
    cells = re.findall(r"^```\{code-cell\}.*?\n(.*?)^```", page.read_text("utf-8"), re.S | re.M)
    code = "\n".join(
        re.sub(r"\A(?:---\n.*?\n---\n|(?::[^\n]*\n)*)", "", cell, flags=re.S) for cell in cells
    )
    own = f"moirelib.chapters.{page.stem.replace('-', '_')}"
    for module in imported(code):
        assert ".claims" not in module, f"{page.name} imports from the inside of {module}"
        assert not module.startswith("moirelib.chapters.") or module.startswith(own), module


def test_a_chapter_uses_data_of_earlier_chapters_only() -> None:
    order = [page.stem.replace("-", "_") for page in CHAPTERS]
    for here, chapter in enumerate(order):
        for path in (LIBRARY / "chapters" / chapter).rglob("*.py"):
            for module in imported(path.read_text("utf-8")):
                parts = module.split(".")
                if parts[:2] != ["moirelib", "chapters"] or len(parts) < 4 or parts[2] == chapter:
                    continue
                assert parts[3] == "data", f"{path} imports {module}"
                assert order.index(parts[2]) < here, (
                    f"{path} imports from a later chapter: {module}"
                )


def test_the_table_of_contents_is_read_as_yaml_reads_it() -> None:
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    assert str(toc["root"]) == PAGES[0].relative_to(ROOT).with_suffix("").as_posix()
