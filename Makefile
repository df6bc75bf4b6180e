# The one set of commands, the same on a laptop and in CI.
PYTHON ?= python3
UV_VERSION := 0.13.9
VENV := .venv
BIN := $(VENV)/bin
JAVA_HOME_LIBS := .java
NOTE ?= # of `make bench`: what a reader of the figures has to know
ROUNDS ?= 20

.DEFAULT_GOAL := help
.PHONY: help setup demo rerun bench test unit fuzz chaos scale lint types format lock up down status clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.done $(JAVA_HOME_LIBS)/.done ## install everything below this folder; leaves .venv/bin/leap

demo: setup ## run the main job on real data: sources, Kafka, Faust, ClickHouse
	@$(BIN)/leap demo

rerun: setup ## publish the demo's data a second time: everything is recognised, nothing moves
	@$(BIN)/leap demo --rerun

bench: setup ## measure everything, beside the peers; writes docs/PERFORMANCE.md (half an hour)
	@$(BIN)/leap bench all --full --docs docs --note "$(NOTE)"

test: setup ## all checks and tests: format, lint, types, layers, unit, property, integration
	@$(MAKE) --no-print-directory lint types
	$(BIN)/pytest -n 2 --dist loadfile

unit: $(VENV)/.done ## the tests that need no broker
	$(BIN)/pytest -n 2 --dist loadfile -m "not stack"

fuzz: $(VENV)/.done ## look for new failures of the properties, with many random examples: FOLDER=tests/streams
	$(BIN)/pytest -m "not stack" --timeout 3600 --hypothesis-profile=long $(or $(FOLDER),tests)

chaos: setup ## kill workers and the broker at random under load: ROUNDS=20; SEED=... repeats it
	@CHAOS_ROUNDS=$(ROUNDS) CHAOS_SEED=$${SEED:-$$(date +%s)} CHAOS_EVENTS=1000000 CHAOS_STUDENTS=3000 \
		$(BIN)/pytest tests/chaos -q -m "chaos or not chaos"

scale: setup ## one worker against two on the same two million events
	@$(BIN)/python -m tests.chaos.scale

lint: $(VENV)/.done ## formatting, ruff, import directions
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

types: $(VENV)/.done ## mypy, strict
	$(BIN)/mypy .

format: $(VENV)/.done ## rewrite the sources in the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(VENV)/.done ## resolve the dependencies again and write the lock files
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --extra dev --extra bench --extra backtest -c requirements.lock pyproject.toml -o requirements-dev.lock
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url bench/peers/requirements.in -o bench/peers/requirements.lock

up: setup ## start the local stack: Kafka, schema registry, ClickHouse
	@$(BIN)/leap up

down: $(VENV)/.done ## stop the local stack
	@$(BIN)/leap down

status: $(VENV)/.done ## say what runs
	@$(BIN)/leap status

clean: ## remove what the commands above made, data included
	-@test -x $(BIN)/leap && $(BIN)/leap down
	rm -rf $(VENV) $(JAVA_HOME_LIBS) .leap .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/.done: requirements-dev.lock pyproject.toml
	@test -d $(VENV) || $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "leap needs Python 3.11 or later; this is $$($(PYTHON) --version). Name another with make PYTHON=..."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(BIN)/uv pip sync --quiet --compile-bytecode requirements-dev.lock
	@$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(JAVA_HOME_LIBS)/.done: deploy/local/pom.xml
	@deploy/local/java-parts $(JAVA_HOME_LIBS)
	@touch $@
