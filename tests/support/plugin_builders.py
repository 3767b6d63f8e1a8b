"""Runs of other people's tests, and whole texts to compare them with."""

import os
import re
from pathlib import Path

import pytest

LIGHT = ("-p", "no:schemathesis", "-p", "no:hypothesispytest")
"""Other people's plugins that these runs need not load: they take seconds."""
SURE = ("-W", "error", "--strict-markers", "--strict-config")
EXPECTED = Path(__file__).parents[1] / "expected" / "plugin"

CLIENT = """
import pytest
import requests

LIST = "/api/v2/tasks/instances"


def call(ocp, target=LIST, method="GET"):
    return requests.request(method, ocp.url + target, auth=ocp.auth, timeout=10)
"""


def run(pytester: pytest.Pytester, tests: str, *options: str) -> pytest.RunResult:
    """Run tests that begin with the small client, in a process of their own, every warning an error."""
    pytester.makepyfile(CLIENT + tests)
    return pytester.runpytest_subprocess(*LIGHT, *SURE, *options)


def told(result: pytest.RunResult) -> str:
    """Give what a run printed, from its failures on, without what differs from run to run."""
    text = result.stdout.str()
    start = min(
        (i for mark in ("= ERRORS =", "= FAILURES =") if (i := text.find(mark)) >= 0), default=0
    )
    text = text[text.find("\n", start) + 1 :]
    text = re.sub(r"-[0-9a-f]{8}\b", "-WORLD", text)
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", text)
    text = re.sub(r"python-requests/[\d.]+", "python-requests/VERSION", text)
    text = re.sub(r" in [\d.]+s", " in TIME", text)
    text = re.sub(
        r"(?m)^ +\^+\n", "", text
    )  # Python 3.13 underlines what failed, in places where 3.11 does not
    text = re.sub(r"(?m)^(_+|=+|-+) (.*?) (_+|=+|-+)$", r"=== \2 ===", text)
    text = re.sub(
        r"=== Captured log call ===\n(?:.*\n)*?(?====)", "", text
    )  # pytest's own, with lines of ours
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def same_as(name: str, text: str) -> None:
    """Compare a text with the file of a name; ACCEPT=1 writes it anew."""
    path = EXPECTED / f"{name}.txt"
    if os.environ.get("ACCEPT"):
        path.write_text(text, "utf-8")
    assert path.read_text("utf-8") == text
