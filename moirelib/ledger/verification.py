"""Choose claims, run them or read a stored run, and show the card of a chapter."""

from __future__ import annotations

import os
from collections.abc import Sequence
from fnmatch import fnmatchcase

from moirelib import _validate
from moirelib.ledger.coverage import printed_position
from moirelib.ledger.execution import execute
from moirelib.ledger.judging import Result
from moirelib.ledger.papers import PAPERS
from moirelib.ledger.registry import Claim, claims, load
from moirelib.ledger.report import as_markdown
from moirelib.ledger.store import read

STORE_VARIABLE = "MOIRELIB_LEDGER"


def select(
    chapter: str | None = None, *, paper: str | None = None, ids: Sequence[str] = ()
) -> list[Claim]:
    """Return the claims of a chapter, of a paper or with certain ids, as the papers print them.

    Parameters
    ----------
    chapter : str, optional
        Only the claims of this chapter, e.g. ``"hamiltonian"``.
    paper : {"kundu", "ying", "new"}, optional
        Only the claims of this paper, or the findings of this book.
    ids : sequence of str
        Only the claims whose id matches one of these shell patterns, e.g. ``"kundu-3*"``.

    Raises
    ------
    ValueError
        If no claim belongs to ``chapter``, a pattern matches none, or together they leave none.
    """
    load(chapter or "")
    if chapter not in {entry.chapter for entry in claims()}:
        load()  # for the error, which names all chapters
    if paper is not None:
        _validate.choice("paper", paper, tuple(PAPERS))
    chosen = claims(chapter)
    for pattern in ids:
        if not any(fnmatchcase(entry.id, pattern) for entry in chosen):
            raise ValueError(f"ids must match claims, got {pattern!r}, which matches none")
    chosen = [
        entry
        for entry in chosen
        if paper in (None, entry.id.split("-")[0])
        and (not ids or any(fnmatchcase(entry.id, pattern) for pattern in ids))
    ]
    if not chosen:
        raise ValueError(f"no claim of {paper!r} is left by chapter={chapter!r}, ids={ids!r}")
    return chosen


def verify(
    chapter: str | None = None,
    *,
    paper: str | None = None,
    ids: Sequence[str] = (),
    processes: int = 1,
) -> list[Result]:
    """Run the checks of the ledger, and return the results in the order of the papers.

    Parameters
    ----------
    chapter, paper, ids
        Which claims, as in :func:`select`; all of them if left out.
    processes : int
        How many processes to use. With more than one, a script needs the usual guard
        ``if __name__ == "__main__"``.

    Raises
    ------
    ValueError
        If no claim is left to run, or ``processes`` is less than 1.

    Examples
    --------
    >>> [(result.claim.id, result.verdict) for result in verify(ids=["ying-B2", "ying-5"])]
    [('ying-5', 'holds as printed'), ('ying-B2', 'holds as corrected')]
    """
    results = execute(select(chapter, paper=paper, ids=ids), processes)
    return sorted(results, key=lambda r: printed_position(r.claim.id))


def results(chapter: str | None = None) -> list[Result]:
    """Return the results for a page: from the run that the build has stored, or computed now.

    The build names its store in the environment variable ``MOIRELIB_LEDGER``. Without it, as in a
    notebook of a reader, the claims are run.

    Raises
    ------
    StaleLedgerError
        If the store that the build names is not of this state of the code.
    """
    path = os.environ.get(STORE_VARIABLE)
    if not path:
        return verify(chapter)
    select(chapter)  # for the error, which names all chapters
    return read(path, chapter)


def card(chapter: str) -> object:
    """Return the claim card of a chapter for display in a notebook; raise if a claim falls short.

    Raises
    ------
    AssertionError
        If any claim of the chapter falls short, so that a chapter cannot show a broken card.
    """
    from IPython.display import Markdown

    found = results(chapter)
    short = [f"{r.claim.id}: {'; '.join(r.problems)}" for r in found if not r.sound]
    if short:
        raise AssertionError("claims fall short:\n" + "\n".join(short))
    # Links lead to other pages: only the built book has them.
    return Markdown(as_markdown(found, linked=STORE_VARIABLE in os.environ))
