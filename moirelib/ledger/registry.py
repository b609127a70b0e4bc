"""Claims, the evidence for them, and the verdict that follows.

A claim is one numbered equation, figure or quoted number of a paper, or a finding of this book. Its
check returns :class:`Evidence`: how far the printed form misses, how far the corrected form misses,
and the controls that must hold whatever the verdict. The verdict is computed from these numbers.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules, walk_packages
from typing import Literal, get_args

from moirelib import _validate
from moirelib.ledger.coverage import printed_position
from moirelib.ledger.papers import NEW, PAPERS

Kind = Literal["definition", "identity", "approximation", "number", "figure", "new"]
Verdict = Literal[
    "holds as printed", "holds as corrected", "convention", "not reproduced", "new finding"
]
Consequence = Literal["conclusion", "number", "notation"]
Slack = Literal["", "noise", "order", "scale"]

# A bound so many times beyond its value would let a factor in the code pass; and with a reason for
# the distance, so many times.
SPARE, STATED = 100, 1e6


@dataclass(frozen=True)
class Discrepancy:
    """A measured distance from what a statement says, and the bound it is held to.

    Parameters
    ----------
    what : str
        What was compared with what, in words.
    value : float
        The measured distance, in ``unit``. NaN never passes.
    tolerance : float
        The bound.
    reason : str
        Why the bound is where it is.
    unit : str
        Unit of ``value``; empty for a ratio.
    at_least : bool
        Read the bound from below: for controls showing that a wrong form *is* wrong.
    slack : {"noise", "order", "scale"}, optional
        Why the bound may lie more than a hundred times beyond the value. The value is noise, of
        difference quotients, samples or an iteration, and is another on the next machine; or the
        bound is what a series or a mesh leaves out by its order, and this case happens to do
        better; or it is a scale of the physics: the digits that are printed, a thermal width.
        Where ``reason`` speaks of round-off, that is why.

    Raises
    ------
    ValueError
        If ``slack`` is none of these.
    """

    what: str
    value: float
    tolerance: float
    reason: str
    unit: str = ""
    at_least: bool = False
    slack: Slack = ""

    def __post_init__(self) -> None:
        """Refuse words that are no reason."""
        _validate.choice("slack", self.slack, get_args(Slack))

    @property
    def closes(self) -> bool:
        """Whether the value respects its bound.

        A distance is not negative: a signed difference would pass any bound from above. Nor is it
        infinite: a ratio to nothing would pass any bound from below.
        """
        value = float(self.value)
        if not math.isfinite(value):
            return False
        return value >= self.tolerance if self.at_least else 0 <= value <= self.tolerance

    @property
    def loose(self) -> bool:
        """Whether the value could grow more than a hundred times unseen, and nothing says why."""
        near, far = sorted((abs(float(self.value)), abs(float(self.tolerance))))
        if self.slack == "scale" or not self.closes or near == far:
            return False
        if self.slack or re.search("round-off|rounding", self.reason):
            return far > STATED * max(near, sys.float_info.epsilon)
        return far > SPARE * near


@dataclass(frozen=True)
class Evidence:
    """What a check measured.

    Parameters
    ----------
    printed : Discrepancy
        How far the statement misses as it is printed.
    corrected : Discrepancy, optional
        How far the form that closes misses.
    alternative : Discrepancy, optional
        For a convention: another choice that would pass the same test.
    controls : tuple of Discrepancy
        What must hold for the comparison to mean anything; each has to close.
    """

    printed: Discrepancy
    corrected: Discrepancy | None = None
    alternative: Discrepancy | None = None
    controls: tuple[Discrepancy, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The verdict that the numbers give."""
        if self.printed.closes:
            if self.alternative is not None and self.alternative.closes:
                return "convention"
            return "holds as printed"
        if self.corrected is not None and self.corrected.closes:
            return "holds as corrected"
        return "not reproduced"

    @property
    def measured(self) -> tuple[Discrepancy, ...]:
        """All that was measured."""
        forms = (self.printed, self.corrected, self.alternative, *self.controls)
        return tuple(one for one in forms if one is not None)


@dataclass(frozen=True)
class Claim:
    """One entry of the ledger; see :func:`claim` for the fields."""

    id: str
    number: str
    kind: Kind
    statement: str
    check: Callable[[], Evidence]
    implements: str = ""
    finding: str = ""
    consequence: Consequence | None = None
    erratum: str = ""
    follows: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    aspect: str = ""
    headline: str = ""
    figures: str = ""
    falsified_by: str = ""

    @property
    def is_new(self) -> bool:
        """Whether this is a finding of this book, beside what the papers say."""
        return self.id.split("-")[0] == NEW

    @property
    def cited(self) -> str:
        """The source in short and the number: ``Kundu Eq. 33``; of a new finding its name."""
        return self.number if self.is_new else f"{self.id.split('-')[0].title()} {self.number}"

    @property
    def named(self) -> str:
        """The source and the number, and of a place without a number what it is about."""
        if self.is_new or not self.aspect or re.match(r"Eqs?\. |Fig\. ", self.number):
            return self.cited
        return f"{self.cited}: {self.aspect}"

    @property
    def rank(self) -> Consequence | None:
        """What the finding changes: a number, unless the claim says otherwise."""
        return (self.consequence or "number") if self.finding else None

    @property
    def listed_under(self) -> str:
        """The claim that heads the erratum of this one: itself, unless they share a slip."""
        return (self.erratum or self.id) if self.finding else ""

    @property
    def paper(self) -> str:
        """The paper, in full."""
        return PAPERS[self.id.split("-")[0]].name

    @property
    def chapter(self) -> str:
        """The chapter that makes the claim, as its page is called: the folder of the check."""
        parts = self.check.__module__.split(".")
        inside = parts[parts.index("chapters") + 1 :] if "chapters" in parts else parts
        return inside[0].replace("_", "-")


_REGISTRY: dict[str, Claim] = {}


def claim(
    id: str,
    number: str,
    *,
    kind: Kind,
    statement: str,
    implements: str = "",
    finding: str = "",
    consequence: Consequence | None = None,
    erratum: str = "",
    follows: tuple[str, ...] = (),
    also: tuple[str, ...] = (),
    aspect: str = "",
    headline: str = "",
    figures: str = "",
    falsified_by: str = "",
) -> Callable[[Callable[[], Evidence]], Callable[[], Evidence]]:
    """Register a check as a claim of the ledger.

    Parameters
    ----------
    id : str
        ``kundu-33``, ``ying-A42``, ``kundu-text-period``; the part before the first hyphen names
        the paper, or is ``new`` for a finding of this book.
    number : str
        As the paper writes it: ``Eq. 33``, ``Fig. 1(a)``, ``text, p. 3``. For a finding of this
        book a few words that name it.
    kind : str
        ``definition``, ``identity``, ``approximation``, ``number`` or ``figure``; ``new`` exactly
        for a finding of this book.
    statement : str
        The statement in our words, with its formula in MyST Markdown.
    implements : str
        Dotted name of the public function behind it; needed for a definition.
    finding : str
        What closes, and why, where the printed form does not. It must be there exactly then.
    consequence : {"conclusion", "number", "notation"}, optional
        What changes when the form that closes is put in place of the printed one: something that
        the paper concludes (a sign, a power, what is seen), only a number, or nothing beyond the
        formula. Only with a finding, and then ``number`` if left out.
    erratum : str
        Id of the claim under which the finding is listed, if several claims share one slip.
    follows : tuple of str
        Ids of the claims that this one is derived from or is written in terms of. Whether they
        exist is seen when all are registered: :class:`~moirelib.ledger.lineage.Lineage`.
    also : tuple of str
        Further equations that print the same statement, or through which the same slip runs.
    aspect : str
        What the claim is about: needed where another claim on the same equation comes out
        differently, and good where the words of the id are opaque.
    headline : str
        The finding in one line, for the page of results, which asks for it where a conclusion
        changes. A finding of this book that has one is listed there too.
    figures : str
        What the slip does to which figure of the paper and of this book, and which figures it
        leaves: needed where the claim heads an erratum, and only there. In MyST; ``{measured}``,
        followed by ``kundu-6: star alone`` in backquotes, stands for a value of the ledger (see
        :func:`moirelib.ledger.report.markdown.with_measured`).
    falsified_by : str
        What would show that a finding of this book is wrong. Every one needs it, and no other claim
        has it.

    Raises
    ------
    ValueError
        If the id is taken, also in other capitals, or one of the fields contradicts another.
    """
    _validate.choice("the paper in a claim id", id.split("-")[0], tuple(PAPERS))
    # Anchors of pages do not tell capitals from small letters.
    if id.lower() in map(str.lower, _REGISTRY):
        raise ValueError(f"the claim {id!r} is registered twice")
    if consequence is not None:
        _validate.choice(f"the consequence of {id!r}", consequence, get_args(Consequence))
    is_new = id.split("-")[0] == NEW
    if is_new != (kind == "new") or is_new != bool(falsified_by):
        raise ValueError(f"{id!r} must be called new, be of that kind and be falsifiable, or none")
    if is_new and (finding or also):
        raise ValueError(f"{id!r} is new: it corrects nothing and stands for no other equation")
    if (consequence or erratum or (headline and not is_new)) and not finding:
        raise ValueError(f"{id!r} has a consequence, an erratum or a headline, and no finding")
    if figures and (not finding or erratum):
        raise ValueError(f"{id!r} tells of figures, which the claim does that heads an erratum")
    if kind == "definition" and not implements:
        raise ValueError(f"the definition {id!r} must name the function that implements it")

    # A string alone would be a tuple of letters.
    if type(follows) is not tuple or id in follows or len(set(follows)) < len(follows):
        raise ValueError(f"{id!r} must follow from a tuple of other claims, got {follows!r}")

    def register(check: Callable[[], Evidence]) -> Callable[[], Evidence]:
        _REGISTRY[id] = Claim(
            id,
            number,
            kind,
            statement,
            check,
            implements,
            finding,
            consequence,
            erratum,
            follows,
            also,
            aspect,
            headline,
            figures,
            falsified_by,
        )
        return check

    return register


def claims(chapter: str | None = None) -> list[Claim]:
    """All registered claims, or those of one chapter, in the order of print.

    Raises
    ------
    ValueError
        If ``chapter`` makes no claims.
    """
    ordered = sorted(_REGISTRY.values(), key=lambda entry: printed_position(entry.id))
    if chapter is not None:
        _validate.choice("chapter", chapter, tuple(dict.fromkeys(c.chapter for c in ordered)))
    return [c for c in ordered if chapter in (None, c.chapter)]


def registered(claim_id: str) -> Claim:
    """Return the claim with this id.

    Raises
    ------
    KeyError
        If no such claim is registered.
    """
    return _REGISTRY[claim_id]


def load(chapter: str = "") -> None:
    """Import the modules of a chapter, or all of them, so that their claims are registered."""
    chapters = import_module("moirelib.chapters")
    for folder in iter_modules(chapters.__path__):
        if chapter.replace("-", "_") not in ("", folder.name):
            continue
        package = import_module(f"{chapters.__name__}.{folder.name}")
        for found in walk_packages(package.__path__, f"{package.__name__}."):
            if ".claims" in found.name:
                import_module(found.name)
