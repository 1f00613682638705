# Every target of a developer's day; `make help` lists them.  docs/development.md explains.

PYTHON ?= python3
# `make install` makes VENV, to use gphoton-db; the other targets make DEV_VENV, to work on it.
VENV ?= .venv
DEV_VENV ?= .venv-dev
# A worker more than there are cores, for many tests wait for processes of their own; all tests of a
# file with the same one; in the order of tests/conftest.py.
WORKERS ?= $(shell $(PYTHON) -c "import os; print(os.cpu_count() + 1)")
PYTEST_OPTIONS ?= --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder

DEV_READY := $(DEV_VENV)/.ready
TYPETREE := build/typetree
DOCS_DEMO := build/docs-demo
DOCS_DEMO_READY := $(DOCS_DEMO)/.ready
CONSTRAINTS_VENV := build/constraints-venv
PACKAGE_FOLDERS := aspect gphoton_db ingest products sql
KERNELS := $(shell find $(PACKAGE_FOLDERS) -path '*/kernels/*.py') gphoton_db/mission.py
CODE := $(shell find $(PACKAGE_FOLDERS) -name '*.py' -o -name '*.sql')
KERNELS_FRESH := build/.kernels-fresh

.DEFAULT_GOAL := help
.PHONY: help install demo kernels test test-deep lint layers docs format campaign fuzz bench constraints typetree clean \
    check-python

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "PYTHON=python3.12 chooses the interpreter (now: $(PYTHON)); 3.11 or newer is needed."

install: check-python  ## make .venv with gphoton-db and its shell, editable
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --constraint constraints.txt --editable ".[shell]"
	@echo "Installed: $(VENV)/bin/gphoton-db --help"

demo: install  ## make .venv, simulate a visit, ingest it and look at it (in ./gphoton-demo)
	$(VENV)/bin/gphoton-db demo --output gphoton-demo

kernels: $(DEV_READY) $(KERNELS_FRESH)  ## make .venv-dev, and compile all kernels
	$(DEV_VENV)/bin/python -m gphoton_db warm-up

# Kernels first, side by side: else each worker of the tests compiles what it needs for itself.
test: kernels  ## run the tests (PYTEST_OPTIONS="-k stims", "-n 2", "--cov", ...)
	$(DEV_VENV)/bin/python -m pytest $(PYTEST_OPTIONS)

test-deep: kernels  ## run all tests, also those marked deep, with 25 times as many examples
	$(DEV_VENV)/bin/python -m pytest $(PYTEST_OPTIONS) --hypothesis-profile=deep

lint: $(DEV_READY) layers  ## check layers, format, style and types
	$(DEV_VENV)/bin/ruff format --check .
	$(DEV_VENV)/bin/ruff check .
	$(DEV_VENV)/bin/mypy $(TYPETREE) tests

# Says one line if all is well, and everything that import-linter says if not.
layers: $(DEV_READY) typetree  ## check that no import goes against the layers
	@cd $(TYPETREE) && if found=$$("$(abspath $(DEV_VENV))/bin/lint-imports" --no-logo --no-cache \
	    "$(CURDIR)/pyproject.toml" 2>&1); \
	then echo "$$found" | tail -1; else echo "$$found"; exit 1; fi

docs: $(DOCS_DEMO_READY)  ## build the site into build/docs, with warnings as errors
	GPHOTON_DB_DOCS_DEMO="$(CURDIR)/$(DOCS_DEMO)" \
	    $(DEV_VENV)/bin/python -m sphinx -W --keep-going -E -q -b html docs build/docs
	@echo "Built: build/docs/index.html"

format: $(DEV_READY)  ## format the code and mend what ruff can mend safely
	$(DEV_VENV)/bin/ruff check --fix-only .
	$(DEV_VENV)/bin/ruff format .

MINUTES ?= 60

campaign: $(DEV_READY) $(KERNELS_FRESH)  ## damaged inputs, kills, and readers beside a writer, for MINUTES
	$(DEV_VENV)/bin/python -m tests.campaign --minutes $(MINUTES)

SECONDS ?= 60

fuzz: $(DEV_READY)  ## fuzz decoders and readers, guided by coverage, for SECONDS (Linux)
	@$(DEV_VENV)/bin/python -c "import atheris" 2>/dev/null || \
	    $(DEV_VENV)/bin/python -m pip install --constraint constraints.txt --editable ".[fuzz]"
	$(DEV_VENV)/bin/python -m tests.campaign.fuzz --seconds $(SECONDS)

bench: $(DEV_READY) $(KERNELS_FRESH)  ## run every script of benchmarks/
	@for script in $(sort $(wildcard benchmarks/*.py)); do \
	    echo "== $$script"; $(DEV_VENV)/bin/python "$$script" || exit 1; \
	done

constraints: check-python  ## resolve all dependencies anew and write constraints.txt
	rm -rf $(CONSTRAINTS_VENV)
	$(PYTHON) -m venv $(CONSTRAINTS_VENV)
	$(CONSTRAINTS_VENV)/bin/python -m pip install --upgrade pip
	$(CONSTRAINTS_VENV)/bin/python -m pip install --upgrade --editable ".[shell,test,lint,docs,fuzz]"
	@{ echo "# Versions that the tests were run with, of all that any extra installs."; \
	   echo "# Written by \`make constraints PYTHON=python3.11\`; do not edit by hand."; \
	   $(CONSTRAINTS_VENV)/bin/python -m pip freeze --all --exclude-editable --exclude pip \
	     --exclude wheel | LC_ALL=C sort --ignore-case; } > build/constraints.txt
	@if grep -Ev '^(#.*|[A-Za-z0-9._-]+==[A-Za-z0-9.!]+)$$' build/constraints.txt; then \
	   echo "make constraints: the lines above are not plain name==version" >&2; exit 1; fi
	mv build/constraints.txt constraints.txt

clean:  ## remove build products and caches, but no environment and no archive
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	rm -f .coverage .coverage.*
	find $(PACKAGE_FOLDERS) tests -name __pycache__ -prune \
	    -exec rm -rf {} +

check-python:
	@command -v "$(PYTHON)" >/dev/null || { \
	    echo "make: there is no '$(PYTHON)'; choose a Python with make PYTHON=..." >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.version_info >= (3, 11) or sys.exit("make: gphoton-db \
	needs Python 3.11 or newer; $(PYTHON) is " + sys.version.split()[0] + ", choose another \
	with make PYTHON=...")'

# The stamp is younger than what the environment was made from, so it is made once.
$(DEV_READY): pyproject.toml constraints.txt
	@$(MAKE) --no-print-directory check-python
	$(PYTHON) -m venv $(DEV_VENV)
	@# The pip that comes with Python 3.11 takes minutes to resolve what newer ones do in one.
	$(DEV_VENV)/bin/python -m pip install --upgrade pip
	$(DEV_VENV)/bin/python -m pip install --constraint constraints.txt \
	    --editable ".[shell,test,lint,docs]"
	@touch $@

# numba compiles a kernel anew when its own file changes, but not when a kernel or a constant that
# it takes from another file does: so any change discards all that was compiled.
$(KERNELS_FRESH): $(KERNELS)
	find $(PACKAGE_FOLDERS) -name '*.nb[ci]' -delete
	@mkdir -p $(@D) && touch $@

# What the pages of the gallery look at; made anew when the code has changed.
$(DOCS_DEMO_READY): $(DEV_READY) $(KERNELS_FRESH) $(CODE)
	rm -rf $(DOCS_DEMO) && mkdir -p $(DOCS_DEMO)
	cd $(DOCS_DEMO) && "$(abspath $(DEV_VENV))/bin/python" -m gphoton_db demo --json >/dev/null
	@touch $@

# The package as it is imported, of symbolic links to files: type checkers know nothing of
# setuptools' mapping of folders, and so does import-linter.  (cp -rs needs absolute sources, and GNU cp.)
typetree:
	rm -rf $(TYPETREE)
	mkdir -p $(TYPETREE)
	cp -rs "$(CURDIR)/gphoton_db" $(TYPETREE)/
	for folder in $(filter-out gphoton_db,$(PACKAGE_FOLDERS)); do \
	    cp -rs "$(CURDIR)/$$folder" $(TYPETREE)/gphoton_db/ || exit 1; done
