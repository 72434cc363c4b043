# Needs Python 3.11 or newer, git and make. PYTHON=… picks another interpreter, ARGS=… reaches the program behind a target.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test faults bench check lock
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
    $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
INSTALL := -m pip install --quiet --disable-pip-version-check --no-deps
UV ?= $(shell command -v uv || echo $(BIN)/uv)

help: ## print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/.run ## start the server with the simulated network (ARGS="--help" for its options)
	@$(BIN)/textwire serve $(ARGS)

test: .venv/.dev ## run the test suite; what this machine lacks is skipped by name, with CI=true it fails
	@$(BIN)/pytest -n auto -rs $(ARGS)

faults: .venv/.dev ## run the long fault tests
	@$(BIN)/pytest -n 2 -rs -m long $(ARGS)

bench: .venv/.run ## measure: every figure with its method
	@$(BIN)/python -m bench $(ARGS)

check: .venv/.dev ## lint, format, types, import contracts, security gate
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy -p textwire_client --python-version 3.10
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m tools.gate

lock: ## pin again what requirements/*.in ask for (needs uv)
	@cd requirements && for name in run dev fuzz vendors-kandy vendors-vonage vendors-vonage3 vendors-nexmo; do $(abspath $(UV)) pip compile --quiet --universal \
	    --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header \
	    $$name.in -o $$name.txt || exit 1; done

# The stamps: remade when a lock or pyproject.toml is newer; an environment that is there is brought up to date.
.venv/.run: requirements/run.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Textwire needs Python 3.11 or newer (PYTHON=… to name one)" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv --clear .venv
	@echo "Installing what Textwire needs into .venv"
	@$(BIN)/python $(INSTALL) --require-hashes -r requirements/run.txt
	@$(BIN)/python $(INSTALL) --no-index --no-build-isolation -e .
	@touch $@

.venv/.dev: requirements/dev.txt .venv/.run
	@echo "Installing what tests and checks need into .venv"
	@$(BIN)/python $(INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@

# A vendor's SDK, or a tool, in an environment of its own, made on first use: make .vendors/kandy/.stamp
define own_environment
	@$(PYTHON) -m venv --clear $(@D)
	@$(@D)/bin/python $(INSTALL) --require-hashes -r $<
	@touch $@
endef
.vendors/%/.stamp: requirements/vendors-%.txt
	$(own_environment)
.vendors/%/.stamp: requirements/%.txt
	$(own_environment)
# npm's, by a lock that names versions and hashes, and no host.
.vendors/%/.stamp: requirements/vendors-%/package-lock.json
	@mkdir -p $(@D)
	@cp $(<D)/package.json $< $(@D)/
	@cd $(@D) && npm ci --silent --ignore-scripts --no-audit --no-fund
	@touch $@
