"""CONTRIBUTING's worked example, carried out in a copy: what it takes to add a chapter."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in ("moirelib", "book"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "_toc.yml", tmp_path)
    return tmp_path


def run(copy: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "moirelib", *arguments]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stdout + done.stderr
    return done.stdout


def test_a_chapter_takes_a_folder_a_page_and_a_line(copy: Path) -> None:
    guide = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    claims = re.search(r"```python\n# (moirelib/chapters/\S+)\n(.*?)```", guide, re.S)
    page = re.search(r"````markdown\n(.*?)````", guide, re.S)
    line = re.search(r"- file: (book/\S+)`", guide)
    assert claims
    assert page
    assert line
    target = copy / claims.group(1)
    target.parent.mkdir()
    (target.parent / "__init__.py").touch()
    target.write_text(claims.group(2), "utf-8")
    (copy / f"{line.group(1)}.md").write_text(page.group(1), "utf-8")

    assert "holds as printed" in run(
        copy, "verify", "--chapter", target.parent.name.replace("_", "-")
    )
    found = run(copy, "where", "kundu-text-cell-size")
    assert f"{claims.group(1)}:" in found
    assert f"{line.group(1)}.md:1" in found
