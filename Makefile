# The course in two commands: `make lab` to learn, `make test` to run every notebook as a test.
PYTHON ?= python3
PORT ?= 8888
LESSON ?=
TORCH ?=
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TEST_READY := $(VENV)/.ready-for-tests
SERVER := tools/jupyter/jupyter_server_config.json
PAGE := tools/jupyter/page_config.json
# Recipes take these from the environment, in quotes: whatever stands in them is a value, never a command.
export PORT LESSON TORCH
# Python 3.11 and later would not look for the course in this folder.
export PYTHONSAFEPATH :=

.DEFAULT_GOAL := help
.PHONY: help setup lab update test test-browser check build run bench slides site pictures clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'
	@echo "  options: PORT=8888 (lab), TORCH=cpu (lab, setup), LESSON=c1w1 (test, run, slides), PYTHON=python3 (setup)"

setup: $(TEST_READY) ## create .venv and install everything, the tests included (the other targets do it when needed)

$(READY): pyproject.toml constraints.txt tools/overrides.json $(SERVER)
	@"$(PYTHON)" tools/before_install.py
	@"$(PYTHON)" -m course_utils setup --torch "$$TORCH"

$(TEST_READY): $(READY) $(PAGE)
	@"$(PYTHON)" -m course_utils setup --tests --torch "$$TORCH"

build: $(READY) ## build the notebooks from notebooks/sources
	@$(BIN)/course build

lab: $(READY) ## open JupyterLab on Start here (PORT=..., TORCH=cpu)
	@$(BIN)/course lab --port "$${PORT:-8888}" --torch "$$TORCH"

update: $(READY) ## bring this clone up to date; edited notebooks are kept beside the new ones
	@$(BIN)/course update

test: $(TEST_READY) ## unit tests, check tests, and nbval over every notebook, on all cores (LESSON=c1w1: its part)
	@$(BIN)/course test "$$LESSON"

test-browser: $(TEST_READY) ## drive JupyterLab in a real Chromium (apt-get install chromium)
	@$(BIN)/course test --browser

check: $(TEST_READY) ## ruff, and whether every generated notebook is what its source builds
	@$(BIN)/course check

run: $(READY) ## execute a lesson without a browser: make run LESSON=c1w1
	@$(BIN)/course run "$$LESSON"

bench: $(READY) ## measure everything on a quiet machine (two hours, writes benchmarks/RESULTS.md)
	@$(BIN)/course bench

slides: $(READY) ## slides of every lesson (or LESSON=c1w1) into build/slides
	@$(BIN)/course slides $(if $(LESSON),"$$LESSON")

site: $(TEST_READY) ## the course as web pages, from the executed solutions, into build/site
	@$(BIN)/course site

pictures: $(READY) ## draw README's pictures again, after a solution was executed
	@$(BIN)/course pictures

clean: ## remove what the tests and slides made (never your notebooks, progress or runs)
	@"$(PYTHON)" -m course_utils clean
