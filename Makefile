# Everything is set up by the first command that needs it: a virtual environment in .venv with the locked packages.
# Needed: Python 3.11 or newer, make and a package index. uv is used where it is there, because it is faster.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

# Called, not only looked up: a version manager may leave names on the PATH that do not run.
NEW_ENOUGH := -c 'import sys; sys.exit(sys.version_info < (3, 11))'
PYTHON ?= $(shell for each in python3.13 python3.12 python3.11 python3; do \
	$$each $(NEW_ENOUGH) 2>/dev/null && echo $$each && break; done)
PY := .venv/bin/python
ROOMS := streams models monitors infra dashboards
SOURCES = $(shell find $(ROOMS) tests examples docs -type f -not -name '*.pyc' 2>/dev/null)

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .venv/runtime.stamp ## a year of New York flights as a backtest; ends by naming its report
	.venv/bin/riverkeeper backtest examples/flights/pipeline.toml

test: .venv/dev.stamp ## every test that this machine can run; ends with those left out, and why
	$(PY) -m pytest -n 2 -q -rs --cov --cov-report= --cov-fail-under=0
	@touch .venv/tested.stamp

check: .venv/tested.stamp ## what a change must pass: style, types, layers, and the tests with the floor of their coverage
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/coverage report

format: .venv/dev.stamp ## write the code as `make check` wants it
	.venv/bin/ruff check --fix
	.venv/bin/ruff format

bench: .venv/dev.stamp ## measure speed and memory against limits and peers
	@set -e; for file in $(wildcard benchmarks/bench_*.py); do echo "$$file"; $(PY) "$$file"; done

lock: ## write requirements/ anew from pyproject.toml (needs uv)
	$(COMPILE) --group build --output-file requirements/runtime.txt
	$(COMPILE) --group dev --constraint requirements/runtime.txt --output-file requirements/dev.txt

clean: ## remove what was made here: the environment, caches and runs
	rm -rf .venv .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist runs
	find $(ROOMS) tests examples -type d -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

.PHONY: help demo test check format bench lock clean

# Versions and hashes only: an index's address does not belong in a lock.
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	--no-header --fork-strategy fewest pyproject.toml --extra examples

# uv where it runs and reaches an index (it does not read pip's settings), else pip.
define install
	@if uv --version >/dev/null 2>&1 && uv pip install --quiet --python $(PY) $(1); then :; \
	else $(PY) -m pip install -qq --disable-pip-version-check $(1); fi
endef
EDITABLE := --no-deps --no-build-isolation --editable .

.venv/bin/python:
	@if [ -z "$(PYTHON)" ] || ! $(PYTHON) $(NEW_ENOUGH); then \
		echo "Riverkeeper needs Python 3.11 or newer, and none of $(or $(PYTHON),python3.13 python3.12 python3.11 python3) is." >&2; \
		echo "Install one, or name it: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; exit 1; fi
	@echo "Setting up .venv with $$($(PYTHON) --version): once, a minute or two"
	@$(PYTHON) -m venv --clear .venv

.venv/runtime.stamp: requirements/runtime.txt pyproject.toml | .venv/bin/python
	$(call install,--require-hashes --requirement requirements/runtime.txt)
	$(call install,$(EDITABLE))
	@touch $@

.venv/dev.stamp: requirements/dev.txt .venv/runtime.stamp
	$(call install,--require-hashes --requirement requirements/dev.txt)
	@touch $@

# The tests run again only when something has changed since they last passed.
.venv/tested.stamp: .venv/dev.stamp pyproject.toml README.md $(SOURCES)
	@$(MAKE) --no-print-directory test
