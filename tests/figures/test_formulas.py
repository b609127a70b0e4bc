"""A formula is typeset once for all drawings, and as Matplotlib typesets it."""

from __future__ import annotations

import io
from typing import Any

import matplotlib.pyplot as plt
import pytest
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.mathtext import MathTextParser

from moirelib.figures import formulas
from moirelib.figures.formulas import typeset_once


def labelled(words: str) -> Figure:
    figure, axes = plt.subplots(figsize=(2, 1))
    axes.set_title(words)
    return figure


def saved(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    with plt.rc_context({"svg.hashsalt": "x"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    plt.close(figure)
    return buffer.getvalue()


def test_drawn_as_before_and_typeset_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    kept = formulas._kept.__wrapped__

    def noted(parser: Any, words: str, *given: Any) -> Any:
        asked.append(words)
        return kept(parser, words, *given)

    before = vars(MathTextParser)["_parse_cached"]
    alone = saved(labelled("$\\sigma_{12}^{xx}$"))
    monkeypatch.setattr(formulas, "_kept", formulas.lru_cache(None)(noted))
    with typeset_once():
        first = saved(labelled("$\\sigma_{12}^{xx}$"))
        count = len(asked)
        assert count > 0
        assert saved(labelled("$\\sigma_{12}^{xx}$")) == first == alone
        assert len(asked) == count
        assert saved(labelled("$\\sigma_{21}^{xx}$")) != alone
        assert len(asked) == 2 * count
    assert vars(MathTextParser)["_parse_cached"] is before


@pytest.mark.parametrize("size", [8.6, 11.0, 100.0])
def test_a_formula_at_another_size_is_what_matplotlib_makes_of_it(size: float) -> None:
    words, letters = r"$\sqrt{\sigma_{12}^{xx}}/\frac{e^2}{h}$", FontProperties(size=size)
    alone = MathTextParser("path").parse(words, 72, letters)
    with typeset_once():
        scaled = MathTextParser("path").parse(words, 72, letters)
    # Matplotlib rounds sizes up to whole points, and lifts a formula off its line by the rest.
    assert scaled[:3] == pytest.approx(alone[:3], abs=2.0)
    assert len(scaled.glyphs) == len(alone.glyphs) > 5
    assert len(scaled.rects) == len(alone.rects) > 1
    for one, other in zip(scaled.glyphs, alone.glyphs, strict=True):
        assert one[0].fname == other[0].fname
        assert one[1:-2] == pytest.approx(other[1:-2], rel=1e-3)
        assert one[-2] == pytest.approx(other[-2], abs=0.5)
    lifted = [one[-1] - other[-1] for one, other in zip(scaled.glyphs, alone.glyphs, strict=True)]
    assert max(lifted) - min(lifted) < 0.5
