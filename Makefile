# Every target does all it needs on a machine that has python3 (with venv) and make. Some tests also use node and chromium:
# where these are missing, the tests are skipped and name the command that installs them.
PYTHON ?= python3
BIN := .venv/bin
SERVE_ARGS ?=

.PHONY: serve test check types check-slow check-all coverage bench format derive drift docs pictures release clean

serve: .venv/.serve
	@$(BIN)/understudy serve $(SERVE_ARGS)

# Three workers keep two cores busy: tests also wait for servers and for other processes.
test: .venv/.dev
	$(BIN)/python -m pytest -n 3 --dist worksteal -m "not slow"

# The quickest checks first; the types and the drift are checked while the tests run.
check: .venv/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(MAKE) --no-print-directory -j 3 types drift test

types: .venv/.dev
	$(BIN)/mypy

check-slow: .venv/.dev
	$(BIN)/python -m pytest -n 2 --dist worksteal -m slow --timeout 900

# The rate of branches and lines has a limit: fail_under in pyproject.toml.
coverage: .venv/.dev
	$(BIN)/python -m pytest -n 2 -m "not slow" --cov --cov-report=term --cov-report=html

check-all: .venv/.dev
	tests/all_pythons.sh

bench: .venv/.dev
	for script in startup serve commands memory full_journal in_process generated large_contract validation \
		engine control derive pytest_overhead log_cost delayed_calls public_contracts; do \
		echo; echo "## $$script"; $(BIN)/python benchmarks/$$script.py || exit 1; done

drift: .venv/.dev
	$(BIN)/understudy derive docs/api/task-management.md --overlay docs/api/overlays/gaps.yaml \
		--output openapi.yaml --ledger docs/api/LEDGER.md --check

derive: .venv/.dev
	$(BIN)/understudy derive docs/api/task-management.md --overlay docs/api/overlays/gaps.yaml \
		--output openapi.yaml --ledger docs/api/LEDGER.md

# A warning is an error: a dead link, an unknown reference, a page that no menu lists.
docs: .venv/.docs
	$(BIN)/python -m sphinx -W --keep-going --quiet -j auto -d build/doctrees docs build/docs
	@echo "Open build/docs/index.html"

# The pictures of the pages, drawn from the code and from real output. A test compares them.
pictures: .venv/.dev
	$(BIN)/python docs/pictures/draw_pictures.py

# All steps of a release but the upload.
release: .venv/.dev
	rm -rf dist
	$(BIN)/python -m build --outdir dist
	$(BIN)/python -m twine check --strict dist/*
	UNDERSTUDY_DIST=dist $(BIN)/python -m pytest -n 0 -m slow tests/slow/test_wheel.py --timeout 600
	@echo "Ready: dist. Not uploaded; CONTRIBUTING.md has the last steps."

format: .venv/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.venv/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing; install Python 3.11 or later (apt-get install python3 python3-venv)" >&2; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is too old; use make PYTHON=python3.11 or later" >&2; exit 2; }
	$(PYTHON) -m venv .venv

.venv/.serve: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[fast]'
	@touch $@

.venv/.dev: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[all]' --group dev
	@touch $@ .venv/.serve

.venv/.docs: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[all,docs]'
	@touch $@

clean:
	rm -rf .venv dist build
