"""Numbers and indices in the text as a book sets them.

Minus signs, powers of ten, and sub- and superscripts, where a docstring or a table of measurements
has ``k_B`` or ``1e-9``; names of the library as code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
# Python's formats of numbers; a narrow space that does not break stands around the sign of times.
POWER = re.compile(r"(?<![\w.])(-?\d+(?:\.\d+)?)e([+-]\d+)\b")
# The sign of a bound stays with its number.
BOUND = re.compile(r"(?<=[≤≥]) (?=[\d−-])")
MINUS = re.compile(r"(?<![\w.)\]])-(?=\d|inf\b)")

# What bears an index: one letter, of Latin ones one that is no end of a word, or a bracket.
_BASE = (
    r"(?:(?<![A-Za-z_.])[A-Za-z]|[^\x00-\x7f\s]|[)|\]}*]|[A-Za-z0-9](?=\^)"
    r"|(?<=[A-Za-z])v(?=_F)|(?<=d)[k-z](?=_)|(?<=\bk)T(?=_)|(?<=\bv)k(?=_)|(?<=q)d(?=_)"
    r"|(?<=_[BDF])[A-Za-z](?=_)|(?<=\bi)[A-Z](?=_))"
)
# In braces; a few words; or one sign, as in TeX.
_SUBSCRIPT = r"\{[^{}]*\}|NL|BZ|FWHM|[a-z]{2,}|[\w±+−-]"
_SUPERSCRIPT = r"\{[^{}]*\}|\([^()]*\)|[−+-]?\d+|[^\s\d]"
_NAME = r"(?<![\w.])[a-z]{2,}(?:_[a-z]{2,})+\b"
INDEX = re.compile(
    rf"(?P<name>{_NAME})|(?<={_BASE})(?:_(?P<sub>{_SUBSCRIPT})|\^(?P<sup>{_SUPERSCRIPT}))"
)
# What the first line of a claim's card says was measured.
DECIDES = re.compile(r'(?<=<span class="decides">)[^<]*')
# What is code, or no text.
VERBATIM = (
    nodes.literal,
    nodes.literal_block,
    nodes.doctest_block,
    nodes.math,
    nodes.math_block,
    nodes.raw,
    nodes.comment,
    nodes.image,
    nodes.target,
    addnodes.desc_signature,
    addnodes.literal_strong,
    addnodes.literal_emphasis,
    addnodes.index,
)


def typeset(text: str) -> str:
    r"""Return text in which numbers are typeset.

    >>> typeset("9.4e-13"), typeset("1e-09"), typeset("-0.52"), typeset("up to 1e+03 at -2")
    ('9.4\u202f×\u202f10⁻¹³', '10⁻⁹', '−0.52', 'up to 10³ at −2')
    """
    return MINUS.sub("−", powers(text))


def powers(text: str) -> str:
    """Return text in which powers of ten are typeset."""

    def power(match: re.Match[str]) -> str:
        mantissa, exponent = match[1], str(int(match[2])).translate(SUPERSCRIPTS)
        if exponent == "⁰":
            return mantissa
        return {"1": "", "-1": "-"}.get(mantissa, f"{mantissa}\u202f×\u202f") + f"10{exponent}"

    return POWER.sub(power, text)


def with_indices(text: str) -> Iterator[nodes.Node]:
    """Yield text with its indices, and with the names of the library, as nodes.

    >>> "".join(one.astext() for one in with_indices("k_BT, as_printed"))
    'kBT, as_printed'
    >>> [type(one).__name__ for one in with_indices("e^{−qd_g} as_printed")]
    ['Text', 'superscript', 'Text', 'literal']
    """
    end = 0
    for match in INDEX.finditer(text):
        if match.start() > end:
            yield nodes.Text(text[end : match.start()])
        yield _as_node(match)
        end = match.end()
    if end < len(text):
        yield nodes.Text(text[end:])


def _as_node(match: re.Match[str]) -> nodes.Node:
    if match["name"]:
        return nodes.literal("", match.group())
    inside = (match["sub"] or match["sup"]).strip("{}")
    kind = nodes.subscript if match["sub"] else nodes.superscript
    return kind("", "", *with_indices(inside))


def as_html(text: str) -> str:
    """Return escaped text with its indices as HTML.

    >>> as_html("1.6 eEv_Fτ (≤ 2)")
    '1.6 eEv<sub>F</sub>τ (≤ 2)'
    """

    def index(match: re.Match[str]) -> str:
        tag = "sub" if match["sub"] else "sup"
        inside = (match["sub"] or match["sup"] or "").strip("{}")
        return f"<{tag}>{as_html(inside)}</{tag}>" if inside else match.group()

    return INDEX.sub(index, text)


def typeset_text(app: Sphinx, doctree: nodes.document) -> None:
    """Typeset what the prose takes from the computation, and indices and powers everywhere."""
    for inline in doctree.findall(nodes.inline):
        if "pasted-text" in inline["classes"]:
            inline.children = [nodes.Text(typeset(inline.astext()))]
    for raw in doctree.findall(nodes.raw):
        if DECIDES.search(raw.astext()):
            html = DECIDES.sub(lambda match: as_html(_bounds(match.group())), raw.astext())
            raw.rawsource = html
            raw.clear()
            raw += nodes.Text(html)
    for text in [one for one in doctree.findall(nodes.Text) if _is_prose(one)]:
        words = _bounds(powers(text.astext()))
        if words != text.astext() or INDEX.search(words):
            text.parent.replace(text, list(with_indices(words)))


def _bounds(text: str) -> str:
    return BOUND.sub("\u00a0", text)


def _is_prose(text: nodes.Text) -> bool:
    node = text.parent
    while node is not None:
        if isinstance(node, VERBATIM):
            return False
        node = node.parent
    return True


def setup(app: Sphinx) -> None:
    """Connect the pieces."""
    app.connect("doctree-read", typeset_text)
