# One command from a fresh clone: `make run`. `make help` lists the others.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run gui setup test test-all lint bench gallery constraints clean system-python

VENV := .venv
WORKERS ?= 2
ARGS ?=
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$python"; break; }; done)
# the oldest first: its pins bind the later ones, so that every Python runs the same versions
PYTHONS ?= python3.11 python3.12 python3.13

PIP_INSTALL := $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check \
	--constraint constraints.txt --build-constraint constraints.txt
PYTEST := $(VENV)/bin/python -m pytest -n $(WORKERS)

help: ## list these targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' | awk -F'|' '{printf "  make %-12s %s\n", $$1, $$2}'
	@echo "  PYTHON=python3.12 chooses the Python, WORKERS=4 the test processes, ARGS='...' is added to the command"

run: $(VENV)/.setup ## set up what is missing, then run the example workflow
	$(VENV)/bin/nodeflow run workflows/graduate_admission.json $(ARGS)

gui: $(VENV)/.gui ## set up what is missing, then start the editor; ARGS=FILE opens a workflow
	$(VENV)/bin/nodeflow gui $(ARGS)

setup: $(VENV)/.setup ## make .venv and install nodeflow with reports and SQL into it

test: $(VENV)/.test ## run the tests but the slow ones
	$(PYTEST) -m "not slow" $(ARGS)

test-all: $(VENV)/.test ## run every test, the slow ones too
	$(PYTEST) $(ARGS)

lint: $(VENV)/.lint ## check style, format, types and the rooms' borders
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

bench: $(VENV)/.test ## run the benchmarks and print their table
	$(VENV)/bin/python tests/benchmarks/run.py $(ARGS)

gallery: $(VENV)/.setup ## draw all views anew, for the README
	$(VENV)/bin/python -m nodeflow_nodes.views._gallery nodes

clean: ## remove .venv and every cache
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks .import_linter_cache
	find nodeflow nodes tests workflows -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps: a step is done again when pyproject.toml or constraints.txt changed since.

$(VENV)/.created:
	@test -n "$(PYTHON)" || { echo "nodeflow needs Python 3.11 or newer; install it or name it: make run PYTHON=/path/to/python3"; exit 1; }
	@"$(PYTHON)" -c 'import venv; from ensurepip import version' 2>/dev/null || $(MAKE) --no-print-directory system-python PYTHON="$(PYTHON)"
	"$(PYTHON)" -m venv --clear $(VENV)
	@touch $@

$(VENV)/.setup: $(VENV)/.created pyproject.toml constraints.txt
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --upgrade --constraint constraints.txt pip
	$(PIP_INSTALL) --editable '.[report,sql]'
	@touch $@

$(VENV)/.gui: $(VENV)/.setup
	$(PIP_INSTALL) --editable '.[report,sql,deep,gui]'
	@touch $@

$(VENV)/.test: $(VENV)/.setup
	$(PIP_INSTALL) --group test
	@touch $@

$(VENV)/.lint: $(VENV)/.test
	$(PIP_INSTALL) --group lint
	@touch $@

# Debian keeps ensurepip, which venv needs, in a package of its own.
system-python:
	@package=$$(basename "$(PYTHON)"); [ "$$package" = python3 ] || [[ "$$package" =~ ^python3\.[0-9]+$$ ]] || package=python3; \
	if ! command -v apt-get >/dev/null; then \
		echo "$(PYTHON) cannot make virtual environments: install its venv and ensurepip modules, or name another with PYTHON=..."; exit 1; \
	elif [ "$$(id -u)" != 0 ]; then \
		echo "$(PYTHON) cannot make virtual environments yet; run: sudo apt-get install $$package-venv"; exit 1; \
	else \
		export DEBIAN_FRONTEND=noninteractive; \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends "$$package-venv" >/dev/null; \
	fi

constraints: ## resolve constraints.txt anew, on each of PYTHONS
	@set -euo pipefail; work=$$(mktemp -d); trap 'rm -rf "$$work"' EXIT; : > "$$work/pins"; \
	for python in $(PYTHONS); do \
		echo "resolving on $$python"; rm -rf "$$work/venv"; \
		"$$python" -m venv "$$work/venv"; \
		"$$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade -c "$$work/pins" pip; \
		"$$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check -c "$$work/pins" \
			--editable '.[all]' --group test --group lint; \
		"$$work/venv/bin/python" -m pip freeze --all --exclude-editable --exclude setuptools > "$$work/found"; \
		LC_ALL=C sort -u -f "$$work/pins" "$$work/found" -o "$$work/pins"; \
	done; \
	if grep -nE '@|/' "$$work/pins"; then echo "these pins name a place instead of a version"; exit 1; fi; \
	{ sed '/^[^#]/,$$d' constraints.txt; cat "$$work/pins"; } > "$$work/new"; \
	mv "$$work/new" constraints.txt; echo "constraints.txt: $$(wc -l < "$$work/pins") pins"
