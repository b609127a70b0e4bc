"""The parts of ``book/build.py``: environment, execution, store of outputs, pages."""
