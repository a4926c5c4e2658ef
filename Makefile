# Needs Python 3.11 or newer with venv, make and git. All else comes by checksum: from requirements-report.lock what the
# report needs, from requirements.lock what tests, style, documentation and JupyterLab need besides.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
LOCKED := install --no-compile --require-hashes --only-binary :all: -r
# the pip of the lock reads an index in less than half the time of the one that Python carries, which installs it alone
FIRST_PIP = $(PYTHON) -m pip --python $(BIN)/python --disable-pip-version-check --quiet
# two installers side by side, each with every other package of a lock: unpacking them takes one core half a minute
IN_PARTS = awk '/^[a-zA-Z]/ { n++; part = /^pip==/ ? "pip" : "half" n % 2 } { print > (".venv/" part) }' $<
TWO_HALVES = { $(PIP) $(LOCKED) .venv/half0 --no-deps & other=$$!; trap 'kill $$other' INT TERM HUP; \
	$(PIP) $(LOCKED) .venv/half1 --no-deps; one=$$?; wait $$other && exit $$one; }
RESOLVE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header

# without bytecode every start of Python imports three times as long
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup report next test lint verify docs deposit lab notebooks bench lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile
	@echo "PYTHON=... selects the interpreter that makes .venv (now: $(PYTHON))"

setup: .venv/done ## create .venv with everything: Excel and Parquet, tests, documentation, JupyterLab

report: .venv/report ## run the notebooks that changed, write reports/
	@$(BIN)/python -m eventstudy.report

next: .venv/report ## test the years that the plan fixed ahead, when the tables reach their end
	@cd notebooks && ../$(BIN)/python -m launches

test: .venv/done ## run the tests
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses auto --dist worksteal

lint: .venv/done ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

verify: .venv/report ## build the report anew elsewhere and compare checksums
	@$(BIN)/python -m eventstudy.report --verify

docs: .venv/done ## build the documentation, build/docs/index.html
	$(BIN)/python -m sphinx -q -W --keep-going -b html docs build/docs

deposit: .venv/done ## write a zip for an archive, with RO-Crate metadata
	@$(BIN)/python -m eventstudy.report.deposit

lab: .venv/done ## open the notebooks in JupyterLab
	$(BIN)/jupyter lab --notebook-dir=. notebooks

notebooks: .venv/report ## write the .ipynb beside each notebook
	@$(BIN)/python -m eventstudy.report --notebooks

bench: build/bench/done ## compare speed and memory with other packages, write benchmarks/results.md
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 PYTHONPATH=src build/bench/bin/python -W ignore -m benchmarks

lock: ## resolve both locks anew (needs uv)
	$(RESOLVE) \
		--extra files --extra report --group build --group test --group lint --group lab --group docs \
		--group deposit \
		--output-file requirements.lock pyproject.toml
	$(RESOLVE) --extra report --group build --constraint requirements.lock \
		--output-file requirements-report.lock pyproject.toml

clean: ## remove .venv and all intermediate files; reports/ stays
	rm -rf .venv build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis

.venv/locked: requirements-report.lock
	@$(PYTHON) -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Makefile: $(PYTHON) is not Python 3.11 or newer with venv; set PYTHON=/path/to/python3"; exit 2; }
	@echo "make: creating .venv and installing $$(grep -c == requirements-report.lock) packages for the report (0.7 GB)"
	@$(PYTHON) -m venv --clear --without-pip .venv
	@$(IN_PARTS)
	@if $(FIRST_PIP) --version >/dev/null 2>&1; then $(FIRST_PIP) $(LOCKED) .venv/pip; \
		else $(BIN)/python -m ensurepip >/dev/null && $(PIP) $(LOCKED) .venv/pip; fi
	@$(TWO_HALVES)
	@touch $@

build/bench/done: benchmarks/requirements.lock
	$(PYTHON) -m venv --clear build/bench
	build/bench/bin/python -m pip --disable-pip-version-check --quiet install --no-compile --require-hashes \
		--only-binary :all: -r benchmarks/requirements.lock
	@touch $@

.venv/report: .venv/locked pyproject.toml
	@$(PIP) install --no-compile --no-deps --no-build-isolation --editable .
	@touch $@

.venv/done: requirements.lock .venv/report
	@echo "make: adding what tests, style, documentation and JupyterLab need ($$(grep -c == requirements.lock) packages in all, 1.3 GB)"
	@$(IN_PARTS)
	@$(TWO_HALVES)
	@touch $@
