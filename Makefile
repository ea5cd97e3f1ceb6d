# The two commands are `make run` and `make test`; `make help` lists the rest.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test check tools format bench soak lock clean

PORT ?= 8501
MOSHTARI_BASE ?= data/demonstration
WORKERS ?= 2
export PORT MOSHTARI_BASE

PYTHON_IN_VENV := .venv/bin/python
PYTEST := $(PYTHON_IN_VENV) -m pytest -n $(WORKERS) --dist loadgroup
CODE := crm_core tests $(wildcard app.py pages benchmarks)

help: ## this list
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

run: .venv/run ## the app, on the demonstration base (PORT and MOSHTARI_BASE say otherwise)
	@test "$(MOSHTARI_BASE)" != data/demonstration || test -e data/demonstration/CURRENT || \
		$(PYTHON_IN_VENV) -m crm_core demo --base "$(MOSHTARI_BASE)"
	$(PYTHON_IN_VENV) -m crm_core serve

test: .venv/test .venv-peers/ready tools ## everything but the slow tests: what `make check` does, Chromium and PostgreSQL included
	@$(MAKE) --no-print-directory lint
	$(PYTEST)

check: .venv/test ## the fast half of `make test`: format, lint, types, import contracts, fast tests
	@$(MAKE) --no-print-directory lint
	$(PYTEST) -m "not slow and not browser and not postgres"

.PHONY: lint
lint: .venv/test
	$(PYTHON_IN_VENV) -m ruff format --check
	$(PYTHON_IN_VENV) -m ruff check
	$(PYTHON_IN_VENV) -m mypy $(CODE)
	.venv/bin/lint-imports

format: .venv/test ## put the code into its form
	$(PYTHON_IN_VENV) -m ruff format
	$(PYTHON_IN_VENV) -m ruff check --fix

tools: ## headless Chromium and a PostgreSQL server, from Debian's packages when they may be installed
	@scripts/test-tools

bench: .venv/test .venv-peers/ready ## the benchmarks: ratios in one run
	$(PYTHON_IN_VENV) -m benchmarks

soak: .venv/test .venv-peers/ready tools ## the slow tests
	$(PYTEST) -m slow

lock: .venv/test ## requirements*.txt anew from requirements*.in (UPGRADE=--upgrade lifts what may be lifted)
	scripts/uv pip compile $(LOCK) requirements.in --output-file requirements.txt
	scripts/uv pip compile $(LOCK) requirements-dev.in --output-file requirements-dev.txt
	scripts/uv pip compile $(LOCK) requirements-peers.in --output-file requirements-peers.txt

LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--annotation-style line --custom-compile-command "make lock" $(UPGRADE)

# The development set contains the other one, so that `make run` after `make test` has nothing to do.
.venv/test: requirements-dev.txt scripts/environment scripts/uv
	scripts/environment requirements-dev.txt
	@touch .venv/run .venv/test

.venv/run: requirements.txt scripts/environment scripts/uv
	@rm -f .venv/test
	scripts/environment requirements.txt
	@touch .venv/run

# What our figures are held against needs an older pandas than we do.
.venv-peers/ready: requirements-peers.txt | .venv/test
	.venv/bin/python -m venv --clear --without-pip .venv-peers
	scripts/uv pip sync --quiet --python .venv-peers/bin/python --require-hashes requirements-peers.txt
	@touch .venv-peers/ready

clean: ## remove what was made here: environment, caches, run-time data
	rm -rf .venv .venv-peers .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage htmlcov artefacts
	find data -mindepth 1 -maxdepth 1 -type d -exec rm -rf {} +
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
