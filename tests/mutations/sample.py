"""A few mutations again, and the claims that have changed: what a quick run can afford."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from mutations.mutation import Mutation
from mutations.record import Record
from mutations.trials import ask, fails, started, try_out

# Of the claims that saw a mistake, so many of the quickest are asked again.
_ASKED = 4
# Claims whose code has changed since the record, asked about a mistake that they saw.
_CHANGED = 8


def confirm(one: Mutation, record: Record) -> bool:
    """Say whether a mutation is still seen, first by who saw it before."""
    before, found = record.trials.get(one.name), started(one)
    if one.equivalent:
        return True
    if before is not None:
        seconds = {c: record.claims[c].seconds for c in before.seen if c in record.claims}
        quickest = sorted(seconds, key=lambda c: seconds[c])[:_ASKED]
        # A claim may have moved to another module since.
        with suppress(LookupError):
            ask(one, quickest, record, found)
        if found.seen or (before.test and fails(one, before.test)):
            return True
    found = try_out(one, record, again=True)
    return bool(found.seen or found.test)


def still_sees(claim: str, everything: dict[str, Mutation], record: Record) -> bool:
    """Say whether a claim still sees the mistake that the fewest others saw, of those it saw."""
    seen = [(len(t.seen), n) for n, t in record.trials.items() if claim in t.seen]
    seen = [one for one in seen if one[1] in everything]
    if not seen:
        return True
    name = min(seen)[1]
    found = started(everything[name])
    try:
        ask(everything[name], [claim], record, found)
    except LookupError:
        return True
    return claim in found.seen


def run_sample(
    everything: dict[str, Mutation],
    names: list[str],
    record: Record,
    rng: random.Random,
    jobs: int,
    say: Callable[[str], None],
) -> int:
    """Try the mutations named and the claims that have changed; return how many fail."""
    changed = sorted(c for c in record.claims if not record.holds(c))
    changed = rng.sample(changed, min(_CHANGED, len(changed)))
    failures = 0
    with ThreadPoolExecutor(jobs) as pool:
        for name, seen in zip(
            names, pool.map(lambda n: confirm(everything[n], record), names), strict=True
        ):
            say(f"{'seen      ' if seen else 'NOT SEEN  '} {name}")
            failures += not seen
        for claim, sees in zip(
            changed, pool.map(lambda c: still_sees(c, everything, record), changed), strict=True
        ):
            say(f"{'still sees' if sees else 'NO LONGER '} {claim}")
            failures += not sees
    if failures:
        say("what no longer holds: look at the change, and run `make mutants` if it is meant so")
    return failures
