"""Print the lowest versions that pyproject.toml admits, as pinned requirements for pip.

Those of the library, and of the tools named on the command line from any of the extras.
"""

import itertools
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def lowest(tools: list[str]) -> list[str]:
    """Return one pin for each dependency of the library and each tool."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = itertools.chain(*project["optional-dependencies"].values())
    bounds = dict(one.split(">=") for one in optional if re.fullmatch(r"[\w.-]+>=[\w.]+", one))
    own = dict(one.split(">=") for one in project["dependencies"])
    return [f"{name}=={bound}" for name, bound in (own | {t: bounds[t] for t in tools}).items()]


if __name__ == "__main__":
    print("\n".join(lowest(sys.argv[1:])))
