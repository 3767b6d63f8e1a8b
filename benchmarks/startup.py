"""Measure the time until the first answer, and what the plugin costs.

    python benchmarks/startup.py [--runs 9] [--only TEXT]

A start is measured from the process to the first answered call of the API (Basic authentication,
a page of tasks), alternately with the floor: a bare Flask application on waitress. The table shows
medians of the wall time and of the CPU time of the process (user and system), each with its ratio
to the floor. CPU time is the better one on a busy machine. `cold` is a start with an empty cache
folder, `warm` one after another start. Bytecode of all modules exists before the first
measurement, as after every installation. Prism serves the same contract where it is installed.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import http.client
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from serve import scenario_text

ROOT = Path(__file__).resolve().parents[1]
TARGET = "/api/v2/tasks/instances"
HEADERS = {"Authorization": "Basic " + base64.b64encode(b"admin:admin").decode()}
FLOOR = f"""
import sys
from flask import Flask, Response
from waitress import serve
app = Flask("floor")
app.add_url_rule("{TARGET}", "list", lambda: Response(b"{{}}", content_type="application/json"))
serve(app, host="127.0.0.1", port=int(sys.argv[1]), _quiet=True)
"""


@dataclass
class Start:
    """A command to start, and what its starts took in milliseconds."""

    name: str
    command: list[str]
    """The port follows as the last argument."""
    environment: dict[str, str] = field(default_factory=dict)
    prepare: Callable[[], None] = lambda: None
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def measure(self) -> None:
        """Start once, until the first answer."""
        self.prepare()
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        started = time.perf_counter()
        process = subprocess.Popen(
            [*self.command, str(port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **self.environment},
        )
        try:
            answer(port, started, self.name)
            self.wall.append((time.perf_counter() - started) * 1000)
        finally:
            os.kill(process.pid, signal.SIGKILL)  # `kill` would collect a dead process
            _, _, usage = os.wait4(process.pid, 0)
            process.returncode = -9  # waited for above
        self.cpu.append((usage.ru_utime + usage.ru_stime) * 1000)

    def row(self, floor: Start) -> str:
        """Return the row of the table."""
        wall, cpu = statistics.median(self.wall), statistics.median(self.cpu)
        wall_ratio = wall / statistics.median(floor.wall)
        cpu_ratio = cpu / statistics.median(floor.cpu)
        return f"| {self.name} | {wall:.0f} | {wall_ratio:.2f} | {cpu:.0f} | {cpu_ratio:.2f} |"


def answer(port: int, started: float, name: str) -> None:
    """Wait for the first answer."""
    while time.perf_counter() - started < 60:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        with contextlib.closing(connection), contextlib.suppress(ConnectionError):
            connection.request("GET", TARGET, headers=HEADERS)
            response = connection.getresponse()
            response.read()
            if response.status == 200:
                return
            raise SystemExit(f"{name} answered with {response.status}")
        time.sleep(0.003)
    raise SystemExit(f"{name} did not answer within 60 s")


def starts(folder: Path) -> list[Start]:
    """Return the commands to compare; the first one is the floor."""
    crowd = folder / "crowd.yaml"
    crowd.write_text(scenario_text(), encoding="utf-8")
    cache = folder / "cache"
    serve = [sys.executable, "-m", "understudy", "serve"]
    with_cache = {"XDG_CACHE_HOME": str(cache)}

    def empty_cache() -> None:
        shutil.rmtree(cache, ignore_errors=True)

    rows = [
        Start("bare Flask on waitress", [sys.executable, "-c", FLOOR]),
        Start("serve, cold", [*serve, "--port"], with_cache, empty_cache),
        Start("serve, warm", [*serve, "--port"], with_cache),
        Start("serve --no-cache", [*serve, "--no-cache", "--port"]),
        Start(
            "serve, crowd of 20 000, warm", [*serve, "--scenario", str(crowd), "--port"], with_cache
        ),
    ]
    if shutil.which("prism"):
        contract = str(ROOT / "openapi.yaml")
        rows.append(Start("Prism, log off", ["prism", "mock", contract, "-v", "silent", "-p"]))
    return rows


def measure_starts(runs: int, only: str) -> None:
    """Print the table of starts."""
    with tempfile.TemporaryDirectory() as name:
        floor, *others = starts(Path(name))
        rows = [floor, *(row for row in others if only in row.name)]
        for row in rows:
            row.measure()  # writes bytecode and caches
            row.wall.clear()
            row.cpu.clear()
        for _ in range(runs):
            for row in rows:
                row.measure()
        print("| until the first answer | wall ms | ratio | CPU ms | ratio |")
        print("| --- | --- | --- | --- | --- |")
        for row in rows:
            print(row.row(floor))
    if not shutil.which("prism"):
        print("Prism is not installed (npm install -g @stoplight/prism-cli).")


def collects(*options: str) -> float:
    """Seconds of `pytest` over one empty test."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_it.py").write_text("def test_it(): pass\n")
        started = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "pytest", "-q", *options],
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        return time.perf_counter() - started


def imports(after: str, module: str) -> float:
    """Return the seconds that the interpreter reports for an import after another one."""
    code = f"import {after}; import {module}"
    process = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", code], capture_output=True, text=True, check=True
    )
    line = next(
        line for line in process.stderr.splitlines() if line.split("|")[-1].strip() == module
    )
    return int(line.split("|")[1]) / 1_000_000


def measure_plugin(runs: int) -> None:
    """Print the table of the plugin's costs."""
    without = statistics.median(collects("-p", "no:understudy") for _ in range(runs))
    with_it = statistics.median(collects() for _ in range(runs))
    library = statistics.median(imports("sys", "pytest") for _ in range(runs))
    plugin = statistics.median(imports("pytest", "understudy.pytest_plugin") for _ in range(runs))
    print("| the plugin | seconds | ratio |")
    print("| --- | --- | --- |")
    print(f"| pytest, one empty test, plugin off | {without:.3f} | 1.00 |")
    print(f"| pytest, one empty test, plugin on | {with_it:.3f} | {with_it / without:.2f} |")
    print(f"| import of pytest | {library:.4f} | 1.00 |")
    print(f"| import of the plugin after it | {plugin:.4f} | {plugin / library:.3f} |")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--only", default="", help="measure only the starts with this text")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as bytecode:
        # Some environments write no bytecode: every start would compile every module.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ.setdefault("PYTHONPYCACHEPREFIX", bytecode)
        measure_starts(options.runs, options.only)
        if not options.only:
            print()
            measure_plugin(options.runs)


if __name__ == "__main__":
    main()
