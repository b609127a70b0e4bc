"""The search for garbage goes on after a figure, and stays off where it was."""

from __future__ import annotations

import gc

import pytest

from moirelib.figures.garbage import garbage_kept


@garbage_kept()
def stop() -> None:
    assert not gc.isenabled()
    raise RuntimeError("in the middle of a drawing")


@pytest.mark.parametrize("looked", [True, False])
def test_is_as_it_was(looked: bool) -> None:
    if not looked:
        gc.disable()
    try:
        with pytest.raises(RuntimeError, match="in the middle"):
            stop()
        assert gc.isenabled() is looked
    finally:
        gc.enable()
