"""The notebooks beside the pages: plain Markdown, offered in the menu, and they run alone."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from export import notebook_name
from site_browser import HTML, PAGES

ROOT = HTML.parents[1]
FOLDER = HTML / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
PAGES_OF = {notebook_name(p.relative_to(HTML).with_suffix("").as_posix()): p for p in PAGES}
# Each in its place costs some seconds; `make check-notebooks` runs all.
QUICK = {"part2-boltzmann.ipynb"}
# Most of what is installed is never imported: it need not be compiled.
PIP = {"PIP_NO_COMPILE": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "runnable" in metafunc.fixturenames:
        every = metafunc.config.getoption("--every-notebook")
        chosen = [p for p in NOTEBOOKS if every or p.name in QUICK]
        metafunc.parametrize("runnable", chosen, ids=[p.name for p in chosen])


@pytest.fixture(params=NOTEBOOKS, ids=[p.name for p in NOTEBOOKS])
def path(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def notebook(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _texts(notebook: Any) -> Iterator[str]:
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            yield "".join(cell["source"])
        for output in cell.get("outputs", ()):
            yield "".join(output.get("data", {}).get("text/markdown", ""))


def test_there_is_one_for_each_chapter() -> None:
    pages = [*(HTML / "book").glob("part*/*.html"), *(HTML / "book" / "start").glob("*.html")]
    assert {f"{p.parent.name}-{p.stem}.ipynb" for p in pages} <= {p.name for p in NOTEBOOKS}


def test_nothing_is_left_of_the_markup_of_the_book(notebook: Any) -> None:
    for text in _texts(notebook):
        assert not re.search(r"\{[\w:]+\}`|^:::|^\([\w-]+\)=|```\{", text, re.MULTILINE), text


def test_links_lead_somewhere(notebook: Any) -> None:
    text = "\n".join(_texts(notebook))
    anchors = set(re.findall(r'<a id="([^"]+)"', text))
    links = re.findall(r"(?<!\\)\]\(([^)\s]+)\)", text)
    lost = [x for x in links if not x.startswith("http") and x.removeprefix("#") not in anchors]
    assert not lost


def test_figures_have_the_captions_of_the_page(path: Path, notebook: Any) -> None:
    captions = [t for t in _texts(notebook) if "**Fig. " in t]
    found = sum(len(re.findall(r"\*\*Fig\. (?:\d+\.)?\d+\.\*\* \S", text)) for text in captions)
    assert found == PAGES_OF[path.name].read_text(encoding="utf-8").count("<figcaption>")


def test_figures_are_seen_before_the_notebook_is_trusted(notebook: Any) -> None:
    """JupyterLab shows plain text in the place of vectors until then, but any picture in HTML."""
    outputs = [o["data"] for c in notebook["cells"] for o in c.get("outputs", ()) if "data" in o]
    assert not any("image/svg+xml" in data for data in outputs)
    pictures = [html for data in outputs if "<img" in (html := "".join(data.get("text/html", "")))]
    assert pictures
    assert all(re.search(r'<img src="data:[^"]+" alt="[^"]{20}', html) for html in pictures)


def test_the_menu_of_a_page_offers_its_notebook() -> None:
    html = (HTML / "book" / "part2" / "boltzmann.html").read_text(encoding="utf-8")
    (link,) = re.findall(r'href="([^"]+\.ipynb)"', html)
    (wheel,) = re.findall(r'href="([^"]+\.whl)"', html)
    for target in (link, wheel):
        assert (HTML / "book" / "part2" / target).resolve().is_file()
    assert not re.search(r'href="[^"]+_sources/[^"]+\.md"', html)


@pytest.fixture(scope="session")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with Jupyter and nothing of the book."""
    place = tmp_path_factory.mktemp("fresh") / "venv"
    env = os.environ | PIP
    subprocess.run([sys.executable, "-m", "venv", place], check=True)
    lock = ["--constraint", str(ROOT / "requirements.txt")]
    install = [place / "bin" / "pip", "install", "--quiet", *lock, "nbclient", "ipykernel"]
    subprocess.run(install, check=True, env=env)
    return place / "bin" / "jupyter-execute"


def test_a_notebook_runs_alone_in_a_fresh_environment(
    runnable: Path, jupyter: Path, tmp_path: Path
) -> None:
    """Its first cell installs the wheel that lies beside it; its asserts judge its results."""
    for file in (runnable, *FOLDER.glob("*.whl")):
        shutil.copy(file, tmp_path)
    env = (
        os.environ
        | PIP
        | {
            "PIP_CONSTRAINT": str(ROOT / "requirements.txt"),
            "JUPYTER_PREFER_ENV_PATH": "1",
            "HOME": str(tmp_path),
        }
    )
    command = [jupyter, "--timeout=900", runnable.name]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-4000:]
