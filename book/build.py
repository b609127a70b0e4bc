"""Execute the chapters and build the book into ``_build/html``.

A chapter runs once for each state of its code cells, of ``moirelib`` and of the lock, in an
environment without the user's settings. The pages are then written from nothing, with warnings as
errors, and put in the place of the old ones when they are whole. With no input changed since the
last success, nothing is done.
"""

from __future__ import annotations

import argparse
import errno
import shutil
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from building import environment
from building.checkout import Checkout

if TYPE_CHECKING:
    from building.chapters import Chapter
    from building.execution import Execution
    from building.store import Outputs

ROOT = Path(__file__).resolve().parent.parent

# Below this a full disk is the likely reason of any error, and there is no point in starting.
LEAST_SPACE = 2**23


def known_outputs(checkout: Checkout) -> dict[Chapter, Outputs]:
    """Return the outputs of every chapter; execute those that are not known."""
    # Not before the environment is clean: some of these read it when they are imported.
    from building.chapters import chapters_of
    from building.execution import execute_all, faults, run_ledger
    from building.store import Outputs, Store

    store = Store(checkout)
    known = {}
    chapters = chapters_of(checkout.root)
    for chapter in chapters:
        outputs = store.load(chapter)
        if outputs and not any(faults(outputs.notebook)):
            known[chapter] = outputs
    todo = [chapter for chapter in chapters if chapter not in known]
    failed = {}

    def finished(execution: Execution) -> None:
        chapter = execution.chapter
        if execution.error:
            failed[chapter] = execution.error
        else:
            known[chapter] = Outputs(execution.notebook, execution.seconds)
            store.save(chapter, known[chapter])
        state = "FAILED after" if execution.error else "ran in"
        print(f"  {chapter.title} {state} {execution.seconds:.1f} s", flush=True)

    if todo:
        run_ledger(checkout)
        print(f"Executing {len(todo)} of {len(chapters)} chapters", flush=True)
        execute_all(todo, checkout, finished)
    bad = [chapter for chapter in chapters if chapter in failed]
    for chapter in bad:
        print(f"\n{chapter.title}:\n{failed[chapter]}", file=sys.stderr)
    if bad:
        sys.exit(f"{len(bad)} chapter(s) failed: {', '.join(c.title for c in bad)}")
    store.prune(chapters)
    return {chapter: known[chapter] for chapter in chapters}


def report_times(known: dict[Chapter, Outputs]) -> None:
    """Print how long each chapter took when it last ran."""
    width = max((len(chapter.title) for chapter in known), default=0)
    print("Execution time of each chapter:")
    for chapter, outputs in known.items():
        print(f"  {chapter.title:<{width}} {outputs.seconds:6.1f} s")
    print(f"  {'total':<{width}} {sum(o.seconds for o in known.values()):6.1f} s")


def build(checkout: Checkout, force: bool) -> None:
    """Build the book unless it is up to date."""
    checkout.undo_half_a_swap()
    index = checkout.html / "index.html"
    stamp = checkout.stamp
    built_from = stamp.read_text(encoding="utf-8") if stamp.exists() else ""
    if not force and index.exists() and built_from == checkout.inputs_key:
        print(f"Nothing changed: the book is at {index}")
        return
    from building.pages import write_pages

    known = known_outputs(checkout)
    stamp.unlink(missing_ok=True)
    write_pages(checkout, known)
    stamp.write_text(checkout.inputs_key, encoding="utf-8")
    report_times(known)
    print(f"The book is at {index}")


def stop(number: int, frame: FrameType | None) -> None:
    """Leave by the same way on every signal."""
    raise KeyboardInterrupt(number)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--force", action="store_true", help="write the pages even if up to date")
    parser.add_argument("--without-solutions", action="store_true", help="into a folder beside")
    parser.add_argument("--root", type=Path, default=ROOT, help="build the book of another folder")
    arguments = parser.parse_args()
    root = arguments.root.resolve()

    environment.enter(root / "_build" / "run")
    environment.require_library_of(ROOT)
    checkout = Checkout(root, solutions=not arguments.without_solutions)
    signal.signal(signal.SIGTERM, stop)
    try:
        with environment.only_one_build(checkout.build), environment.scratch(checkout.run):
            if shutil.disk_usage(root).free < LEAST_SPACE:
                raise OSError(errno.ENOSPC, "no space left")
            build(checkout, arguments.force)
    except KeyboardInterrupt as interrupt:
        number = interrupt.args[0] if interrupt.args else signal.SIGINT
        print("Stopped. The chapters that were done are kept.", file=sys.stderr)
        sys.exit(128 + number)
    except BaseException as error:
        # Libraries hide the reason behind errors and warnings of their own: ask the disk too.
        full = shutil.disk_usage(root).free < LEAST_SPACE
        if full or getattr(error, "errno", None) == errno.ENOSPC:
            shutil.rmtree(checkout.fresh, ignore_errors=True)
            sys.exit(f"No space is left on the disk of {root}. Any pages there are the old ones.")
        raise


if __name__ == "__main__":
    main()
