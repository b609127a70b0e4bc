"""Try one mutation: the ledger first, the tests second."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from moirelib.ledger.mutations import key_of_test
from mutations import trial
from mutations.copies import copy_with
from mutations.mutation import ROOT, Mutation, Planted, digest, dotted
from mutations.record import Record, Trial
from mutations.tracing import downstream

# Once a claim has seen a mistake, others are asked as long as they are quick, in seconds.
QUICK, ENOUGH = 0.3, 1.5
# A check may become slower, but not without end.
SLOWER, GRACE = 10.0, 30.0
TEST_LIMIT = 600.0


def try_out(one: Mutation, record: Record, again: bool = False) -> Trial:
    """Run the claims downstream of a mutation, then the tests of its rooms if none turned red.

    What the record says of it, and of claims whose code is as it was then, is not asked again
    unless ``again``.
    """
    found, before = started(one), record.trials.get(one.name)
    if one.equivalent:
        return found
    if before is not None and before.digest == found.digest and not again:
        found.seen = {c: key for c, key in before.seen.items() if _is_key(record, c, key)}
        found.unseen = {c: key for c, key in before.unseen.items() if _is_key(record, c, key)}
    known = found.seen.keys() | found.unseen.keys()
    wanted = [claim for claim in by_promise(one, record) if claim not in known]
    with copy_with(one) as folder:
        _claims(folder, wanted, record, found)
    if not found.seen:
        found.test = failing_test(one, before.test if before is not None else "")
        found.test_key = key_of_test(found.test, one.module, record.current) if found.test else ""
    return found


def _is_key(record: Record, claim: str, key: str) -> bool:
    return claim in record.claims and record.claims[claim].key == key


def by_promise(one: Mutation, record: Record) -> list[str]:
    """Return the claims downstream of a mutation in the order in which to ask them.

    First those that saw it last time, the quickest first; then by the seconds that a claim has
    taken for each mistake of this module that it saw.
    """
    before = record.trials.get(one.name)
    around = [t for t in list(record.trials.values()) if t.module == one.module]

    def price(claim: str) -> tuple[bool, float, str]:
        seconds = 0.01 + record.claims[claim].seconds
        if before is not None and claim in before.seen:
            return False, seconds, claim
        seen = sum(claim in t.seen for t in around)
        missed = sum(claim in t.unseen for t in around)
        return True, seconds * (2 + seen + missed) / (1 + seen), claim

    return sorted(downstream(one, record), key=price)


def started(one: Mutation) -> Trial:
    """Return the record of a mutation of which nothing is known yet."""
    return Trial(digest(one), one.module, one.mistake, kind_of(one), one.equivalent)


def kind_of(one: Mutation) -> str:
    """Return "by hand", or the kind of a mechanical change."""
    return "by hand" if isinstance(one, Planted) else str(getattr(one, "kind", ""))


def ask(one: Mutation, claims: list[str], record: Record, found: Trial) -> None:
    """Run certain claims on a mutation, and add to what is known of it."""
    with copy_with(one) as folder:
        _claims(folder, claims, record, found, every=True)


def _claims(
    folder: Path, wanted: list[str], record: Record, found: Trial, every: bool = False
) -> None:
    spent = 0.0
    left = list(wanted)
    while left:
        limit = SLOWER * max(record.claims[c].seconds for c in left) + GRACE
        asked = _Asked(left, record, found, every, spent)
        for outcome in trial.outcomes(folder, asked, limit):
            asked.spent += outcome.seconds
            key = record.claims[outcome.claim].key
            (found.unseen if outcome.sound else found.seen)[outcome.claim] = key
        spent = asked.spent
        # A process that died has been the end of one claim, not of the others.
        done = found.seen.keys() | found.unseen.keys()
        left = [] if asked.exhausted else [c for c in left if c not in done]


class _Asked:
    """The claims to ask next, decided as answers come."""

    def __init__(
        self, claims: list[str], record: Record, found: Trial, every: bool, spent: float
    ) -> None:
        self.claims, self.record, self.found = claims, record, found
        self.every, self.spent = every, spent
        self.exhausted = False

    def __iter__(self) -> Iterator[trial.Address]:
        for claim in self.claims:
            known = self.record.claims[claim]
            enough = self.spent > ENOUGH or known.seconds > QUICK
            if self.found.seen and enough and not self.every:
                continue
            yield known.module, claim
        self.exhausted = True


def failing_test(one: Mutation, last: str = "") -> str:
    """Return a test that turns red, of those near to the module; empty if none does.

    The one that did so last time is asked first.
    """
    with copy_with(one, tests=True) as folder:
        for chosen in ([last], *nearest_tests(one.module)):
            # One that is red without the mistake too must not hide those after it.
            anyway: list[str] = []
            while found := _first_failure(folder, chosen, anyway):
                if not fails(None, found):
                    return found
                if found in anyway:
                    break
                anyway.append(found)
    return ""


def _first_failure(folder: Path, chosen: list[str], without: list[str]) -> str:
    here = [test for test in chosen if test and (folder / test.partition("::")[0]).exists()]
    if not here:
        return ""
    # A single test may have another name by now.
    with suppress(trial.NoSuchTestError):
        return trial.first_failure(folder, here, TEST_LIMIT, without)
    return ""


# Whether a test is red without any mistake.
_ANYWAY: dict[str, bool] = {}


def settle(tests: Iterable[str]) -> None:
    """Run tests without any mistake, all in one process, and keep which of them are red.

    If that process does not end, nothing is kept of several; a single one is red.
    """
    wanted = sorted({t for t in tests if (ROOT / t.partition("::")[0]).exists()} - _ANYWAY.keys())
    if not wanted:
        return
    with copy_with(None, tests=True) as folder:
        red = trial.failures(folder, wanted, TEST_LIMIT * (1 if len(wanted) == 1 else 3))
    if red is not None:
        _ANYWAY.update({test: test in red for test in wanted})
    elif len(wanted) == 1:
        _ANYWAY[wanted[0]] = True


def fails(one: Mutation | None, test: str) -> bool:
    """Whether one test turns red, with a mistake or without any."""
    if one is None:
        settle([test])
        return _ANYWAY.get(test, True)
    with copy_with(one, tests=True) as folder:
        return bool(_first_failure(folder, [test], []))


def nearest_tests(module: str) -> list[list[str]]:
    """Return test files in groups, the nearest first: of the module, of what imports it, its room.

    A test that starts processes of its own, or tries every public function, comes last.
    """
    path = Path(module)
    name = path.stem if path.stem != "__init__" else path.parent.name
    tests = {p.relative_to(ROOT).as_posix(): p for p in (ROOT / "tests").rglob("test_*.py")}
    skipped = ("tests/site/", "tests/book/", "tests/portable/", "tests/mutations/")
    tests = {t: p for t, p in tests.items() if not t.startswith(skipped)}
    mirror = [t for t in tests if t.endswith(f"{path.parent.as_posix()}/test_{name}.py")]
    mirror += [t for t in tests if t == f"tests/{path.parent.as_posix()}/test_{name}.py"]
    mentioned = re.compile(rf"moirelib\.{re.escape(dotted(module))}\b|\b{re.escape(name)} import\b")
    near = [t for t, p in tests.items() if mentioned.search(p.read_text("utf-8"))]
    room = "/".join(path.parts[:2]) if path.parts[0] == "chapters" else path.parts[0]
    around = [t for t in tests if t.startswith(f"tests/{room.removesuffix('.py')}")]
    last = [t for t in tests if t.count("/") == 1]
    groups, seen = [], set[str]()
    for group in (mirror, near, [*around, f"moirelib/{module}"], last):
        fresh = [t for t in dict.fromkeys(group) if t not in seen]
        seen.update(fresh)
        if fresh:
            groups.append(fresh)
    return groups
