"""The ledger: every equation, figure and quoted number of the two papers, with its verdict.

One module per chapter registers its claims on import; :func:`verify` runs them.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from moirelib.ledger.registry import (
    Claim,
    Discrepancy,
    Evidence,
    Result,
    claim,
    claims,
    run,
)
from moirelib.ledger.report import (
    as_coverage,
    as_errata,
    as_json,
    as_markdown,
    as_overview,
    as_table,
    summary,
)

__all__ = [
    "Claim",
    "Discrepancy",
    "Evidence",
    "Result",
    "as_coverage",
    "as_errata",
    "as_json",
    "as_markdown",
    "as_overview",
    "as_table",
    "card",
    "claim",
    "claims",
    "load",
    "run",
    "summary",
    "verify",
]


def load(chapter: str = "") -> None:
    """Import the modules of a chapter, or all of them, so that their claims are registered."""
    for module in iter_modules(__path__):
        if module.name.startswith(chapter.replace("-", "_")):
            import_module(f"{__name__}.{module.name}")


def verify(chapter: str | None = None) -> list[Result]:
    """Run the checks of the ledger.

    Parameters
    ----------
    chapter : str, optional
        Only the claims of this chapter, e.g. ``"hamiltonian"``.

    Raises
    ------
    ValueError
        If no claim belongs to ``chapter``.
    """
    load(chapter or "")
    if chapter not in {entry.chapter for entry in claims()}:
        load()  # for the error, which names all chapters
    return [run(entry) for entry in claims(chapter)]


def card(chapter: str) -> object:
    """Return the claim card of a chapter for display in a notebook; raise if a claim falls short.

    Raises
    ------
    AssertionError
        If any claim of the chapter falls short, so that a chapter cannot show a broken card.
    """
    from IPython.display import Markdown

    results = verify(chapter)
    short = [f"{r.claim.id}: {'; '.join(r.problems)}" for r in results if not r.sound]
    if short:
        raise AssertionError("claims fall short:\n" + "\n".join(short))
    return Markdown(as_markdown(results))
