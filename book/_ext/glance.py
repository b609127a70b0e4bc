"""Results at a glance: what a run of the ledger says about one paper, on one screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from moirelib.ledger import Result
from moirelib.ledger.coverage import INVENTORY, covers, printed_position
from moirelib.ledger.report import CONSEQUENCES, SYMBOLS
from moirelib.ledger.report.markdown import anchor, breakable
from moirelib.ledger.where import equation_of

UNDECIDED = ("convention", "not reproduced")


def as_counts(results: Sequence[Result], paper: str) -> str:
    """Return how many equations, figures and quoted statements hold as they are printed.

    An equation of several claims holds if all of them do.
    """
    pieces: list[str] = []
    rest = {r.claim.id: r for r in results}
    for kind, wanted in (("figures", True), ("numbered equations", False)):
        entries = [
            one
            for group, found in INVENTORY.items()
            for one in found
            if one.startswith(f"{paper}-") and group.endswith("figures") == wanted
        ]
        of_entry = [[r for r in results if covers(r.claim.id, e)] for e in entries]
        for r in (r for found in of_entry for r in found):
            rest.pop(r.claim.id, None)
        held = sum(all(r.verdict == "holds as printed" for r in found) for found in of_entry)
        pieces.insert(0, f"{held} of {len(entries)} {kind}")
    held = sum(r.verdict == "holds as printed" for r in rest.values())
    pieces.append(f"{held} of {len(rest)} quoted numbers and statements")
    verdicts = Counter(r.verdict for r in results)
    counts = ", ".join(f"{SYMBOLS[v]} {v}: {verdicts[v]}" for v in SYMBOLS if verdicts[v])
    return (
        f"As printed hold **{pieces[0]}**, **{pieces[1]}** and **{pieces[2]}**. "
        f"An equation may carry several claims: [{len(results)} "
        f"claims](reference/verification.md) in all, {counts}."
    )


def as_conclusions(results: Sequence[Result], printed: Collection[str]) -> str:
    """Return the findings that change a conclusion, one line each.

    Raises
    ------
    ValueError
        If such a finding has no headline.
    """
    lines = []
    for head, group in _errata(results, "conclusion").items():
        headline = next((r.claim.headline for r in group if r.claim.id == head), "")
        if not headline:
            raise ValueError(f"{head!r} changes a conclusion and has no headline")
        name = _name(group, head)
        shown = equation_of(head) in printed
        there = f"eq-{equation_of(head).lower()}" if shown else anchor("measured", head)
        links = f"[erratum: {name}](#{anchor('erratum', head)}), [chapter: {name}](#{there})"
        lines.append(f"- {headline} ({links})")
    return "\n".join(lines)


def as_links(results: Sequence[Result], rank: str) -> str:
    """Return the findings of a rank as links to their errata, in one paragraph."""
    heads = _errata(results, rank)
    links = ", ".join(
        f"[{_name(group, head)}](#{anchor('erratum', head)})" for head, group in heads.items()
    )
    return f"{len(heads)} entries: {links}."


def as_undecided(results: Sequence[Result]) -> str:
    """Return the claims on which the numbers do not decide, or that were not reproduced."""
    found = [r for r in results if r.verdict in UNDECIDED]
    lines = []
    for r in found:
        said = r.claim.headline or r.claim.statement
        line = f"- {{claim}}`{r.claim.id}`: {breakable(said)}"
        if r.claim.listed_under:
            line += f" ([erratum: {r.claim.named}](#{anchor('erratum', r.claim.listed_under)}))"
        lines.append(line)
    return "\n".join(lines)


def as_findings(results: Sequence[Result], *, headlines: bool = False) -> str:
    """Return the findings of this book: in one line those that have one, or all that they say.

    Parameters
    ----------
    results : sequence of Result
        The findings.
    headlines : bool
        Only the headlines, for one screen; otherwise each statement, with what would falsify it.
    """
    if headlines:
        return "\n".join(
            f"- {r.claim.headline} ({{claim}}`{r.claim.id}`)" for r in results if r.claim.headline
        )
    return "\n".join(
        f"- {{claim}}`{r.claim.id}`: {breakable(r.claim.statement)} "
        f"*Falsified by:* {breakable(r.claim.falsified_by)}"
        for r in results
    )


def _errata(results: Sequence[Result], rank: str) -> dict[str, list[Result]]:
    """Return the errata whose gravest finding is of a rank, by the claim that heads them."""
    entries: dict[str, list[Result]] = {}
    for r in sorted(results, key=lambda r: printed_position(r.claim.listed_under)):
        if r.claim.listed_under:
            entries.setdefault(r.claim.listed_under, []).append(r)
    order = list(CONSEQUENCES)
    return {
        head: group
        for head, group in entries.items()
        if min(order.index(str(r.claim.rank)) for r in group) == order.index(rank)
    }


def _name(group: Sequence[Result], claim_id: str) -> str:
    """Return what a claim is called in a list of links: its place, and what it is about."""
    entry = next(r.claim for r in group if r.claim.id == claim_id)
    _, name, *rest = claim_id.split("-")
    about = entry.aspect or " ".join(rest)
    if name == "text":
        return about
    if name.startswith("fig"):
        return f"Fig. {name[3:]}"
    # App. C of Kundu et al. has relations without numbers.
    place = f"{'App.' if name == 'C' else 'Eq.'} {name}"
    # A place of which the claim names a part is called so.
    if entry.number.startswith(f"{place}, "):
        return entry.number
    return f"{place}, {about}" if about and (rest or name == "C") else place
