"""Measured numbers in the prose, as a book sets them: true minus signs and powers of ten."""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.application import Sphinx

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
# Python's formats of numbers; a narrow space that does not break stands around the sign of times.
POWER = re.compile(r"(?<![\w.])(-?\d+(?:\.\d+)?)e([+-]\d+)\b")
MINUS = re.compile(r"(?<![\w.)\]])-(?=\d|inf\b)")


def typeset(text: str) -> str:
    r"""Return text in which numbers are typeset.

    >>> typeset("9.4e-13"), typeset("1e-09"), typeset("-0.52"), typeset("up to 1e+03 at -2")
    ('9.4\u202f×\u202f10⁻¹³', '10⁻⁹', '−0.52', 'up to 10³ at −2')
    """

    def power(match: re.Match[str]) -> str:
        mantissa, exponent = match[1], str(int(match[2])).translate(SUPERSCRIPTS)
        if exponent == "⁰":
            return mantissa
        return {"1": "", "-1": "-"}.get(mantissa, f"{mantissa}\u202f×\u202f") + f"10{exponent}"

    return MINUS.sub("−", POWER.sub(power, text))


def typeset_measured(app: Sphinx, doctree: nodes.document) -> None:
    """Typeset the numbers that the prose takes from the computation."""
    for inline in doctree.findall(nodes.inline):
        if "pasted-text" in inline["classes"]:
            inline.children = [nodes.Text(typeset(inline.astext()))]


def setup(app: Sphinx) -> None:
    """Connect the pieces."""
    app.connect("doctree-read", typeset_measured)
