"""The planted mistakes as MyST: how many the ledger sees, and each with who sees it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape

from moirelib.ledger.mutations import PlantedMistake, State
from moirelib.ledger.report.markdown import anchor, words

_STATES: dict[State, str] = {
    "ledger": "seen by a claim",
    "tests": "by tests only",
    "equivalent": "equivalent",
    "nothing": "by nothing",
    "unknown": "to be tried again",
}

# A mistake in a central function turns dozens of claims red.
_NAMED = 4


def as_mutation_totals(mistakes: Sequence[PlantedMistake]) -> str:
    """Return how many mistakes are seen by claims, by tests and by nothing, by part of the code."""
    if not mistakes:
        return "No mistakes have been planted yet."
    groups: dict[str, list[PlantedMistake]] = {"physics": [], "figures": [], "the rest": []}
    for one in mistakes:
        drawn = "figures" if "figures" in one.module.split(".") else "the rest"
        groups["physics" if one.is_physics else drawn].append(one)
    shown = [s for s in _STATES if s != "unknown" or any(m.state == s for m in mistakes)]
    lines = [
        f"| mistakes in | planted | {' | '.join(_STATES[s] for s in shown)} |",
        f"|---|--:{'|--:' * len(shown)}|",
    ]
    for name, group in (*groups.items(), ("all", list(mistakes))):
        counts = Counter(m.state for m in group)
        cells = (name, len(group), *(counts[s] for s in shown))
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def as_mutations(
    mistakes: Sequence[PlantedMistake], titles: Mapping[str, str] | None = None
) -> str:
    """Return every mistake with who sees it: a folded table for each room of the library.

    Chapters come last, under their ``titles`` by the names of their pages and in that order.
    """
    order = {f"chapters.{page}": title for page, title in (titles or {}).items()}
    rooms: dict[str, list[PlantedMistake]] = {}
    for one in mistakes:
        rooms.setdefault(_room(one.module), []).append(one)
    last = [room for room in order if room in rooms]
    rest = [room for room in rooms if room not in last]
    return "\n\n".join(_table(order.get(room, room), rooms[room]) for room in (*rest, *last))


def _room(module: str) -> str:
    parts = module.split(".")
    if parts[0] == "chapters":
        return f"chapters.{parts[1].replace('_', '-')}"
    return parts[0] if len(parts) > 1 else "ground"


def _table(room: str, group: Sequence[PlantedMistake]) -> str:
    seen = sum(m.state == "ledger" for m in group)
    count = f"{len(group)} mistake{'s' * (len(group) > 1)}"
    head = f"<summary>{escape(room)}: {count}, {seen} seen by claims</summary>"
    rows = ["| mistake | where | seen by |", "|---|---|---|", *map(_row, group)]
    return "\n\n".join([f'<details class="mutations">{head}', "\n".join(rows), "</details>"])


def _row(one: PlantedMistake) -> str:
    module, _, label = one.name.partition(":")
    return f"| {words(one.mistake)} | `{module}`<br>{words(label)} | {_seen(one)} |"


def _seen(one: PlantedMistake) -> str:
    if one.state == "ledger":
        named = [f"[{c}](#{anchor('claim', c)})" for c in one.seen_by[:_NAMED]]
        more = len(one.seen_by) - len(named)
        return ", ".join(named) + (f" and {more} more" if more else "")
    if one.state == "tests":
        test = one.test.rpartition("::")[2].partition("[")[0]
        return f"only the test “{words(test.removeprefix('test_').replace('_', ' '))}”"
    if one.state == "equivalent":
        return f"nothing can: {words(one.equivalent)}"
    return _STATES[one.state]
