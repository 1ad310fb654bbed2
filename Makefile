# BizOSaaS. `make help` lists the commands.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PORT ?= 3000
API_PORT ?= 8000
PYTHON ?= python3
VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
SCHEMATHESIS := .tools/schemathesis
UPSTREAMS := .tools/upstreams
CRM_PYTHON ?= python3.12
UV := $(shell command -v uv 2>/dev/null || echo $(CURDIR)/.tools/uv/bin/uv)

# Bun and Node come from wheels in the environment, so nothing of the machine's own is used.
export PATH := $(BIN):$(PATH)
export REFLEX_USE_SYSTEM_BUN := 1
export REFLEX_TELEMETRY_ENABLED := false
export REFLEX_CHECK_LATEST_VERSION := 0
export PYTHONUNBUFFERED := 1
export UV_COMPILE_BYTECODE := 1
# Twelve hundred modules are compiled once, and not at each start, whatever the machine has set.
export PYTHONDONTWRITEBYTECODE :=
export UV_LINK_MODE := copy

.PHONY: help setup schemathesis upstream-shop upstream-cms upstream-crm test-upstreams run serve api test check format types bench drills seed migrate backup verify-backup restore rebuild drift browser compose-tool prometheus image-tools image-check guide clean

help:  ## List the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | sort | awk -F'\t' '{printf "  make %-14s %s\n", $$1, $$2}'

$(CURDIR)/.tools/uv/bin/uv:
	$(PYTHON) -m venv .tools/uv || { echo "python3 lacks the venv module; install it (Debian: python3-venv)"; exit 1; }
	.tools/uv/bin/pip install --quiet --disable-pip-version-check "uv>=0.9"

$(VENV)/.ready: pyproject.toml uv.lock | $(UV)
	$(UV) sync --frozen --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')"
	@$(BIN)/python -m compileall -q -j 0 agents bizosaas_app models pages state
	@touch $@

# Apart from ours because its pins would clash; the contract tests call its program.
$(SCHEMATHESIS)/.ready: tests/contract/schemathesis.txt $(VENV)/.ready | $(UV)
	$(UV) venv --quiet --clear --python $(BIN)/python $(SCHEMATHESIS)
	$(UV) pip install --quiet --python $(SCHEMATHESIS)/bin/python --require-hashes -r $<
	@touch $@

schemathesis: $(SCHEMATHESIS)/.ready  ## Make the environment of the contract tests

# Real systems to connect in tests, each apart too.
$(UPSTREAMS)/shop/.ready $(UPSTREAMS)/cms/.ready: $(UPSTREAMS)/%/.ready: tests/upstreams/%.txt $(VENV)/.ready | $(UV)
	$(UV) venv --quiet --clear --python $(BIN)/python $(UPSTREAMS)/$*
	$(UV) pip install --quiet --python $(UPSTREAMS)/$*/bin/python --require-hashes -r $<
	@touch $@

$(UPSTREAMS)/crm/.ready: tests/upstreams/crm.txt $(VENV)/.ready | $(UV)
	$(UV) venv --quiet --clear --python $(CRM_PYTHON) $(UPSTREAMS)/crm || { echo "the CRM needs Python 3.12: name one by CRM_PYTHON="; exit 1; }
	$(UV) pip install --quiet --python $(UPSTREAMS)/crm/bin/python --require-hashes -r $<
	@touch $@

upstream-shop upstream-cms upstream-crm: upstream-%: $(UPSTREAMS)/%/.ready

setup: $(VENV)/.ready  ## Make the environment from the lock file

run: setup  ## Run for development: UI on PORT (3000), API on API_PORT (8000)
	PORT=$(PORT) API_PORT=$(API_PORT) $(BIN)/reflex run --frontend-port $(PORT) --backend-port $(API_PORT)

serve: setup  ## Production build: UI and API on one PORT
	export PORT=$(PORT) API_PORT=$(PORT) BIZOSAAS_ONE_PORT=1; \
	export BIZOSAAS_PUBLIC_URL=$${BIZOSAAS_PUBLIC_URL:-http://localhost:$(PORT)}; \
	BIZOSAAS_WORKERS=1 $(BIN)/reflex export --frontend-only --no-zip && exec $(BIN)/python -m bizosaas_app serve

api: setup  ## The backend alone on PORT: no Node, no front-end build
	PORT=$(PORT) API_PORT=$(PORT) exec $(BIN)/python -m bizosaas_app serve --api-only

check: setup  ## Format, lint, types, import floors
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup  ## Write the format and the safe lint fixes
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

browser: setup  ## Find a Chromium, or install one
	@$(BIN)/python -m tests.e2e.chromium

compose-tool: setup  ## Find what reads compose.yaml, or install it
	@$(BIN)/python -m tests.deploy.compose_tool

prometheus: setup  ## Find a Prometheus for the tests, or fetch one
	@$(BIN)/python -m tests.deploy.prometheus_tool

image-tools:  ## Install an engine, and what makes stand-ins, from Debian as root; starting the engine is yours
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	  docker.io iptables mmdebstrap

image-check: setup compose-tool  ## Build the image, start compose.yaml with it; IMAGE_CHECK_* in tests/deploy/image_check.py
	$(BIN)/python -m tests.deploy.image_check

test: setup browser compose-tool prometheus schemathesis upstream-shop upstream-cms  ## Every test, the browser journeys included
	$(BIN)/pytest -n 2 --dist loadscope

test-upstreams: setup upstream-shop upstream-cms upstream-crm  ## The gateway before a real Wagtail, GraphQL shop and CRM
	EVERY_UPSTREAM=1 $(BIN)/pytest -q --timeout 1200 tests/upstreams

guide: setup browser  ## Take the pictures of the user guide anew
	$(BIN)/pytest -q tests/e2e/test_pages.py -k signed_in
	$(BIN)/python -m tests.e2e.guide

bench: setup schemathesis  ## The benchmarks; writes bench/results/*.json
	$(BIN)/python -m bench

drills: setup  ## Take workers and engines away under load; writes bench/results/drill_*.json
	for name in killed_workers lost_engines rolling_restart; do $(BIN)/python -m bench.drills.$$name || exit 1; done

migrate seed rebuild drift: setup  ## Migrate; write the demo data; rebuild what derives from the ledger, or compare it
	$(BIN)/python -m bizosaas_app $@

backup: setup  ## Dump the database into backups/ (or BIZOSAAS_BACKUP_DIR)
	$(BIN)/python -m bizosaas_app backup

verify-backup: setup  ## Try a dump out elsewhere: make verify-backup FILE=backups/....dump
	@test -n "$(FILE)" || { echo "name the dump: make verify-backup FILE=backups/....dump"; exit 2; }
	$(BIN)/python -m bizosaas_app verify-backup "$(FILE)"

restore: setup  ## Load a dump: make restore FILE=backups/....dump
	@test -n "$(FILE)" || { echo "name the dump: make restore FILE=backups/....dump"; exit 2; }
	$(BIN)/python -m bizosaas_app restore "$(FILE)"

clean:  ## Remove what the build made (not the data)
	rm -rf .web .states .artefacts .mypy_cache .ruff_cache .pytest_cache
