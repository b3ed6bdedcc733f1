# The course in two commands: `make lab` to learn, `make test` to run every notebook as a test.
PYTHON ?= python3
PORT ?= 8888
LESSON ?=
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TEST_READY := $(VENV)/.ready-for-tests
PIP_INSTALL = $(BIN)/python -m pip install $(if $(CI),--quiet) --disable-pip-version-check --constraint constraints.txt
ARTIFACTS := tests/artifacts
SERVER := tools/jupyter/jupyter_server_config.json
PAGE := tools/jupyter/page_config.json
# Tests keep away from the learner's own progress and runs.
TEST_ENV := COURSE_BUDGET=smoke COURSE_HEADLESS=1 COURSE_HOME="$(CURDIR)/$(ARTIFACTS)/home" \
	COURSE_RUNS="$(CURDIR)/$(ARTIFACTS)/runs" OMP_NUM_THREADS=1 MPLBACKEND=
# Recipes take these from the environment, in quotes: whatever stands in them is a value, never a command.
export PORT LESSON
# One lesson's part: answers, proof of its checks, tests of its own, and its two notebooks.
OF_LESSON = -k "$$LESSON" tests/test_checks.py tests/test_checks_proof.py \
	$$(find tests -maxdepth 1 -name "test_lesson_$$LESSON.py") \
	$$(find $(ARTIFACTS)/notebooks -name "$${LESSON}_*.ipynb" -o -name "*_$$LESSON.ipynb")

.DEFAULT_GOAL := help
.PHONY: help setup lab test test-browser check build run bench slides pictures clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'
	@echo "  options: PORT=8888 (lab), LESSON=c1w1 (test, run, slides), PYTHON=python3 (setup)"

setup: $(TEST_READY) ## create .venv and install everything, the tests included (the other targets do it when needed)

$(READY): pyproject.toml constraints.txt tools/overrides.json $(SERVER)
	@"$(PYTHON)" tools/before_install.py
	@test -x $(BIN)/python || "$(PYTHON)" -m venv $(VENV) || \
		{ rm -rf $(VENV); echo "python3 has no venv module: install it (Debian, Ubuntu: apt-get install python3-venv)"; exit 1; }
	@echo "Installing the course into $(VENV): about three minutes, most of it for PyTorch."
	$(PIP_INSTALL) --editable ".[chemistry,engines,export]"
	@mkdir -p $(VENV)/share/jupyter/lab/settings && cp tools/overrides.json $(VENV)/share/jupyter/lab/settings/
	@mkdir -p $(VENV)/etc/jupyter && cp $(SERVER) $(VENV)/etc/jupyter/
	@touch $(READY)

$(TEST_READY): $(READY) $(PAGE)
	@echo "Installing what the tests need besides."
	$(PIP_INSTALL) --editable ".[chemistry,engines,export,site,test]"
	@mkdir -p $(VENV)/etc/jupyter/labconfig && cp $(PAGE) $(VENV)/etc/jupyter/labconfig/  # no grader's menus in JupyterLab
	@touch $(TEST_READY)

build: $(READY) ## build the notebooks from notebooks/sources
	@$(BIN)/course build

lab: build ## open JupyterLab on Start here (PORT=...)
	@COURSE_BIN=$(BIN) sh tools/lab.sh "$${PORT:-8888}"

test: $(TEST_READY) ## unit tests, check tests, and nbval over every notebook, on all cores (LESSON=c1w1: its part)
	@rm -rf $(ARTIFACTS)/notebooks $(ARTIFACTS)/home $(ARTIFACTS)/runs
	@$(BIN)/course build --out $(ARTIFACTS)/notebooks
	$(TEST_ENV) $(BIN)/python -m pytest -n auto --dist loadscope \
		--nbval-lax --nbval-current-env --nbval-cell-timeout 300 $(if $(LESSON),$(OF_LESSON),tests $(ARTIFACTS)/notebooks)

test-browser: $(TEST_READY) ## drive JupyterLab in a real Chromium (apt-get install chromium)
	$(BIN)/python -m pytest -m browser tests/browser

check: $(TEST_READY) ## ruff, and whether every generated notebook is what its source builds
	$(BIN)/ruff check .
	$(BIN)/course build --check

run: $(READY) ## execute a lesson without a browser: make run LESSON=c1w1
	@$(BIN)/course run "$$LESSON"

bench: $(READY) ## measure everything on a quiet machine (two hours, writes benchmarks/RESULTS.md)
	@$(BIN)/python -m benchmarks.metric_speed
	@$(BIN)/python -m benchmarks.step_efficiency
	@$(BIN)/python -m benchmarks.gaussian_grid
	@$(BIN)/python -m benchmarks.time_to_quality
	@$(BIN)/python -m benchmarks.stacked_digits
	@$(BIN)/python -m benchmarks.recipes_tried
	@$(BIN)/python -m benchmarks.explorer_update
	@$(BIN)/python -m benchmarks.dashboard_cost
	@$(BIN)/python -m benchmarks.gan_lab_memory

slides: $(READY) ## slides of every lesson (or LESSON=c1w1) into build/slides
	@$(BIN)/course slides $(if $(LESSON),"$$LESSON")

pictures: $(READY) ## draw README's pictures again, after a solution was executed
	$(BIN)/python tools/readme_pictures.py

clean: ## remove what the tests and slides made (never your notebooks, progress or runs)
	rm -rf build $(ARTIFACTS) .pytest_cache .ruff_cache
