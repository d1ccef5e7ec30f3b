VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
READY := $(VENV)/.ready
PYTHON ?= python3
# Only the system's package manager has the sandbox; where it may not be asked, that is no error.
AS_ROOT := $(if $(filter 0,$(shell id -u)),,sudo -n)

.DEFAULT_GOAL := help
.PHONY: help setup demo test check format bench schemas

help: ## List the targets.
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /\1\t/' | expand -t 10

setup: $(READY) ## Make the virtual environment and install everything into it.

$(INSTALLED): pyproject.toml package.json
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[example]'
	@command -v bwrap >/dev/null || { $(AS_ROOT) apt-get update -qq && \
	  $(AS_ROOT) apt-get install -y -qq --no-install-recommends bubblewrap; } >/dev/null 2>&1 || true
	if command -v npm >/dev/null; then npm install --no-audit --no-fund --loglevel=error; fi
	touch $@

$(READY): $(INSTALLED)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@command -v bwrap >/dev/null || echo "No sandbox: $(BIN)/audition doctor says how to get one."
	touch $@

demo: $(INSTALLED) ## Play both example suites from their recordings and write the reports.
	@$(BIN)/audition run evals/routing.yaml --fresh || test $$? -eq 1
	@echo
	@BIN=$(BIN) evals/demo.sh
	@echo
	@echo "The trials above are scripted: written by hand, right and wrong on purpose."
	@echo "Next, with your own definitions:"
	@echo "  . $(CURDIR)/$(BIN)/activate"
	@echo "  cd YOUR-PROJECT && audition init"

test: $(READY) ## Run all tests.
	$(BIN)/python -m pytest --numprocesses auto

check: $(READY) ## Lint, type-check, and prove the floors.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY) ## Format the code.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

schemas: $(READY) ## Write the JSON Schemas anew.
	$(BIN)/audition schema dataset > schemas/dataset.schema.json
	$(BIN)/audition schema suite > schemas/suite.schema.json

bench: $(READY) ## Measure the figures that ARCHITECTURE.md states.
	$(BIN)/python benchmarks/figures.py; figures=$$?; \
	  $(BIN)/python benchmarks/agents.py && exit $$figures
