"""One folder for each page of the book: its data, its figures and its claims.

``data`` holds solved layers and curves, without Matplotlib; ``figures`` draws them; ``claims`` are
the entries of the ledger. A folder bears the name of its page, with hyphens as underscores.
"""
