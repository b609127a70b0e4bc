"""The pages of the table of contents that hold code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from myst_nb.core.read import is_myst_markdown_notebook, read_myst_markdown_notebook


@dataclass(frozen=True)
class Chapter:
    """A page with code: its source, and its name in messages."""

    path: Path
    title: str

    def read(self) -> Any:
        """Read the notebook exactly as MyST-NB will, so that its outputs are found again."""
        text = self.path.read_text(encoding="utf-8")
        return read_myst_markdown_notebook(text, add_source_map=True, path=self.path)


def chapters_of(root: Path) -> tuple[Chapter, ...]:
    """Return the chapters of a checkout in the order of its table of contents."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    pages = [root / f"{name}.md" for name in files(toc)]
    return tuple(
        Chapter(page, page.relative_to(root).with_suffix("").as_posix().removeprefix("book/"))
        for page in pages
        if is_myst_markdown_notebook(page.read_text(encoding="utf-8"))
    )


def files(entry: Any) -> Iterator[str]:
    """Yield the documents of a table of contents in reading order."""
    if isinstance(entry, list):
        for item in entry:
            yield from files(item)
    elif isinstance(entry, dict):
        for key, value in entry.items():
            if key in ("root", "file"):
                yield value
            else:
                yield from files(value)
