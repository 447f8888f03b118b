# Every target only calls commands that can be typed by hand; `make help` lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
# One thread a process: on a busy core threads that wait for each other take many times as long.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest
PARALLEL := -n 2 --dist
# Where a folder of wheels is given it holds the small CPU build of torch, else uv picks that build itself.
export UV_FIND_LINKS ?= $(PIP_FIND_LINKS)
TORCH := $(if $(UV_FIND_LINKS),,--torch-backend=cpu)
UV := $(BIN)/uv pip install --quiet --python $(BIN)/python -c constraints.txt

STATIC := src/modelops_jupyter/notebook/static/widget.js
LABEXT := src/modelops_jupyter/labextension/package.json
LAB_SHARE := .venv/share/jupyter/labextensions/@modelops/jupyter
JS_CONFIG := js/package.json js/tsconfig.json js/tsconfig.build.json js/build.mjs js/install.json
JS_SOURCES := $(shell find js/src js/style js/schema -type f ! -name '*.test.ts')
GROUPS_OF_TESTS := unit property wire page faults notebooks lab package

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

# ---- set-up: each step leaves a stamp, so a second run has nothing to do -------------------------------
.PHONY: setup
setup: .venv/installed ## everything into .venv: Python packages, the built JavaScript, this package

.venv/uv: constraints.txt
	@echo "[1/4] .venv"
	@test -x $(BIN)/python || python3 -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt uv
	@touch $@

.venv/packages: .venv/uv pyproject.toml constraints.txt
	@echo "[2/4] Python packages (about 2 GB with torch; under a minute from a near index)"
	@$(UV) --compile-bytecode $(TORCH) -r pyproject.toml --extra lab --extra train --extra files --extra text --extra openai --extra gguf --extra onnx --group dev --group build
	@touch $@

js/node_modules/.installed: js/package-lock.json | .venv/packages
	@echo "[3/4] JavaScript tools"
	@cd js && npm ci --silent --no-audit --no-fund
	@touch $@

$(STATIC): js/node_modules/.installed $(JS_CONFIG) $(JS_SOURCES)
	@echo "      building the widgets"
	@cd js && npm run --silent build:widget
	@touch $@

$(LABEXT): js/node_modules/.installed $(JS_CONFIG) $(JS_SOURCES)
	@echo "      building the JupyterLab extension"
	@cd js && npm run --silent build:lab > ../.venv/lab-build.log 2>&1 || { cat ../.venv/lab-build.log; exit 1; }
	@touch $@

# The link replaces the copy that an editable install makes: JupyterLab then sees every new build.
.venv/installed: .venv/packages pyproject.toml js/install.json $(wildcard etc/jupyter/*/*.json) | js-build
	@echo "[4/4] modelops_jupyter"
	@rm -f src/modelops_jupyter/labextension/install.json  # the wheel brings it; two of them are an error
	@HATCH_JUPYTER_BUILDER_SKIP_NPM=1 $(UV) --no-deps --no-build-isolation --reinstall -e .
	@cp js/install.json src/modelops_jupyter/labextension/
	@rm -rf $(LAB_SHARE) && ln -s $(CURDIR)/src/modelops_jupyter/labextension $(LAB_SHARE)
	@touch $@

.PHONY: js-build
js-build: $(STATIC) $(LABEXT)

.PHONY: chromium
chromium: setup
	@$(BIN)/python scripts/chromium.py

# ---- use -----------------------------------------------------------------------------------------------
.PHONY: demo lab dev
demo: setup js-build ## run the quickstart and print what fine-tuning changed
	@$(BIN)/python scripts/demo.py

lab: setup js-build ## open the notebooks in JupyterLab
	@$(BIN)/jupyter lab notebooks/01_quickstart.ipynb

# What it leaves behind is built for debugging; the touched file makes the next target build again.
dev: setup js-build ## JupyterLab that follows every change of the JavaScript
	@trap 'touch js/build.mjs; trap - TERM; kill 0' EXIT INT TERM; \
	 (cd js && npm run --silent watch) & (cd js && npm run --silent watch:lab) & \
	 ANYWIDGET_HMR=1 $(BIN)/jupyter lab notebooks

# ---- checks --------------------------------------------------------------------------------------------
.PHONY: check test $(GROUPS_OF_TESTS:%=test-%)
check: setup js-build ## format, lint and types, in both languages
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	cd js && npm run --silent check

test: check test-js $(GROUPS_OF_TESTS:%=test-%) ## make check, then every test there is

.PHONY: test-js
test-js: setup
	cd js && npm test --silent

test-unit test-property test-faults: test-%: setup js-build
	$(PYTEST) -q $(PARALLEL) loadfile tests/$*

test-wire test-package: test-%: setup js-build
	$(PYTEST) -q tests/$*

test-page: setup js-build chromium
	$(PYTEST) -q tests/page

test-lab: setup js-build chromium
	$(PYTEST) -q $(PARALLEL) worksteal tests/lab

test-notebooks: setup js-build
	$(PYTEST) -q tests/notebooks

.PHONY: shots bench
shots: setup js-build chromium ## pictures of every widget, light and dark, into build/shots; the README's among them
	for group in page lab; do MODELOPS_SHOTS=$(CURDIR)/build/shots $(PYTEST) -q tests/$$group -m shots || exit 1; done
	for name in 1-dataset-viewer 3-job-monitor 4-metrics-explorer; do \
		cp build/shots/quickstart-light-$${name%%-*}.png docs/images/$${name#*-}.png; done

bench: setup ## print how fast the hot paths are
	$(BIN)/python -m tests.benchmarks
