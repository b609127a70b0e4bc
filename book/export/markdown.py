"""Pages as Markdown that any notebook shows: what Sphinx has resolved, written out as text.

The input is a page's document after all references, numbers and values are in place. A kind of
node that is not known here is an error, so that nothing is lost or shown as markup.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from docutils import nodes

# Where a link says enough without the name of the page: one entry of many.
WITHOUT_TITLE = re.compile(
    r"book/reference/(library/|library\.|bibliography)|#(claim|erratum|term)-"
)

# JupyterLab's Markdown finds a formula inside these by itself; dollars around them are an error.
OWN_ENVIRONMENT = re.compile(r"\s*\\begin\{(equation|align|gather|multline|eqnarray)\*?\}")


@dataclass(frozen=True)
class Text:
    """Markdown; several in a row make one cell."""

    markdown: str


@dataclass(frozen=True)
class Heading:
    """A heading, a cell of its own; ``folded`` hides what follows until it is opened."""

    level: int
    markdown: str
    folded: bool = False


@dataclass(frozen=True)
class Code:
    """A code cell by its index in the chapter, its caption, and what it puts out as Markdown."""

    index: int
    caption: str
    shown: str


Piece = Text | Heading | Code


@dataclass(frozen=True)
class Page:
    """What turns the document of one page into pieces.

    ``numbers`` holds the numbers of figures and exercises by kind and id, ``formats`` how each
    kind writes them, and ``titles`` the titles of all pages by name.
    """

    name: str
    numbers: Mapping[str, Mapping[str, Sequence[int]]]
    formats: Mapping[str, str]
    titles: Mapping[str, str]

    def pieces(self, document: nodes.Node) -> Iterator[Piece]:
        """Yield the content in reading order."""
        for child in document.children:
            yield from self._piece(child, 0)

    def _piece(self, node: nodes.Node, depth: int) -> Iterator[Piece]:
        kind = type(node).__name__
        if kind in ("document", "section", "compound") or _is_plain_container(node):
            is_part = kind == "section" and isinstance(node.children[0], nodes.title)
            for child in node.children:
                yield from self._piece(child, depth + is_part)
        elif kind == "title":
            yield Heading(depth, _anchors(node.parent) + self.inline(node))
        elif kind in ("exercise_node", "exercise_enumerable_node", "solution_node"):
            folded = kind == "solution_node"
            yield Heading(depth + 1, self._title_of_exercise(node), folded)
            for child in node.children[1:]:
                yield from self._piece(child, depth + 1)
        elif _is(node, "cell_code"):
            yield self._code(node)
        else:
            block = self.block(node)
            if block:
                yield Text(block)

    def _title_of_exercise(self, node: Any) -> str:
        title = node.children[0]
        text = self.inline(title).strip()
        if "%s" in title.get("title", ""):
            text = f"{title['title'] % self._number('exercise', node['ids'])} {text}".strip()
        return _anchors(node) + " ".join(text.split())

    def _number(self, kind: str, ids: Sequence[str]) -> str:
        numbers = self.numbers.get(kind, {})
        found = next((numbers[i] for i in ids if i in numbers), ())
        return ".".join(map(str, found))

    def _code(self, cell: Any) -> Code:
        figures = [self._caption(f) for f in cell.findall(nodes.figure)]
        outputs = [n for n in cell.findall(nodes.container) if _is(n, "cell_code_output")]
        written = [n for output in outputs for n in output.children if not _is_shown_as_is(n)]
        return Code(cell["cell_index"], "\n\n".join(figures), self.blocks(written))

    def _caption(self, figure: Any) -> str:
        number = self.formats["figure"] % self._number("figure", figure["ids"])
        captions = [self.inline(c) for c in figure.children if isinstance(c, nodes.caption)]
        return f"{_anchors(figure)}**{number}.** {' '.join(captions)}" if captions else ""

    # Blocks.

    def blocks(self, children: Sequence[nodes.Node]) -> str:
        """Return several blocks, parted by empty lines."""
        return "\n\n".join(filter(None, map(self.block, children)))

    def block(self, node: nodes.Node) -> str:
        """Return one block; it has no empty lines at its ends."""
        write = getattr(self, f"_block_{type(node).__name__}", None)
        if write is None:
            raise NotImplementedError(f"no Markdown for {type(node).__name__} on {self.name}")
        return str(write(node))

    def _block_paragraph(self, node: Any) -> str:
        if "equation-claims" in node["classes"]:
            links = [self.inline(c) for c in node.children if isinstance(c, nodes.reference)]
            return f"<small>{' · '.join(links)}</small>"
        text = _anchors(node) + self.inline(node)
        # A list or a heading begins only where one is meant.
        text = re.sub(r"^(\d+)([.)] )", r"\1\\\2", text)
        return re.sub(r"^([-+#])( )", r"\\\1\2", text)

    _block_caption = _block_line = _block_paragraph

    def _block_nothing(self, node: Any) -> str:
        return ""

    _block_comment = _block_index = _block_toctree = _block_meta = _block_nothing

    def _block_target(self, node: Any) -> str:
        # Those with a refid name the element that follows, which bears the id itself.
        return _anchors(node)

    def _block_transition(self, node: Any) -> str:
        return "---"

    def _block_math_block(self, node: Any) -> str:
        formula = node.astext().strip()
        number = node.get("number")
        if not OWN_ENVIRONMENT.match(formula):
            tag = rf"\tag{{{number}}}" if number and number is not True else ""
            # Empty lines end a formula for Markdown.
            formula = "$$\n" + re.sub(r"\n\s*\n", "\n", formula) + tag + "\n$$"
        anchors = _anchors(node)
        return f"{anchors}\n\n{formula}" if anchors else formula

    def _block_literal_block(self, node: Any) -> str:
        language = node.get("language", "")
        language = {"ipython3": "python", "default": "", "myst-ansi": "", "none": ""}.get(
            language, language
        )
        return f"```{language}\n{node.astext()}\n```"

    _block_doctest_block = _block_literal_block

    def _block_raw(self, node: Any) -> str:
        text = str(node.astext())
        if node.get("format") != "html" or re.match(r"\s*<script", text):
            return ""
        return text.strip()

    def _block_bullet_list(self, node: Any) -> str:
        return self._items(node, lambda _: "- ")

    def _block_enumerated_list(self, node: Any) -> str:
        start = node.get("start", 1)
        return self._items(node, lambda number: f"{start + number}. ")

    def _items(self, node: Any, marker: Callable[[int], str]) -> str:
        loose = any(len(item.children) > 1 for item in node.children)
        items = []
        for number, item in enumerate(node.children):
            mark = marker(number)
            lines = self.blocks(item.children).splitlines()
            rest = [" " * len(mark) + line if line else "" for line in lines[1:]]
            items.append("\n".join([mark + (lines[0] if lines else ""), *rest]))
        return ("\n\n" if loose else "\n").join(items)

    def _block_definition_list(self, node: Any) -> str:
        items = []
        for item in node.children:
            terms = [c for c in item.children if isinstance(c, nodes.term)]
            bodies = [c for c in item.children if isinstance(c, nodes.definition)]
            head = ", ".join(f"{_anchors(t)}**{self.inline(t).strip()}**" for t in terms)
            items.append("\n\n".join([head, *(self.blocks(b.children) for b in bodies)]))
        return "\n\n".join(items)

    _block_glossary = _block_definition_list

    def _block_block_quote(self, node: Any) -> str:
        return _quoted(self.blocks(node.children))

    def _block_admonition(self, node: Any) -> str:
        title, *rest = node.children
        if not isinstance(title, nodes.title):
            name = type(node).__name__.replace("_", " ").capitalize()
            return _quoted(f"**{name}.** {self.blocks(node.children)}")
        return _quoted(f"**{self.inline(title).strip()}**\n\n{self.blocks(rest)}")

    _block_note = _block_tip = _block_hint = _block_important = _block_admonition
    _block_warning = _block_caution = _block_attention = _block_seealso = _block_admonition
    _block_topic = _block_sidebar = _block_admonition

    def _block_rubric(self, node: Any) -> str:
        return f"**{self.inline(node)}**"

    def _block_container(self, node: Any) -> str:
        return self.blocks(node.children)

    _block_compound = _block_container

    def _block_section(self, node: Any) -> str:
        return self.blocks(node.children)

    def _block_title(self, node: Any) -> str:
        return f"**{self.inline(node)}**"

    def _block_figure(self, node: Any) -> str:
        return self._caption(node)

    def _block_table(self, node: Any) -> str:
        title = [f"**{self.inline(c)}**" for c in node.children if isinstance(c, nodes.title)]
        rows = [[self._entry(entry) for entry in row.children] for row in node.findall(nodes.row)]
        columns = max(map(len, rows))
        if not any(True for _ in node.findall(nodes.thead)):
            rows.insert(0, [""] * columns)
        lines = [f"| {' | '.join(row)} |" for row in rows]
        lines.insert(1, "|" + "---|" * columns)
        return "\n\n".join([*title, "\n".join(lines)])

    def _entry(self, entry: Any) -> str:
        text = " <br> ".join(filter(None, map(self.block, entry.children)))
        return _without_bars(" ".join(text.split()))

    def _block_inline(self, node: Any) -> str:
        return self.inline(node)

    _block_Text = _block_inline

    def _block_html_element(self, node: Any) -> str:
        """Write the elements of a question: its options as a list, its reasons folded."""
        tag, kind = node["tag"], node["attributes"].get("class", "")
        if tag in ("legend", "label", "summary"):
            return self.inline(node)
        inside = "" if tag == "input" else self.blocks(node.children)
        if kind == "question-choice":
            return f"- {inside}"
        if tag == "details":
            head, *rest = node.children
            summary = f"<summary>{self.inline(head)}</summary>"
            return f"<details>{summary}\n\n{self.blocks(rest)}\n\n</details>"
        return inside

    # What stands within a line.

    def inline(self, node: nodes.Node) -> str:
        """Return the content of a node as one line of Markdown."""
        return "".join(self._inside(child) for child in node.children)

    def _inside(self, node: nodes.Node) -> str:
        if isinstance(node, nodes.Text):
            return _escaped(" ".join(re.split(r"\s*\n\s*", node.astext())))
        write = getattr(self, f"_inline_{type(node).__name__}", None)
        if write is None:
            raise NotImplementedError(f"no Markdown for {type(node).__name__} on {self.name}")
        return str(write(node))

    def _inline_inline(self, node: Any) -> str:
        # A statement that the page shows only on hover.
        return "" if "claim-hint" in node["classes"] else _anchors(node) + self.inline(node)

    _inline_generated = _inline_inline

    def _inline_math(self, node: Any) -> str:
        return f"${' '.join(node.astext().split())}$"

    def _inline_literal(self, node: Any) -> str:
        text = node.astext()
        fence = "``" if "`" in text else "`"
        pad = " " if "`" in text else ""
        return f"{fence}{pad}{text}{pad}{fence}"

    def _inline_emphasis(self, node: Any) -> str:
        return f"*{self.inline(node)}*"

    _inline_title_reference = _inline_emphasis

    def _inline_strong(self, node: Any) -> str:
        return f"**{self.inline(node)}**"

    def _inline_subscript(self, node: Any) -> str:
        return f"<sub>{self.inline(node)}</sub>"

    def _inline_superscript(self, node: Any) -> str:
        return f"<sup>{self.inline(node)}</sup>"

    def _inline_raw(self, node: Any) -> str:
        return str(node.astext()) if node.get("format") == "html" else ""

    def _inline_target(self, node: Any) -> str:
        return _anchors(node) + self.inline(node)

    def _inline_image(self, node: Any) -> str:
        return f"*{_escaped(node.get('alt', ''))}*"

    def _inline_problematic(self, node: Any) -> str:
        raise ValueError(f"{node.astext()!r} on {self.name} was not understood")

    def _inline_reference(self, node: Any) -> str:
        text = self.inline(node)
        to = f"#{node['refid']}" if "refid" in node else node.get("refuri", "")
        if re.match(r"#|\w+:", to):
            before = " " * (len(text) - len(text.lstrip()))
            return f"{before}[{' '.join(text.split())}]({to})"
        path, _, anchor = to.partition("#")
        target = posixpath.normpath(posixpath.join(posixpath.dirname(self.name), path))
        # The notebook may be alone: it names a page, and has no link that would lead nowhere.
        title = self.titles.get(target.removesuffix(".html"), "")
        if not title or title in text or WITHOUT_TITLE.search(f"{target}#{anchor}"):
            return text
        return f"{text} (*{_escaped(title)}*)"

    _inline_number_reference = _inline_reference
    _inline_download_reference = _inline_inline


def _is(node: nodes.Node, element: str) -> bool:
    return isinstance(node, nodes.Element) and node.get("nb_element") == element


def _is_shown_as_is(node: Any) -> bool:
    """Whether an output of a cell is a picture, HTML or plain text, which the notebook keeps."""
    return isinstance(node, nodes.figure | nodes.image) or "output" in node["classes"]


def _is_plain_container(node: nodes.Node) -> bool:
    """Whether a box only holds other blocks, among which there may be cells and headings."""
    return isinstance(node, nodes.container) and not node.get("nb_element")


def _anchors(node: Any) -> str:
    """Return what the links to a node lead to."""
    return "".join(f'<a id="{name}"></a>' for name in node["ids"])


def _quoted(markdown: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in markdown.splitlines())


def _escaped(text: str) -> str:
    """Let no character of a text act as markup."""
    return re.sub(r"([\\`*_\[\]<$])", r"\\\1", text)


def _without_bars(markdown: str) -> str:
    """Write the bars of an entry of a table so that they part no columns."""
    pieces = re.split(r"(\$[^$]*\$)", markdown)
    pieces[1::2] = [p.replace(r"\|", r"\Vert ").replace("|", r"\vert ") for p in pieces[1::2]]
    pieces[::2] = [p.replace("|", "&#124;") for p in pieces[::2]]
    return "".join(pieces)
