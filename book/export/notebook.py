"""A chapter as a notebook for reading: text in plain Markdown around the executed cells."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

import nbformat

from export.markdown import Heading, Piece, Text

# The book puts numbers into the text by this function; in a notebook the text has them already.
GLUE = "from myst_nb import glue"
SETUP = """\
# The library is not on PyPI. The download menu of this page of the book offers it as a wheel:
# put that beside this notebook, and %pip installs it once, with all that it needs.
from importlib.util import find_spec

if find_spec("moirelib") is None:
    %pip install --quiet {wheel}

# The matrices are small: threads gain nothing on them, and wait for each other on a busy machine.
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is imported
"""
GLUED = '''
glued = {}  # numbers that the text quotes, as this run finds them: glued["name"]


def glue(name, value, display=False):
    """Keep a number by its name."""
    glued[name] = value
'''
# What only the book's page can show, and what stands for it in a notebook that has not been run.
SVG = "image/svg+xml"
WIDGET = "application/vnd.jupyter.widget-view+json"
MOVE = "<p><em>Run this cell for a slider that computes the figure at any value.</em></p>"


class _Cells:
    """The cells of a notebook as they come; texts in a row share a cell."""

    def __init__(self, executed: Any, wheel: str) -> None:
        self.made: list[Any] = []
        self._executed = executed.cells
        self._text: list[str] = []
        self._next = 0
        glues = any(GLUE in c.source for c in executed.cells if c.cell_type == "code")
        self._setup = SETUP.format(wheel=wheel) + (GLUED if glues else "")

    def add(self, piece: Piece) -> None:
        """Add the next piece of the page."""
        if isinstance(piece, Text):
            self._text.append(piece.markdown)
        elif isinstance(piece, Heading):
            self.end_text()
            cell = nbformat.v4.new_markdown_cell(f"{'#' * min(piece.level, 6)} {piece.markdown}")
            if piece.folded:
                cell.metadata["jp-MarkdownHeadingCollapsed"] = True
            self.made.append(cell)
        else:
            self.run_up_to(piece.index)
            self.made.append(_code(self._executed[piece.index], piece.shown))
            self._next = piece.index + 1
            if piece.caption:
                self._text.append(piece.caption)

    def end_text(self) -> None:
        """Make a cell of the text so far."""
        if self._text:
            self.made.append(nbformat.v4.new_markdown_cell("\n\n".join(self._text)))
            self._text = []

    def run_up_to(self, index: int | None = None) -> None:
        """Add the cells that the page has removed, for those that follow need them."""
        self.end_text()
        if self._setup:
            self.made.append(nbformat.v4.new_code_cell(self._setup.rstrip()))
            self._setup = ""
        skipped = self._executed[self._next : index]
        # Others are those of solutions, in a book without.
        removed = [c for c in skipped if "remove-cell" in c.metadata.get("tags", ())]
        self.made.extend(_code(c, "") for c in removed)


def notebook(pieces: Iterable[Piece], executed: Any, wheel: str, references: Sequence[str]) -> Any:
    """Return a chapter as a notebook.

    Parameters
    ----------
    pieces : iterable of Piece
        The page in reading order.
    executed : NotebookNode
        The chapter's cells with their outputs, in the order of the page.
    wheel : str
        Name of the file that the first cell installs.
    references : sequence of str
        The works that the page cites.
    """
    cells = _Cells(executed, wheel)
    for piece in pieces:
        cells.add(piece)
    cells.run_up_to()
    if references:
        cells.add(Heading(2, "References"))
        cells.add(Text("\n".join(f"- {entry}" for entry in references)))
        cells.end_text()
    _drop_unused_anchors(cells.made)
    for number, cell in enumerate(cells.made):
        # The same chapter gives the same file.
        cell["id"] = f"cell-{number}"
    made = nbformat.v4.new_notebook(cells=cells.made)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    made.metadata.update(kernelspec=kernel, language_info={"name": "python"})
    nbformat.validate(made)
    return made


def _code(cell: Any, shown: str) -> Any:
    source = re.sub(rf"^{re.escape(GLUE)}\n+", "", cell.source, flags=re.MULTILINE)
    made = nbformat.v4.new_code_cell(source, execution_count=cell.get("execution_count"))
    tags = set(cell.metadata.get("tags", ()))
    hidden = {}
    if tags & {"hide-input", "hide-cell", "remove-input", "remove-cell"}:
        hidden["source_hidden"] = True
    if tags & {"hide-output", "hide-cell", "remove-output", "remove-cell"}:
        hidden["outputs_hidden"] = True
    if hidden:
        made.metadata["jupyter"] = hidden
    alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
    for output in cell.outputs:
        kept = _output(output, alt)
        if kept is not None and "text/markdown" in kept.get("data", {}):
            # As the page has resolved it: all in the place of the first.
            kept["data"]["text/markdown"], shown = shown, ""
            kept = kept if kept["data"]["text/markdown"] else None
        if kept is not None:
            made.outputs.append(kept)
    return made


def _output(output: Any, alt: str) -> Any:
    """Return an output as a notebook can show it without its kernel and its page, or None."""
    if output.output_type != "display_data" and output.output_type != "execute_result":
        return nbformat.from_dict(dict(output)) if output.get("text", "-") else None
    data = dict(output.data)
    if not any(kind.startswith(("image/", "text/")) for kind in data):
        return None  # a number on its way into the text
    if SVG in data:
        data["text/html"] = _picture(data.pop(SVG), alt)
    elif "text/html" in data:
        moves = data.pop(WIDGET, None) is not None
        data["text/html"] = _standing(data["text/html"], moves)
        if moves:
            data["text/plain"] = "A figure with a slider."
    return nbformat.from_dict(dict(output) | {"data": data, "metadata": {}})


def _picture(svg: str, alt: str) -> str:
    """Return vectors as a picture, which JupyterLab shows in a notebook that is not trusted yet."""
    code = base64.b64encode(svg.encode()).decode()
    return f'<img src="data:{SVG};base64,{code}" alt="{escape(alt)}">'


def _standing(html: str, moves: bool) -> str:
    """Leave out of HTML what does nothing in a notebook before it runs: links to data, controls."""
    html = re.sub(r" Download: .*?(?=</p>)", "", html, flags=re.DOTALL)
    if moves:
        html = re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)
        html = re.sub(r"<input[^>]*>|</?label[^>]*>", " ", html)
        html = f"{html}{MOVE}"
    return html


def _drop_unused_anchors(cells: Sequence[Any]) -> None:
    texts = [c.source for c in cells]
    texts += [
        str(o.get("data", {}).get("text/markdown", "")) for c in cells for o in c.get("outputs", ())
    ]
    used = set(re.findall(r"\]\(#([^)\s]+)\)", "\n".join(texts)))

    def keep(match: re.Match[str]) -> str:
        return match.group(0) if match.group(1) in used else ""

    pattern = re.compile(r'<a id="([^"]*)"></a>')
    for cell in cells:
        if cell.cell_type == "markdown":
            cell.source = re.sub(r"\n{3,}", "\n\n", pattern.sub(keep, cell.source)).strip()
        for output in cell.get("outputs", ()):
            if "text/markdown" in output.get("data", {}):
                output["data"]["text/markdown"] = pattern.sub(keep, output["data"]["text/markdown"])
