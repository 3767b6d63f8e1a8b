"""Measure calls over the socket: the stub, bare Flask on the same server, and Prism, alternately in one run.

    python benchmarks/serve.py [--seconds 2] [--rounds 5] [--connections 1,16] [--auth off] [--only WORKLOAD,...]
    python benchmarks/serve.py --quick

The stub validates requests and responses, checks Basic authentication and keeps its journal. The floor is a bare Flask
application that returns prepared bytes of the same size under the same WSGI server. Prism (`npm install -g
@stoplight/prism-cli`) serves the same contract; without it a line says so.

200 tasks, half of them running, rotate. Workloads: `list` (pages of 20), `detail`, `search` (filters and sorts),
`mixed` (all three), `retry` (each command on a failed task of its own, followed by a read of the task), `fault` (a rule
that touches each call).

Each server runs in its own process on one core, the load on another one (where the system can pin processes). The table
shows the median of the rounds: requests per second, the ratio to the floor, latencies in milliseconds, CPU time per
request in microseconds and its ratio (the floor's to the server's; above 1 the server needs less), resident memory in
MB. On a machine with other load, trust the ratio of CPU time.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import json
import os
import selectors
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
AUTHORIZATION = base64.b64encode(b"admin:admin").decode()
LIST = "/api/v2/tasks/instances"
RUNNING, HISTORY, FAILED = 100, 100, 20_000
FIRST_RUNNING, FIRST_HISTORY, FIRST_FAILED = 1, 500, 1_000_000

FLOOR = """
import sys, json
from flask import Flask, Response, request
bodies = json.load(open(sys.argv[2]))
prepared = {size: b"x" * size for size in set(bodies.values())}
app = Flask("floor")
@app.route("/<path:path>", methods=["GET", "POST"])
def answer(path):
    size = bodies.get(path.split("/")[-1] if "instances/" in path else "list", 0)
    return Response(prepared.get(size, prepared[bodies["other"]]), content_type="application/json")
from waitress import serve
serve(app, host="127.0.0.1", port=int(sys.argv[1]), threads=32, _quiet=True)
"""


def scenario_text() -> str:
    """Return a scenario: running tasks that go on for hours, finished ones, and many failed ones to retry."""
    steps = "\n".join(
        f"      - {{id: {{id}}{index:02}, name: Step {index}, after: [{after}], runs: [{{takes: {takes}}}]}}"
        for index, after, takes in (
            (1, "", "1s"),
            *((index, f"{{id}}{index - 1:02}", f"{index * 7}s") for index in range(2, 8)),
            (8, "{id}07", "5h"),
        )
    )
    tasks = [
        f"  - id: {number}\n    name: Restart cluster {number}\n    at: -{number}s\n    subtasks:\n"
        + steps.replace("{id}", str(number))
        for number in range(FIRST_RUNNING, FIRST_RUNNING + RUNNING)
    ]
    return "\n".join(
        [
            "understudy: 1",
            "name: load",
            "accounts: {admin: {password: admin, permissions: [TASK_MANAGER]}}",
            "crowd: {count: "
            + str(FAILED)
            + ", running: 0%, failed: 100%, firstId: "
            + str(FIRST_FAILED)
            + "}",
            "tasks:",
            *tasks,
            *(
                f"  - {{id: {number}, name: Backup {number}, at: -{number}h, state: SUCCESSFUL,"
                f" subtasks: [{{id: {number}01, name: Copy}}, {{id: {number}02, name: Check}}]}}"
                for number in range(FIRST_HISTORY, FIRST_HISTORY + HISTORY)
            ),
            "",
        ]
    )


def task_ids() -> list[int]:
    """Return the 200 tasks that calls rotate over: running and finished ones in turn."""
    pairs = zip(
        range(FIRST_RUNNING, FIRST_RUNNING + RUNNING),
        range(FIRST_HISTORY, FIRST_HISTORY + HISTORY),
        strict=True,
    )
    return [number for pair in pairs for number in pair]


def targets(workload: str) -> Iterator[tuple[str, str]]:
    """Yield method and target of each call, without end."""
    ids = task_ids()
    lists = [f"{LIST}?page={page}&size=20" for page in range(1, 201)]
    details = [f"{LIST}/{number}" for number in ids]
    searches = [
        f"{LIST}?page={page}&size=20&status={status}&sort={sort}"
        for page in range(1, 26)
        for status in ("RUNNING", "FAILED", "RUNNING,SUCCESSFUL", "FAILED,RUNNING")
        for sort in ("id,desc", "startTime,asc")
    ]
    if workload == "list":
        return (("GET", target) for target in cycle(lists))
    if workload in ("detail", "fault"):
        return (("GET", target) for target in cycle(details))
    if workload == "search":
        return (("GET", target) for target in cycle(searches))
    if workload == "retry":
        return retries()
    mixed = [target for three in zip(lists, details, searches, strict=True) for target in three]
    return (("GET", target) for target in cycle(mixed))


_NEXT_FAILED = iter(cycle(range(FIRST_FAILED, FIRST_FAILED + FAILED)))


def retries() -> Iterator[tuple[str, str]]:
    """Yield a retry and a read of the same task, over tasks that were not retried before."""
    for number in _NEXT_FAILED:
        yield "POST", f"{LIST}/{number}/retry"
        yield "GET", f"{LIST}/{number}"


@dataclass
class Server:
    """A server process, with what its table row needs."""

    name: str
    command: list[str]
    first: str = f"{LIST}/{FIRST_RUNNING}"
    """The target of the first call, which waits for the start."""
    patience_s: float = 60.0
    """How long the first answer may take."""
    process: subprocess.Popen[bytes] | None = None
    port: int = 0
    cold_ms: float = 0.0
    samples: dict[tuple[str, int], list[Sample]] = field(default_factory=dict)

    def start(self) -> None:
        """Start the process and wait for the first answer."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        started = time.perf_counter()
        self.process = subprocess.Popen(
            [part.replace("{port}", str(self.port)) for part in self.command],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=pin_server if can_pin() else None,
        )
        while time.perf_counter() - started < self.patience_s:
            with contextlib.suppress(OSError):
                call_once(self.port, "GET", self.first)
                self.cold_ms = (time.perf_counter() - started) * 1000
                return
            time.sleep(0.005)
        raise SystemExit(f"{self.name} did not start: {' '.join(self.command)}")

    def stop(self) -> None:
        """End the process."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)

    def cpu_seconds(self) -> float:
        """Return the CPU time of the process so far, its children included."""
        return sum(_cpu_of(pid) for pid in self._pids())

    def resident_mb(self) -> float:
        """Return the resident memory of the process, its children included."""
        pages = 0
        for pid in self._pids():
            with contextlib.suppress(OSError):
                pages += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1_000_000

    def _pids(self) -> list[int]:
        assert self.process is not None
        pids = [self.process.pid]
        for pid in pids:
            with contextlib.suppress(OSError):
                children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
                pids += [int(child) for child in children]
        return pids


def _cpu_of(pid: int) -> float:
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS
    return 0.0


@dataclass(frozen=True)
class Sample:
    """One round of one workload."""

    rate: float
    p50: float
    p99: float
    cpu_us: float
    memory: float
    errors: int


def can_pin() -> bool:
    """Return whether processes can be pinned, and there is a core for each side."""
    return hasattr(os, "sched_setaffinity") and len(os.sched_getaffinity(0)) > 1


def pin_server() -> None:
    """Pin a server process to the last core."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def request_bytes(method: str, target: str) -> bytes:
    """Return a request as it is sent, with Basic authentication."""
    length = "Content-Length: 0\r\n" if method == "POST" else ""
    return (
        f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n"
        f"Authorization: Basic {AUTHORIZATION}\r\n{length}\r\n"
    ).encode()


def call_once(port: int, method: str, target: str) -> bytes:
    """Return the body of one answer, on a connection of its own."""
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        connection.sendall(request_bytes(method, target))
        received = b""
        while not is_complete(received):
            chunk = connection.recv(1 << 20)
            if not chunk:
                break
            received += chunk
    if not received:
        raise ConnectionError("no answer")
    return received.partition(b"\r\n\r\n")[2]


def is_complete(received: bytes) -> bool:
    """Return whether a whole answer was received."""
    head, separator, body = received.partition(b"\r\n\r\n")
    if not separator:
        return False
    lowered = head.lower()
    position = lowered.find(b"content-length:")
    if position >= 0:
        return len(body) >= int(lowered[position + 15 :].split(b"\r\n", 1)[0])
    return b"chunked" in lowered and body.endswith(b"0\r\n\r\n")


class Connection:
    """One keep-alive connection of the load."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        self.sent_at = 0.0

    def send(self, request: bytes) -> None:
        """Send one request."""
        self.received = b""
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)


def run_load(server: Server, workload: str, connections: int, seconds: float) -> Sample:
    """Return what one round of a workload measured."""
    calls = (request_bytes(*call) for call in targets(workload))
    upcoming = calls if workload == "retry" else cycle(list(islice(calls, 600)))
    return send_load(server, workload, upcoming, connections, seconds)


def send_load(
    server: Server, workload: str, upcoming: Iterator[bytes], connections: int, seconds: float
) -> Sample:
    """Return what one round measured. Each connection sends its next request when an answer is complete."""
    selector = selectors.DefaultSelector()
    opened = [Connection(server.port) for _ in range(connections)]
    latencies: list[float] = []
    errors = 0
    cpu = server.cpu_seconds()
    started = time.perf_counter()
    for connection in opened:
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        connection.send(next(upcoming))
    end = started + seconds
    now = started
    while now < end:
        for key, _ in selector.select(1):
            connection = key.data
            chunk = connection.socket.recv(1 << 18)
            if not chunk:
                raise SystemExit(f"{server.name} closed a connection in {workload}")
            connection.received += chunk
            if not is_complete(connection.received):
                continue
            now = time.perf_counter()
            latencies.append(now - connection.sent_at)
            errors += not connection.received.startswith((b"HTTP/1.1 2", b"HTTP/1.0 2"))
            connection.send(next(upcoming))
        now = time.perf_counter()
    elapsed = now - started
    spent = server.cpu_seconds() - cpu
    for connection in opened:
        connection.socket.close()
    latencies.sort()
    count = len(latencies)
    return Sample(
        rate=count / elapsed,
        p50=1000 * latencies[count // 2],
        p99=1000 * latencies[min(count - 1, int(count * 0.99))],
        cpu_us=1e6 * spent / count,
        memory=server.resident_mb(),
        errors=errors,
    )


def body_sizes(port: int) -> dict[str, int]:
    """Return the sizes of the stub's answers: of each detail, of a list page, and of others."""
    sizes = {str(number): len(call_once(port, "GET", f"{LIST}/{number}")) for number in task_ids()}
    sizes["list"] = len(call_once(port, "GET", f"{LIST}?page=1&size=20"))
    sizes["other"] = len(call_once(port, "GET", f"{LIST}/{FIRST_FAILED}"))
    return sizes


def start_servers(folder: Path, arguments: argparse.Namespace) -> list[Server]:
    """Start the stub, then the floor with the sizes of the stub's answers, then Prism where it is installed."""
    scenario = folder / "load.yaml"
    scenario.write_text(scenario_text(), "utf-8")
    stub_command = [sys.executable, "-m", "understudy", "serve", "--port", "{port}"]
    stub_command += ["--scenario", str(scenario), "--auth", arguments.auth]
    stub = Server("the stub", stub_command)
    stub.start()
    sizes = folder / "sizes.json"
    sizes.write_text(json.dumps(body_sizes(stub.port)), "utf-8")
    floor_command = [sys.executable, "-c", FLOOR, "{port}", str(sizes)]
    floor = Server("bare Flask on waitress", floor_command)
    floor.start()
    servers = [floor, stub]
    if arguments.quick:
        return servers
    prism = arguments.prism or shutil.which("prism")
    if prism is None:
        print("Prism is not installed: npm install -g @stoplight/prism-cli", file=sys.stderr)
        return servers
    contract = str(ROOT / "openapi.yaml")
    for name, options in (("Prism, log off", ["--verboseLevel", "silent"]), ("Prism", [])):
        server = Server(name, [prism, "mock", contract, "-p", "{port}", *options])
        server.start()
        servers.append(server)
    return servers


def prepare(server: Server, workload: str) -> None:
    """Add the rule that touches each call, or remove it."""
    if server.name != "the stub":
        return
    method, path, body = "DELETE", "/__admin/faults", b""
    if workload == "fault":
        method = "POST"
        rule = {"when": {"operation": "getTaskInstance"}, "fault": {"delay": "0ms"}}
        body = json.dumps(rule).encode()
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        connection.recv(65536)


def median(samples: list[Sample], name: str) -> float:
    """Return the median of one column."""
    return statistics.median(getattr(sample, name) for sample in samples)


def print_table(servers: list[Server], workloads: list[str], connections: list[int]) -> None:
    """Print a row for each workload, number of connections and server."""
    print(
        "| workload | connections | server | req/s | ratio | p50 ms | p99 ms | CPU µs | CPU ratio | MB |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for workload in workloads:
        for count in connections:
            base = median(servers[0].samples[workload, count], "rate")
            base_cpu = median(servers[0].samples[workload, count], "cpu_us")
            for server in servers:
                samples = server.samples.get((workload, count))
                if not samples:
                    continue
                rate = median(samples, "rate")
                errors = sum(sample.errors for sample in samples)
                note = f" ({errors} errors)" if errors else ""
                cells = [
                    workload,
                    str(count),
                    server.name + note,
                    f"{rate:.0f}",
                    f"{rate / base:.2f}",
                    *(f"{median(samples, name):.2f}" for name in ("p50", "p99")),
                    f"{median(samples, 'cpu_us'):.0f}",
                    f"{base_cpu / max(median(samples, 'cpu_us'), 1):.2f}",
                    f"{median(samples, 'memory'):.0f}",
                ]
                print(f"| {' | '.join(cells)} |")


def main() -> None:
    """Run the rounds and print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=2.0, help="length of one round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--connections", default="1,16")
    parser.add_argument("--auth", default="on", choices=["on", "off"])
    parser.add_argument("--only", default="list,detail,search,mixed,fault,retry")
    parser.add_argument("--prism", help="the command of Prism")
    parser.add_argument(
        "--quick", action="store_true", help="lists and details alone, some seconds"
    )
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.only, arguments.connections = "list,detail", "16"
        arguments.rounds, arguments.seconds = 3, 0.7
    workloads = arguments.only.split(",")
    connections = [int(count) for count in arguments.connections.split(",")]
    with tempfile.TemporaryDirectory() as folder:
        servers = start_servers(Path(folder), arguments)
        if can_pin():
            os.sched_setaffinity(0, os.sched_getaffinity(0) - {max(os.sched_getaffinity(0))})
        try:
            measure_rounds(servers, workloads, connections, arguments)
        finally:
            for server in servers:
                server.stop()
    print_table(servers, workloads, connections)
    print()
    print("| cold start, process spawned to first answer | ms | ratio |\n| --- | --- | --- |")
    for server in servers:
        ratio = server.cold_ms / servers[0].cold_ms
        print(f"| {server.name} | {server.cold_ms:.0f} | {ratio:.2f} |")


def measure_rounds(
    servers: list[Server],
    workloads: list[str],
    connections: list[int],
    arguments: argparse.Namespace,
) -> None:
    """Run each workload on each server in turn, in each round, so that all see the same machine."""
    for workload in workloads:
        for server in servers:
            prepare(server, workload)
        for count in connections:
            for _ in range(arguments.rounds):
                for server in servers:
                    # Prism has no tasks: its retries and its rules would measure something else.
                    if workload in ("retry", "fault") and server.name.startswith("Prism"):
                        continue
                    sample = run_load(server, workload, count, arguments.seconds)
                    server.samples.setdefault((workload, count), []).append(sample)


if __name__ == "__main__":
    main()
