"""Measure a poll with 10 to 1000 subtasks, a page of a list with 100 to 100 000 tasks, load time and memory.

Run: python benchmarks/engine.py
"""

import statistics
import tempfile
import time
import tracemalloc
from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from flask import Flask, Response

from understudy.config import Settings
from understudy.messages import Request
from understudy.replay import Stub

RUNS = 30
LIST = "/api/v2/tasks/instances"
AUTH = [("Authorization", "Basic " + b64encode(b"admin:admin").decode())]
COUNTS = (100, 10_000, 100_000)
QUERIES = {
    "unfiltered": "",
    "by status": "?status=FAILED",
    "by fuzzy name": "?name=RESTART",
    "sorted by name": "?sort=name,asc",
    "last page": "?page={last}",
}


def milliseconds(work: Callable[[], object], runs: int = RUNS) -> float:
    """The median CPU time of several runs, the first one left out: it fills what is computed once."""
    times = []
    for _ in range(runs + 1):
        started = time.process_time()
        work()
        times.append((time.process_time() - started) * 1000)
    return statistics.median(times[1:])


def get(stub: Stub, target: str) -> None:
    """Ask, and insist on an answer."""
    response = stub.handle(Request.of("GET", target, headers=AUTH))
    assert response.status == 200, response.body


def stub_of(folder: str, text: str) -> Stub:
    """A stub of a scenario, under a virtual clock."""
    path = Path(folder, "scenario.yaml")
    path.write_text(f"understudy: 1\n{text}", "utf-8")
    return Stub(Settings(scenario=str(path), clock="virtual"))


def chain(count: int) -> str:
    """A task whose subtasks run one after the other, 300 ms each."""
    steps = [
        f"      - {{id: {n}, name: Step, after: [{n - 1 if n > 1 else ''}], runs: [{{takes: 300ms}}]}}"
        for n in range(1, count + 1)
    ]
    return "tasks:\n  - id: 7\n    name: Chain\n    subtasks:\n" + "\n".join(steps)


def send_floor(size: int) -> float:
    """Milliseconds that Flask's test client needs for prepared bytes of a size."""
    app, body = Flask("floor"), b"x" * size
    app.add_url_rule("/", view_func=lambda: Response(body, content_type="application/json"))
    client = app.test_client()
    return milliseconds(lambda: client.get("/").data, 100)


def polls(folder: str) -> None:
    """Print the table of polls."""
    print(
        "| subtasks | KB | poll, nothing new (ms) | bare Flask (ms) | poll after 1 s (ms) "
        "| one poll after a year (ms) | ratio to 10, the body's share subtracted | year to 1 s |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    first, smallest = 0.0, 0.0
    for count in (10, 100, 1000):
        stub = stub_of(folder, chain(count))
        still = milliseconds(lambda stub=stub: get(stub, f"{LIST}/7"), 200)
        request = Request.of("GET", f"{LIST}/7", headers=AUTH)
        size = len(stub.handle(request).body)
        floor = send_floor(size)

        def later(stub: Stub = stub) -> None:
            stub.world().advance(timedelta(seconds=1))
            get(stub, f"{LIST}/7")

        moving = milliseconds(later, 10)
        years = []
        for number in range(5):
            fresh = stub.world(f"year{number}")
            get(stub, f"/w/year{number}{LIST}/7")
            fresh.advance(timedelta(days=365))
            started = time.process_time()
            get(stub, f"/w/year{number}{LIST}/7")
            years.append((time.process_time() - started) * 1000)
        year = statistics.median(years)
        first, smallest = first or still, smallest or floor
        share = max(0.0, floor - smallest)  # what a larger body costs the floor too
        cells = [f"{size / 1000:.0f}"]
        cells += [f"{value:.2f}" for value in (still, floor, moving, year)]
        cells += [f"{(still - share) / first:.1f}", f"{year / moving:.1f}"]
        print(f"| {count} | {' | '.join(cells)} |")


def crowd(folder: str, count: int) -> Stub:
    """A stub of a crowd, each of the queries asked once."""
    stub = stub_of(folder, f"crowd: {{count: {count}}}")
    for query in QUERIES.values():
        get(stub, LIST + query.format(last=count // 10))
    return stub


def lists(folder: str) -> None:
    """Print the table of pages."""
    rows: dict[str, list[float]] = {name: [] for name in QUERIES}
    loads, sizes = [], []
    for count in COUNTS:
        started = time.perf_counter()
        stub = crowd(folder, count)
        loads.append(time.perf_counter() - started)
        tracemalloc.start()
        traced = crowd(folder, count)
        sizes.append(tracemalloc.get_traced_memory()[0] / 1e6)
        tracemalloc.stop()
        del traced
        for name, query in QUERIES.items():
            rows[name].append(
                milliseconds(lambda q=query, s=stub, n=count: get(s, LIST + q.format(last=n // 10)))
            )
    print(
        "\n| page of 10 (ms) | " + " | ".join(f"{count} tasks" for count in COUNTS) + " | growth |"
    )
    print("| --- | --- | --- | --- | --- |")
    for name, times in rows.items():
        print(
            f"| {name} | "
            + " | ".join(f"{value:.2f}" for value in times)
            + f" | {times[-1] / times[0]:.1f} |"
        )
    print("| load and first pages (s) | " + " | ".join(f"{value:.2f}" for value in loads) + " | |")
    print("| memory (MB) | " + " | ".join(f"{value:.1f}" for value in sizes) + " | |")


def worlds() -> None:
    """Print what a new world costs."""
    stub = Stub(Settings(clock="virtual"))
    get(stub, LIST)
    numbers = iter(range(10_000))
    cost = milliseconds(lambda: stub.world(f"w{next(numbers)}"), 200)
    answered = milliseconds(lambda: get(stub, f"/w/a{next(numbers)}{LIST}"), 200)
    again = milliseconds(lambda: get(stub, f"/w/again{LIST}"), 200)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for number in range(200):
        stub.world(f"m{number}")
    size = (tracemalloc.get_traced_memory()[0] - before) / 200 / 1000
    tracemalloc.stop()
    print("\n| a new world on the demo | ms | ratio |")
    print("| --- | --- | --- |")
    print(f"| a page in a world that is there | {again:.3f} | 1.0 |")
    print(f"| to make a world | {cost:.3f} | {cost / again:.2f} |")
    print(f"| to make a world and give its first page | {answered:.3f} | {answered / again:.2f} |")
    print(f"| memory of a world | {size:.1f} KB | |")


def main() -> None:
    """Print the tables."""
    with tempfile.TemporaryDirectory() as folder:
        polls(folder)
        lists(folder)
    worlds()


if __name__ == "__main__":
    main()
