# Everything a person or a machine does with this project. Needs Python >= 3.11 and nothing else;
# each target sets up what it needs in .venv by itself.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
DEMO   ?= demo

.PHONY: lab test demo bench lint format unit browser explore newcomer matrix binder-lock clean

lab: $(VENV)/lab.stamp          ## open JupyterLab on the quickstart
	$(BIN)/jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root) notebooks/quickstart.ipynb

test: lint unit                 ## set everything up and pass every test

demo: $(VENV)/lab.stamp         ## the main job on the simulated sample, without a browser
	$(BIN)/nustar-widgets demo --out $(DEMO)

lint: $(VENV)/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: $(VENV)/dev.stamp browser   ## in one mixed order; `make explore` takes others
	OPENBLAS_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist worksteal --randomly-seed 3801002234

explore: $(VENV)/dev.stamp      ## look for examples the property tests have not met yet
	OPENBLAS_NUM_THREADS=1 $(BIN)/pytest -n 2 --hypothesis-profile explore \
	-m 'not browser and not heasoft and not network'

newcomer: $(VENV)/dev.stamp browser  ## install from the package index as a newcomer and a Binder do
	$(BIN)/pytest -m install

matrix: $(VENV)/dev.stamp       ## the suite under lowest and newest dependencies and other Pythons
	$(BIN)/python -m tests.matrix

binder-lock: $(VENV)/dev.stamp  ## renew the versions a Binder gets
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-annotate \
	--extra lab --group binder --custom-compile-command 'make binder-lock' \
	-o binder/requirements.txt pyproject.toml

browser: $(VENV)/dev.stamp      ## for tests/browser, which are skipped where there is none
	@$(BIN)/python -m tests.browser.chromium || \
	{ test "$$(id -u)" = 0 && command -v apt-get >/dev/null && \
	  apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } || true

format: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/dev.stamp        ## measure; prints the tables of docs/performance.md
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m benchmarks

$(VENV)/python.stamp:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "nustar_widgets needs Python 3.11 or newer; say which: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	touch $@

$(VENV)/lab.stamp: $(VENV)/python.stamp pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[lab]'
	touch $@

$(VENV)/dev.stamp: $(VENV)/lab.stamp
	$(BIN)/python -m pip install --quiet --editable '.[lab]' --group dev
	touch $@

clean:
	rm -rf $(VENV) $(DEMO) .matrix .mypy_cache .ruff_cache .pytest_cache .hypothesis
