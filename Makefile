# Commands for people: `make` lists them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check --no-input -q
UV := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --fork-strategy fewest \
	--upgrade --generate-hashes --no-strip-extras --no-emit-index-url --no-annotate --custom-compile-command "make lock" -q
# What is handed to `supportctl serve --demo`, for example: make run ARGS="--port 9000"
ARGS ?=
# Worker processes of the test run.
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help run test lint torture bench bench-full lock

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' Makefile

run: $(VENV)/run.stamp ## install what is needed and serve the demo on http://127.0.0.1:8000
	@$(BIN)/supportctl serve --demo $(ARGS)

test: $(VENV)/dev.stamp ## run all tests: both databases, journeys, Chromium
	@$(BIN)/python -m tests.tools.suite --workers $(WORKERS)

torture: $(VENV)/dev.stamp ## run the long rounds of crashes and races
	$(BIN)/pytest -m torture

bench: $(VENV)/dev.stamp ## measure at 10 000 tickets, on both databases
	@$(BIN)/python -m tests.bench

bench-full: $(VENV)/dev.stamp ## measure at 10 000 and at 1 000 000 tickets; takes about an hour
	@$(BIN)/python -m tests.bench --full

lint: $(VENV)/dev.stamp ## check style, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lock: $(VENV)/dev.stamp ## renew the pinned versions (uses uv)
	$(PIP) install uv
	$(UV) --extra postgres --extra xlsx --group build -o requirements.lock
	$(UV) --extra postgres --extra xlsx --group dev -o requirements-dev.lock

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed. Type: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing the locked packages ..." >&2
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

# The development lock holds all of requirements.lock as well.
$(VENV)/dev.stamp: requirements-dev.lock pyproject.toml | $(BIN)/python
	@echo "Installing the locked packages for development ..." >&2
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/run.stamp
