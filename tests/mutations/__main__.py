"""Run the mutations, and continue the record: ``make mutants``."""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from fnmatch import fnmatchcase

from moirelib.ledger.mutations import key_of_test
from mutations import mechanical
from mutations.catalogue import by_hand
from mutations.mutation import Mutation, digest
from mutations.record import Record, Trial
from mutations.sample import run_sample
from mutations.tracing import downstream, trace
from mutations.trials import ask, settle, try_out

# About so many mutations, or for so many seconds, a claim that has seen none is asked before it is
# given up.
_OFFERED, _OFFERED_SECONDS = 6, 20.0
# The record is written so often, in seconds.
_SAVED_EVERY = 30.0


def main(argv: Sequence[str] | None = None) -> int:
    """Run what is asked for, and return 1 if anything is seen by nothing."""
    arguments = _parser().parse_args(argv)
    started = time.monotonic()
    record = Record.load()
    everything: dict[str, Mutation] = dict(by_hand())
    drawn = {one.name: one for one in mechanical.every()}
    everything |= {name: drawn[name] for name in record.trials if name in drawn}
    if arguments.mechanical:
        everything |= {
            one.name: one for one in mechanical.drawn(arguments.mechanical, arguments.seed)
        }
    chosen = _chosen(everything, arguments)
    if arguments.sample is not None:
        rng = random.Random(arguments.seed)
        names = [n for n, t in sorted(record.trials.items()) if n in everything and t.was_seen]
        names = rng.sample(names, min(arguments.sample, len(names)))
        return min(1, run_sample(everything, names, record, rng, arguments.jobs, _say))
    trace(record, arguments.jobs, _say)
    before = {name: verdict(record, name) for name in record.trials}
    todo = [one for one in chosen if arguments.again or not known(record, one)]
    _say(f"{len(chosen)} mutations, {len(todo)} to be tried")
    earlier = {name: set(trial.seen) for name, trial in record.trials.items()}
    settle(record.trials[one.name].test for one in todo if one.name in record.trials)
    broken: list[str] = []
    saved = time.monotonic()
    with ThreadPoolExecutor(arguments.jobs) as pool:
        running = {pool.submit(try_out, one, record, arguments.again): one for one in todo}
        for number, future in enumerate(as_completed(running), 1):
            one = running[future]
            try:
                record.trials[one.name] = future.result()
            except (LookupError, RuntimeError) as error:
                broken.append(one.name)
                _say(f"{number:4d} {one.name:60s} could not be tried: {error}")
                continue
            was, now = before.get(one.name, "new"), verdict(record, one.name)
            change = "" if was == now else f"  (was: {was})"
            _say(f"{number:4d} {one.name:60s} {now}{change}")
            if time.monotonic() > saved + _SAVED_EVERY:
                record.save()
                saved = time.monotonic()
    for gone in set(record.trials) - set(everything):
        del record.trials[gone]
    if not arguments.pattern:
        _feed(record, everything, earlier, arguments.jobs)
    record.save()
    tried = [one.name for one in chosen if one.name in record.trials]
    failed = _summary(record, tried, time.monotonic() - started)
    if not arguments.pattern:
        hungry_claims = _hungry(record)
        _say(f"{len(hungry_claims)} of {len(record.claims)} claims see none: {hungry_claims}")
    return 1 if broken else failed


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("pattern", nargs="*", help="names, e.g. 'bands.*'; all if left out")
    parser.add_argument("--jobs", type=int, default=2, help="processes at a time")
    parser.add_argument("--again", action="store_true", help="also what is known already")
    parser.add_argument("--sample", type=int, help="only so many, and write no record")
    parser.add_argument("--mechanical", type=int, metavar="N", help="draw so many changes besides")
    parser.add_argument("--seed", default="", help="of the sample, and of what is drawn")
    return parser


def _chosen(everything: dict[str, Mutation], arguments: argparse.Namespace) -> list[Mutation]:
    names = [
        name
        for name in everything
        if not arguments.pattern or any(fnmatchcase(name, p) for p in arguments.pattern)
    ]
    return [everything[name] for name in names]


def known(record: Record, one: Mutation) -> bool:
    """Whether the record says of the code as it is that the mutation is seen."""
    trial = record.trials.get(one.name)
    if one.equivalent:
        return trial is not None and trial.digest == digest(one)
    if trial is None or trial.digest != digest(one):
        return False
    if record.seen_by(one.name):
        return True
    # A claim that has changed, or is new, may see what only a test has seen.
    asked = all(
        trial.unseen.get(claim) == record.claims[claim].key for claim in downstream(one, record)
    )
    by_test = trial.test_key == key_of_test(trial.test, one.module, record.current)
    return asked and bool(trial.test) and by_test


def verdict(record: Record, name: str) -> str:
    """Return who sees a mutation, in words."""
    trial, claims = record.trials[name], record.seen_by(name)
    if claims:
        return f"{len(claims)} of {len(claims) + len(trial.unseen)} claims: {claims[0]}"
    if trial.test:
        return f"tests only: {trial.test}"
    return "equivalent" if trial.equivalent else "NOTHING"


def _hungry(record: Record) -> list[str]:
    """The claims that have seen no mutation yet."""
    return [claim for claim, count in record.counts().items() if not count]


def _feed(
    record: Record, everything: dict[str, Mutation], earlier: dict[str, set[str]], jobs: int
) -> None:
    """Ask each claim that has seen nothing about mistakes near to it, until one is seen.

    First about those that it saw ``earlier``, then about those that the fewest claims could see.
    """
    near: dict[str, list[tuple[bool, int, str]]] = {}
    for name, trial in record.trials.items():
        followers = downstream(everything[name], record)
        for claim in followers:
            if trial.unseen.get(claim) == record.claims[claim].key:
                continue
            new_to_it = claim not in earlier.get(name, ())
            near.setdefault(claim, []).append((new_to_it, len(followers), name))

    def feed(claim: str) -> None:
        allowed = _OFFERED_SECONDS / (0.1 + record.claims[claim].seconds)
        for *_, name in sorted(near.get(claim, []))[: max(_OFFERED, int(allowed))]:
            ask(everything[name], [claim], record, record.trials[name])
            if claim in record.trials[name].seen:
                return

    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(feed, _hungry(record)))


def _summary(record: Record, names: list[str], seconds: float) -> int:
    trials: dict[str, Trial] = {name: record.trials[name] for name in names}
    nothing = [n for n in trials if verdict(record, n) == "NOTHING"]
    tests = [n for n in trials if verdict(record, n).startswith("tests")]
    same = [n for n in trials if verdict(record, n) == "equivalent"]
    ledger = len(trials) - len(nothing) - len(tests) - len(same)
    _say(
        f"\n{len(trials)} mutations in {seconds:.0f} s: {ledger} seen by the ledger, {len(tests)} "
        f"by tests only, {len(same)} equivalent, {len(nothing)} by nothing"
    )
    for name in nothing:
        _say(f"  nothing sees {name}: {trials[name].mistake}")
    return 1 if nothing else 0


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
