# Needs Python >= 3.11 with its venv module, and make. `make check-site` also needs Chromium.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
REPORTS := _build/reports
LOWEST := _build/lowest
LAB := _build/lab

# Keyed on content: a checkout or a touch does not reinstall, a new lock does. An environment works
# only for the interpreter that made it and in the folder that it was made in: a new key for either.
LOCK := $(shell $(PYTHON) -c "import hashlib; print(hashlib.sha256(b''.join(open(f, 'rb').read() for f in ('requirements.txt', 'pyproject.toml'))).hexdigest()[:16])")
PLACE := $(shell $(PYTHON) -c "import hashlib, os, sys; print(hashlib.sha256('\n'.join((sys.version, os.path.realpath(sys.executable), os.getcwd())).encode()).hexdigest()[:16])")
STAMP := $(VENV)/installed-$(PLACE)-$(LOCK)

# Two chapters or test workers run at once; threads inside each would only compete.
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
# What Python has compiled is kept, whatever the shell says: processes that tests start, and the next
# run of the tests, would compile it all again.
unexport PYTHONDONTWRITEBYTECODE
# Half of the tests for each worker, in their order: what those of a module share is made once. Who
# is done first takes of the other's.
PYTEST_TWICE := pytest -n 2 --dist worksteal

.PHONY: help sweeps book book-no-solutions pdf test lint types unit coverage ledger mutants test-lowest test-portable check-site check-notebooks lab bench lock clean

help:
	@echo "make book        execute every chapter and build the book into _build/html"
	@echo "make book-no-solutions  the same without the solutions, into _build/html-no-solutions"
	@echo "make pdf         print the book and sheets of its exercises into _build/pdf"
	@echo "make test        lint, type-check, unit tests, doctests, and the ledger"
	@echo "make coverage    unit tests, and which lines of the library they run"
	@echo "make test-lowest unit tests and ledger with the oldest versions that pyproject.toml admits"
	@echo "make test-portable  the same with other BLAS kernels, orders and displaced grids (SHORT=1)"
	@echo "make mutants     plant mistakes in copies of the library, and record what sees them (SAMPLE=20)"
	@echo "make check-site  open every built page in headless Chromium (after make book)"
	@echo "make check-notebooks  run every notebook of the book in a fresh environment"
	@echo "make lab         open the chapters as notebooks in JupyterLab (after make book)"
	@echo "make sweeps      compute the stored points of the chapters again, where their code has changed"
	@echo "make bench       time the numerical kernels"
	@echo "make lock        resolve pyproject.toml again into requirements.txt"
	@echo "make clean       remove everything that was generated"

book: $(STAMP)
	$(BIN)/python book/build.py

# What the files have from the same code is not computed again, nor what was broken off.
sweeps: $(STAMP)
	$(BIN)/python -m moirelib.make_sweeps

# What ran for the book is not run again.
book-no-solutions: $(STAMP)
	$(BIN)/python book/build.py --without-solutions

# Needs Chromium and its driver. PDF_OPTIONS="--without-solutions" or "--sheets-only".
pdf: book
	PYTHONPATH=book $(BIN)/python -m export.press $(PDF_OPTIONS)

# The ledger first: tests of its results read the run that it stores.
test: lint types ledger unit

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/nbqa "ruff check --select E7,E9,F,W,B,UP,NPY,C4 --ignore E402,B018" book
	$(BIN)/codespell
	$(BIN)/lint-imports --no-cache --no-logo

types: $(STAMP)
	$(BIN)/mypy

unit: $(STAMP)
	$(BIN)/$(PYTEST_TWICE) --junit-xml=$(REPORTS)/unit.xml

# How much of the library the unit tests run; the ledger runs its claims beside them.
coverage: $(STAMP)
	$(BIN)/$(PYTEST_TWICE) --cov=moirelib --cov-report=term:skip-covered

ledger: $(STAMP)
	MOIRELIB_CACHE=_build/arrays $(BIN)/python -m moirelib verify --store _build/ledger.json

# Only what is new or has changed since the record. A sample, another one at each commit, checks
# the record and writes nothing.
mutants: $(STAMP)
	cd tests && ../$(BIN)/python -m mutations --jobs 2 $(if $(SAMPLE),--sample $(SAMPLE) --seed "$$(git rev-parse HEAD 2>/dev/null)")

# In an environment of its own, which pip brings up to date when a bound changes. It holds what the
# library needs: the tests of the book and of the repository run with the locked versions only.
test-lowest:
	$(PYTHON) -m venv $(LOWEST)
	$(PYTHON) .ci/lowest.py hypothesis pytest pytest-xdist > $(LOWEST)/requirements.txt
	$(LOWEST)/bin/pip install --quiet -r $(LOWEST)/requirements.txt
	$(LOWEST)/bin/pip install --quiet --no-deps --editable .
	$(LOWEST)/bin/$(PYTEST_TWICE) --ignore=tests/book --ignore=tests/test_cells.py --ignore=tests/test_layout.py
	$(LOWEST)/bin/python -m moirelib verify

# In short: the ledger and the tests of the physics, not those that start processes.
ROOMS := $(addprefix tests/,bands drag hall models switching)

test-portable: $(STAMP)
	$(BIN)/python tests/portable/portable.py $(if $(SHORT),--short $(ROOMS))

check-site: $(STAMP)
	$(BIN)/pytest tests/site -n 2 --junit-xml=$(REPORTS)/site.xml

# Each alone, beside nothing but the wheel of the library; make check-site runs one of them.
check-notebooks: book
	$(BIN)/pytest tests/site/test_notebooks.py --every-notebook

# In an environment of its own, with the library of this folder and the versions of the lock. A
# notebook that is there already is kept, for it may have been changed: delete it to get it afresh.
lab: book $(LAB)/installed-$(PLACE)-$(LOCK)
	mkdir -p notebooks
	cd _build/html/notebooks && for file in *.ipynb; do \
	  [ -e ../../../notebooks/$$file ] || cp $$file ../../../notebooks/; done
	cd notebooks && ../$(LAB)/bin/jupyter lab $(LAB_OPTIONS)

$(LAB)/installed-$(PLACE)-$(LOCK):
	$(PYTHON) -m venv --clear $(LAB)
	$(LAB)/bin/pip install --quiet --constraint requirements.txt --editable ".[lab]"
	@touch $@

bench: $(STAMP)
	$(BIN)/pytest benchmarks

# A fresh environment, so that nothing lingers in the lock; `pip freeze` names versions only.
lock:
	rm -rf _build/lock
	$(PYTHON) -m venv _build/lock
	_build/lock/bin/pip install --editable ".[book,test,distributed]"
	_build/lock/bin/pip freeze --exclude moirelib --exclude pip --exclude setuptools > _build/lock/requirements.txt
	! grep -nE '@|://|^-' _build/lock/requirements.txt
	cp _build/lock/requirements.txt requirements.txt
	rm -rf _build/lock

clean:
	rm -rf _build $(VENV) *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP):
	@$(PYTHON) -c "import sys; sys.exit('Python 3.11 or newer is needed, this is ' + sys.version) if sys.version_info < (3, 11) else None"
	@if [ -d $(VENV) ] && ! ls $(VENV)/installed-$(PLACE)-* >/dev/null 2>&1; then \
	  echo "$(VENV) is for another Python or another folder, or was not finished: installing it anew."; \
	  rm -rf $(VENV)/installed-*; \
	  $(PYTHON) -m venv --clear $(VENV); \
	else \
	  $(PYTHON) -m venv $(VENV); \
	fi
	$(BIN)/pip install --quiet -r requirements.txt
	$(BIN)/pip install --quiet --no-deps --editable .
	@rm -f $(VENV)/installed-*
	@touch $@
