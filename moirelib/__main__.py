"""Command line: ``python -m moirelib verify [--chapter NAME] [--json]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from moirelib import ledger


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status: 1 if a claim falls short."""
    parser = argparse.ArgumentParser(prog="python -m moirelib", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    verify = commands.add_parser("verify", help="run the checks of the ledger")
    verify.add_argument("--chapter", help="only the claims of this chapter, e.g. hamiltonian")
    verify.add_argument("--json", action="store_true", help="print JSON instead of a table")
    arguments = parser.parse_args(argv)

    try:
        results = ledger.verify(arguments.chapter)
    except ValueError as error:
        parser.error(str(error))
    print(ledger.as_json(results) if arguments.json else ledger.as_table(results))
    return 0 if all(r.sound for r in results) else 1


if __name__ == "__main__":
    sys.exit(main())
