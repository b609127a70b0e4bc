"""Run the tests and the ledger as another machine would, and show how close each bound is.

``make test-portable`` runs both with every kernel of OpenBLAS that the processor can run, with
every input grid moved by a relative 10⁻¹⁴ up and down, and the tests in random order with other
examples. ``SHORT=1`` runs one configuration that does all of this at once.

A bound fails here, though it holds in every run, if rounding moves its value by more than a
quarter of what is left to the bound: on the next machine it may not hold. The remedy is a better
check, or a grid beside the tie, never a wider bound.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
KERNELS = ("Prescott", "Nehalem", "Sandybridge", "Haswell", "Zen", "SkylakeX")
# OpenBLAS names its oldest kernel after another processor.
NAMES = {"Prescott": "Katmai"}
# Fifty times the rounding of a number: every tie is decided, and what holds to rounding on the
# right grid, with bounds down to 10⁻¹², still does.
DISPLACEMENT = 1e-14
SEED = 2603
CLOSE = 0.25


@dataclass(frozen=True)
class Configuration:
    """One machine to imitate; the defaults are this one."""

    kernel: str = ""
    displace: float = 0.0
    shuffled: bool = False

    @property
    def name(self) -> str:
        """In words."""
        parts = [self.kernel, f"grids {self.displace:+g}" if self.displace else ""]
        return ", ".join([p for p in [*parts, "shuffled" * self.shuffled] if p]) or "as it is"

    @property
    def environment(self) -> dict[str, str]:
        """That of the process: the kernel is chosen when the library is loaded."""
        kept = {k: v for k, v in os.environ.items() if k != "OPENBLAS_CORETYPE"}
        chosen = {"OPENBLAS_CORETYPE": self.kernel} if self.kernel else {}
        return kept | {"OPENBLAS_NUM_THREADS": "1"} | chosen

    @property
    def pytest(self) -> list[str]:
        """The command of the unit tests."""
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        command += [f"--displace={self.displace!r}"]
        if self.shuffled:
            command += ["-p", "randomly", f"--randomly-seed={SEED}"]
            command += ["--hypothesis-profile=drawn", f"--hypothesis-seed={SEED}"]
        return command


@dataclass
class Outcome:
    """What one configuration gave."""

    configuration: Configuration
    tests: str = ""
    failed: bool = False
    output: str = ""
    evidence: list[dict[str, Any]] = field(default_factory=list)


@cache
def selected(kernel: str) -> set[str]:
    """Kernels that the wheels of numpy and scipy load when asked for one; empty if they crash."""
    script = (
        "import numpy, scipy.linalg, threadpoolctl as t; a = numpy.ones((64, 64)); a @ a; "
        "numpy.linalg.eigh(a); scipy.linalg.eigh(a); "
        "print(*{i['architecture'] for i in t.threadpool_info() if 'architecture' in i})"
    )
    run = subprocess.run(
        [sys.executable, "-c", script],
        env=Configuration(kernel).environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return set(run.stdout.split()) if run.returncode == 0 else set()


def usable() -> list[str]:
    """Kernels that run here, other than the one of this machine; a line for each left out."""
    own, kept = selected(""), []
    for kernel in KERNELS:
        found = selected(kernel)
        if found == own:
            print(f"kernel {kernel}: the one of this machine")
        elif found != {NAMES.get(kernel, kernel)}:
            print(f"kernel {kernel}: skipped, the wheels load {' and '.join(found) or 'nothing'}")
        else:
            kept.append(kernel)
    return kept


def execute(outcome: Outcome, part: str, select: list[str]) -> Outcome:
    """Run the unit tests or the ledger of one configuration, and print a line."""
    one = outcome.configuration
    if part == "tests":
        run = subprocess.run(
            [*one.pytest, *select],
            cwd=ROOT,
            env=one.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        outcome.tests = run.stdout.strip().splitlines()[-1] if run.stdout.strip() else "no output"
        line = outcome.tests
    else:
        run = subprocess.run(
            [sys.executable, str(Path(__file__).parent / "measure.py"), repr(one.displace)],
            cwd=ROOT,
            env=one.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode == 0:
            outcome.evidence = json.loads(run.stdout)
        problems = {e["claim"]: e["problems"] for e in outcome.evidence if e["problems"]}
        outcome.failed |= bool(problems)
        line = f"{len(outcome.evidence)} bounds, {len(problems)} claims fall short {problems or ''}"
    if run.returncode:
        outcome.failed = True
        outcome.output += run.stdout[-8000:] + run.stderr[-8000:]
    print(f"{part:6} {one.name}: {line}", flush=True)
    return outcome


@dataclass(frozen=True)
class Margin:
    """How a value lies to its bound over all configurations."""

    claim: str
    part: str
    what: str
    values: tuple[float, ...]
    tolerance: float
    at_least: bool

    @property
    def spread(self) -> float:
        """How far the configurations lie apart."""
        return max(self.values) - min(self.values)

    @property
    def room(self) -> float:
        """Smallest distance to the bound, on whichever side."""
        return min(abs(v - self.tolerance) for v in self.values)

    @property
    def used(self) -> float:
        """Share of the bound that is used, at worst; above 1 where a printed form misses."""
        shares = [
            (self.tolerance / v if v else math.inf) if self.at_least
            else (v / self.tolerance if self.tolerance else math.inf * bool(v))
            for v in self.values
        ]  # fmt: skip
        return max(shares, key=lambda s: -abs(math.log(s)) if 0 < s < math.inf else -math.inf)

    @property
    def unsafe(self) -> bool:
        """Whether rounding could carry the value over the bound on another machine."""
        crossed = len({v >= self.tolerance if self.at_least else v <= self.tolerance
                       for v in self.values}) > 1  # fmt: skip
        return crossed or self.spread > CLOSE * self.room


def margins(outcomes: list[Outcome]) -> list[Margin]:
    """All bounds of the ledger, closest first."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for outcome in outcomes:
        for e in outcome.evidence:
            if "part" in e:
                found.setdefault((e["claim"], e["part"]), []).append(e)
    rows = [
        Margin(*key, e[0]["what"], tuple(x["value"] for x in e), e[0]["tolerance"],
               e[0]["at_least"])
        for key, e in found.items()
    ]  # fmt: skip
    return sorted(rows, key=lambda m: abs(math.log(m.used)) if 0 < m.used < math.inf else math.inf)


def report(rows: list[Margin], count: int = 15) -> bool:
    """Print the closest bounds and those that rounding endangers; return whether there are any."""
    print(f"\n{len(rows)} bounds; the closest, with what rounding moves of the room that is left:")
    for m in rows[:count]:
        moved = m.spread / m.room if m.room else math.inf * bool(m.spread)
        sign = "≥" if m.at_least else "≤"
        print(
            f"{m.used:8.4f} {moved:9.1e}  {m.claim} ({m.part}): {m.values[0]:.6g} {sign} "
            f"{m.tolerance:g}, {m.what[:70]}"
        )
    unsafe = [m for m in rows if m.unsafe]
    for m in unsafe:
        print(f"UNSAFE {m.claim} ({m.part}), {m.what}: {m.values}, bound {m.tolerance:g}")
    return bool(unsafe)


def main() -> int:
    """Run the configurations, two at a time, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="one configuration with everything")
    parser.add_argument("--part", choices=("tests", "ledger"), action="append")
    parser.add_argument("select", nargs="*", help="tests to run, all by default")
    arguments = parser.parse_args()
    kernels = usable()
    if arguments.short:
        # The oldest kernel rounds least like a modern one.
        configurations = [Configuration(next(iter(kernels), ""), DISPLACEMENT, True)]
    else:
        configurations = [
            Configuration(),
            *map(Configuration, kernels),
            Configuration(displace=DISPLACEMENT),
            Configuration(displace=-DISPLACEMENT),
            Configuration(shuffled=True),
        ]
    outcomes = [Outcome(c) for c in configurations]
    parts = arguments.part or ["tests", "ledger"]
    with ThreadPoolExecutor(2) as pool:
        jobs = [
            pool.submit(execute, outcome, part, arguments.select)
            for outcome in outcomes
            for part in parts
            if part == "tests" or not outcome.configuration.shuffled or arguments.short
        ]
        for job in jobs:
            job.result()
    for outcome in outcomes:
        if outcome.failed:
            print(f"\n==== {outcome.configuration.name}\n{outcome.output}")
    endangered = "ledger" in parts and report(margins(outcomes))
    return int(endangered or any(o.failed for o in outcomes))


if __name__ == "__main__":
    sys.exit(main())
