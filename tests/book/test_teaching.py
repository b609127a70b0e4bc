"""Every chapter can be taught from: its questions, and exercises with titles, grades, solutions."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from chapter_graph import title
from teaching import GRADES, GUIDE, PACE, aloud, content_of, insert_tables

ROOT = Path(__file__).parents[2]
TOC = (ROOT / "_toc.yml").read_text("utf-8")
SOURCES = {
    name: (ROOT / f"{name}.md").read_text("utf-8")
    for name in re.findall(r"file: (book/(?:start|part\d)/\S+)", TOC)
}
each_chapter = pytest.mark.parametrize("name", SOURCES)


def solution_of(label: str, source: str) -> str:
    match = re.search(
        rf"^`+\{{solution-start\}} {label}\n.*?(?=^`+\{{solution-end\}})", source, re.S | re.M
    )
    assert match, f"{label} has no solution"
    return match[0]


@each_chapter
def test_a_chapter_asks_three_questions_with_a_reason_for_each_answer(name: str) -> None:
    questions = re.findall(r"^:::\{question\}\n(.*?)^:::$", SOURCES[name], re.S | re.M)
    assert len(questions) == 3
    for question in questions:
        options = re.split(r"^- ", question, flags=re.M)[1:]
        assert len(options) >= 3
        assert sum(option.startswith("✓ ") for option in options) == 1
        assert all(re.search(r"\n\n  \S", option) for option in options)


def test_the_right_answer_has_no_favourite_place() -> None:
    places = []
    for source in SOURCES.values():
        for question in re.findall(r"^:::\{question\}\n(.*?)^:::$", source, re.S | re.M):
            options = re.split(r"^- ", question, flags=re.M)[1:]
            places.append([option.startswith("✓ ") for option in options].index(True))
    counts = [places.count(place) for place in range(3)]
    assert min(counts) >= len(places) // 5


@each_chapter
def test_exercises_have_titles_and_grades_and_one_is_a_project(name: str) -> None:
    exercises = content_of(SOURCES[name]).exercises
    assert len(exercises) == len(re.findall(r"^`+\{exercise\}", SOURCES[name], re.M))
    assert {e.grade for e in exercises} <= set(GRADES)
    assert sum(e.grade == "project" for e in exercises) >= 1
    assert sum(e.grade == "pen" for e in exercises) >= 1


@each_chapter
def test_solutions_are_checked_by_code_or_argued(name: str) -> None:
    for exercise in content_of(SOURCES[name]).exercises:
        solution = solution_of(exercise.label, SOURCES[name])
        code = re.findall(r"^```\{code-cell\}.*?^```$", solution, re.S | re.M)
        prose = re.sub(r"^```\{code-cell\}.*?^```$", "", solution, flags=re.S | re.M)
        if code:
            assert "assert" in "".join(code), exercise.label
        else:
            assert len(prose.split()) > 30, exercise.label
        if exercise.grade != "cell":
            assert len(prose.split()) > 15, f"{exercise.label} is not argued"


@each_chapter
def test_what_is_to_be_shown_is_derived(name: str) -> None:
    pattern = r"^```\{exercise\}[^\n]*\n:label: (\S+)\n(.*?)^```$"
    for label, text in re.findall(pattern, SOURCES[name], re.S | re.M):
        if re.search(r"\b(Show|Derive)\b", text):
            solution = solution_of(label, SOURCES[name])
            prose = re.sub(r"^```\{code-cell\}.*?^```$", "", solution, flags=re.S | re.M)
            assert len(prose.split()) > 40, label
            assert "$" in prose, label


def test_the_guide_sets_exercises_that_exist() -> None:
    guide = (ROOT / "book/reference/teaching.md").read_text("utf-8")
    labels = {e.label for source in SOURCES.values() for e in content_of(source).exercises}
    named = set(re.findall(r"\(#((?:ex|keldysh)-[\w-]+)\)", guide))
    assert named <= labels
    assert len(named) > 30


def test_the_guide_has_a_row_and_a_list_for_each_chapter(tmp_path: Path) -> None:
    place = SimpleNamespace(doc2path=lambda name: ROOT / f"{name}.md")
    app: Any = SimpleNamespace(srcdir=ROOT, outdir=tmp_path / "html", env=place)
    guide = ["<!-- content -->\n\n<!-- exercises -->"]
    insert_tables(app, GUIDE, guide)
    head, rule, *rows = re.findall(r"^\|.*\|$", guide[0], re.M)
    assert {line.count("|") for line in (head, rule, *rows)} == {head.count("|")}
    for name in SOURCES:
        link = f"[{title(ROOT, name)}](/{name}.md)"
        assert sum(row.startswith(f"| {link} ") for row in rows) == 1
        assert f"{link}\n: *pen*: " in guide[0]


def test_a_section_takes_as_long_to_read_aloud_as_it_has_words() -> None:
    words = "word " * (3 * PACE)
    source = f"# Title\n\n## One\n\n{words}\n\n```{{code-cell}}\n{words}\n```\n## Two\n\nShort.\n"
    assert aloud(source, "One") == "3 min"
    assert aloud(source, "Two") == "0 min"
    with pytest.raises(ValueError, match="no section 'Three'"):
        aloud(source, "Three")
