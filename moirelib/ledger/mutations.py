"""Which planted mistakes the claims see: the record of the mutation suite, as far as it holds.

``make mutants`` plants one mistake after another in a copy of the library and writes down which
claims turn red. What it wrote holds for a claim as long as nothing has changed that the claim runs.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from moirelib.ledger.fingerprint import LIBRARY, combined, fingerprints

PHYSICS = ("bands", "models", "drag", "hall", "switching", "units", "chapters")
"""What of the library is physics, as opposed to judging and drawing."""

State = Literal["ledger", "tests", "equivalent", "nothing", "unknown"]


@dataclass(frozen=True)
class PlantedMistake:
    """One mistake, and what is known of it in the present state of the code.

    Parameters
    ----------
    name : str
        The module, and what is changed in it.
    mistake : str
        In words.
    kind : str
        ``by hand``, or which mechanical change.
    seen_by : tuple of str
        Ids of the claims that turn red.
    test : str
        The test that turns red, if no claim does.
    equivalent : str
        The proof that no result can differ, if there is one.
    state : str
        Who sees it: ``ledger``, ``tests``, ``nothing``; ``equivalent``, or ``unknown`` where the
        code has changed since it was tried.
    """

    name: str
    mistake: str
    kind: str
    seen_by: tuple[str, ...]
    test: str
    equivalent: str
    state: State

    @property
    def module(self) -> str:
        """The dotted module without ``moirelib.``."""
        return self.name.partition(":")[0]

    @property
    def is_physics(self) -> bool:
        """Whether a number of physics is wrong, and not only how it is judged or drawn."""
        parts = self.module.split(".")
        return parts[0] in PHYSICS and not {"figures", "claims"} & set(parts)


def record_path() -> Path:
    """Return where the record is, in a checkout."""
    return LIBRARY.parent / "tests" / "mutations" / "record.json"


def planted_mistakes(path: Path | None = None) -> list[PlantedMistake]:
    """Return all mistakes that were tried, by name; none without a record.

    ``path`` is that of another record than the checkout's own.
    """
    path = record_path() if path is None else path
    if not path.exists():
        return []
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    known, names = fingerprints(), content["functions"]
    keys = {
        claim: combined((names[i] for i in entry["runs"]), known)
        for claim, entry in content["claims"].items()
    }
    found = []
    for name, trial in sorted(content["mutations"].items()):
        seen_by = tuple(c for c, key in trial["seen"].items() if keys.get(c) == key)
        tested = bool(trial["test"]) and trial["test_key"] == key_of_test(
            trial["test"], trial["module"], known
        )
        state: State = "unknown"
        if trial["equivalent"]:
            state = "equivalent"
        elif seen_by:
            state = "ledger"
        elif tested:
            state = "tests"
        elif not trial["test"] and not trial["seen"]:
            state = "nothing"
        found.append(
            PlantedMistake(
                name,
                trial["mistake"],
                trial["kind"],
                seen_by,
                trial["test"] if tested else "",
                trial["equivalent"],
                state,
            )
        )
    return found


def seen_counts(mistakes: list[PlantedMistake]) -> dict[str, int]:
    """Return how many mistakes each claim sees; a claim that sees none is left out."""
    counts: dict[str, int] = {}
    for one in mistakes:
        for claim in one.seen_by:
            counts[claim] = counts.get(claim, 0) + 1
    return counts


def key_of_test(test: str, module: str, known: dict[str, str]) -> str:
    """Return a key of what a test's answer rests on: its file, and the module with the mistake."""
    file = LIBRARY.parent / test.partition("::")[0]
    total = hashlib.sha256(file.read_bytes() if file.is_file() else b"")
    dotted = module.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    for name, fingerprint in sorted(known.items()):
        if name.partition(":")[0] == dotted:
            total.update(f"{name} {fingerprint}\n".encode())
    return total.hexdigest()[:12]
