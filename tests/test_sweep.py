import os
import platform
import signal
import subprocess
import sys
import time
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from moirelib import DragLayer, GrapheneHBN
from moirelib.sweep import SweepError, sweep


def inverse(x: float) -> float:
    return 1 / x


def slow_square(job: tuple[int, str]) -> tuple[int, int]:
    """Take long enough to be caught in the act; leave a mark of the process that runs."""
    number, folder = job
    (Path(folder) / f"{os.getpid()}-{number}").touch()
    time.sleep(0.3)
    return number**2, os.getpid()


def logged_square(job: tuple[int, str, float]) -> float:
    """Write down that it starts and that it ends; take ``seconds`` in between."""
    number, log, seconds = job
    with Path(log).open("a") as file:
        print("start", number, file=file)
    time.sleep(seconds)
    with Path(log).open("a") as file:
        print("end", number, file=file)
    return number**2 / 2


def spectrum(size: int) -> dict[str, np.ndarray]:
    return {"levels": np.arange(float(size)), "size": np.array(size)}


def test_serial_and_parallel_agree_in_order() -> None:
    numbers = [4.0, 2.0, 1.0, 8.0]
    serial = sweep(inverse, numbers)
    with ThreadPoolExecutor(2) as pool:
        assert sweep(inverse, numbers, pool) == serial == [0.25, 0.5, 1.0, 0.125]


def test_a_failure_names_its_parameters() -> None:
    with pytest.raises(SweepError, match=r"parameters 0\.0: ZeroDivisionError") as caught:
        sweep(inverse, [1.0, 0.0])
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    with ThreadPoolExecutor(1) as pool, pytest.raises(SweepError, match=r"parameters 0\.0"):
        sweep(inverse, [1.0, 0.0, 2.0], pool)


def test_a_failure_shows_long_parameters_shortened() -> None:
    with pytest.raises(SweepError) as caught:
        sweep(abs, [list(range(2000))])  # type: ignore[arg-type]
    shown = str(caught.value).removeprefix("failed for parameters ").split(": TypeError: bad")[0]
    assert shown.startswith("[0, 1, 2")
    assert shown.endswith("]")
    assert " ... " in shown
    assert len(shown) <= 200


def test_what_is_not_an_executor_is_refused() -> None:
    with pytest.raises(TypeError, match=r"executor must be a concurrent\.futures\.Executor, got 2"):
        sweep(inverse, [1.0], 2)  # type: ignore[arg-type]


def test_an_error_cancels_what_has_not_started() -> None:
    started = []

    def job(x: int) -> None:
        started.append(x)
        if x == 0:
            raise RuntimeError("stop here")
        time.sleep(0.05)

    with ThreadPoolExecutor(1) as pool, pytest.raises(SweepError, match="stop here"):
        sweep(job, list(range(50)), pool)
    assert len(started) < 10


def test_an_interrupt_cancels_and_propagates() -> None:
    class Interrupted(ThreadPoolExecutor):
        def submit(self, fn, /, *args, **kwargs):  # type: ignore[no-untyped-def]
            future: Future[object] = Future()
            if args[-1] == 0:
                future.set_result(None)
                future.exception = _interrupt  # type: ignore[method-assign, assignment]
            submitted.append(future)
            return future

    def _interrupt(timeout: float | None = None) -> None:
        raise KeyboardInterrupt

    submitted: list[Future[object]] = []
    with Interrupted(1) as pool, pytest.raises(KeyboardInterrupt):
        sweep(inverse, [0.0, 1.0, 2.0], pool)
    assert all(future.cancelled() for future in submitted[1:])


def test_a_layer_solved_on_a_process_pool_is_the_serial_one() -> None:
    model = GrapheneHBN(cutoff=2)
    mu = np.linspace(-150, 150, 5)
    serial = DragLayer(model, mesh=18, divisions=2).susceptibility(mu, 5.0)
    with ProcessPoolExecutor(2) as pool:
        layer = DragLayer(model, mesh=18, divisions=2, executor=pool)
        np.testing.assert_array_equal(layer.susceptibility(mu, 5.0), serial)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_nothing_is_lost_when_a_dask_worker_dies(tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    jobs = [(i, str(tmp_path)) for i in range(8)]
    # The thread is left last: closing the cluster ends whatever the sweep still waits for.
    with (
        ThreadPoolExecutor(1) as background,
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=":0", memory_limit=None
        ) as cluster,
        distributed.Client(cluster, timeout=60) as client,
    ):
        outcome = background.submit(sweep, slow_square, jobs, client.get_executor())
        deadline = time.monotonic() + 60
        while not (marks := list(tmp_path.iterdir())):
            assert time.monotonic() < deadline, "no job has started within a minute"
            time.sleep(0.01)
        victim, interrupted = map(int, marks[0].name.split("-"))
        os.kill(victim, signal.SIGKILL)
        results = outcome.result(timeout=120)
    assert [square for square, _ in results] == [i**2 for i, _ in jobs]
    assert results[interrupted][1] != victim, "the interrupted job was done again by another worker"


MEASURE = """
import resource
import numpy as np
from moirelib.sweep import sweep

def work(number):
    def once():
        return float((np.ones(300_000) * number).sum())
    once()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(40):
        once()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

print(work(1.0) if PLAIN else sweep(work, [1.0])[0])
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="about the C library of Linux")
def test_a_worker_of_a_cluster_reuses_its_memory() -> None:
    # As Dask starts its workers: without the mending the pages of every array are new ones.
    def faults(plain: bool) -> int:
        run = subprocess.run(
            [sys.executable, "-c", MEASURE.replace("PLAIN", str(plain))],
            env=os.environ | {"MALLOC_TRIM_THRESHOLD_": "65536"},
            capture_output=True,
            check=True,
            text=True,
        )
        return int(run.stdout)

    assert faults(plain=True) > 10 * (faults(plain=False) + 1)


def test_a_sweep_that_was_killed_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """The process dies in the middle of a point: nothing before it is lost or done twice."""
    log, folder = tmp_path / "log", tmp_path / "results"
    code = (
        "from tests.test_sweep import logged_square\nfrom moirelib.sweep import sweep\n"
        f"jobs = [(i, {str(log)!r}, 0.0 if i < 4 else 600.0) for i in range(7)]\n"
        f"sweep(logged_square, jobs, folder={str(folder)!r})\n"
    )
    # The fourth point would sleep for ever: the process is killed there.
    child = subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parent.parent)
    deadline = time.monotonic() + 120
    while not (log.exists() and "start 4" in log.read_text()):
        assert child.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    child.kill()
    child.wait()
    # Whoever was killed while writing leaves half a file under another name.
    (folder / "half.npz.1.part").write_bytes(b"PK")
    done = [(i, str(log), 0.0) for i in range(4)]
    assert sweep(logged_square, done, folder=folder) == [i**2 / 2 for i in range(4)]
    ended = log.read_text().count("end")
    assert ended == 4
    # The same points and new ones, now on a pool: only the new ones are computed.
    more = [*done, *((i, str(log), 0.01) for i in range(4, 7))]
    with ProcessPoolExecutor(2) as pool:
        assert sweep(logged_square, more, pool, folder=folder) == [i**2 / 2 for i in range(7)]
    lines = log.read_text().splitlines()
    assert sorted(line for line in lines if line.startswith("end")) == [
        f"end {i}" for i in range(7)
    ]
    assert lines.count("start 4") == 2
    assert len(list(folder.glob("*.npz"))) == len(more)


def test_results_before_an_error_are_kept(tmp_path: Path) -> None:
    for executor in (None, ThreadPoolExecutor(1)):
        folder = tmp_path / str(executor is None)
        with pytest.raises(SweepError):
            sweep(inverse, [2.0, 4.0, 0.0, 8.0], executor, folder=folder)
        assert len(list(folder.glob("*.npz"))) >= 2
        assert sweep(inverse, [4.0, 2.0], folder=folder) == [0.25, 0.5]


def test_a_damaged_result_and_one_of_another_function_are_computed_again(tmp_path: Path) -> None:
    assert sweep(abs, [-3.0], folder=tmp_path) == [3.0]
    assert sweep(inverse, [-3.0], folder=tmp_path) == [-1 / 3]
    assert sweep(abs, [-3.0], folder=tmp_path) == [3.0]
    for file in tmp_path.glob("*.npz"):
        file.write_bytes(file.read_bytes()[:-20])
    assert sweep(inverse, [-3.0], folder=tmp_path) == [-1 / 3]


def test_kinds_of_results_that_are_kept(tmp_path: Path) -> None:
    for _ in range(2):
        (found,) = sweep(spectrum, [3], folder=tmp_path)
        np.testing.assert_array_equal(found["levels"], [0.0, 1.0, 2.0])
        assert found["size"] == 3
        assert sweep(np.cumsum, [[1, 2]], folder=tmp_path)[0].tolist() == [1, 3]
    with pytest.raises(TypeError, match="a result that is kept must be a number"):
        sweep(repr, [1.0], folder=tmp_path)
    with pytest.raises(TypeError, match="parameters of results that are kept"):
        sweep(np.sum, [np.ones(2)], folder=tmp_path)
