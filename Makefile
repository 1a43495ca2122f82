# Everything a person needs: `make rehearse` and `make test`. Both set up what they need, and skip what is there.
.DEFAULT_GOAL := help
.PHONY: help setup check test rehearse bench clean lock

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PYTEST_WORKERS ?= 2

help: ## What can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | expand -t 12

setup: $(READY) ## Virtual environment from the lock, and a working pulumi
	@$(BIN)/python engine/provide.py >/dev/null

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null || \
	  { echo "error: Python 3.11 to 3.13 is needed; name one: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "error: $(PYTHON) cannot make virtual environments; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@echo "setup: installing what requirements.lock names into $(VENV)"
	@sed -n '/^uv==/,/# via/p' requirements.lock > $(VENV)/uv.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.lock
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $(READY)

check: $(READY) ## Format, lint, types, imports
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

test: setup ## Set up and pass the tests
	$(BIN)/pytest -n $(PYTEST_WORKERS) --dist worksteal

rehearse: setup ## Set up and perform a whole release and its rollback on this machine
	@$(BIN)/python -m rehearsal run

bench: setup ## Compare with the tools people use today
	$(BIN)/python -m benchmarks

clean: ## Remove what the other targets made here
	-@test -x $(BIN)/python && $(BIN)/python -m rehearsal stop 2>/dev/null
	rm -rf $(VENV) out .rehearsal .pytest_cache .mypy_cache .ruff_cache .hypothesis

lock: $(READY) ## Resolve pyproject.toml into requirements.lock anew
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
	  pyproject.toml --group pyproject.toml:rehearsal --group pyproject.toml:dev --output-file requirements.lock
