"""One BLAS thread for the small matrices of this library, whatever the environment asks for.

The matrices have 20 to 200 rows. Threads gain nothing on them, and where another process keeps a
core busy, every product waits for the thread that is not running: a run may take fifteen times as
long.
"""

from __future__ import annotations

import threading
from contextlib import ContextDecorator
from functools import cache
from typing import Any

# Imported for their libraries: the wheels of either bring a BLAS of their own, and a controller
# knows those that were loaded before it was made.
import numpy as np  # noqa: F401
import scipy.linalg  # noqa: F401
from threadpoolctl import ThreadpoolController


@cache
def _controller() -> ThreadpoolController:
    """Made once: the search for the libraries takes a millisecond, a limit some microseconds."""
    return ThreadpoolController()


class _OneBlasThread(ContextDecorator):
    """Context manager and decorator; may be nested, and used from several threads.

    With most libraries the setting belongs to the process, and newer threadpoolctl lets one thread
    at a time change it. So where batches of several threads overlap, each gives back what the first
    has found, and a batch may run on with more threads after another has ended: slower, not wrong.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of_thread = threading.local()
        self._inside = 0
        self._first: Any = None

    def __enter__(self) -> None:
        depth = getattr(self._of_thread, "depth", 0)
        if depth == 0:
            with self._lock:
                limiter = _controller().limit(limits=1, user_api="blas")
                if self._inside == 0:
                    self._first = limiter
                self._first.__enter__()
                self._inside += 1
        self._of_thread.depth = depth + 1

    def __exit__(self, *exception: object) -> None:
        self._of_thread.depth -= 1
        if self._of_thread.depth == 0:
            with self._lock:
                self._inside -= 1
                # Entered and left as a context, so that another thread may set limits from then on.
                self._first.__exit__(None, None, None)


one_blas_thread = _OneBlasThread()
