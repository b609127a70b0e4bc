"""The ledger as text for terminals and machines, and as Markdown for cards and for the book."""

from __future__ import annotations

from moirelib.ledger.report.markdown import as_markdown
from moirelib.ledger.report.mutations import as_mutation_totals, as_mutations
from moirelib.ledger.report.pages import as_coverage, as_errata, as_verification
from moirelib.ledger.report.text import (
    CONSEQUENCES,
    SYMBOLS,
    as_json,
    as_table,
    summary,
    table_head,
    table_rows,
)

__all__ = [
    "CONSEQUENCES",
    "SYMBOLS",
    "as_coverage",
    "as_errata",
    "as_json",
    "as_markdown",
    "as_mutation_totals",
    "as_mutations",
    "as_table",
    "as_verification",
    "summary",
    "table_head",
    "table_rows",
]
