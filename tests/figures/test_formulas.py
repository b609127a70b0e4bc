"""A formula is typeset once for all drawings, and as Matplotlib typesets it."""

from __future__ import annotations

import io
from typing import Any

import matplotlib.pyplot as plt
import pytest
from matplotlib.figure import Figure
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
