# Everything a person needs, on a machine with Python 3.11 or later and make. `make help` lists it.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
START  ?= 2022-01-01
END    ?= 2022-01-07
WORKERS ?= 2
MINUTES ?= 30
SEED ?= 7

# `make run ARCHIVE=folder` reads real games from a folder of parquet files instead of the simulated league.
ifdef ARCHIVE
export NBA_ASSETS_ARCHIVE := $(abspath $(ARCHIVE))
export NBA_ASSETS_HOME ?= $(CURDIR)/.nba_assets/archive
else
export NBA_ASSETS_HOME ?= $(CURDIR)/.nba_assets/simulated
endif

.DEFAULT_GOAL := help
# A server that speaks BigQuery's API, for tests; it needs Python 3.13.
PYTHON_3_13 ?= python3.13
BIGQUERY_SERVER := $(CURDIR)/.bigquery-server
ifneq ($(wildcard $(BIGQUERY_SERVER)/.made),)
export NBA_ASSETS_TEST_BIGQUERY ?= $(BIGQUERY_SERVER)
endif
.PHONY: help run ui test bench profile faults fuzz lint audit docs lock bigquery-server clean

help: ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 8

$(BIN)/.runtime: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m pip check
	@$(BIN)/python -c 'import lightgbm' || { echo "LightGBM needs the system's libgomp (Debian: apt-get install libgomp1)."; exit 1; }
	touch $@

$(BIN)/.dev: requirements-dev.lock $(BIN)/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	touch $@

run: $(BIN)/.runtime ## Build START..END through every table and show the predictions (ARCHIVE=folder for real games)
	$(BIN)/nba-assets backfill $(START) $(END)
	$(BIN)/nba-assets predictions $(END) --limit 15
	$(BIN)/nba-assets status $(START) $(END)

ui: $(BIN)/.runtime ## Dagster's web interface on http://127.0.0.1:3000, with its state under NBA_ASSETS_HOME
	$(BIN)/nba-assets ui

test: $(BIN)/.dev ## The tests; those on real games run if NBA_ASSETS_TEST_ARCHIVE names a folder
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

faults: $(BIN)/.dev ## Kill and disturb backfills for MINUTES, count, and write docs/reliability.md
	env -u NBA_ASSETS_ARCHIVE $(BIN)/python -m benchmarks.reliability faults --minutes $(MINUTES) --seed $(SEED)

bigquery-server: $(BIGQUERY_SERVER)/.made ## The server that the tests of BigQuery run against (needs Python 3.13)

$(BIGQUERY_SERVER)/.made: requirements-bigquery-server.lock
	rm -rf $(BIGQUERY_SERVER)
	$(PYTHON_3_13) -m venv $(BIGQUERY_SERVER)
	$(BIGQUERY_SERVER)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-bigquery-server.lock
	mkdir -p $(BIGQUERY_SERVER)/home/.duckdb/extensions/v1.5.5/linux_amd64
	find $(BIGQUERY_SERVER)/lib -name '*.duckdb_extension' -exec cp {} $(BIGQUERY_SERVER)/home/.duckdb/extensions/v1.5.5/linux_amd64 \;
	touch $@

bench: $(BIN)/.dev ## Measure on real games (ARCHIVE=folder) and write docs/performance.md
	$(if $(ARCHIVE),,$(error make bench needs a folder of real seasons: make bench ARCHIVE=folder))
	$(BIN)/python -m benchmarks --archive $(ARCHIVE)

profile: $(BIN)/.dev ## Where the time of a week and of a season goes (ARCHIVE=folder), into docs/profile.md
	$(if $(ARCHIVE),,$(error make profile needs a folder of real seasons: make profile ARCHIVE=folder))
	$(BIN)/python -m benchmarks.profiling --archive $(ARCHIVE)

lint: $(BIN)/.dev ## Format, lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

audit: $(BIN)/.dev ## Known vulnerabilities of the locked dependencies; fails as well where nobody could be asked
	$(BIN)/python .ci/audit.py

FUZZ_EXAMPLES ?= 500
FUZZ_SEED ?= 1
fuzz: $(BIN)/.dev ## Bad input of every kind, FUZZ_EXAMPLES times from FUZZ_SEED; the counts go into docs/reliability.md
	$(BIN)/python benchmarks/fuzz.py --examples $(FUZZ_EXAMPLES) --seed $(FUZZ_SEED) --json artifacts/fuzz.json --page docs/reliability.md

docs: $(BIN)/.runtime ## Write the generated pages of docs/ anew
	$(BIN)/python -m nba_assets.docs

lock: $(BIN)/.dev ## Choose the newest allowed versions and write the lock files
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile -q --upgrade --universal --no-strip-extras --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --group build pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --upgrade --universal --no-strip-extras --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --group build --group dev pyproject.toml -o requirements-dev.lock
	$(BIN)/uv pip compile -q --upgrade --python-version 3.13 --generate-hashes --no-emit-index-url --no-header --group bigquery-server -o requirements-bigquery-server.lock

clean: ## Remove the environment and what was built
	rm -rf $(VENV) $(BIGQUERY_SERVER) .nba_assets build *.egg-info
