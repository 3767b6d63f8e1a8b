"""Inner pytest runs for the tests of the plugin, and the comparison of their output with files.

An inner run starts a new interpreter. Loading all installed plugins costs more than the run itself, so by
default it loads only the plugin and what the test names.
"""

import os
import re
from pathlib import Path

import pytest

PLUGIN = ("-p", "understudy.pytest_plugin")
XDIST = ("-p", "xdist.plugin")
IN_ORDER = ("-p", "no:randomly")
"""Keeps the order of tests in a run with all plugins, of which pytest-randomly is one."""
AUTOLOAD = ("-p", "no:schemathesis", "-p", "no:hypothesispytest", *IN_ORDER)
"""Options of a run that loads the installed plugins, without two that take seconds to import."""
STRICT = ("-W", "error", "--strict-markers", "--strict-config")
EXPECTED = Path(__file__).parents[1] / "expected" / "plugin"

CLIENT = """
import pytest
import requests

LIST = "/api/v2/tasks/instances"


def call(ocp, target=LIST, method="GET"):
    return requests.request(method, ocp.url + target, auth=ocp.auth, timeout=10)
"""


def run_pytest(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    """Run pytest in its own process, with the plugin alone."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        return pytester.runpytest_subprocess(*PLUGIN, *options)


def run(pytester: pytest.Pytester, tests: str, *options: str) -> pytest.RunResult:
    """Run tests that start with the small client. Every warning is an error."""
    pytester.makepyfile(CLIENT + tests)
    return run_pytest(pytester, *STRICT, *options)


def normalise_output(result: pytest.RunResult) -> str:
    """Return the output of a run from its failures on, without values that differ from run to run."""
    text = result.stdout.str()
    marks = [text.find(mark) for mark in ("= ERRORS =", "= FAILURES =")]
    start = min((position for position in marks if position >= 0), default=0)
    text = text[text.find("\n", start) + 1 :]
    text = re.sub(r"-[0-9a-f]{8}\b", "-WORLD", text)
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", text)
    text = re.sub(r"python-requests/[\d.]+", "python-requests/VERSION", text)
    text = re.sub(r" in [\d.]+s", " in TIME", text)
    # Python 3.13 underlines the failing part of a line in places where 3.11 does not.
    text = re.sub(r"(?m)^ +\^+\n", "", text)
    text = re.sub(r"(?m)^(_+|=+|-+) (.*?) (_+|=+|-+)$", r"=== \2 ===", text)
    # pytest's own section of log lines
    text = re.sub(r"=== Captured log call ===\n(?:.*\n)*?(?====)", "", text)
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def assert_equals_file(name: str, text: str) -> None:
    """Compare a text with an expected file. ACCEPT=1 writes the file."""
    path = EXPECTED / f"{name}.txt"
    if os.environ.get("ACCEPT"):
        path.write_text(text, "utf-8")
    assert path.read_text("utf-8") == text
