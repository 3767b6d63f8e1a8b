"""Mixed calls on one server for a long time: errors, memory, files, threads, and times of answers.

Run: `python benchmarks/soak.py [CALLS]` (default 200 000). 16 clients on connections that stay open
poll lists and tasks, send commands, wrong queries, unknown paths and preferences, in four worlds,
of which one is reset now and then; two more read the event stream all the time.

The figures: the server's memory after 50 000 calls to warm up and at the end, its files and threads,
and how long an answer took. Their rise is what counts; the times depend on the machine.
"""

import http.client
import os
import random
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

CLIENTS, STREAMS, WORLDS = 16, 2, 4
WARM_UP = 50_000
"""Calls before the first measurement: the journals are full then."""
LIST = "/api/v2/tasks/instances"
AUTH = {"Authorization": "Basic YWRtaW46YWRtaW4="}
FAILED = 35000312
CALLS = [
    *[("GET", LIST)] * 6,
    *[("GET", f"{LIST}/{FAILED}")] * 6,
    ("GET", f"{LIST}?size=2&page=1"),
    ("GET", f"{LIST}/1000/subtasks/1/log"),
    ("POST", f"{LIST}/{FAILED}/retry"),
    ("POST", f"{LIST}/{FAILED}/rollback"),
    ("GET", f"{LIST}/999999999"),
    ("GET", f"{LIST}?size=none"),
    ("GET", "/api/v2/unknown"),
    ("GET", f"{LIST}?__code=500"),
]


@contextmanager
def serve() -> Iterator[tuple[int, int]]:
    """Serve the demo, and yield process id and port."""
    command = [sys.executable, "-m", "understudy", "serve", "--port", "0", "--log", "off"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        try:
            port = next(
                int(match[1])
                for line in process.stdout
                if (match := re.search(r"127\.0\.0\.1:(\d+)", line))
            )
            yield process.pid, port
        finally:
            process.terminate()


class Clients:
    """The clients, what they count, and what they measure."""

    def __init__(self, port: int, calls: int) -> None:
        self.port, self.calls = port, calls
        self.statuses: Counter[int] = Counter()
        self.times: list[float] = []
        self.errors: list[str] = []
        self._lock = threading.Lock()
        self._ends = threading.Event()

    def run(self) -> None:
        """Send all calls."""
        streams = [threading.Thread(target=self._read_stream, daemon=True) for _ in range(STREAMS)]
        clients = [threading.Thread(target=self._call, args=(n,)) for n in range(CLIENTS)]
        for thread in (*streams, *clients):
            thread.start()
        for thread in clients:
            thread.join()
        self._ends.set()

    def _call(self, number: int) -> None:
        rng = random.Random(number)  # noqa: S311 - a load needs no secure numbers
        count = self.calls // CLIENTS
        statuses: Counter[int] = Counter()
        times = []
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            for position in range(count):
                method, target = rng.choice(CALLS)
                world = f"/w/soak{rng.randrange(WORLDS)}"
                if position % 5000 == 4999:
                    method, target = "POST", "/__admin/reset"
                start = time.perf_counter()
                try:
                    connection.request(method, world + target, headers=AUTH)
                    answer = connection.getresponse()
                    answer.read()
                    statuses[answer.status] += 1
                except (OSError, http.client.HTTPException) as error:
                    self.errors.append(repr(error))
                    connection.close()
                if position % 10 == 0:
                    times.append(time.perf_counter() - start)
        with self._lock:
            self.statuses += statuses
            self.times += times

    def _read_stream(self) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request("GET", "/__admin/events?world=*", headers=AUTH)
            answer = connection.getresponse()
            while not self._ends.is_set() and answer.readline():
                pass


def measure(pid: int) -> tuple[int, int, int]:
    """Return resident memory in KiB, open files and threads of a process."""
    text = Path(f"/proc/{pid}/status").read_text("ascii")
    numbers = [
        int(re.findall(rf"^{name}:\s+(\d+)", text, re.M)[0]) for name in ("VmRSS", "Threads")
    ]
    return numbers[0], len(os.listdir(f"/proc/{pid}/fd")), numbers[1]


def run(calls: int, warm_up: int = WARM_UP) -> tuple[float, Counter[int], list[str]]:
    """Send the calls and print the figures; return the memory's rise in percent, statuses, errors."""
    with serve() as (pid, port):
        Clients(port, warm_up).run()
        before = measure(pid)
        clients = Clients(port, calls)
        start = time.perf_counter()
        clients.run()
        seconds = time.perf_counter() - start
        after = measure(pid)
    rise = (after[0] / before[0] - 1) * 100
    ordered = sorted(clients.times)
    p50, p99 = (ordered[int(len(ordered) * part)] * 1000 for part in (0.5, 0.99))
    print(
        f"{calls} calls, {clients.statuses.total() / seconds:.0f}/s, {len(clients.errors)} errors"
    )
    print(f"statuses {dict(sorted(clients.statuses.items()))}")
    print(f"memory {before[0]} KiB, then {after[0]} KiB ({rise:+.1f} %)")
    print(f"files {before[1]} and {after[1]}, threads {before[2]} and {after[2]}")
    print(f"an answer took p50 {p50:.1f} ms, p99 {p99:.1f} ms")
    return rise, clients.statuses, clients.errors


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
