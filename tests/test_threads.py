"""One BLAS thread inside the library, the user's number outside, whatever the environment says."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import numpy as np
import pytest
import scipy.linalg
from threadpoolctl import threadpool_info, threadpool_limits

from moirelib import GrapheneHBN, solve_bands
from moirelib._threads import one_blas_thread
from moirelib.bands import bloch
from moirelib.ledger import Claim, Discrepancy, Evidence
from moirelib.ledger.judging import measure
from moirelib.sweep import sweep

VARIABLES = (
    "OPENBLAS_NUM_THREADS",
    "GOTO_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
)


def blas_threads(_: object = None) -> set[int]:
    return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}


@pytest.fixture(autouse=True)
def two_threads():
    """What a user may have set; a library that cannot do it has nothing to limit."""
    with threadpool_limits(2, user_api="blas"):
        if blas_threads() != {2}:
            pytest.skip("this BLAS runs in one thread whatever it is told")
        yield


def test_nested_limits_give_back_what_the_first_found():
    with one_blas_thread:
        assert blas_threads() == {1}
        with one_blas_thread:
            assert blas_threads() == {1}
        assert blas_threads() == {1}
    assert blas_threads() == {2}


def test_a_user_who_limits_as_well_stays_in_charge():
    with threadpool_limits(1, user_api="blas"):
        with one_blas_thread:
            pass
        assert blas_threads() == {1}
    assert blas_threads() == {2}


def test_an_exception_gives_the_threads_back():
    with pytest.raises(ZeroDivisionError), one_blas_thread:
        _ = 1 / 0
    assert blas_threads() == {2}


@pytest.mark.parametrize("first_leaves_first", [True, False])
def test_overlapping_threads_give_back_what_the_first_found(first_leaves_first):
    entered, leave = threading.Event(), threading.Event()

    def stay() -> None:
        with one_blas_thread:
            entered.set()
            leave.wait(timeout=60)

    other = threading.Thread(target=stay)
    with one_blas_thread:
        other.start()
        assert entered.wait(timeout=60)
        assert blas_threads() == {1}
        if not first_leaves_first:
            leave.set()
            other.join()
    leave.set()
    other.join()
    assert blas_threads() == {2}


def test_bands_are_solved_in_one_thread(monkeypatch):
    seen = []

    def spied(*args, **options):
        seen.append(blas_threads())
        return scipy.linalg.eigh(*args, **options)

    monkeypatch.setattr(bloch, "eigh", spied)
    solve_bands(GrapheneHBN(cutoff=1), [[0.0, 0.0], [0.1, 0.0]], count=2)
    assert seen == [{1}, {1}]
    assert blas_threads() == {2}


def test_claims_and_sweeps_run_in_one_thread():
    seen = []

    def check() -> Evidence:
        seen.append(blas_threads())
        return Evidence(Discrepancy("left against right", 0.0, 1.0, "none"))

    measure(Claim("kundu-0", "Eq. 0", "identity", "0 = 0", check))
    assert seen == [{1}]
    assert sweep(blas_threads, [0, 1]) == [{1}, {1}]
    assert blas_threads() == {2}


BATCHES = """
import sys
import time

import numpy as np

from moirelib import DragLayer, GrapheneHBN, solve_bands

model = GrapheneHBN()
solve_bands(model, [[0.0, 0.0]]).velocity_matrix()
start = time.process_time()
bands = solve_bands(model, np.linspace(0.01, 0.1, 24).reshape(-1, 2))
bands.velocity_matrix(), bands.form_factor_matrix([[1, 0], [0, 1]])
DragLayer(model, mesh=24, divisions=3).susceptibility([-100.0, 0.0], 5.0)
print(time.process_time() - start)
"""


def seconds_of_batches(threads: int | None) -> float:
    """Return the processor time of the batches, in a process of its own."""
    environment = {name: x for name, x in os.environ.items() if name not in VARIABLES}
    if threads is not None:
        environment |= dict.fromkeys(VARIABLES, str(threads))
    command = [sys.executable, "-c", BATCHES]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout)


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core: there is one thread")
def test_the_environment_variable_does_not_matter():
    """Threads that wait for each other burn processor time: the figure that others disturb least.

    Interleaved, and the better of two, since the machine may be busy with something else.
    """
    pairs = [(seconds_of_batches(1), seconds_of_batches(None)) for _ in range(2)]
    limited, free = np.min(pairs, axis=0)
    assert free < 2 * limited
