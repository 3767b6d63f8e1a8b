"""Measure thousands of delayed calls at the same time, beside the same calls without a delay.

    python benchmarks/delayed_calls.py [--calls 10000] [--delay 10] [--rate 1000]
    python benchmarks/delayed_calls.py --quick

All connections are opened first; each has one call. The calls are sent at a steady rate, so that the delayed ones wait
at the same time: with 10 000 calls, 10 s and 1 000 a second, nearly all of them. The last row is the usual way to
delay: a bare Flask application on waitress whose 32 threads sleep, with 96 calls (it takes 100 connections).

`late` is the time from the end of a call's delay to the last byte of its answer, in milliseconds. CPU time of the
server is per call, in microseconds; memory (resident, in MB) is the highest seen, `+` what it grew. Load and server
share the machine: on one with other load, trust the CPU time.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import os
import resource
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TICKS = os.sysconf("SC_CLK_TCK")
AUTHORIZATION = base64.b64encode(b"admin:admin").decode()
SPARE_FILES = 200

FLOOR = """
import sys, time
from flask import Flask
app = Flask("floor")
@app.route("/<path:path>")
def answer(path):
    time.sleep(float(sys.argv[2]))
    return "x" * 300
from waitress import serve
serve(app, host="127.0.0.1", port=int(sys.argv[1]), threads=32, _quiet=True)
"""


@dataclass
class Result:
    """What the calls of one row met."""

    late_ms: list[float] = field(default_factory=list)
    failures: int = 0
    """Answers other than 200, and connections that broke."""
    seconds: float = 0.0
    cpu_us: float = 0.0
    memory: int = 0
    growth: int = 0


@dataclass(slots=True)
class Call:
    """One call on its own connection."""

    connection: socket.socket
    sent: float = 0.0
    received: bytes = b""

    @property
    def is_answered(self) -> bool:
        """Whether the whole answer has arrived."""
        head, end, body = self.received.partition(b"\r\n\r\n")
        if not end:
            return False
        length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
        return len(body) >= int(length)


@contextlib.contextmanager
def serve(command: list[str], port: int) -> Iterator[int]:
    """Run a server until its port answers; yield its process id."""
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,  # waitress writes a line for each waiting call
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=10).close()
                break
            except ConnectionRefusedError:
                assert process.poll() is None, "the server has ended"
                time.sleep(0.05)
        yield process.pid
    finally:
        process.terminate()
        process.wait(timeout=30)


def free_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_mb(pid: int, name: str = "VmRSS") -> int:
    """Return the resident memory of a process, now or (VmHWM) at most."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    line = next(line for line in status.splitlines() if line.startswith(name))
    return int(line.split()[1]) // 1024


def run(pid: int, port: int, calls: int, delay_s: float, rate: float, fields: str) -> Result:
    """Send the calls at a rate, and receive their answers."""
    result = Result()
    before_cpu, before_memory = cpu_seconds(pid), memory_mb(pid)
    selector = selectors.DefaultSelector()
    request = (
        f"GET /api/v2/tasks/instances?size=1 HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Basic {AUTHORIZATION}\r\n{fields}\r\n"
    ).encode()
    open_calls = []
    for _ in range(calls):
        connection = socket.create_connection(("127.0.0.1", port), timeout=60)
        connection.setblocking(False)
        call = Call(connection)
        selector.register(connection, selectors.EVENT_READ, call)
        open_calls.append(call)
    begin = time.monotonic()
    sent = finished = 0
    while finished < calls:
        now = time.monotonic()
        while sent < calls and begin + sent / rate <= now:
            open_calls[sent].sent = time.monotonic()
            open_calls[sent].connection.send(request)
            sent += 1
        wait_s = begin + sent / rate - time.monotonic() if sent < calls else 60.0
        events = selector.select(max(0.0, wait_s))
        assert events or sent < calls, f"{calls - finished} calls are not answered"
        for key, _ in events:
            finished += receive(key.data, selector, result, delay_s)
    result.seconds = time.monotonic() - begin
    result.cpu_us = (cpu_seconds(pid) - before_cpu) / calls * 1e6
    result.memory = memory_mb(pid, "VmHWM")
    result.growth = result.memory - before_memory
    for call in open_calls:
        call.connection.close()
    return result


def receive(call: Call, selector: selectors.BaseSelector, result: Result, delay_s: float) -> bool:
    """Receive what has arrived; return whether the call is finished."""
    try:
        data = call.connection.recv(65536)
    except OSError:
        data = b""
    call.received += data
    if data and not call.is_answered:
        return False
    selector.unregister(call.connection)
    if not data or not call.received.startswith(b"HTTP/1.1 200"):
        result.failures += 1
    else:
        result.late_ms.append((time.monotonic() - call.sent - delay_s) * 1000)
    return True


def show(name: str, calls: int, delay_s: float, rate: float, result: Result) -> None:
    """Print a row."""
    late = sorted(result.late_ms) or [0.0]
    p50, p99 = late[len(late) // 2], late[min(len(late) - 1, len(late) * 99 // 100)]
    print(
        f"| {name} | {calls} | {delay_s:g} | {rate:g} | {result.failures} | {result.seconds:.1f} "
        f"| {p50:.1f} | {p99:.1f} | {late[-1]:.1f} | {result.cpu_us:.0f} "
        f"| {result.memory} (+{result.growth}) |",
        flush=True,
    )


def allow_files(calls: int) -> None:
    """Raise this process's limit on open files."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = calls + SPARE_FILES
    if hard not in (resource.RLIM_INFINITY,) and hard < needed:
        sys.exit(f"{calls} calls need {needed} open files, but this system allows {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--delay", type=float, default=10.0, help="seconds")
    parser.add_argument("--rate", type=float, default=1000.0, help="calls a second")
    parser.add_argument("--quick", action="store_true", help="500 calls of 1 s")
    options = parser.parse_args()
    if options.quick:
        options.calls, options.delay = 500, 1.0
    calls, delay_s, rate = options.calls, options.delay, options.rate
    allow_files(calls)
    print(
        "| server | calls | delay s | calls/s | failures | seconds | late p50 ms | p99 | max | CPU µs | MB |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    prefer = f"Prefer: delay={round(delay_s * 1000)}ms\r\n"
    # A distribution of one value turns the quick way off, so that both rows do the same work.
    undelayed = "Prefer: delay=0ms\r\n"
    for row, fields in ((0.0, undelayed), (delay_s, prefer)):
        port = free_port()
        command = [sys.executable, "-m", "understudy", "serve", "--scenario", "empty"]
        command += ["--port", str(port), "--connections", str(calls + 10), "--log", "off"]
        with serve(command, port) as pid:
            show("the stub", calls, row, rate, run(pid, port, calls, row, rate, fields))
    port, fewer, short_s = free_port(), min(calls, 96), min(delay_s, 1.0)
    with serve([sys.executable, "-c", FLOOR, str(port), str(short_s)], port) as pid:
        show(
            "bare Flask, 32 threads", fewer, short_s, rate, run(pid, port, fewer, short_s, rate, "")
        )


if __name__ == "__main__":
    main()
