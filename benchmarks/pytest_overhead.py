"""Measure what a private OCP costs a test, beside pytest-httpserver and responses, in milliseconds per test.

Run: python benchmarks/pytest_overhead.py [tests]     (peers: pip install pytest-httpserver responses)

Each row is a run of pytest over equal tests (default 300) in its own process, median of five rounds. The time of as
many empty tests is subtracted. So is what a process pays once (imports, the server), which a run with a single test
measures. A call is one GET with an answer of a few hundred bytes.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

ROUNDS = 5
HEAD = "import pytest\nimport requests\n"
EMPTY = "def test_{n}():\n    pass\n"
ROWS = {
    "pytest-httpserver, fixture alone": (
        "pytest_httpserver",
        "def test_{n}(httpserver):\n    pass\n",
    ),
    "ocp, fixture alone": ("", "def test_{n}(ocp):\n    pass\n"),
    "pytest-httpserver, one call": (
        "pytest_httpserver",
        "def test_{n}(httpserver):\n    httpserver.expect_request('/x').respond_with_json({{'a': 'b' * 300}})\n"
        "    assert requests.get(httpserver.url_for('/x')).status_code == 200\n",
    ),
    "ocp, one call over the socket": (
        "",
        "def test_{n}(ocp):\n"
        "    assert requests.get(ocp.url + '/api/v2/tasks/instances?size=1', auth=ocp.auth).status_code == 200\n",
    ),
    "responses, one call": (
        "responses",
        "@responses.activate\ndef test_{n}():\n    responses.get('http://x/x', json={{'a': 'b' * 300}})\n"
        "    assert requests.get('http://x/x').status_code == 200\n",
    ),
    "ocp, one call without a socket": (
        "",
        "def test_{n}(ocp):\n    assert ocp.requests().get('/api/v2/tasks/instances?size=1').status_code == 200\n",
    ),
}


def seconds(body: str, count: int, imports: str) -> float:
    """Seconds of a run of pytest over equal tests."""
    with tempfile.TemporaryDirectory() as folder:
        head = HEAD + (f"import {imports}\n" if imports == "responses" else "")
        Path(folder, "test_it.py").write_text(
            head + "".join(body.format(n=n) for n in range(count))
        )
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:randomly",
            "-p",
            "no:schemathesis",
        ]
        command += ["-p", "no:hypothesispytest", "-p", "no:xdist", "-p", "no:cacheprovider"]
        started = time.perf_counter()
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - started


def per_test(body: str, count: int, imports: str) -> float:
    """Return the seconds that each further test takes."""
    return (seconds(body, count, imports) - seconds(body, 1, imports)) / (count - 1)


def main() -> None:
    """Print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    rows = {name: row for name, row in ROWS.items() if not row[0] or find_spec(row[0])}
    for name in ROWS.keys() - rows.keys():
        print(f"left out, not installed: {name}", file=sys.stderr)
    empty: list[float] = []
    times_by_row: dict[str, list[float]] = {name: [] for name in rows}
    for _ in range(ROUNDS):
        empty.append(per_test(EMPTY, count, ""))
        for name, (imports, body) in rows.items():
            times_by_row[name].append(per_test(body, count, imports))
    base = statistics.median(empty)
    costs = {name: (statistics.median(times) - base) * 1000 for name, times in times_by_row.items()}
    print(f"| {count} tests | ms per test | ratio to pytest-httpserver |\n| --- | --- | --- |")
    print(f"| an empty test | {base * 1000:.2f} | |")
    for name, cost in costs.items():
        peer = costs.get(
            "pytest-httpserver, fixture alone" if "alone" in name else "pytest-httpserver, one call"
        )
        print(f"| {name} | {cost:.2f} | {f'{cost / peer:.2f}' if peer else ''} |")


if __name__ == "__main__":
    main()
