"""Memory that arrays leave behind stays with the process, where a cluster has asked otherwise.

Dask starts its workers with ``MALLOC_TRIM_THRESHOLD_=65536``. With it the C library of Linux
gives every array above 128 kB back to the system at once and asks for it again for the next one;
each page is then faulted in and zeroed anew, forty times as many as in a process of one's own. For
arrays of the size that this library makes, that is more work than the arithmetic.
"""

from __future__ import annotations

import ctypes
import os
from functools import cache

# Of <malloc.h>; what the C library settles on by itself once such arrays were freed.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_REUSED_UP_TO = 32 * 2**20


@cache
def reuse_memory() -> None:
    """Undo the setting of a cluster in this process, up to 64 MB; elsewhere do nothing."""
    if "MALLOC_TRIM_THRESHOLD_" not in os.environ:
        return
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # another system, another C library
        return
    mallopt(_M_MMAP_THRESHOLD, _REUSED_UP_TO)
    mallopt(_M_TRIM_THRESHOLD, 2 * _REUSED_UP_TO)
