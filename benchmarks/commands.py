"""Measure commands in a world with many changed tasks: a retry, and reads right after it, beside a bare Flask call.

    python benchmarks/commands.py [--changed 10,1000,4000,20000] [--calls 600] [--clock real] [--profile]

In one process, without a socket: each application is called through WSGI. Each retry is of another failed task. Three
reads follow it: of the task, of a page of the list that does not show it, and of one that shows it (the running tasks).
The floor is a bare Flask application that returns prepared bytes of the size of a task. The table shows the mean CPU time
in microseconds, and what the slowest retries took.
"""

from __future__ import annotations

import argparse
import cProfile
import io
import pstats
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask, Response

from understudy.config import Settings
from understudy.server import create_app

LIST = "/api/v2/tasks/instances"
FIRST = 1_000_000
AUTHORIZATION = "Basic " + b64encode(b"admin:admin").decode()
WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def environ_of(method: str, target: str) -> dict[str, Any]:
    """Return the WSGI environment of a call with Basic authentication."""
    path, _, query = target.partition("?")
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "SCRIPT_NAME": "",
        "QUERY_STRING": query,
        "REQUEST_URI": target,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8080",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1:8080",
        "HTTP_ACCEPT": "application/json",
        "HTTP_AUTHORIZATION": AUTHORIZATION,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


def call(app: WsgiApp, method: str, target: str) -> tuple[float, int]:
    """Call an application; return the CPU time in microseconds and the size of the body."""
    statuses: list[str] = []

    def start(status: str, fields: object, *rest: object) -> None:
        statuses.append(status)

    environ = environ_of(method, target)
    started = time.process_time_ns()
    body = b"".join(app(environ, start))
    spent = (time.process_time_ns() - started) / 1000
    assert statuses[0].startswith("200"), (statuses, target, body)
    return spent, len(body)


def bare_flask() -> WsgiApp:
    """Return the floor: prepared bytes of the size of a task."""
    app, body = Flask("floor"), b"x" * 4000

    @app.route("/<path:path>", methods=["GET", "POST"])
    def answer(path: str) -> Response:
        return Response(body, content_type="application/json")

    return app.wsgi_app


@dataclass
class Costs:
    """CPU time in microseconds of each kind of call."""

    floor: list[float] = field(default_factory=list)
    retry: list[float] = field(default_factory=list)
    detail: list[float] = field(default_factory=list)
    page: list[float] = field(default_factory=list)
    changed_page: list[float] = field(default_factory=list)

    def row(self, changed: int) -> str:
        """Return the row of the table: means, ratios of the floor to them, the longest retry."""
        floor = sum(self.floor) / len(self.floor)
        cells = [str(changed), f"{floor:.0f}"]
        for spent in (self.retry, self.detail, self.page, self.changed_page):
            mean = sum(spent) / len(spent)
            cells.append(f"{mean:.0f} ({floor / mean:.2f})")
        ordered = sorted(self.retry)
        cells += [f"{ordered[int(len(ordered) * 0.99)]:.0f}", f"{ordered[-1]:.0f}"]
        return f"| {' | '.join(cells)} |"


def build_app(folder: str, clock: str, failed: int) -> WsgiApp:
    """Return a stub whose scenario has failed tasks to retry."""
    path = Path(folder, "commands.yaml")
    crowd = f"{{count: {failed}, running: 0%, failed: 100%, firstId: {FIRST}}}"
    path.write_text(
        "understudy: 1\nname: commands\n"
        "accounts: {admin: {password: admin, permissions: [TASK_MANAGER]}}\n"
        f"crowd: {crowd}\n",
        "utf-8",
    )
    settings = Settings(scenario=str(path), clock=clock)
    return create_app(settings).wsgi_app


def measure(stub: WsgiApp, floor: WsgiApp, first: int, calls: int) -> Costs:
    """Call both applications in turn."""
    costs = Costs()
    for task_id in range(first, first + calls):
        costs.floor.append(call(floor, "GET", f"{LIST}/{task_id}")[0])
        costs.retry.append(call(stub, "POST", f"{LIST}/{task_id}/retry")[0])
        costs.detail.append(call(stub, "GET", f"{LIST}/{task_id}")[0])
        costs.page.append(call(stub, "GET", f"{LIST}?page=1&size=20")[0])
        costs.changed_page.append(call(stub, "GET", f"{LIST}?status=RUNNING&size=20")[0])
    return costs


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--changed", default="10,1000,4000,20000", help="changed tasks")
    parser.add_argument("--calls", type=int, default=600, help="retries of a row")
    parser.add_argument("--clock", default="real", choices=["real", "virtual"])
    parser.add_argument("--profile", action="store_true", help="print where the time goes")
    arguments = parser.parse_args()
    levels = [int(level) for level in arguments.changed.split(",")]
    print("CPU µs of a call (in brackets: the ratio of the floor to it)\n")
    print("| changed tasks | bare Flask | retry | its task | a page | its page | p99 | max |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        stub = build_app(folder, arguments.clock, max(levels) + 2 * arguments.calls)
        floor, done = bare_flask(), 0
        for number in range(1000):  # a full journal: each further exchange drops an old one
            call(stub, "GET", f"{LIST}?page={1 + number % 100}&size=20")
        profile = cProfile.Profile()
        for level in levels:
            for task_id in range(FIRST + done, FIRST + level):
                call(stub, "POST", f"{LIST}/{task_id}/retry")
            done = max(done, level)
            if arguments.profile:
                profile.enable()
            costs = measure(stub, floor, FIRST + done, arguments.calls)
            profile.disable()
            done += arguments.calls
            print(costs.row(level), flush=True)
        if arguments.profile:
            pstats.Stats(profile).sort_stats("tottime").print_stats(45)


if __name__ == "__main__":
    main()
