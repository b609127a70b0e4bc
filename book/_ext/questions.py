"""Questions with a reason for every answer.

A question is a stem and a list of options. The first paragraph of an option is what one chooses;
what follows says why it is right or wrong. A check mark opens the one that is right::

    :::{question}
    The layers relax, each by its own collisions. Which current flows at DC?

    - That of the Drude peak.

      The peak moves away from zero frequency.

    - ✓ None.

      In equilibrium no current flows.
    :::

On the page the options are radio buttons in a fieldset, and ``questions.js`` puts the reason for
the chosen one into a live region. Without scripts, on paper and for a reader in doubt, all reasons
stand in a ``<details>`` below. A reader of the source sees a list, which is what remains where the
directive is not known: the content is plain MyST, with no nested directives.
"""

from __future__ import annotations

from string import ascii_lowercase
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

MARK = "✓"


class html_element(nodes.General, nodes.TextElement):  # type: ignore[misc]
    """An element of HTML with a tag and attributes; other builders see its children only."""


class Question(SphinxDirective):
    """A stem, and options of which one is right."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the fieldset of radio buttons and the folded reasons."""
        self.assert_has_content()
        parsed = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, parsed)
        *stem, options = parsed.children
        fault = _fault_of(stem, options)
        if fault:
            raise self.error(f"a question {fault}")
        number = self.env.new_serialno("question") + 1
        name = f"question-{number}"
        choices, reasons = [], []
        for letter, option in zip(ascii_lowercase, options.children, strict=False):
            text, *why = option.children
            right = _is_right(text)
            choices.append(_choice(name, letter, _without_mark(text)))
            reasons.append(_reason(letter, right, why))
        asked, *more = stem
        heading = nodes.strong("", f"Question {number}.")
        legend = element("legend", heading, " ", *asked.children)
        feedback = element("div", **{"class": "question-feedback", "aria-live": "polite"})
        folded = element(
            "details",
            element("summary", "All answers, with reasons"),
            *reasons,
            **{"class": "question-reasons"},
        )
        fields = element("fieldset", legend, *more, *choices, feedback)
        return [element("div", fields, folded, id=name, **{"class": "question"})]


def _fault_of(stem: list[nodes.Node], options: nodes.Node) -> str | None:
    """Say what a question lacks."""
    if not stem or not isinstance(stem[0], nodes.paragraph):
        return "opens with a paragraph"
    if not isinstance(options, nodes.bullet_list):
        return "ends with a list of options"
    if any(not all(isinstance(p, nodes.paragraph) for p in o[:2]) or len(o) < 2 for o in options):
        return "gives a reason, in a paragraph of its own, below every option"
    right = sum(_is_right(option[0]) for option in options)
    if right != 1:
        return f"marks one option with {MARK}, this one {right}"
    return None


def _is_right(text: nodes.Element) -> bool:
    return str(text.astext()).startswith(MARK)


def _without_mark(text: nodes.Element) -> list[nodes.Node]:
    first, *rest = text.children
    if isinstance(first, nodes.Text):
        first = nodes.Text(first.astext().removeprefix(MARK).lstrip())
    return [first, *rest]


def _choice(name: str, letter: str, text: list[nodes.Node]) -> nodes.Element:
    key = f"{name}-{letter}"
    button = element("input", type="radio", name=name, id=key, value=letter)
    label = element("label", f"({letter}) ", *text, **{"for": key})
    return element("div", button, label, **{"class": "question-choice"})


def _reason(letter: str, right: bool, why: list[nodes.Node]) -> nodes.Element:
    kind = "right" if right else "wrong"
    verdict = f"({letter}) {'Right.' if right else 'No.'}"
    why[0].insert(0, [nodes.strong("", verdict, classes=[kind]), nodes.Text(" ")])
    return element("div", *why, **{"class": f"question-reason {kind}", "data-choice": letter})


def element(tag: str, *children: nodes.Node | str, **attributes: str) -> nodes.Element:
    """Return a node for an element of HTML."""
    node = html_element("", "", tag=tag, attributes=attributes)
    node.extend(nodes.Text(c) if isinstance(c, str) else c for c in children)
    return node


def visit_html(self: Any, node: nodes.Element) -> None:
    """Write the opening tag."""
    given = "".join(f' {k}="{self.attval(v)}"' for k, v in node["attributes"].items())
    self.body.append(f"<{node['tag']}{given}>")


def depart_html(self: Any, node: nodes.Element) -> None:
    """Write the closing tag, if the element has one."""
    if node["tag"] != "input":
        self.body.append(f"</{node['tag']}>")


def pass_by(self: Any, node: nodes.Element) -> None:
    """Leave no trace."""


def setup(app: Sphinx) -> None:
    """Connect the pieces."""
    app.add_directive("question", Question)
    app.add_node(
        html_element,
        html=(visit_html, depart_html),
        latex=(pass_by, pass_by),
        text=(pass_by, pass_by),
    )
    app.add_css_file("questions.css")
    app.add_js_file("questions.js", loading_method="defer")
