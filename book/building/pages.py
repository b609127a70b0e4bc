"""Write the pages with Sphinx, aside, and swap them in when they are whole."""

from __future__ import annotations

import gc
import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jupyter_book.config import get_final_config
from sphinx.application import Sphinx
from sphinx.errors import SphinxError
from sphinx.util.docutils import docutils_namespace, patch_docutils

from building.chapters import Chapter
from building.checkout import Checkout
from building.store import Outputs, fill_cache, write


def write_pages(checkout: Checkout, known: Mapping[Chapter, Outputs]) -> None:
    """Write every page from nothing and put them in the place of the old ones.

    An incremental build would hide the warnings of the one before.
    """
    build = checkout.build
    for leftover in (checkout.fresh, build / ".doctrees", build / "jupyter_execute"):
        shutil.rmtree(leftover, ignore_errors=True)
    write(checkout.times, json.dumps(times(known), indent=1).encode())
    cache = build / ".jupyter_cache"
    fill_cache(cache, known)
    os.environ["SOURCE_DATE_EPOCH"] = checkout.date
    if not run_sphinx(checkout, cache):
        sys.exit("The book was not built: see the warnings above.")
    checkout.swap()


def run_sphinx(checkout: Checkout, cache: Path) -> bool:
    """Do what ``jupyter-book build --all -W --keep-going -n -q`` does; return whether it is clean.

    In this process: there is no child to outlive it, and an error arrives as an exception.
    """
    root = checkout.root
    # The source of a page holds its solutions.
    without = {"book_solutions": False, "html_copy_source": False}
    options, _ = get_final_config(
        user_yaml=root / "_config.yml",
        sourcedir=root,
        cli_config={
            "external_toc_path": (root / "_toc.yml").as_posix(),
            "latex_individualpages": False,
            "nitpicky": True,
            "nb_execution_cache_path": str(cache),
        },
    )
    # Millions of small nodes that live to the end: looking for garbage among them took a third.
    gc.set_threshold(200_000, 50, 50)
    try:
        with patch_docutils(), docutils_namespace():
            app = Sphinx(
                srcdir=root,
                confdir=None,
                outdir=checkout.fresh,
                doctreedir=checkout.build / ".doctrees",
                buildername="html",
                confoverrides=options | ({} if checkout.solutions else without),
                status=None,
                freshenv=True,
                warningiserror=True,
                keep_going=True,
            )
            app.build(force_all=True)
    except SphinxError as error:
        print(f"{error.category}: {error}", file=sys.stderr)
        return False
    return app.statuscode == 0


def times(known: Mapping[Chapter, Outputs]) -> dict[str, Any]:
    """Collect how long chapters took, and the figures that say so in their metadata."""
    return {
        "chapters": {chapter.title: outputs.seconds for chapter, outputs in known.items()},
        "figures": [
            {"chapter": chapter.title, **took}
            for chapter, outputs in known.items()
            for took in _figures(outputs.notebook)
        ],
    }


def _figures(notebook: Any) -> Iterator[dict[str, Any]]:
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            took = output.get("metadata", {}).get("text/html", {}).get("moirelib")
            if took:
                yield dict(took)
