"""The bibliography in alphabetical order, under the names by which the text cites.

The text says "[Kundu et al., 2026]"; numbers in the list would lead nowhere on paper.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pybtex.plugin import register_plugin
from pybtex.style.formatting.unsrt import Style
from pybtex.style.labels import BaseLabelStyle
from sphinx.application import Sphinx


class NamesAndYear(BaseLabelStyle):  # type: ignore[misc]
    """Labels as the references in the text."""

    def format_labels(self, sorted_entries: Iterable[Any]) -> Iterator[str]:
        """Yield one label for each entry."""
        for entry in sorted_entries:
            names = [" ".join(one.last_names) for one in entry.persons["author"]]
            written = f"{names[0]} et al." if len(names) > 2 else " and ".join(names)
            yield f"{written}, {entry.fields['year']}"


class ByAuthor(Style):  # type: ignore[misc]
    """Entries sorted by author, under the labels above."""

    default_sorting_style = "author_year_title"
    default_label_style = NamesAndYear


def setup(app: Sphinx) -> None:
    """Make the style known by the name that the configuration gives."""
    register_plugin("pybtex.style.formatting", "by_author", ByAuthor)
