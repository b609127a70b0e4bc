"""The ledger: every equation, figure and quoted number of the two papers, with its verdict.

Findings of this book beyond the papers stand beside them and are held to the same.

The folder of each chapter holds its claims, which are registered when they are imported;
:func:`moirelib.verify` finds and runs them.
"""

from __future__ import annotations

from moirelib.ledger.execution import default_processes, execute
from moirelib.ledger.judging import Result, run
from moirelib.ledger.registry import Claim, Discrepancy, Evidence, claim, claims, load
from moirelib.ledger.report import (
    as_coverage,
    as_errata,
    as_json,
    as_markdown,
    as_table,
    as_verification,
    summary,
)
from moirelib.ledger.store import StaleLedgerError, read, stored_or_run, write
from moirelib.ledger.verification import card, results, select, verify

__all__ = [
    "Claim",
    "Discrepancy",
    "Evidence",
    "Result",
    "StaleLedgerError",
    "as_coverage",
    "as_errata",
    "as_json",
    "as_markdown",
    "as_table",
    "as_verification",
    "card",
    "claim",
    "claims",
    "default_processes",
    "execute",
    "load",
    "read",
    "results",
    "run",
    "select",
    "stored_or_run",
    "summary",
    "verify",
    "write",
]
