"""Run chapters in kernels of their own, and judge what they put out."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from building import environment
from building.chapters import Chapter
from building.checkout import Checkout

# The memory of two kernels and the two cores of a small machine.
KERNELS = 2
CELL_TIMEOUT = 600


@dataclass(frozen=True)
class Execution:
    """What became of one chapter: its notebook with outputs, or what went wrong."""

    chapter: Chapter
    seconds: float
    notebook: Any = None
    error: str = ""


class Kernels:
    """Chapters at work. The threads only wait for kernels, so that ending those ends all."""

    def __init__(self, checkout: Checkout) -> None:
        self._checkout = checkout
        self._clients: list[NotebookClient] = []

    def execute(self, chapter: Chapter) -> Execution:
        """Run one chapter in a kernel of its own."""
        notebook = chapter.read()
        # An empty folder: next to the chapter, a matplotlibrc or an ipython_config.py would count.
        work = self._checkout.run / "work" / chapter.title.replace("/", "-")
        work.mkdir(parents=True)
        client = NotebookClient(
            notebook,
            timeout=CELL_TIMEOUT,
            kernel_name="python3",
            resources={"metadata": {"path": str(work)}},
            # The page has no kernel: the state of its widgets would be dead weight.
            store_widget_state=False,
            record_timing=False,
            extra_arguments=["--log-level=ERROR"],
        )
        self._clients.append(client)
        start = time.perf_counter()
        try:
            client.execute(env=environment.for_chapters(self._checkout))
        except (CellExecutionError, CellTimeoutError, DeadKernelError, RuntimeError) as error:
            return Execution(chapter, time.perf_counter() - start, error=str(error))
        join_streams(notebook)
        problems = "\n".join(faults(notebook))
        return Execution(chapter, time.perf_counter() - start, notebook, problems)

    def kill(self) -> None:
        """End every kernel with the processes that it started."""
        for client in self._clients:
            process = getattr(getattr(client.km, "provisioner", None), "process", None)
            if process is not None and process.poll() is None:
                with suppress(ProcessLookupError):
                    # A kernel leads a session, and so a group, of its own.
                    os.killpg(process.pid, signal.SIGKILL)


def execute_all(
    chapters: Sequence[Chapter], checkout: Checkout, finished: Callable[[Execution], None]
) -> None:
    """Execute chapters, two at a time, and hand over each as soon as it is done.

    On Ctrl-C or a signal the kernels end at once, and what was done by then is handed over.
    """
    # Where fonts are is found out once: a kernel that takes long over it says so on stderr.
    import_module("matplotlib.font_manager")
    kernels = Kernels(checkout)
    pool = ThreadPoolExecutor(KERNELS)
    waiting: list[Future[Execution]] = [pool.submit(kernels.execute, c) for c in chapters]
    try:
        for future in as_completed(waiting):
            finished(future.result())
            waiting.remove(future)
    except BaseException as stop:
        # Once is enough: a second signal would leave kernels behind.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        done = [future for future in waiting if future.done()]
        pool.shutdown(wait=False, cancel_futures=True)
        while not all(future.done() for future in waiting):
            kernels.kill()
            time.sleep(0.05)
        if isinstance(stop, KeyboardInterrupt):
            for future in done:
                if future.exception() is None:
                    finished(future.result())
        raise
    finally:
        pool.shutdown()


def run_ledger(checkout: Checkout) -> None:
    """Run every claim once, for all cards and pages; a stored run of this code is kept."""
    if not (checkout.root / "moirelib" / "ledger").is_dir():
        return  # a book without a ledger
    print("The ledger:", flush=True)
    command = [sys.executable, "-m", "moirelib", "verify", "--quiet"]
    process = subprocess.Popen(
        [*command, "--store", str(checkout.ledger)],
        cwd=checkout.root,
        env=environment.for_chapters(checkout),
        start_new_session=True,
    )
    try:
        status = process.wait()
    finally:
        with suppress(ProcessLookupError):
            # A group of its own: its workers end with it.
            os.killpg(process.pid, signal.SIGKILL)
    if status:
        sys.exit("The book was not built: a claim does not stand, see above.")


def join_streams(notebook: Any) -> None:
    """Join the pieces in which a kernel happens to send one stream; how many is a race."""
    for cell, _ in _code_cells(notebook):
        joined: list[Any] = []
        for output in cell.outputs:
            last = joined[-1] if joined else None
            if output.output_type == "stream" and last and last.get("name") == output.name:
                last.text += output.text
            else:
                joined.append(output)
        cell.outputs = joined


def faults(notebook: Any) -> Iterator[str]:
    """Yield what no page may show: a figure without its image, and anything on stderr."""
    for number, (cell, line) in enumerate(_code_cells(notebook), 1):
        where = f"code cell {number} (line {line})"
        for output in cell.outputs:
            if output.output_type == "stream" and output.name == "stderr":
                yield f"{where} wrote to stderr: {output.text.strip()}"
            elif _is_bare_figure(output):
                yield f"{where} shows a figure as text, without its image: {output.data}"
        if "figure" in cell.metadata.get("mystnb", {}) and not any(map(_has_image, cell.outputs)):
            yield f"{where} has a caption for a figure, but shows no image"


def _code_cells(notebook: Any) -> list[tuple[Any, int]]:
    """Return the code cells with the lines on which they start."""
    lines = notebook.metadata.source_map
    both = zip(notebook.cells, lines, strict=True)
    return [(cell, line) for cell, line in both if cell.cell_type == "code"]


def _has_image(output: Any) -> bool:
    data = output.get("data", {})
    return any(kind.startswith("image/") for kind in data) or "<img" in data.get("text/html", "")


def _is_bare_figure(output: Any) -> bool:
    text = output.get("data", {}).get("text/plain", "")
    return bool(re.match(r"<Figure size ", text)) and not _has_image(output)
