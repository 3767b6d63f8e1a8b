"""How long until the stub answers, beside a bare Flask application on the same server; and what the plugin costs.

Run: python benchmarks/startup.py
"""

import contextlib
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

RUNS = 7
BARE = """
import sys
from flask import Flask
from waitress import serve
app = Flask("bare")
app.add_url_rule("/__admin/health", "health", lambda: "ok")
serve(app, host="127.0.0.1", port=int(sys.argv[1]), _quiet=True)
"""


def until_ready(command: list[str]) -> float:
    """Return the seconds from the start of the process to the first answer."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    started = time.perf_counter()
    process = subprocess.Popen([*command, str(port)], stdout=subprocess.DEVNULL)
    try:
        while time.perf_counter() - started < 30:
            with (
                contextlib.suppress(OSError),
                urllib.request.urlopen(f"http://127.0.0.1:{port}/__admin/health") as answer,
            ):
                answer.read()
                return time.perf_counter() - started
            time.sleep(0.002)
        raise SystemExit(f"{command} did not answer within 30 s")
    finally:
        process.kill()
        process.wait()


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


def main() -> None:
    """Print the table."""
    bare = statistics.median(until_ready([sys.executable, "-c", BARE]) for _ in range(RUNS))
    stub = statistics.median(
        until_ready([sys.executable, "-m", "understudy", "serve", "--port"]) for _ in range(RUNS)
    )  # fmt: skip
    without = statistics.median(collects("-p", "no:understudy") for _ in range(RUNS))
    with_it = statistics.median(collects() for _ in range(RUNS))
    library = statistics.median(imports("sys", "pytest") for _ in range(RUNS))
    plugin = statistics.median(imports("pytest", "understudy.pytest_plugin") for _ in range(RUNS))
    print("| what | seconds | ratio |")
    print("| --- | --- | --- |")
    print(f"| bare Flask on waitress, until the first answer | {bare:.3f} | 1.00 |")
    print(f"| understudy serve (demo), until the first answer | {stub:.3f} | {stub / bare:.2f} |")
    print(f"| pytest, one empty test, plugin off | {without:.3f} | 1.00 |")
    print(f"| pytest, one empty test, plugin on | {with_it:.3f} | {with_it / without:.2f} |")
    print(f"| import of pytest | {library:.4f} | 1.00 |")
    print(f"| import of the plugin after it | {plugin:.4f} | {plugin / library:.3f} |")


if __name__ == "__main__":
    main()
