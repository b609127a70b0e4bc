"""Run the checks of claims, and judge what they measured."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from importlib import import_module

import numpy as np

from moirelib._threads import one_blas_thread
from moirelib.ledger.registry import Claim, Evidence, registered


@dataclass(frozen=True)
class Measurement:
    """What running a check gave, without the check: it travels between processes and to disk."""

    id: str
    evidence: Evidence | None
    seconds: float
    error: str = ""


@dataclass(frozen=True)
class Result:
    """A claim that has been checked."""

    claim: Claim
    evidence: Evidence | None
    seconds: float
    problems: tuple[str, ...] = field(default=())

    @property
    def verdict(self) -> str:
        """The verdict, or ``check failed`` when the check itself did not finish."""
        if self.evidence is None:
            return "check failed"
        if self.claim.is_new and self.evidence.printed.closes:
            return "new finding"
        return self.evidence.verdict

    @property
    def sound(self) -> bool:
        """Whether the entry stands: the check ran, the controls hold, the finding is explained."""
        return not self.problems

    @property
    def raised(self) -> bool:
        """Whether the check itself did not finish."""
        return self.evidence is None


@one_blas_thread
def measure(entry: Claim) -> Measurement:
    """Run one check; one that raises is a measurement too, and the report shows it.

    So is one that divides by zero, overflows or makes a NaN: the largest of several distances is
    not a NaN just because one of them is.
    """
    start = time.perf_counter()
    evidence, error = None, ""
    try:
        with np.errstate(divide="raise", over="raise", invalid="raise"):
            evidence = entry.check()
    except Exception as raised:
        error = f"{type(raised).__name__}: {raised}"
    return Measurement(entry.id, evidence, time.perf_counter() - start, error)


def judge(measured: Measurement) -> Result:
    """Judge what was measured for a claim, here and now or by another process.

    Raises
    ------
    KeyError
        If no such claim is registered.
    """
    entry = registered(measured.id)
    problems = [f"the check raised {measured.error}"] if measured.error else []
    if entry.implements and not _exists(entry.implements):
        problems.append(f"{entry.implements} does not exist")
    if measured.evidence is not None:
        problems += _shortcomings(entry, measured.evidence)
    return Result(entry, measured.evidence, measured.seconds, tuple(problems))


def run(entry: Claim) -> Result:
    """Run one check and judge it."""
    return judge(measure(entry))


def _shortcomings(entry: Claim, evidence: Evidence) -> list[str]:
    found = [
        f"control failed: {c.what}: {c.value:.3g} {c.unit}, bound {c.tolerance:.3g}"
        for c in evidence.controls
        if not c.closes
    ]
    if evidence.corrected is not None and not evidence.corrected.closes:
        found.append(f"the corrected form misses too: {evidence.corrected.value:.3g}")
    if entry.is_new and (evidence.corrected or evidence.alternative):
        found.append("a new finding has one form")
    as_printed = evidence.printed.closes
    if not as_printed and not entry.finding:
        found.append(f"the printed form misses ({evidence.printed.value:.3g}), unexplained")
    if as_printed and entry.finding and evidence.verdict != "convention":
        found.append("the printed form closes, but a finding says it does not")
    found += [
        f"bound without a reason: {d.what}: {d.value:.3g}, bound {d.tolerance:.3g}"
        for d in evidence.measured
        if d.loose
    ]
    return found


def _exists(dotted: str) -> bool:
    parts = dotted.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            target: object = import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for name in parts[cut:]:
            if not hasattr(target, name):
                # Fields of a dataclass without default live in its annotations only.
                return name in getattr(target, "__dataclass_fields__", {})
            target = getattr(target, name)
        return True
    return False
