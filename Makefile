# make demo [TEXT=path/to/book.txt]   the whole job, from nothing to a page of findings
# make demo-explain                   teach a classifier Python's own library, and explain what it decides
# make tutorials [ONLY=5]             execute the notebooks at full size and keep what they put out
# make test                           linter, types, import contract, tests
# make docs                           the site of the documentation, in site/, to be read without a network
# make lock                           renew the locked requirements from pyproject.toml
# Any Python from 3.11 to 3.13 will do; name another with PYTHON=…

PYTHON ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11 python,$(shell command -v $(name) >/dev/null 2>&1 && $(name) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $(name))))
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo demo-explain tutorials test lint docs lock clean

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

demo: $(VENV)/.installed
	@$(BIN)/probe demo $(if $(TEXT),"$(TEXT)")

demo-explain: $(VENV)/.installed
	@$(BIN)/python scripts/demo_explain.py

tutorials: $(VENV)/.tested
	@$(BIN)/python tutorials/run.py $(ONLY)

test: $(VENV)/.tested lint
	@$(BIN)/pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/.tested
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

docs: $(VENV)/.tested
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict
	@echo site/index.html

$(VENV)/.python:
	@if [ -z "$(PYTHON)" ]; then echo "probe needs Python 3.11 to 3.13 (TensorFlow has no wheels for others); found: $$(python3 --version 2>&1 || echo none). Name one with PYTHON=…" >&2; exit 1; fi
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { echo "probe needs Python 3.11 to 3.13 (TensorFlow has no wheels for others); received: $(PYTHON), $$($(PYTHON) --version 2>&1)" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) >/dev/null || { echo "$(PYTHON) cannot make a virtual environment; on Debian install python3-venv" >&2; rm -rf $(VENV); exit 1; }
	@touch $@

$(VENV)/.installed: $(VENV)/.python requirements.txt pyproject.toml
	@echo "installing the locked requirements into $(VENV) (TensorFlow is large: some minutes the first time)"
	@$(PIP) -r requirements.txt
	@$(PIP) --no-deps --editable .
	@touch $@

$(VENV)/.tested: $(VENV)/.installed requirements-dev.txt
	@echo "installing what the tests need"
	@$(PIP) -r requirements-dev.txt
	@touch $@

lock: $(VENV)/.tested
	@$(PIP) uv
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate --upgrade pyproject.toml -o requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt

clean:
	rm -rf $(VENV) build site *.egg-info
