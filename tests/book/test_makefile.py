"""An environment belongs to one folder and one interpreter."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from toy import ROOT

INPUTS = ("Makefile", "requirements.txt", "pyproject.toml")


def steps(folder: Path, python: str = sys.executable) -> str:
    """Return what `make lint` would do."""
    command = ["make", "--dry-run", "lint", f"PYTHON={python}"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


def installed(tmp_path: Path) -> Path:
    """Return a checkout whose environment make believes to be whole."""
    folder = tmp_path / "first"
    (folder / ".venv").mkdir(parents=True)
    for name in INPUTS:
        shutil.copy(ROOT / name, folder)
    (stamp,) = re.findall(r"^touch (\S+)$", steps(folder), re.MULTILINE)
    (folder / stamp).touch()
    return folder


def test_a_touched_lock_does_not_reinstall_and_a_new_one_does(tmp_path: Path) -> None:
    folder = installed(tmp_path)
    (folder / "requirements.txt").touch()
    assert "pip install" not in steps(folder)
    with (folder / "requirements.txt").open("a") as lock:
        lock.write("# new\n")
    assert "pip install" in steps(folder)


def test_a_copied_checkout_installs_for_its_own_folder(tmp_path: Path) -> None:
    copy = shutil.copytree(installed(tmp_path), tmp_path / "second")
    assert "pip install" in steps(copy)


def test_another_interpreter_installs_for_itself(tmp_path: Path) -> None:
    folder = installed(tmp_path)
    subprocess.run(
        [sys.executable, "-m", "venv", "--copies", "--without-pip", tmp_path / "other"], check=True
    )
    assert "pip install" in steps(folder, str(tmp_path / "other" / "bin" / "python"))


def test_a_stale_environment_is_cleared_with_one_line_that_says_so(tmp_path: Path) -> None:
    copy = shutil.copytree(installed(tmp_path), tmp_path / "second")
    (copy / ".venv" / "stale").touch()
    # An interpreter that makes no environment: the step ends there.
    shell = tmp_path / "python"
    shell.write_text(
        f'#!/bin/sh\n[ "$2" = venv ] && echo "$@" && exit 3\nexec {sys.executable} "$@"\n'
    )
    shell.chmod(0o755)
    command = ["make", "--silent", "lint", f"PYTHON={shell}"]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    said, made = done.stdout.splitlines()
    assert said.startswith(".venv is for another Python or another folder")
    assert made == "-m venv --clear .venv"
    assert list((copy / ".venv").glob("installed-*")) == []
