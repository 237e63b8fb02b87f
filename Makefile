# Countylink. `make demo` needs Python 3.11 or newer and nothing else; `make help` lists the rest.

SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test check dev bench bench-linkage bench-scale bench-intake bench-outcomes bench-reports environment-reports lock clean environment environment-dev \
  environment-spark

VENV := .venv
BIN := $(VENV)/bin
# The first Python that is new enough; set PYTHON=… to choose another.
PYTHON ?= $(shell for one in python3.14 python3.13 python3.12 python3.11 python3; do \
  command -v $$one >/dev/null && $$one -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
  && { echo $$one; break; }; done)
# Labelled sets for bench-linkage; where the folder is not there, synthetic ones are made.
LINKAGE_DATA ?= ../shared/data/linkage
# A virtual environment or a Dagster home of the caller does not leak in.
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME DAGSTER_HOME
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export DAGSTER_REDACT_USER_CODE_ERRORS := 1

help:  ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

demo: environment  ## a synthetic county, two nights, a release, its accuracy and headline outcomes (a good minute)
	@$(BIN)/countylink demo

# By its own reckoning xdist begins with modules of many tests; the long ones here have few, and would come last.
test: environment-dev  ## every test but that of a Spark cluster
	@$(BIN)/python -m pytest -n auto --dist loadscope --no-loadscope-reorder --ignore=tests/spark/test_cluster.py

.PHONY: test-cluster
test-cluster: environment-dev environment-spark  ## the same persons on a Spark cluster of two workers (minutes)
	@$(BIN)/python -m pytest tests/spark/test_cluster.py

check: environment-dev  ## format, lint, types, layers, SQL, container file, contracts, Dagster definitions
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy --no-error-summary
	$(BIN)/lint-imports --no-logo
	$(BIN)/sqlfluff lint --disable-progress-bar pipelines
	$(BIN)/hadolint deployment/containers/Dockerfile
	$(BIN)/countylink lint
	PYTHONWARNINGS=ignore $(BIN)/dagster definitions validate -w workspace.yaml --log-level error

dev: environment environment-reports  ## the Dagster UI on http://127.0.0.1:3000, with the demo's runs
	@mkdir -p build/demo/dagster && cp -n deployment/dagster.yaml build/demo/dagster/ || true
	@umask 077 && DAGSTER_HOME="$(CURDIR)/build/demo/dagster" PYTHONWARNINGS=ignore \
	  PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/dagster dev -w workspace.yaml --host 127.0.0.1

bench: environment  ## the nightly run by stage beside bare Splink, at 100,000 and 1,000,000 clients
	@$(BIN)/python -m benchmarks

bench-linkage: environment  ## accuracy beside Splink's tutorial, dedupe and exact rules (LINKAGE_DATA=folder of labelled sets; LINKAGE_OPTIONS="--dedupe-minutes 5")
	@LINKAGE_DATA="$(LINKAGE_DATA)" $(BIN)/python -m benchmarks.linkage $(LINKAGE_OPTIONS)

bench-scale: environment  ## cost of linking 0.5, 1 and 5 million records, and of a night, beside bare Splink and SQL by hand
	@$(BIN)/python -m benchmarks.scale
	@$(BIN)/python -m benchmarks.scale --link-table 110000,1000000

bench-outcomes: environment  ## measures and statements of 15,000 members and 300 tenants in a county of 5 million clients
	@$(BIN)/python -m benchmarks.outcomes

bench-intake: environment  ## taking in a file of 5 million rows, beside DuckDB and pandera alone
	@$(BIN)/python -m benchmarks.intake

.PHONY: faults environment-production
faults: environment-dev  ## kill nightly runs at 200 random points; each chain must converge (hours; FAULTS="--minutes 60")
	@$(BIN)/python -m tests.faults.killing $(FAULTS)

environment-production: $(VENV)/.installed-production  ## PostgreSQL's driver beside the rest (docs/operations.md)

bench-reports: environment-dev  ## the site of a release with 196 providers: scorecards, and their PDFs
	@$(BIN)/python -m benchmarks.scorecards

environment-spark: $(VENV)/.installed-spark  ## Spark beside the rest, for counties beyond one machine (docs/spark.md)

environment-reports: $(VENV)/.installed-reports  ## PDFs beside the rest, for countylink report --pdf (docs/reports.md)

lock:  ## resolve pyproject.toml anew into the lock files (needs uv on the PATH)
	@command -v uv >/dev/null || { echo "make lock needs uv on the PATH; the lock files are left as they are"; exit 1; }
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url \
	  --no-strip-extras --quiet pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url \
	  --no-strip-extras --quiet --extra dev --extra reports -c requirements.lock pyproject.toml -o requirements-dev.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url \
	  --no-strip-extras --quiet --extra reports -c requirements-dev.lock pyproject.toml -o requirements-reports.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url \
	  --no-strip-extras --quiet --extra spark -c requirements-dev.lock pyproject.toml -o requirements-spark.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url \
	  --no-strip-extras --quiet --extra production -c requirements-dev.lock pyproject.toml -o requirements-production.lock

clean:  ## remove what was built: the environment, the demo, caches
	rm -rf $(VENV) build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

environment: $(VENV)/.installed

environment-dev: $(VENV)/.installed-dev

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Countylink needs Python 3.11 or newer, and none was found. Install it, or set PYTHON=…"; exit 1; }
	@echo "making $(VENV) with $(PYTHON)"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "$(PYTHON) cannot make a virtual environment; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }

$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "installing the locked packages"
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	@echo "installing the locked development packages"
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

$(VENV)/.installed-production: requirements-production.lock $(VENV)/.installed
	@echo "installing the locked packages of production"
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements-production.lock
	@touch $@

$(VENV)/.installed-reports: requirements-reports.lock $(VENV)/.installed
	@echo "installing the locked packages of the reports"
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements-reports.lock
	@touch $@

$(VENV)/.installed-spark: requirements-spark.lock $(VENV)/.installed
	@echo "installing the locked packages of the Spark engine"
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements-spark.lock
	@touch $@
