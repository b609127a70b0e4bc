"""The outputs of executed chapters, kept from one build to the next.

One file per chapter, named after everything that the outputs depend on, written aside and renamed.
A file that is missing, cut short or altered counts as unknown: the chapter simply runs again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn

from building.chapters import Chapter
from building.checkout import Checkout


@dataclass(frozen=True)
class Outputs:
    """A chapter's executed code cells, and how long they took."""

    notebook: Any
    seconds: float


class Store:
    """The outputs of the chapters of one checkout, by the state of their code."""

    def __init__(self, checkout: Checkout) -> None:
        self._folder = checkout.build / "executed"
        self._library = checkout.library_key

    def path(self, chapter: Chapter) -> Path:
        """Return the file for the chapter as it stands: its code, the library and the lock."""
        notebook = chapter.read()
        code = [c.source for c in notebook.cells if c.cell_type == "code"]
        key = json.dumps([self._library, chapter.title, notebook.metadata.kernelspec, code])
        name = chapter.title.replace("/", "-")
        return self._folder / f"{name}-{hashlib.sha256(key.encode()).hexdigest()[:16]}.json"

    def load(self, chapter: Chapter) -> Outputs | None:
        """Return the outputs of a chapter in the notebook as it stands, or None if unknown."""
        try:
            checksum, _, content = self.path(chapter).read_bytes().partition(b"\n")
        except OSError:
            return None
        if hashlib.sha256(content).hexdigest().encode() != checksum:
            return None
        stored = json.loads(content)
        notebook = chapter.read()
        cells = [c for c in notebook.cells if c.cell_type == "code"]
        for cell, outputs in zip(cells, stored["outputs"], strict=True):
            cell.outputs = [nbformat.from_dict(o) for o in outputs]
        for count, cell in enumerate(cells, 1):
            cell.execution_count = count
        # What the kernel said about its language: code is coloured by it.
        notebook.metadata["language_info"] = nbformat.from_dict(stored["language_info"])
        return Outputs(notebook, stored["seconds"])

    def save(self, chapter: Chapter, outputs: Outputs) -> None:
        """Keep the outputs of a chapter."""
        cells = [c.outputs for c in outputs.notebook.cells if c.cell_type == "code"]
        language = outputs.notebook.metadata.get("language_info", {})
        stored = {"seconds": outputs.seconds, "language_info": language, "outputs": cells}
        content = json.dumps(stored).encode()
        checksum = hashlib.sha256(content).hexdigest().encode()
        write(self.path(chapter), checksum + b"\n" + content)

    def prune(self, chapters: tuple[Chapter, ...]) -> None:
        """Drop what no chapter of the finished book uses."""
        current = {self.path(chapter) for chapter in chapters}
        for path in self._folder.iterdir():
            if path not in current:
                path.unlink()


def fill_cache(folder: Path, known: Mapping[Chapter, Outputs]) -> None:
    """Make the cache in which MyST-NB looks for outputs, from nothing."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    cache = get_cache(folder)
    for chapter, outputs in known.items():
        bundle = CacheBundleIn(
            outputs.notebook, str(chapter.path), data={"execution_seconds": outputs.seconds}
        )
        cache.cache_notebook_bundle(bundle, check_validity=False)


def write(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".part")
    try:
        aside.write_bytes(content)
        os.replace(aside, path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
