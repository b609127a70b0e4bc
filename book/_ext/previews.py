"""What a link to a term, an equation or a figure shows before it is followed.

A page that is opened from the file system cannot read another. So each page carries, as JSON in an
inert script element, the previews of all that it links to: by the address of a link a piece of
HTML, in which formulae are TeX. ``previews.js`` shows it. Without scripts nothing of it is seen.
"""

from __future__ import annotations

import json
import posixpath
import re
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from urllib.parse import quote

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util.osutil import relative_uri

TAGS = {
    nodes.emphasis: "em",
    nodes.strong: "strong",
    nodes.literal: "code",
    nodes.subscript: "sub",
    nodes.superscript: "sup",
}

Place = tuple[str, str]
"""A page and an anchor on it."""


@dataclass
class Previews:
    """What the pages hold that can be previewed, and to what they link."""

    targets: dict[Place, nodes.Element] = field(default_factory=dict)
    links: dict[str, dict[str, Place]] = field(default_factory=dict)
    """By page, and then by address."""


def collect(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Note the targets and the links of a page, all of whose references are resolved."""
    found: Previews = app.previews  # type: ignore[attr-defined]
    for node in doctree.findall(is_target):
        anchors = list(node["ids"])
        # A line with several numbers has its further anchors just above.
        above = node.previous_sibling()
        while isinstance(above, nodes.target):
            anchors += above["ids"]
            above = above.previous_sibling()
        if isinstance(node, nodes.definition_list_item):
            anchors = [one for term in node.findall(nodes.term) for one in term["ids"]]
        for anchor in anchors:
            found.targets[docname, anchor] = node
    found.links[docname] = {
        address: place
        for link in doctree.findall(nodes.reference)
        if "refid" in link or (link.get("internal") and "#" in link.get("refuri", ""))
        for address, place in [_address(docname, link)]
    }


def is_target(node: nodes.Node) -> bool:
    """Whether a node has a preview: an equation, a figure, or an entry of a glossary."""
    if isinstance(node, nodes.definition_list_item):
        return "glossary" in node.parent["classes"]
    return isinstance(node, (nodes.math_block, nodes.figure))


def _address(docname: str, link: nodes.reference) -> tuple[str, Place]:
    """Return what the page will have as the address of a link, and where it leads."""
    address = f"#{link['refid']}" if "refid" in link else str(link["refuri"])
    path, _, anchor = address.partition("#")
    page = posixpath.normpath(posixpath.join(posixpath.dirname(docname), path))
    return address, (page.removesuffix(".html") if path else docname, anchor)


def write_previews(app: Sphinx, error: Exception | None) -> None:
    """Put into each written page the previews of what it links to."""
    if error or app.builder.format != "html":
        return
    found: Previews = app.previews  # type: ignore[attr-defined]
    for docname, links in found.links.items():
        held = {
            address: as_html(found.targets[place], images_of(app, docname))
            for address, place in sorted(links.items())
            if place in found.targets
        }
        if held:
            path = Path(app.builder.get_outfilename(docname))  # type: ignore[attr-defined]
            page = path.read_text(encoding="utf-8")
            path.write_text(with_previews(page, held), encoding="utf-8")


def images_of(app: Sphinx, docname: str) -> dict[str, str]:
    """Return the address that each image of the book has on a page, by its file name."""
    here = app.builder.get_target_uri(docname)
    names = map(quote, app.builder.images.values())
    return {name: relative_uri(here, f"{app.builder.imagedir}/{name}") for name in names}


def with_previews(page: str, held: dict[str, str]) -> str:
    r"""Return a page with previews at its end.

    >>> with_previews("<body></body>", {"#a": "<b>"})
    '<body><script type="application/json" id="previews">{"#a":"\\u003cb>"}</script>\n</body>'
    """
    # An end of a script within the text would be one of the element.
    text = json.dumps(held, ensure_ascii=False, separators=(",", ":")).replace("<", r"\u003c")
    before, end, after = page.rpartition("</body>")
    return f'{before}<script type="application/json" id="previews">{text}</script>\n{end}{after}'


def as_html(target: nodes.Element, images: dict[str, str]) -> str:
    """Return the preview of an equation, a figure or a term."""
    if isinstance(target, nodes.math_block):
        findings = "".join(f"<p>{from_markdown(one)}</p>" for one in target.get("findings", ()))
        return f"<p>{escape(as_tex(target), quote=False)}</p>{findings}"
    if isinstance(target, nodes.definition_list_item):
        term, definition = target[0], target[-1]
        return f"<p><strong>{inline(term)}</strong></p>{_paragraphs(definition)}"
    picture = ""
    for image in target.findall(nodes.image):
        # Written by now: the address is that on the page of the figure.
        name = posixpath.basename(image["uri"])
        if name in images:
            alt = escape(image.get("alt", ""))
            picture = f'<img src="{escape(images[name])}" alt="{alt}">'
            break
    captions = "".join(f"<p>{inline(one)}</p>" for one in target.findall(nodes.caption))
    return picture + captions


def as_tex(equation: nodes.math_block) -> str:
    r"""Return a displayed formula for MathJax, without its number: the link names it.

    >>> as_tex(nodes.math_block("", r"\begin{equation} a=b \tag{1} \end{equation}"))
    '\\[a=b\\]'
    >>> as_tex(nodes.math_block("", r"a &= b \\ c &= d"))
    '\\[\\begin{split}a &= b \\\\ c &= d\\end{split}\\]'
    """
    tex = re.sub(r"\\(tag|label)\*?\{[^}]*\}", "", equation.astext())
    tex = re.sub(r"\\(begin|end)\{equation\*?\}", "", tex).strip()
    # Without the point or comma of its sentence; a thin space has a comma too.
    tex = re.sub(r"(?<!\\)[\s.,]+$", "", tex)
    environment = re.match(r"\\begin\{(align|gather|multline)\*?\}", tex)
    if environment:
        name = environment.group(1)
        return re.sub(rf"\\(begin|end)\{{{name}\}}", rf"\\\1{{{name}*}}", tex)
    return rf"\[\begin{{split}}{tex}\end{{split}}\]" if r"\\" in tex else rf"\[{tex}\]"


def inline(node: nodes.Node) -> str:
    """Return text with its formulae and emphasis; links are their text.

    >>> inline(nodes.emphasis("", "a<b"))
    '<em>a&lt;b</em>'
    """
    if isinstance(node, nodes.Text):
        return escape(node.astext(), quote=False)
    if isinstance(node, nodes.math):
        return rf"\({escape(node.astext(), quote=False)}\)"
    if isinstance(node, nodes.raw | addnodes.index):
        return ""
    inside = "".join(map(inline, node.children))
    for kind, tag in TAGS.items():
        if isinstance(node, kind):
            return f"<{tag}>{inside}</{tag}>"
    return inside


def from_markdown(text: str) -> str:
    r"""Return a line of Markdown with formulae, code and emphasis, and nothing else, as HTML.

    >>> from_markdown("**No.** *A* `b<c` and $x<1$")
    '<strong>No.</strong> <em>A</em> <code>b&lt;c</code> and \\(x&lt;1\\)'
    """
    pieces = re.split(r"(\$[^$]*\$|`[^`]*`)", escape(text, quote=False))
    for i, piece in enumerate(pieces):
        if i % 2:
            inside = piece[1:-1]
            pieces[i] = rf"\({inside}\)" if piece[0] == "$" else f"<code>{inside}</code>"
        else:
            strong = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", piece)
            pieces[i] = re.sub(r"\*(.+?)\*", r"<em>\1</em>", strong)
    return "".join(pieces)


def _paragraphs(definition: nodes.Node) -> str:
    return "".join(f"<p>{inline(one)}</p>" for one in definition.children)


def start(app: Sphinx) -> None:
    """Begin with nothing collected."""
    app.previews = Previews()  # type: ignore[attr-defined]


def setup(app: Sphinx) -> None:
    """Connect the pieces."""
    app.connect("builder-inited", start)
    # After the handlers that take parts of a page away.
    app.connect("doctree-resolved", collect, priority=900)
    app.connect("build-finished", write_previews)
    app.add_js_file("previews.js", loading_method="defer")
    app.add_css_file("previews.css")
