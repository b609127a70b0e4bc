"""Pages as notebooks: what Sphinx resolves becomes plain Markdown around the cells."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import zipfile
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from building.checkout import Checkout
from docutils import nodes
from export import leave_out_solutions
from export.markdown import Code, Heading, Page, Text
from export.notebook import WIDGET, notebook
from export.wheel import write_wheel
from sphinx_exercise.nodes import exercise_enumerable_node, solution_node

ROOT = Path(__file__).parents[2]
PAGE = Page(
    "book/part1/here",
    {"figure": {"fig-one": (1, 2)}, "exercise": {"ex-one": (3,)}},
    {"figure": "Fig. %s", "exercise": "Exercise %s"},
    {"book/part1/there": "Another page"},
)


def _paragraph(*children):
    return nodes.paragraph("", "", *children)


def _link(text, **where):
    return nodes.reference("", text, internal=True, **where)


def _cell(index, *outputs):
    shown = nodes.container("", *outputs, nb_element="cell_code_output")
    return nodes.container("", shown, nb_element="cell_code", cell_index=index)


def _executed(*cells):
    return nbformat.v4.new_notebook(cells=list(cells))


def test_characters_of_a_text_are_no_markup():
    assert PAGE.block(_paragraph(nodes.Text("2*x_1 < 3*y_2 [a] $5"))) == (
        r"2\*x\_1 \< 3\*y\_2 \[a\] \$5"
    )
    assert PAGE.block(_paragraph(nodes.Text("1. not a list"))) == r"1\. not a list"
    assert PAGE.block(_paragraph(nodes.Text("- neither"))) == r"\- neither"


def test_values_and_formulas_stand_in_the_line():
    value = nodes.inline("", "1.25", classes=["pasted-text"])
    formula = nodes.math("", r"\mu_1" + "\n=0")
    found = PAGE.block(_paragraph(nodes.Text("at\n"), formula, nodes.Text(" it is "), value))
    assert found == r"at $\mu_1 =0$ it is 1.25"


def test_links_lead_within_the_page_and_name_others():
    assert PAGE.block(_paragraph(_link("Fig. 1", refid="fig-one"))) == "[Fig. 1](#fig-one)"
    assert (
        PAGE.block(_paragraph(_link("see", refuri="https://a.org/b"))) == "[see](https://a.org/b)"
    )
    there = _link("shown before", refuri="there.html#sec")
    assert PAGE.block(_paragraph(there)) == "shown before (*Another page*)"
    titled = _link("Another page", refuri="there.html")
    assert PAGE.block(_paragraph(titled)) == "Another page"


def test_a_formula_with_an_environment_of_its_own_has_no_dollars():
    own = r"\begin{equation}E=0\tag{A 1}\end{equation}"
    assert PAGE.block(nodes.math_block("", own)) == own
    assert PAGE.block(nodes.math_block("", "a\n\n=b", number=4)) == "$$\na\n=b\\tag{4}\n$$"


def test_bars_part_no_columns():
    entry = nodes.entry("", _paragraph(nodes.math("", r"|a|\|b\|"), nodes.Text(" or |")))
    row = nodes.row("", entry)
    table = nodes.table("", nodes.tgroup("", nodes.tbody("", row), cols=1))
    assert PAGE.block(table).splitlines()[-1] == (r"| $\vert a\vert \Vert b\Vert $ or &#124; |")


def test_a_kind_of_node_that_is_not_known_is_an_error():
    with pytest.raises(NotImplementedError, match="no Markdown for doctest on book/part1/here"):
        PAGE.block(type("doctest", (nodes.Element,), {})())


def test_solutions_are_folded_and_bear_numbers():
    exercise = exercise_enumerable_node("", nodes.title("", "", title="Exercise %s"))
    exercise["ids"] = ["ex-one"]
    exercise += _paragraph(nodes.Text("Show it."))
    solution = solution_node("", nodes.title("", "Solution to Exercise 3"), _cell(0))
    section = nodes.section("", nodes.title("", "Exercises"), exercise, solution)
    pieces = list(PAGE.pieces(nodes.container("", section)))
    assert pieces == [
        Heading(1, "Exercises"),
        Heading(2, '<a id="ex-one"></a>Exercise 3'),
        Text("Show it."),
        Heading(2, "Solution to Exercise 3", folded=True),
        Code(0, "", ""),
    ]
    made = notebook(pieces, _executed(nbformat.v4.new_code_cell("1")), "x.whl", [])
    folded = [c.source for c in made.cells if c.metadata.get("jp-MarkdownHeadingCollapsed")]
    assert folded == ["## Solution to Exercise 3"]


def test_the_options_of_a_question_are_a_list_and_its_reasons_are_folded():
    made = type("html_element", (nodes.TextElement,), {})

    def element(tag, *children, kind=""):
        return made("", "", *children, tag=tag, attributes={"class": kind})

    label = element("label", nodes.Text("(a) "), nodes.math("", "x"))
    choice = element("div", element("input"), label, kind="question-choice")
    reason = element("div", _paragraph(nodes.Text("Right.")), kind="question-reason right")
    folded = element("details", element("summary", nodes.Text("All")), reason)
    asked = element("legend", nodes.Text("Which?"))
    question = element("div", element("fieldset", asked, choice), folded, kind="question")
    assert PAGE.block(question) == (
        "Which?\n\n- (a) $x$\n\n<details><summary>All</summary>\n\nRight.\n\n</details>"
    )


def test_a_caption_follows_its_cell_with_its_number():
    figure = nodes.figure("", nodes.image(), nodes.caption("", "A line."), ids=["fig-one"])
    (piece,) = PAGE.pieces(nodes.container("", _cell(0, figure)))
    assert piece == Code(0, '<a id="fig-one"></a>**Fig. 1.2.** A line.', "")


def test_cells_that_the_page_does_not_show_run_before_those_that_need_them():
    cells = [
        nbformat.v4.new_code_cell(
            "from myst_nb import glue\n\na = 1", metadata={"tags": ["remove-cell"]}
        ),
        nbformat.v4.new_markdown_cell("prose"),
        nbformat.v4.new_code_cell("glue('a', a)", metadata={"tags": ["hide-input"]}),
        nbformat.v4.new_code_cell("b = a", metadata={"tags": ["remove-cell"]}),
        nbformat.v4.new_code_cell("solution"),
    ]
    made = notebook([Text("Prose."), Code(2, "", "")], _executed(*cells), "lib.whl", ["One 2026"])
    sources = [c.source for c in made.cells]
    assert sources[0] == "Prose."
    assert "%pip install --quiet lib.whl" in sources[1]
    assert "def glue" in sources[1]
    # Only what NumPy finds when it is imported limits its threads.
    assert sources[1].index('"OPENBLAS_NUM_THREADS"') < sources[1].index("def glue")
    assert sources[2:] == ["a = 1", "glue('a', a)", "b = a", "## References", "- One 2026"]
    assert made.cells[2].metadata["jupyter"] == {"source_hidden": True, "outputs_hidden": True}
    assert made.cells[3].metadata["jupyter"] == {"source_hidden": True}


def test_outputs_are_what_a_notebook_shows_before_it_runs():
    slider = '<div><img src="data:,"><input oninput="x"><script>1</script></div>'
    line = '<p>Drawn by f. Download: <a href="data:,">CSV</a>.</p>'
    output = nbformat.v4.new_output
    cell = nbformat.v4.new_code_cell("x", metadata={"mystnb": {"image": {"alt": "A < B"}}})
    cell.outputs = [
        output("display_data", {"image/svg+xml": "<svg/>", "text/plain": "-"}),
        output("display_data", {"application/papermill.record/text/plain": "1"}),
        output("display_data", {"text/html": line, "text/plain": "-"}),
        output("display_data", {"text/html": slider, WIDGET: {"model_id": "1"}}),
        output("display_data", {"text/markdown": "{role}`x`"}),
        output("stream", text=""),
    ]
    made = notebook([Code(0, "", "resolved")], _executed(cell), "x.whl", [])
    drawn, told, moved, written = [o.data for o in made.cells[-1].outputs]
    # What a notebook shows before it is trusted: no vectors of its own.
    assert drawn["text/html"] == '<img src="data:image/svg+xml;base64,PHN2Zy8+" alt="A &lt; B">'
    assert "image/svg+xml" not in drawn
    assert told["text/html"] == "<p>Drawn by f.</p>"
    assert "<input" not in moved["text/html"]
    assert "<script" not in moved["text/html"]
    assert WIDGET not in moved
    assert "Run this cell" in moved["text/html"]
    assert written["text/markdown"] == "resolved"


def test_anchors_stand_only_where_a_link_leads():
    text = [Text('<a id="a"></a>A.'), Text('<a id="b"></a>B, see [A](#a).')]
    made = notebook(text, _executed(), "x.whl", [])
    assert made.cells[0].source == '<a id="a"></a>A.\n\nB, see [A](#a).'


def test_the_wheel_holds_the_library_and_its_record(tmp_path):
    path = write_wheel(ROOT, tmp_path)
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    record = next(name for name in files if name.endswith(".dist-info/RECORD"))
    rows = {row[0]: row[1:] for row in csv.reader(io.StringIO(files[record].decode()))}
    assert rows.keys() == files.keys()
    for name, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        assert name == record or rows[name] == [f"sha256={digest}", str(len(content))]
    stored = {p.relative_to(ROOT).as_posix() for p in (ROOT / "moirelib").rglob("*.npz")}
    assert stored
    assert {"moirelib/__init__.py", "moirelib/py.typed"} | stored <= files.keys()
    assert files[record.replace("RECORD", "METADATA")].startswith(b"Metadata-Version")
    assert path.read_bytes() == write_wheel(ROOT, tmp_path / "again").read_bytes()


@pytest.mark.parametrize("solutions", [True, False])
def test_a_book_without_solutions_has_none_and_lies_beside_the_other(solutions, tmp_path):
    exercise, solution = exercise_enumerable_node(""), solution_node("", _cell(0))
    page = nodes.container("", exercise, solution)
    app = SimpleNamespace(config=SimpleNamespace(book_solutions=solutions))
    leave_out_solutions(app, page, "book/part1/here")
    assert page.children == ([exercise, solution] if solutions else [exercise])
    names = {getattr(Checkout(tmp_path, solutions), n).name for n in ("html", "fresh", "stamp")}
    expected = {"html", "html.new", "built-from"}
    beside = {"html-no-solutions", "html-no-solutions.new", "built-from-no-solutions"}
    assert names == (expected if solutions else beside)
