"""The ledger as Markdown: the card of a chapter, and the pieces that cards and pages share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from moirelib.ledger.judging import Result
from moirelib.ledger.registry import Discrepancy
from moirelib.ledger.report.text import CONSEQUENCES, SYMBOLS, governing, summary
from moirelib.ledger.where import Place, claim_place, implementations

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

# So many letters of TeX fit any column, and so many a column of text.
_SHORT, _LONG = 30, 60
_RELATIONS, _SUMS = ("=", r"\approx", r"\propto", r"\equiv", r"\sim"), ("+", "-")


def as_markdown(results: Sequence[Result], *, linked: bool = False) -> str:
    """Return the claim card of a chapter: one line per claim, which opens to show everything.

    Line and card lead with what holds: the verdict, the form that closes, and then the printed one.

    Parameters
    ----------
    results : sequence of Result
        The claims, in the order in which they are shown.
    linked : bool
        Link each claim to the pages of the built book, in MyST.
    """
    return "\n\n".join([f"**{summary(results)}.**", *(_claim(r, linked) for r in results)])


def _claim(r: Result, linked: bool) -> str:
    entry = r.claim
    decides = governing(r)
    line = [badge(r.verdict), f"<b>{escape(entry.number)}</b>", f"<code>{escape(entry.id)}</code>"]
    if decides is not None:
        value = f"{escape(measured(decides))} ({limit(decides)})"
        line.append(f'<span class="decides">{value}</span>')
    if not r.sound:
        line.append("<b>falls short</b>")
    body = statements(r, ranked=True)
    if entry.aspect:
        body[-1] += f" This claim is about {entry.aspect}."
    if linked:
        body[0] = f"({anchor('measured', entry.id)})=\n{body[0]}"
    if entry.falsified_by:
        body.append(f"**Falsified by.** {breakable(entry.falsified_by)}")
    body.append(measurements(r))
    links = [f"[All claims](#{anchor('claim', entry.id)})"] if linked else []
    if linked and entry.listed_under:
        links.append(f"[erratum](#{anchor('erratum', entry.listed_under)})")
    body.append(" · ".join([*links, *places(r, linked)]))
    summary_line = f'<details class="claim"><summary>{" ".join(line)}</summary>'
    return "\n\n".join([summary_line, *body, "</details>"])


def statements(r: Result, *, brief: bool = False, ranked: bool = False) -> list[str]:
    """Return what a claim says: where the printed form does not close, what does comes first.

    Parameters
    ----------
    r : Result
        The claim.
    brief : bool
        The finding in one line, if it has one.
    ranked : bool
        Say what the finding changes.
    """
    entry = r.claim
    if entry.rank is None:
        return [breakable(entry.statement)]
    finding = (entry.headline if brief else "") or entry.finding
    changes = f" ({CONSEQUENCES[entry.rank]})" if ranked else ""
    return [
        f"**{found_under(r)}{changes}.** {breakable(finding)}",
        f"**As printed in our copy.** {breakable(entry.statement)}",
    ]


def found_under(*results: Result) -> str:
    """Return the heading of what was found: a form that closes, if any of the claims has one."""
    closes = any(r.evidence and r.evidence.corrected for r in results)
    return "What closes" if closes else "What was found"


def anchor(kind: str, claim_id: str) -> str:
    """Return the anchor of a claim on the page of all claims, in the errata, or in its card.

    >>> anchor("claim", "ying-A42")
    'claim-ying-a42'
    """
    return f"{kind}-{claim_id}".lower()


def badge(verdict: str) -> str:
    """Return a verdict as a badge: sign, words, and a class for its colour.

    >>> badge("holds as printed")
    '<span class="verdict verdict-holds-as-printed">✓ holds as printed</span>'
    """
    name = verdict.replace(" ", "-")
    return f'<span class="verdict verdict-{name}">{SYMBOLS[verdict]} {verdict}</span>'


def measurements(r: Result) -> str:
    """Return all that was measured for a claim as a table, or what kept it from being measured."""
    if r.evidence is None:
        return "\n".join(f"- {words(problem)}" for problem in r.problems)
    rows = [
        "| | compared | measured | bound | why this bound |",
        "|---|---|--:|--:|---|",
        *(
            f"| {form} | {words(d.what)} | **{words(measured(d))}** | {limit(d)} "
            f"| {words(reason(d))} |"
            for form, d in forms(r)
        ),
    ]
    return "\n".join([*rows, *(f"\n{words(problem)}" for problem in r.problems)])


def forms(r: Result) -> Iterator[tuple[str, Discrepancy]]:
    """Yield what was measured, with the form that it belongs to; one that closes comes first."""
    if r.evidence is None:
        return
    if r.evidence.corrected:
        yield "corrected", r.evidence.corrected
    yield "as stated" if r.claim.is_new else "as printed", r.evidence.printed
    if r.evidence.alternative:
        yield "alternative", r.evidence.alternative
    yield from (("control", control) for control in r.evidence.controls)


def places(r: Result, linked: bool = False) -> list[str]:
    """Return where the check and the code of a claim stand, as `python -m moirelib where` does."""
    checked = claim_place(r.claim)
    code = [_code(one, linked) for one in implementations(r.claim)[:2]]
    by = [f"implemented by {' and '.join(code)}"] if code else []
    return [f"checked in `{checked.path}:{checked.line}`", *by]


def _code(place: Place, linked: bool) -> str:
    short = place.name.removeprefix("moirelib.")
    return f"{{py:obj}}`{short} <{place.name}>`" if linked else f"`{place.name}`"


def measured(d: Discrepancy) -> str:
    """Return a measured value with its unit."""
    return f"{number(d.value)} {d.unit}".strip()


def limit(d: Discrepancy) -> str:
    """Return the bound of a measurement with its direction."""
    return f"{'≥' if d.at_least else '≤'} {number(d.tolerance)}"


def reason(d: Discrepancy) -> str:
    """Return why a bound is where it is, and what lets it lie far beyond the value."""
    return f"{d.slack}: {d.reason}" if d.slack else d.reason


def number(value: float) -> str:
    """Return a number as it is typeset, with two digits.

    >>> number(2.13e-12), number(1e-9), number(-0.52)
    ('2.1×10⁻¹²', '10⁻⁹', '−0.52')
    """
    mantissa, _, exponent = f"{value:.2g}".partition("e")
    mantissa = mantissa.replace("-", "−")
    if not exponent:
        return mantissa
    power = f"10{str(int(exponent)).translate(_SUPERSCRIPTS)}"
    return {"1": "", "−1": "−"}.get(mantissa, f"{mantissa}×") + power


def with_measured(text: str, results: Iterable[Result]) -> str:
    r"""Return text in which each ``{measured}`` has become the value that it names.

    A value is named by its claim and by words that one measurement of the claim alone has, or by
    the form that it belongs to, as in ``{measured}`kundu-6: corrected```. A ratio may be wanted
    ``in %``.

    Parameters
    ----------
    text : str
        In MyST.
    results : iterable of Result
        The claims that it may name.

    Raises
    ------
    ValueError
        If a name fits no measurement of these claims, or more than one.
    """
    of_claim = {r.claim.id: list(forms(r)) for r in results}

    def value(match: re.Match[str]) -> str:
        claim_id, named, per_cent = match.groups()
        fits = [d for form, d in of_claim.get(claim_id, []) if form == named or named in d.what]
        if len(fits) != 1:
            raise ValueError(
                f"{match[0]} must name one measurement, and fits {[d.what for d in fits]}"
            )
        d = fits[0]
        return f"{number(100 * d.value)} %" if per_cent else words(measured(d))

    return re.sub(r"\{measured\}`(\S+): ([^`]+?)(, in %)?`", value, text)


def words(text: str) -> str:
    r"""Return plain words for a table cell: no sign outside mathematics or code is Markdown.

    A bar ends a table cell, even inside mathematics, where ``\vert`` is the same sign.

    >>> words("λ_G*φ_k over |a| and $|b_1|$")
    'λ\\_G\\*φ\\_k over &#124;a&#124; and $\\vert b_1\\vert $'
    """
    pieces = re.split(r"(\$[^$]*\$|`[^`]*`)", text)
    pieces[::2] = [
        re.sub(r"([_*<\[\]~#])", r"\\\1", part).replace("|", "&#124;") for part in pieces[::2]
    ]
    pieces[1::2] = [part.replace("|", r"\vert ") for part in pieces[1::2]]
    return " ".join("".join(pieces).split())


def breakable(text: str) -> str:
    r"""Return Markdown whose long formulas may break before a relation, for narrow columns.

    What is long beyond that may break before a sum, too.

    >>> print(breakable(r"$\mathcal V_{i=1}=\mathcal V_{ij}=\mathcal V_{ijk}$ for $c=d$"))
    $\mathcal V_{i=1}$ ${}=\mathcal V_{ij}$ ${}=\mathcal V_{ijk}$ for $c=d$
    """
    pieces = text.split("$")
    pieces[1::2] = [
        "$ ${}".join(_parts(formula)) if len(formula) > _SHORT else formula
        for formula in pieces[1::2]
    ]
    return "$".join(pieces)


def _parts(formula: str) -> list[str]:
    parts = _split(formula, _RELATIONS)
    return [one for part in parts for one in (_split(part, _SUMS) if len(part) > _LONG else [part])]


def _split(formula: str, before: tuple[str, ...]) -> list[str]:
    """Split a formula before the signs that stand outside of all braces and delimiters.

    A sum that begins what stands behind a relation is the sign of a number.
    """
    parts, depth, last = [""], 0, ""
    for token in re.findall(r"\\[A-Za-z]+|\\.|.", formula, re.DOTALL):
        if token in ("{", "(", "[", r"\left", r"\begin"):
            depth += 1
        elif token in ("}", ")", "]", r"\right", r"\end"):
            depth -= 1
        if depth == 0 and token in before and parts[-1].strip() and last not in _RELATIONS:
            parts.append("")
        parts[-1] += token
        last = token if token.strip() else last
    return parts
