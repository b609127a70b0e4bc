"""Try one mutation: the ledger first, the tests second."""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from functools import cache
from pathlib import Path

from moirelib.ledger.mutations import key_of_test
from mutations import trial
from mutations.copies import copy_with
from mutations.mutation import ROOT, Mutation, Planted, digest, dotted
from mutations.record import Record, Trial
from mutations.tracing import downstream

# Once a claim has seen a mistake, others are asked as long as they are quick, in seconds.
QUICK, ENOUGH = 0.5, 3.0
# A check may become slower, but not without end.
SLOWER, GRACE = 10.0, 30.0
TEST_LIMIT = 600.0


def try_out(
    one: Mutation,
    record: Record,
    hungry: Callable[[], Container[str]] = frozenset,
    tests: bool = True,
) -> Trial:
    """Run the claims downstream of a mutation, then the tests of its rooms if none turned red."""
    found = started(one)
    if one.equivalent:
        return found
    wanted = downstream(one, record)
    with copy_with(one) as folder:
        _claims(folder, wanted, hungry, record, found)
    if not found.seen and tests:
        found.test = failing_test(one)
        found.test_key = key_of_test(found.test, one.module, record.current) if found.test else ""
    return found


def started(one: Mutation) -> Trial:
    """Return the record of a mutation of which nothing is known yet."""
    return Trial(digest(one), one.module, one.mistake, kind_of(one), one.equivalent)


def kind_of(one: Mutation) -> str:
    """Return "by hand", or the kind of a mechanical change."""
    return "by hand" if isinstance(one, Planted) else str(getattr(one, "kind", ""))


def ask(one: Mutation, claims: list[str], record: Record, found: Trial) -> None:
    """Run certain claims on a mutation, and add to what is known of it."""
    with copy_with(one) as folder:
        _claims(folder, claims, lambda: claims, record, found)


def _claims(
    folder: Path,
    wanted: list[str],
    hungry: Callable[[], Container[str]],
    record: Record,
    found: Trial,
) -> None:
    spent = 0.0
    left = list(wanted)
    while left:
        limit = SLOWER * max(record.claims[c].seconds for c in left) + GRACE
        addresses = [(record.claims[c].module, c) for c in left]
        asked = _Asked(addresses, hungry, record, found)
        for outcome in trial.outcomes(folder, asked, limit):
            spent += outcome.seconds
            asked.spent = spent
            key = record.claims[outcome.claim].key
            (found.unseen if outcome.sound else found.seen)[outcome.claim] = key
        # A process that died has been the end of one claim, not of the others.
        done = found.seen.keys() | found.unseen.keys()
        left = [] if asked.exhausted else [c for c in left if c not in done]


class _Asked:
    """The claims to ask next, decided as answers come."""

    def __init__(
        self,
        addresses: list[trial.Address],
        hungry: Callable[[], Container[str]],
        record: Record,
        found: Trial,
    ) -> None:
        self.addresses, self.hungry, self.record, self.found = addresses, hungry, record, found
        self.spent = 0.0
        self.exhausted = False

    def __iter__(self):  # type: ignore[no-untyped-def]
        for module, claim in self.addresses:
            seconds = self.record.claims[claim].seconds
            enough = self.spent > ENOUGH or seconds > QUICK
            if self.found.seen and enough and claim not in self.hungry():
                continue
            yield module, claim
        self.exhausted = True


def failing_test(one: Mutation) -> str:
    """Return the first test that turns red, of those near to the module; empty if none does."""
    with copy_with(one, tests=True) as folder:
        for chosen in nearest_tests(one.module):
            # One that is red without the mistake too must not hide those after it.
            anyway: list[str] = []
            while found := trial.first_failure(folder, chosen, TEST_LIMIT, anyway):
                if not fails(None, found):
                    return found
                if found in anyway:
                    break
                anyway.append(found)
    return ""


@cache
def fails(one: Mutation | None, test: str) -> bool:
    """Whether one test turns red, with a mistake or without any."""
    with copy_with(one, tests=True) as folder:
        return bool(trial.first_failure(folder, [test], TEST_LIMIT))


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
