#!/usr/bin/env bash
# Unit and story tests on each Python that is there; the others are named, loudly.
set -euo pipefail
cd "$(dirname "$0")/.."
failed=0
for version in 3.11 3.12 3.13; do
  python=$(command -v "python$version" || ls "$HOME/.pyenv/versions/$version".*/bin/python 2>/dev/null | tail -n 1 || true)
  if [ -z "$python" ] || ! "$python" --version >/dev/null 2>&1; then
    python=$(ls "$HOME/.pyenv/versions/$version".*/bin/python 2>/dev/null | tail -n 1 || true)
  fi
  if [ -z "$python" ]; then
    echo "=== Python $version is not on this machine: SKIPPED"
    continue
  fi
  echo "=== Python $version"
  venv=".venv/all-pythons/$version"
  if [ ! -e "$venv/.done" ] || [ pyproject.toml -nt "$venv/.done" ]; then
    "$python" -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --upgrade 'pip>=25.1'
    "$venv/bin/python" -m pip install --quiet -e '.[all]' --group dev
    touch "$venv/.done"
  fi
  "$venv/bin/python" -m pytest -n 2 -m "not slow" || failed=1
done
exit "$failed"
