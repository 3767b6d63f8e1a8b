"""Measure the cost of scripted replies, faults, `wait` and reloads. Run: python benchmarks/control.py

One run prints how late `wait` returns after its call, how long a call takes with 20 rules and without rules, and how
long a reload takes.
"""

import base64
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import requests

from understudy import ControlClient, LiveServer
from understudy.config import Settings
from understudy.messages import Request
from understudy.replay import Stub

LIST = "/api/v2/tasks/instances"
AUTH = ("admin", "admin")
FIELDS = [("Authorization", "Basic " + base64.b64encode(b"admin:admin").decode())]
WHEN = "{operation: getTaskInstance, path: {taskInstanceId: %s}, query: {x: y}}"
RULES = "\n".join(f"  - {{when: {WHEN % number}, reply: {{error: 1999}}}}" for number in range(20))
TASK = "tasks: [{id: 100, subtasks: [{id: 1, runs: [{takes: never}]}, {id: 2, after: [1]}]}]"


def main() -> None:
    """Measure, and print one table."""
    rows = [*_wait(), *_rules(), *_reload()]
    print("| what | median | p99 |")
    print("| --- | --- | --- |")
    for name, times in rows:
        ordered = sorted(times)
        print(
            f"| {name} | {_ms(statistics.median(ordered))} | {_ms(ordered[int(len(ordered) * 0.99)])} |"
        )


def _wait() -> list[tuple[str, list[float]]]:
    """From the moment at which a call was answered to the one at which `wait` has returned."""
    late: list[float] = []
    trip: list[float] = []
    with LiveServer(scenario="demo", clock="virtual") as server:
        control = ControlClient(server.url, world="w")
        for number in range(100):
            returned: list[float] = []
            began = threading.Event()

            def wait(
                number: int = number,
                returned: list[float] = returned,
                began: threading.Event = began,
            ) -> None:
                began.set()
                control.wait_for_requests(
                    operation="getTaskInstance", count=number + 1, timeout="10s"
                )
                returned.append(time.perf_counter())

            waiter = threading.Thread(target=wait)
            waiter.start()
            began.wait()
            while not server.stub.thread_limit.active:
                time.sleep(0.001)
            start = time.perf_counter()
            requests.get(f"{server.url}/w/w{LIST}/1000", auth=AUTH, timeout=10)
            answered = time.perf_counter()
            waiter.join()
            late.append(max(0.0, returned[0] - answered))
            trip.append(answered - start)
    return [
        ("`wait` returns so long after the call's answer", late),
        ("the call itself (requests, a new connection)", trip),
    ]


def _rules() -> list[tuple[str, list[float]]]:
    return [
        (f"a call in process, {name}", _times(_stub(f"{TASK}\n{rules}"), 2000))
        for name, rules in (("no rule", ""), ("20 replies that nearly match", f"replies:\n{RULES}"))
    ]


def _stub(text: str) -> Callable[[], object]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s.yaml"
        path.write_text(f"understudy: 1\n{text}\n", "utf-8")
        stub = Stub(Settings(scenario=str(path), clock="virtual"))
    request = Request.of("GET", f"{LIST}/100", headers=FIELDS)
    return lambda: stub.handle(request)


def _reload() -> list[tuple[str, list[float]]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s.yaml"
        path.write_text(f"understudy: 1\n{TASK}\n", "utf-8")
        stub = Stub(Settings(scenario=str(path), clock="virtual"))
        for number in range(50):
            stub.world(f"w{number}").advance(stub.world().now() - stub.world().now())
        return [("a reload of the scenario, 50 worlds", _times(lambda: stub.reload([path]), 50))]


def _times(call: Callable[[], object], count: int) -> list[float]:
    call()
    times = []
    for _ in range(count):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return times


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"


if __name__ == "__main__":
    main()
