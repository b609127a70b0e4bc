"""The library as a wheel beside the notebooks, so that a notebook can install what it needs.

Written here and not by pip: that would fetch the build system from the network, leave folders in
the checkout, and stamp the file with the time of day.
"""

from __future__ import annotations

import base64
import hashlib
import tomllib
import zipfile
from importlib.metadata import distribution, version
from pathlib import Path

PACKAGE = "moirelib"
EPOCH = (1980, 1, 1, 0, 0, 0)


def wheel_name() -> str:
    """Return the file name of the wheel of the installed version."""
    return f"{PACKAGE}-{version(PACKAGE)}-py3-none-any.whl"


def write_wheel(root: Path, folder: Path) -> Path:
    """Write the wheel of the checkout at ``root`` into ``folder``; return its path."""
    info = f"{PACKAGE}-{version(PACKAGE)}.dist-info"
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    data = settings["tool"]["setuptools"]["package-data"][PACKAGE]
    sources = sorted(p for kind in ("**/*.py", *data) for p in (root / PACKAGE).glob(kind))
    files = {p.relative_to(root).as_posix(): p.read_bytes() for p in sources}
    found = distribution(PACKAGE)
    # The one from the environment, the other from beside the sources.
    described = found.read_text("METADATA") or found.read_text("PKG-INFO") or ""
    files[f"{info}/METADATA"] = described.encode()
    files[f"{info}/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: moirelib-book\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    files[f"{info}/licenses/LICENSE"] = (root / "LICENSE").read_bytes()
    record = [f"{name},sha256={_digest(content)},{len(content)}" for name, content in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""]).encode()
    path = folder / wheel_name()
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return path


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
