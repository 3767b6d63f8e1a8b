# Every target does all it needs on a machine that has python3 (with venv) and make.
PYTHON ?= python3
BIN := .venv/bin
SERVE_ARGS ?=

.PHONY: serve test check check-slow check-all bench format derive drift clean

serve: .venv/.serve
	@$(BIN)/understudy serve $(SERVE_ARGS)

test: .venv/.dev
	$(BIN)/python -m pytest -n 2 -m "not slow"

check: .venv/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(MAKE) drift
	$(MAKE) test

check-slow: .venv/.dev
	$(BIN)/python -m pytest -n 2 --dist worksteal -m slow --timeout 900

check-all: .venv/.dev
	tests/all_pythons.sh

bench: .venv/.dev
	for script in startup serve commands memory in_process generated large_contract validation engine \
		control derive pytest_overhead; do \
		echo; echo "## $$script"; $(BIN)/python benchmarks/$$script.py || exit 1; done

drift: .venv/.dev
	$(BIN)/understudy derive docs/api/task-management.md --overlay docs/api/overlays/gaps.yaml \
		--output openapi.yaml --ledger docs/api/LEDGER.md --check

derive: .venv/.dev
	$(BIN)/understudy derive docs/api/task-management.md --overlay docs/api/overlays/gaps.yaml \
		--output openapi.yaml --ledger docs/api/LEDGER.md

format: .venv/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/.serve: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[fast]'
	@touch $@

.venv/.dev: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[all]' --group dev
	@touch $@ .venv/.serve

clean:
	rm -rf .venv dist build
