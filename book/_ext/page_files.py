"""What an output carries as data URIs, put into files beside the pages.

In a notebook a figure's downloads and a slider's frames travel within the output. On a page they
would be loaded before anyone asks for them.
"""

from __future__ import annotations

import base64
import hashlib
import mimetypes
import re
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

FOLDER = "_figures"
DOWNLOAD = re.compile(r'download="(?P<name>[^"]+)" href="data:[^;"]+;base64,(?P<content>[^"]+)"')
EMBEDDED = re.compile(r"data:(?P<mime>image/[^;\"]+);base64,(?P<content>[A-Za-z0-9+/=]+)")


def write_files(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Write what the raw HTML of a page embeds into files, and let the page name these."""
    if app.builder.format != "html":
        return
    up = up_from(app, docname)

    def download(match: re.Match[str]) -> str:
        path = write_download(app, match["name"], match["content"])
        return f'download="{match["name"]}" href="{up}{path}"'

    def embedded(match: re.Match[str]) -> str:
        suffix = mimetypes.guess_extension(match["mime"]) or ""
        return up + _write(app, match["content"], "{digest}" + suffix)

    for raw in doctree.findall(nodes.raw):
        if "data:" in raw.astext() and "html" in raw["format"]:
            html = EMBEDDED.sub(embedded, DOWNLOAD.sub(download, raw.astext()))
            raw.rawsource = html
            raw.children = [nodes.Text(html)]


def up_from(app: Sphinx, docname: str) -> str:
    """Return the way from a page to the folder of all pages."""
    return "../" * app.builder.get_target_uri(docname).count("/")


def write_download(app: Sphinx, name: str, content: str) -> str:
    """Write a file that a reader may keep; return its address."""
    # The folder tells files of one name apart, the name is what the reader keeps.
    return _write(app, content, "{digest}/" + name)


def _write(app: Sphinx, content: str, name: str) -> str:
    """Write decoded content under a name that tells contents apart; return its address."""
    decoded = base64.b64decode(content)
    digest = hashlib.sha256(decoded).hexdigest()[:16]
    address = f"{FOLDER}/{name.format(digest=digest)}"
    path = Path(app.outdir) / address
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(decoded)
    return address


def setup(app: Sphinx) -> None:
    """Connect the pieces."""
    app.connect("doctree-resolved", write_files)
