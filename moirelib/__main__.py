"""Command line of moirelib.

``python -m moirelib where kundu-44`` names the files and lines of an equation: its claim, the code
that implements it, its page and section, its tests.

``python -m moirelib verify`` runs the checks of the ledger. Its exit status says what came out:
0 if every claim stands, 1 if one falls short, 2 if it was called wrongly, 3 if a check raised,
130 if it was interrupted, 141 if the reader of a pipe left.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from tqdm import tqdm

from moirelib import ledger
from moirelib.ledger import Claim, Result
from moirelib.ledger.papers import PAPERS
from moirelib.ledger.report import SYMBOLS, table_head, table_rows
from moirelib.ledger.where import where

# argparse exits with 2 by itself.
STANDS, FALLS_SHORT, RAISED, INTERRUPTED, NO_READER = 0, 1, 3, 130, 141

# For terminals and files that cannot hold the signs; other letters become escapes.
_PLAIN = str.maketrans({"≤": "<=", "≥": ">=", "—": "-", "–": "-", "−": "-", "×": "x"})


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    parser = _parser()
    arguments = parser.parse_args(argv)
    try:
        if arguments.command == "where":
            return _where(ledger.select(ids=arguments.id))
        chosen = ledger.select(arguments.chapter, paper=arguments.paper, ids=arguments.id)
    except ValueError as error:
        parser.error(str(error))
    try:
        return _verify(arguments, chosen)
    except BrokenPipeError:
        # As `| head` does. Python flushes once more on its way out, to where nobody complains.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NO_READER


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m moirelib",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    find = commands.add_parser("where", help="say where an equation is checked, coded and printed")
    find.add_argument("id", nargs="+", metavar="PATTERN", help="e.g. kundu-44 or 'ying-B14*'")
    verify = commands.add_parser("verify", help="run the checks of the ledger")
    verify.add_argument("--chapter", help="only the claims of this chapter, e.g. hamiltonian")
    verify.add_argument("--paper", choices=PAPERS, help="only the claims of this paper")
    verify.add_argument(
        "--id",
        nargs="+",
        action="extend",
        default=[],
        metavar="PATTERN",
        help="only these claims, e.g. 'kundu-3*' ying-A42",
    )
    verify.add_argument(
        "--verdict",
        nargs="+",
        action="extend",
        choices=SYMBOLS,
        metavar="VERDICT",
        help=f"show only what came out so: {', '.join(map(repr, SYMBOLS))}",
    )
    verify.add_argument(
        "--processes",
        type=_positive,
        default=ledger.default_processes(),
        metavar="N",
        help="how many processes run the checks (default: %(default)s)",
    )
    verify.add_argument(
        "--store",
        type=Path,
        metavar="FILE",
        help="run all claims and keep what they measured in FILE, or read it from there if the "
        "code has not changed since",
    )
    form = verify.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON instead of a table")
    form.add_argument("--markdown", action="store_true", help="print a Markdown table")
    form.add_argument("--quiet", action="store_true", help="print only what falls short")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {number}")
    return number


def _where(chosen: Sequence[Claim]) -> int:
    for entry in chosen:
        _print(f"{entry.id}  ({entry.paper}, {entry.number}; chapter {entry.chapter})")
        for kind, places in where(entry).items():
            _print(*(f"  {kind:<5}  {place}" for place in places))
    return STANDS


def _verify(arguments: argparse.Namespace, chosen: Sequence[Claim]) -> int:
    order = {entry.id: position for position, entry in enumerate(chosen)}
    report = _Report(arguments, order)
    interrupted = False
    try:
        with (
            closing(_results(arguments, chosen)) as results,
            # Without a terminal there is no bar.
            tqdm(total=len(chosen), disable=None, leave=False, unit="claim") as bar,
        ):
            for r in results:
                report.add(r)
                bar.update()
    except KeyboardInterrupt:
        interrupted = True
    shown = report.finish()
    if interrupted:
        print(f"interrupted: {len(report.done)} of {len(order)} claims were run", file=sys.stderr)
        return INTERRUPTED
    if any(r.raised for r in shown):
        return RAISED
    return STANDS if all(r.sound for r in shown) else FALLS_SHORT


def _results(
    arguments: argparse.Namespace, chosen: Sequence[Claim]
) -> Generator[Result, None, None]:
    if arguments.store is None:
        return ledger.execute(chosen, arguments.processes)
    wanted = {entry.id for entry in chosen}
    everything = ledger.stored_or_run(arguments.store, arguments.processes)
    return (r for r in everything if r.claim.id in wanted)


class _Report:
    """Prints results in the order of the papers: a table row by row, other forms at the end."""

    def __init__(self, arguments: argparse.Namespace, order: Mapping[str, int]) -> None:
        self.verdicts = arguments.verdict or tuple(SYMBOLS)
        self.order = order
        self.done: dict[str, Result] = {}
        self.waiting = list(order)[::-1]
        self.width = max(map(len, order))
        whole = {"json": ledger.as_json, "markdown": ledger.as_markdown}
        self.render = next((whole[name] for name in whole if getattr(arguments, name)), None)
        self.quiet = arguments.quiet or self.render is not None
        if not self.quiet:
            _print(*table_head(self.width))

    def add(self, r: Result) -> None:
        """Take a result, and print the rows that are now due."""
        self.done[r.claim.id] = r
        while self.waiting and self.waiting[-1] in self.done:
            self._row(self.done[self.waiting.pop()])

    def finish(self) -> list[Result]:
        """Print what is left, also of a run that was interrupted, and return what was shown."""
        for one in filter(self.done.__contains__, self.waiting[::-1]):
            self._row(self.done[one])
        shown = [self.done[one] for one in self.order if one in self.done]
        shown = [r for r in shown if r.verdict in self.verdicts]
        if self.render:
            # Markdown may hold such letters as HTML does; JSON has none.
            _print(self.render(shown), escape="xmlcharrefreplace")
        else:
            _print("", ledger.summary(shown))
        return shown

    def _row(self, r: Result) -> None:
        if r.verdict in self.verdicts and not (self.quiet and (self.render or r.sound)):
            _print(*table_rows(r, self.width))


def _print(*lines: str, escape: str = "backslashreplace") -> None:
    encoding = sys.stdout.encoding or "utf-8"
    for line in lines:
        try:
            line.encode(encoding)
        except UnicodeEncodeError:
            plain = line.translate(_PLAIN)
            line = plain.encode(encoding, escape).decode(encoding)
        # Above the bar, if there is one; at once, for whoever reads along in a pipe.
        tqdm.write(line, file=sys.stdout)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
