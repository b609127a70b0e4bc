"""The record of all trials, as a file of the repository that later runs continue.

It is written here and read by the book, through :mod:`moirelib.ledger.mutations`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from moirelib.archive import write_whole
from moirelib.ledger.fingerprint import combined, fingerprints

RECORD = Path(__file__).parent / "record.json"


@dataclass
class Traced:
    """What a claim runs, and how long it takes."""

    module: str
    seconds: float
    runs: tuple[str, ...]
    key: str


@dataclass
class Trial:
    """What is known of one mutation."""

    digest: str
    module: str
    mistake: str
    kind: str
    equivalent: str = ""
    seen: dict[str, str] = field(default_factory=dict)
    """The claims that turned red, each with the key of what it ran."""
    unseen: dict[str, str] = field(default_factory=dict)
    """The claims that were run and stayed green."""
    test: str = ""
    """The test that turned red, where no claim did."""
    test_key: str = ""

    @property
    def was_seen(self) -> bool:
        """Whether anything saw it, in the code of then."""
        return bool(self.seen or self.test)


@dataclass
class Record:
    """All that is known."""

    claims: dict[str, Traced] = field(default_factory=dict)
    trials: dict[str, Trial] = field(default_factory=dict)
    current: dict[str, str] = field(default_factory=fingerprints)

    @classmethod
    def load(cls, path: Path = RECORD) -> Record:
        """Read the file; an empty record if there is none."""
        if not path.exists():
            return cls()
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        names = content["functions"]
        claims = {
            one: Traced(c["module"], c["seconds"], tuple(names[i] for i in c["runs"]), c["key"])
            for one, c in content["claims"].items()
        }
        trials = {name: Trial(**trial) for name, trial in content["mutations"].items()}
        return cls(claims, trials)

    def save(self, path: Path = RECORD) -> None:
        """Write the file, whole or not at all, one mutation or claim a line."""
        names = sorted({name for claim in self.claims.values() for name in claim.runs})
        index = {name: i for i, name in enumerate(names)}
        claims = {
            one: {
                "module": c.module,
                "seconds": round(c.seconds, 2),
                "key": c.key,
                "runs": [index[name] for name in c.runs],
            }
            for one, c in sorted(self.claims.items())
        }
        trials = {name: vars(trial) for name, trial in sorted(self.trials.items())}
        parts = {"functions": names, "claims": claims, "mutations": trials}
        text = "{\n" + ",\n".join(f'"{k}": {_lines(part)}' for k, part in parts.items()) + "\n}\n"
        write_whole(path, lambda file: file.write(text.encode()))

    def key(self, runs: Iterable[str]) -> str:
        """Return the key of a set of functions in the code as it is."""
        return combined(runs, self.current)

    def holds(self, claim: str) -> bool:
        """Whether what a claim runs is as it was when it was traced."""
        known = self.claims.get(claim)
        return known is not None and self.key(known.runs) == known.key

    def seen_by(self, name: str) -> list[str]:
        """Return the claims that see a mutation, of those for which this is still known."""
        trial = self.trials[name]
        return [
            c for c, key in trial.seen.items() if c in self.claims and self.claims[c].key == key
        ]

    def counts(self) -> dict[str, int]:
        """Return how many mutations each claim sees."""
        found = dict.fromkeys(self.claims, 0)
        for name in self.trials:
            for claim in self.seen_by(name):
                found[claim] += 1
        return found


def _lines(part: list[str] | dict[str, Any]) -> str:
    def compact(value: object) -> str:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    if isinstance(part, list):
        return compact(part)
    rows = [f"{compact(key)}: {compact(value)}" for key, value in part.items()]
    return "{\n" + ",\n".join(rows) + "\n}"
