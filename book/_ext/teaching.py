"""What the teaching guide says about the chapters: counted in their sources, timed in the build."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from chapter_graph import title
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxRole

GUIDE = "book/reference/teaching"
GRADES = ("pen", "cell", "project")
# Words a minute, read aloud: slowly, for a formula is a word or a few.
PACE = 130

CELL = re.compile(r"^```\{code-cell\}.*?^```$", re.DOTALL | re.MULTILINE)
EXERCISE = re.compile(
    r"^```\{exercise\} (?P<title>.+) · (?P<grade>\w+)\n:label: (?P<label>\S+)$", re.M
)


@dataclass(frozen=True)
class Exercise:
    """An exercise of a chapter: its title, how much it asks for, and its label."""

    title: str
    grade: str
    label: str


@dataclass(frozen=True)
class Content:
    """What a chapter holds."""

    words: int
    figures: int
    sliders: int
    exercises: tuple[Exercise, ...]


def content_of(source: str) -> Content:
    """Count what stands in the source of a chapter; words are those before the questions."""
    prose = CELL.sub("", source).partition("\n## Questions\n")[0]
    return Content(
        len(prose.split()),
        len(re.findall(r"^    name: fig-", source, re.M)),
        len(re.findall(r"^frame(?:s|_grid)\($", source, re.M)),
        tuple(Exercise(*m.group("title", "grade", "label")) for m in EXERCISE.finditer(source)),
    )


def aloud(source: str, heading: str) -> str:
    """Return how long it takes to read a section of a chapter aloud, code and outputs left out.

    Raises
    ------
    ValueError
        If the chapter has no such section.
    """
    _, *parts = re.split(r"^## (.+)\n", CELL.sub("", source), flags=re.M)
    sections = dict(zip(parts[::2], parts[1::2], strict=True))
    if heading not in sections:
        raise ValueError(f"no section {heading!r} among {list(sections)}")
    return f"{len(sections[heading].split()) / PACE:.0f} min"


def chapters(app: Sphinx) -> dict[str, Content]:
    """Return the chapters with exercises by the name of their page, in the order of the book."""
    toc = (Path(app.srcdir) / "_toc.yml").read_text(encoding="utf-8")
    found = {}
    for name in re.findall(r"file: (book/(?:start|part\d)/\S+)", toc):
        content = content_of(Path(app.env.doc2path(name)).read_text(encoding="utf-8"))
        if content.exercises:
            found[name] = content
    return found


@cache
def _seconds(times: Path) -> dict[str, float]:
    if not times.exists():
        return {}
    took: dict[str, float] = json.loads(times.read_text(encoding="utf-8"))["chapters"]
    return took


def run_time(app: Sphinx, name: str) -> str:
    """Return how long a page, or a part, took to run when its outputs were computed."""
    took = _seconds(Path(app.outdir).parent / "times.json")
    wanted = name.removeprefix("book/")
    seconds = sum(s for page, s in took.items() if page == wanted or page.startswith(f"{wanted}/"))
    if not seconds:
        return "–"
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def insert_tables(app: Sphinx, docname: str, source: list[str]) -> None:
    """Fill ``<!-- content -->`` and ``<!-- exercises -->`` in the guide."""
    if docname != GUIDE:
        return
    rows = ["| chapter | words | figures | sliders | runs in |", "|---|--:|--:|--:|--:|"]
    lists = []
    for name, held in chapters(app).items():
        link = f"[{title(Path(app.srcdir), name)}](/{name}.md)"
        rows.append(
            f"| {link} | {held.words} | {held.figures} | {held.sliders} | {run_time(app, name)} |"
        )
        links = {
            grade: [f"[{e.title}](#{e.label})" for e in held.exercises if e.grade == grade]
            for grade in GRADES
        }
        kinds = [f"*{grade}*: {', '.join(found)}" for grade, found in links.items() if found]
        lists.append(f"{link}\n: " + "; ".join(kinds))
    text = source[0].replace("<!-- content -->", "\n".join(rows))
    source[0] = text.replace("<!-- exercises -->", "\n\n".join(lists))


class RunTime(SphinxRole):
    """``{runs}`part1/hamiltonian```: how long a page or a part took to run."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the time as text."""
        return [nodes.Text(run_time(self.env.app, self.text))], []


class Aloud(SphinxRole):
    """``{aloud}`part3/magic-angle: The model```: how long it takes to read a section aloud."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the time as text."""
        page, _, heading = self.text.partition(": ")
        source = Path(self.env.doc2path(f"book/{page}")).read_text(encoding="utf-8")
        return [nodes.Text(aloud(source, heading))], []


def setup(app: Sphinx) -> None:
    """Connect the pieces."""
    app.connect("source-read", insert_tables)
    app.add_role("runs", RunTime())
    app.add_role("aloud", Aloud())
