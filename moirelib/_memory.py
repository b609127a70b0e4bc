"""A refusal before the memory runs out, with what is needed and what there is."""

from __future__ import annotations

import os
from pathlib import Path

_SPARED = 64 * 2**20


def require_memory(what: str, elements: float, size: int = 8) -> None:
    """Refuse to make arrays that do not fit.

    Parameters
    ----------
    what : str
        The parameters that ask for them, e.g. ``"mesh=100000"``.
    elements : float
        Number of their elements.
    size : int
        Bytes of each: 8 for a float, 16 for a complex number.

    Raises
    ------
    ValueError
        If they need more than is available.
    """
    needed = elements * size
    if needed < _SPARED:
        return
    available = _available()
    if available is not None and needed > available:
        raise ValueError(
            f"{what} must be smaller: about {needed / 2**30:.3g} GiB of memory would be needed, "
            f"and {available / 2**30:.3g} GiB are available"
        )


def _available() -> int | None:
    """Bytes that can be had without swapping; None where the system does not say."""
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None
