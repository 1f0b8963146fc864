# Every task has one command, the same for people and for continuous integration.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
SHELL := /bin/bash

BIN := .venv/bin
PYTEST := $(BIN)/pytest
# Where the development mails lie; everything works without them.
SHARED ?= ../shared
# One worker per core, two at most: more gain little and starve the end-to-end tests' clocks.
JOBS ?= 2

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## Install what tests and tools need: Debian packages and .venv (never asks)
	@tools/setup.sh test

.PHONY: run
run: ## Show it working behind a private Postfix; ONCE=1 ends after the table
	@tools/setup.sh run
	@$(BIN)/python tools/demo.py $(if $(filter-out 0,$(ONCE)),--once)

.PHONY: test
test: setup lint typecheck contracts ## Everything that has to pass
	@tools/test.sh $(JOBS)

.PHONY: lint
lint: setup ## ruff: rules and format
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check . || \
		{ echo "make lint: run .venv/bin/ruff format" >&2; exit 1; }
	@echo "lint: clean"

.PHONY: typecheck
typecheck: setup ## mypy --strict
	@$(BIN)/mypy

.PHONY: contracts
contracts: setup ## Who may import whom (import-linter)
	@$(BIN)/lint-imports --no-logo

.PHONY: lock
lock: ## Write requirements*.txt anew; UPGRADE=--upgrade moves the pins
	@UPGRADE=$(UPGRADE) tools/lock.sh

.PHONY: corpus
corpus: setup ## Judge lab, failed cases and corpora of real mail; ends in one table of figures
	@$(BIN)/python tools/corpus.py $(SHARED)

.PHONY: bench
bench: setup ## CPU per message of gateway and scanners, beside a no-op milter
	@$(BIN)/python tools/bench.py $(SHARED)
	@$(BIN)/python tools/bench_signatures.py

.PHONY: soak
soak: setup ## Ten thousand mails, one reload and one killed scanner in the middle
	@$(BIN)/python tools/bench.py --soak $(SHARED)

.PHONY: install-test
install-test: setup ## Follow the README's installation in a systemd container; root only
	@$(PYTEST) --quiet -m install

.PHONY: docs
docs: setup ## Write the generated pages of docs/ anew
	@$(BIN)/python tools/check_pages.py
	@$(BIN)/python tools/sample_config.py

.PHONY: clean
clean: ## Remove what was built, the virtual environment too
	@rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
