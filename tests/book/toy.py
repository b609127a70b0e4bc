"""A book of two chapters, and the real command that builds it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
BUILD = [sys.executable, str(ROOT / "book" / "build.py")]
HEAD = """\
---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

"""
CONFIG = """\
title: Toy
only_build_toc_files: true
exclude_patterns: [".*", "_build"]
execute: {execute_notebooks: cache}
parse:
  myst_enable_extensions: [amsmath, dollarmath]
sphinx:
  extra_extensions: [sphinx.ext.autodoc]
  local_extensions: {moire_book: EXT}
  config:
    html_last_updated_fmt: ""
    nb_mime_priority_overrides: [["html", "text/html", 5]]
    nb_ipywidgets_js: {}
"""


def cell(code: str, header: str = "") -> str:
    """Return a code cell of a chapter."""
    return f"```{{code-cell}} ipython3\n{header}{code}\n```\n"


FIGURE = cell(
    "import matplotlib.pyplot as plt\nplt.plot([0, 1]);",
    "---\nmystnb:\n  figure: {name: fig-toy, caption: A line.}\n  image: {alt: A line.}\n---\n",
)


@dataclass(frozen=True)
class Toy:
    """A checkout with the chapters ``one`` and ``two``."""

    root: Path

    @classmethod
    def at(cls, root: Path, one: str, two: str = cell("print(2)")) -> Toy:
        toy = cls(root)
        (root / "book").mkdir(parents=True)
        config = CONFIG.replace("EXT", str(ROOT / "book" / "_ext"))
        (root / "_config.yml").write_text(config)
        toc = "format: jb-book\nroot: book/one\nchapters:\n- file: book/two\n"
        (root / "_toc.yml").write_text(toc)
        toy.write("one", one)
        toy.write("two", two)
        for path in root.rglob("*"):
            if path.is_file():
                os.utime(path, (1.7e9, 1.7e9))
        return toy

    def write(self, name: str, body: str) -> None:
        text = f"{HEAD}# Chapter {name}\n\n{body}"
        (self.root / "book" / f"{name}.md").write_text(text)

    def page(self, name: str) -> str:
        return (self.root / "_build" / "html" / "book" / f"{name}.html").read_text()

    def outputs(self, name: str) -> str:
        """Return the text of the outputs on a page."""
        found = re.findall(r'<div class="output[^>]*>(.*?)</div>', self.page(name), re.DOTALL)
        return "\n".join(re.sub(r"<[^>]*>", "", part) for part in found)

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*BUILD, "--root", str(self.root), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **options,
        )

    def build(self, *arguments: str, fails: bool = False, **options: Any) -> str:
        """Build, and return what was printed."""
        process = self.start(*arguments, **options)
        printed, _ = process.communicate(timeout=120)
        assert (process.returncode != 0) == fails, printed
        return printed
