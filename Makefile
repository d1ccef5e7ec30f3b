VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PYTHON ?= python3

.DEFAULT_GOAL := help
.PHONY: help setup demo test check format bench schemas

help: ## List the targets.
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /\1\t/' | expand -t 10

setup: $(READY) ## Make the virtual environment and install everything into it.

$(READY): pyproject.toml package.json
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	if command -v npm >/dev/null; then npm install --no-audit --no-fund --loglevel=error; fi
	touch $@

demo: $(READY) ## Play the example suite from its recordings and write the report.
	@$(BIN)/audition run evals/routing.yaml --fresh || test $$? -eq 1
	@echo "The trials above are scripted: written by hand, right and wrong on purpose. Next: README.md"

test: $(READY) ## Run all tests.
	$(BIN)/python -m pytest

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
	$(BIN)/python benchmarks/figures.py
