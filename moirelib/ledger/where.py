"""Where an equation lives: its claim, the function that implements it, its page and its test.

Functions are found by their docstrings, which name the equations that they implement: "Kundu
Eq. 44", "Ying Eqs. A4 and A42", "Kundu Eqs. 5–8". Pages and tests are found in a checkout.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from moirelib.ledger.papers import PAPERS
from moirelib.ledger.registry import Claim

LIBRARY = Path(__file__).resolve().parent.parent
ROOT = LIBRARY.parent

# "Kundu Eqs. 33, 36 and 42", "Ying Eq. A42", "Kundu Eqs. 5–8 and 10"
_NUMBER = r"[AB]?\d+"
_JOINT = r"(?:\s*(?:,|–|-)\s*|,?\s+and\s+)"
_PAPER = "|".join(key.title() for key in PAPERS)
_CITED = re.compile(rf"({_PAPER})\s+Eqs?\.\s+({_NUMBER}(?:{_JOINT}{_NUMBER})*)")


@dataclass(frozen=True)
class Place:
    """A named line of a file of this project."""

    name: str
    file: Path
    line: int

    @property
    def path(self) -> str:
        """The file, relative to the top of the checkout if it is within."""
        inside = self.file.is_relative_to(ROOT)
        return (self.file.relative_to(ROOT) if inside else self.file).as_posix()

    def __str__(self) -> str:
        """Return ``file:line  name``."""
        return f"{self.path}:{self.line}  {self.name}"


def where(entry: Claim) -> dict[str, list[Place]]:
    """Return where a claim is checked, implemented, discussed and tested.

    Parameters
    ----------
    entry : Claim
        One entry of the ledger.

    Returns
    -------
    dict
        Lists of places under "claim", "code", "page" and "test". Outside of a checkout the last
        two are empty.
    """
    code = implementations(entry)
    return {
        "claim": [claim_place(entry)],
        "code": code,
        "page": pages(entry),
        "test": [place for one in code for place in tests(one.name)][:5],
    }


def claim_place(entry: Claim) -> Place:
    """Return where the check of a claim stands."""
    # Beneath a cache, if there is one.
    code = inspect.unwrap(entry.check).__code__
    return Place(entry.id, Path(code.co_filename).resolve(), code.co_firstlineno)


def implementations(entry: Claim) -> list[Place]:
    """Return the functions and classes that implement the equation of a claim."""
    named = _defined_as(entry.implements)
    # A field is implemented where its class is.
    named = named or _defined_as(entry.implements.rpartition(".")[0])
    equation = equation_of(entry.id)
    cited = [place for place, equations in citations() if equation in equations]
    return list(dict.fromkeys([*named, *cited]))


def pages(entry: Claim) -> list[Place]:
    """Return the sections of the book that print the equation of a claim."""
    found = _printed().get(equation_of(entry.id), [])
    if found:
        return list(found)
    home = [p for p in (ROOT / "book").glob("**/*.md") if p.stem == entry.chapter]
    return [Place(page.stem, page, 1) for page in home]


@cache
def _printed() -> dict[str, list[Place]]:
    """The sections that print each numbered equation, in the order of the pages."""
    found: dict[str, list[Place]] = {}
    for page in sorted((ROOT / "book").glob("**/*.md")):
        section, in_cell = page.stem, False
        for i, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
            if re.match(r"#+ ", line) and not in_cell:
                section = line.lstrip("# ")
            in_cell ^= line.startswith("```")
            for equation in dict.fromkeys(tagged(line)):
                found.setdefault(equation, []).append(Place(section, page, i))
    return found


def tagged_equations() -> frozenset[str]:
    """Return the numbered equations that some page of the book prints, as claim ids name them."""
    texts = (page.read_text(encoding="utf-8") for page in (ROOT / "book").glob("**/*.md"))
    return frozenset(one for text in texts for one in tagged(text))


def tagged(text: str) -> list[str]:
    r"""Return the ids of the equations whose numbers a text sets as tags.

    >>> tagged(r"a = b \tag{Kundu 1 and 35} c = d \tag{Ying A42} e = f \tag{ii}")
    ['kundu-1', 'kundu-35', 'ying-A42']
    """
    tags = re.findall(rf"\\tag\{{({_PAPER}) ([^}}]*)\}}", text)
    return [f"{paper.lower()}-{n}" for paper, ns in tags for n in re.findall(_NUMBER, ns)]


def tests(dotted: str) -> list[Place]:
    """Return the tests that use a function or class."""
    name = dotted.rpartition(".")[2]
    found = [place for place, used in _tests() if name in used]
    if not found:
        # Tested through others: the tests of the module.
        parts = dotted.removeprefix("moirelib.").split(".")
        mirror = ROOT.joinpath("tests", *parts[:-2], f"test_{parts[-2]}.py")
        found = [Place(mirror.stem, mirror, 1)] if mirror.exists() else []
    return found


def equation_of(claim_id: str) -> str:
    """Return the numbered equation that a claim is about: its id without a suffix.

    >>> equation_of("kundu-33-symmetry"), equation_of("ying-A42")
    ('kundu-33', 'ying-A42')
    """
    return "-".join(claim_id.split("-")[:2])


def cited_equations(text: str) -> set[str]:
    """Return the ids of the equations that a docstring names.

    >>> sorted(cited_equations("Kundu Eqs. 5–7 and 10, as in Ying Eq. A42."))
    ['kundu-10', 'kundu-5', 'kundu-6', 'kundu-7', 'ying-A42']
    """
    found: set[str] = set()
    for paper, numbers in _CITED.findall(text):
        pieces = re.split(r"\s*(–|-|,|and)\s*", " ".join(numbers.split()))
        previous, joint = "", ""
        for piece in pieces:
            if not re.fullmatch(_NUMBER, piece):
                joint = piece or joint
                continue
            series, last = re.fullmatch(r"([AB]?)(\d+)", piece).groups()  # type: ignore[union-attr]
            first = int(previous) if joint in ("–", "-") and previous else int(last)
            found |= {f"{paper.lower()}-{series}{n}" for n in range(first, int(last) + 1)}
            previous, joint = last, ""
    return found


def _defined_as(dotted: str) -> list[Place]:
    """Where a name is defined, also if it goes through the front door: ``moirelib.GrapheneHBN``."""
    inside = dotted.removeprefix("moirelib.")
    return [place for place in definitions() if inside and place.name.endswith(f".{inside}")]


@cache
def definitions() -> tuple[Place, ...]:
    """Return all public functions, classes and methods of the library."""
    return tuple(place for place, _ in _documented())


@cache
def citations() -> tuple[tuple[Place, frozenset[str]], ...]:
    """Return the public names whose docstrings cite equations, with these equations."""
    cited = ((place, frozenset(cited_equations(text))) for place, text in _documented())
    return tuple((place, equations) for place, equations in cited if equations)


def _documented() -> Iterator[tuple[Place, str]]:
    for path in sorted(LIBRARY.glob("**/*.py")):
        parts = path.relative_to(LIBRARY.parent).with_suffix("").parts
        if "claims" in parts or path.stem == "__init__":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        yield from _public(tree, ".".join(parts), path)


def _public(node: ast.AST, prefix: str, path: Path) -> Iterator[tuple[Place, str]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Assign | ast.AnnAssign) and isinstance(node, ast.Module):
            targets = child.targets if isinstance(child, ast.Assign) else [child.target]
            names = [t.id for t in targets if isinstance(t, ast.Name) and t.id.isupper()]
            yield from ((Place(f"{prefix}.{name}", path, child.lineno), "") for name in names)
        if not isinstance(child, ast.FunctionDef | ast.ClassDef) or child.name.startswith("_"):
            continue
        name = f"{prefix}.{child.name}"
        yield Place(name, path, child.lineno), ast.get_docstring(child) or ""
        if isinstance(child, ast.ClassDef):
            yield from _public(child, name, path)


@cache
def _tests() -> tuple[tuple[Place, frozenset[str]], ...]:
    found = []
    for path in sorted((ROOT / "tests").glob("**/test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                used = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
                used |= {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}
                found.append((Place(node.name, path, node.lineno), frozenset(used)))
    return tuple(found)
