import pytest

from moirelib import GrapheneHBN
from moirelib.bands.window import complete_window, require_complete

NARROW, WIDE = GrapheneHBN(), GrapheneHBN(coupling=0.0)


def test_a_chemical_potential_must_suit_the_bands_of_both_valleys() -> None:
    """Bands that are complete in one valley may not be in the other."""
    windows = [complete_window(one, 4) for one in (NARROW, WIDE)]
    low, high = (sorted(edges) for edges in zip(*windows, strict=True))
    assert low[0] < low[1] - 1
    assert high[0] < high[1] - 1
    require_complete([NARROW, WIDE], 4, [low[1] + 0.1, high[0] - 0.1])
    for outside in (low[1] - 0.1, high[0] + 0.1):
        with pytest.raises(ValueError, match="mu must lie between"):
            require_complete([NARROW, WIDE], 4, outside)
