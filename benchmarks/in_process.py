"""Measure calls without a socket, beside Flask's test client on a bare application.

Run: python benchmarks/in_process.py [--rounds 7] [--calls 600]

The floor is a bare Flask application that returns prepared bytes of the same size, called by Flask's test client; for
httpx, the same application under httpx's own WSGI transport. Each row is the CPU time of a call on 200 rotating details
of tasks, the median of the rounds; the rows take turns in each round. The first calls of each row are not counted,
except in the row `each call for the first time`: a new target each time, which no short way knows.
"""

from __future__ import annotations

import argparse
import base64
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count, cycle, islice
from pathlib import Path

import httpx
from flask import Flask, Response
from serve import LIST, scenario_text, task_ids

from understudy.config import Settings
from understudy.harness.httpx_client import httpx_client
from understudy.harness.in_process import StubConnection
from understudy.harness.repeated_calls import RepeatingHandler
from understudy.harness.requests_client import requests_session
from understudy.replay import Stub

BASE = "http://stub.localhost"
AUTH = ("admin", "admin")
Calls = Callable[[int], None]


def build_floor(size: int) -> Flask:
    """Return a bare application that answers each path with prepared bytes."""
    app, body = Flask("floor"), b"x" * size

    @app.route("/<path:path>")
    def answer(path: str) -> Response:
        return Response(body, content_type="application/json")

    return app


def repeated_targets() -> Iterator[str]:
    """Yield the targets of the 200 tasks in turn."""
    return cycle(f"{LIST}/{number}" for number in task_ids())


def new_targets() -> Iterator[str]:
    """Yield targets of which no two are equal."""
    return (f"{LIST}/{1_000_000 + number}" for number in count())


def caller(call: Callable[[str], object], targets: Iterator[str]) -> Calls:
    """Return a function that makes a number of calls."""

    def run(calls: int) -> None:
        for target in islice(targets, calls):
            call(target)

    return run


def connect(scenario: Path) -> StubConnection:
    """Return a connection to a stub of its own: rows with one journal would pay for each other."""
    return StubConnection(RepeatingHandler(Stub(Settings(scenario=str(scenario), clock="virtual"))))


def build_rows(scenario: Path) -> dict[str, tuple[Calls, str]]:
    """Return the calls of each row, and the row that it is compared with."""
    repeated, fresh = connect(scenario), connect(scenario)
    credentials = base64.b64encode(":".join(AUTH).encode()).decode()
    fields = [("Host", "stub.localhost"), ("Authorization", f"Basic {credentials}")]
    size = len(fresh.send("GET", f"{LIST}/1", fields, b"").receive().body)
    app = build_floor(size)
    flask_client = app.test_client()
    floor_httpx = httpx.Client(
        transport=httpx.WSGITransport(app=app), base_url=BASE, auth=AUTH, trust_env=False
    )
    ours_httpx = httpx_client(connect(scenario), BASE, AUTH)
    ours_requests = requests_session(connect(scenario), BASE, AUTH)
    headers = dict(fields)

    def send(target: str) -> object:
        return repeated.send("GET", target, fields, b"").receive().body

    def send_fresh(target: str) -> object:
        return fresh.send("GET", target, fields, b"").receive().body

    floor, httpx_floor = "Flask's test client, bare Flask", "httpx, bare Flask"
    return {
        floor: (caller(lambda t: flask_client.get(t, headers=headers), repeated_targets()), floor),
        "the stub, no client library": (caller(send, repeated_targets()), floor),
        "each call for the first time": (caller(send_fresh, new_targets()), floor),
        httpx_floor: (caller(floor_httpx.get, repeated_targets()), floor),
        "the stub, httpx": (caller(ours_httpx.get, repeated_targets()), httpx_floor),
        "the stub, requests": (caller(ours_requests.get, repeated_targets()), floor),
    }


def measure(rows: dict[str, tuple[Calls, str]], rounds: int, calls: int) -> dict[str, float]:
    """Return the CPU time of a call of each row, in microseconds."""
    times: dict[str, list[float]] = {name: [] for name in rows}
    for run, _ in rows.values():
        run(calls)
    for _ in range(rounds):
        for name, (run, _) in rows.items():
            started = time.process_time()
            run(calls)
            times[name].append(1e6 * (time.process_time() - started) / calls)
    return {name: statistics.median(values) for name, values in times.items()}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--calls", type=int, default=600)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        scenario = Path(folder, "load.yaml")
        scenario.write_text(scenario_text(), "utf-8")
        rows = build_rows(scenario)
    costs = measure(rows, arguments.rounds, arguments.calls)
    print("| a call without a socket | CPU µs | ratio | to |\n| --- | --- | --- | --- |")
    for name, (_, base) in rows.items():
        print(f"| {name} | {costs[name]:.0f} | {costs[name] / costs[base]:.2f} | {base} |")


if __name__ == "__main__":
    main()
