"""Inner pytest runs for the tests of the plugin, and the comparison of their output with files.

An inner run loads only the plugin and what the test names, and shares the interpreter of its test: a new one
would import the same modules again, which takes ten times as long as the run itself.
"""

import os
import pkgutil
import re
from importlib import import_module
from pathlib import Path

import hypothesis
import pytest
import requests

import understudy

PLUGIN = ("-p", "understudy.pytest_plugin")
WORKERS = ("-p", "xdist.plugin", "-n", "2")
"""Options of a run on two workers, which takes ten times as long as one without: such tests are slow ones."""
IN_ORDER = ("-p", "no:randomly")
"""Keeps the order of tests in a run with all plugins, of which pytest-randomly is one."""
AUTOLOAD = ("-p", "no:schemathesis", "-p", "no:hypothesispytest", *IN_ORDER)
"""Options of a run that loads the installed plugins, without two that take seconds to import."""
STRICT = ("-W", "error", "--strict-markers", "--strict-config")
# The plugin is imported already, so pytest cannot rewrite its assertions: it has none. Old versions warn of that.
SHARED = ("-W", "ignore:Module already imported:pytest.PytestAssertRewriteWarning")
EXPECTED = Path(__file__).parents[1] / "expected" / "plugin"

CLIENT = """
import pytest
import requests

LIST = "/api/v2/tasks/instances"


def call(ocp, target=LIST, method="GET"):
    return requests.request(method, ocp.url + target, auth=ocp.auth, timeout=10)
"""


def import_all_modules() -> None:
    """Import the modules of the package, before any inner run does.

    pytester removes the modules that an inner run has imported. A library of which one half was imported
    before would then exist twice, with two classes of each name.
    """
    for module in pkgutil.walk_packages(understudy.__path__, "understudy."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    assert hypothesis
    assert requests


import_all_modules()


def run_pytest(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    """Run pytest with the plugin alone, in this process. Workers of xdist have processes of their own."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        return pytester.runpytest_inprocess(*PLUGIN, *options, *SHARED)


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
