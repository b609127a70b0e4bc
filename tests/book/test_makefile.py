"""What the targets do: an environment belongs to one folder and one interpreter."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from toy import ROOT

INPUTS = ("Makefile", "requirements.txt", "pyproject.toml")


def steps(folder: Path, python: str = sys.executable, goals: Sequence[str] = ("lint",)) -> str:
    """Return what `make lint`, or make with other goals and variables, would do."""
    # Within another make it would also say which folder it enters.
    command = ["make", "--dry-run", "--no-print-directory", *goals, f"PYTHON={python}"]
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


def stub(program: Path) -> None:
    """Put a program in a place that only says how, and where, it was called."""
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(f'#!/bin/sh\necho "$(basename "$PWD"): {program.name} $@"\n')
    program.chmod(0o755)


def test_the_press_is_told_what_to_print(tmp_path: Path) -> None:
    folder = installed(tmp_path)
    build, press = steps(folder, goals=("pdf", "PDF_OPTIONS=--sheets-only")).splitlines()
    assert build.endswith("python book/build.py")
    assert press == "PYTHONPATH=book .venv/bin/python -m export.press --sheets-only"


def test_a_lab_has_an_environment_of_its_own_with_the_locked_versions(tmp_path: Path) -> None:
    folder = installed(tmp_path)
    made = steps(folder, goals=("lab",))
    assert f"{sys.executable} -m venv --clear _build/lab" in made
    assert '--constraint requirements.txt --editable ".[lab]"' in made
    (stamp,) = re.findall(r"^touch (_build/lab/\S+)$", made, re.MULTILINE)
    (folder / "_build" / "lab").mkdir(parents=True)
    (folder / stamp).touch()
    assert "pip install" not in steps(folder, goals=("lab",))
    with (folder / "requirements.txt").open("a") as lock:
        lock.write("# new\n")
    assert "_build/lab/bin/pip install" in steps(folder, goals=("lab",))


def test_a_lab_keeps_notebooks_that_are_there(tmp_path: Path) -> None:
    folder = installed(tmp_path)
    stub(folder / ".venv" / "bin" / "python")
    stub(folder / "_build" / "lab" / "bin" / "jupyter")
    (stamp,) = re.findall(r"^touch (_build/lab/\S+)$", steps(folder, goals=("lab",)), re.MULTILINE)
    (folder / stamp).touch()
    built, mine = folder / "_build" / "html" / "notebooks", folder / "notebooks"
    for place, name in ((built, "one"), (built, "two"), (mine, "one")):
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{name}.ipynb").write_text(place.parent.name)
    command = ["make", "--silent", "lab", "LAB_OPTIONS=--no-browser", f"PYTHON={sys.executable}"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "first: python book/build.py",
        "notebooks: jupyter lab --no-browser",
    ]
    assert (mine / "one.ipynb").read_text() == folder.name
    assert (mine / "two.ipynb").read_text() == built.parent.name
