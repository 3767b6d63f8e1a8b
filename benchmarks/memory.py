"""Measure the memory of the stub after many requests, beside bare Flask on the same server.

Run: python benchmarks/memory.py [--requests 100000] [--commands 50]

Each server gets the same requests over 16 connections: mixed reads of `serve.py`, and a retry of a failed task after
each 2 000 of them. The resident memory (RSS) is read after each tenth of the requests. The table shows it at the start,
at the half and at the end; the growth is that of the second half.
"""

from __future__ import annotations

import argparse
import json
import selectors
import sys
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from serve import (
    FLOOR,
    Connection,
    Server,
    body_sizes,
    is_complete,
    request_bytes,
    retries,
    scenario_text,
    targets,
)

CONNECTIONS = 16
STEPS = 10


def requests_of(count: int, commands: int) -> Iterator[bytes]:
    """Yield the requests: reads, and commands with a read after each of them."""
    reads, changes = targets("mixed"), retries()
    prepared = {target: request_bytes("GET", target) for _, target in islice(targets("mixed"), 600)}
    gap = count // commands
    for number in range(count):
        if number % gap in (gap - 2, gap - 1):
            yield request_bytes(*next(changes))
        else:
            yield prepared[next(reads)[1]]


def send_all(server: Server, requests: list[bytes]) -> int:
    """Send requests over several connections; return how many were no success."""
    selector, errors = selectors.DefaultSelector(), 0
    waiting = iter(requests)
    opened = [Connection(server.port) for _ in range(CONNECTIONS)]
    for connection in opened:
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        connection.send(next(waiting))
    busy = CONNECTIONS
    while busy:
        for key, _ in selector.select(30):
            connection = key.data
            chunk = connection.socket.recv(1 << 18)
            if not chunk:
                raise SystemExit(f"{server.name} closed a connection")
            connection.received += chunk
            if not is_complete(connection.received):
                continue
            errors += not connection.received.startswith((b"HTTP/1.1 2", b"HTTP/1.0 2"))
            upcoming = next(waiting, None)
            if upcoming is None:
                selector.unregister(connection.socket)
                busy -= 1
            else:
                connection.send(upcoming)
    for connection in opened:
        connection.socket.close()
    return errors


def measure(server: Server, count: int, commands: int) -> tuple[list[float], int]:
    """Return the memory in MB at the start and after each step, and the number of errors."""
    memory, errors = [server.resident_mb()], 0
    calls = requests_of(count, commands)
    for _ in range(STEPS):
        errors += send_all(server, list(islice(calls, count // STEPS)))
        memory.append(server.resident_mb())
    return memory, errors


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--commands", type=int, default=50)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        scenario, sizes = Path(folder, "load.yaml"), Path(folder, "sizes.json")
        scenario.write_text(scenario_text(), "utf-8")
        command = [sys.executable, "-m", "understudy", "serve", "--port", "{port}"]
        stub = Server("the stub", [*command, "--scenario", str(scenario)])
        stub.start()
        sizes.write_text(json.dumps(body_sizes(stub.port)), "utf-8")
        floor_command = [sys.executable, "-c", FLOOR, "{port}", str(sizes)]
        floor = Server("bare Flask on waitress", floor_command)
        floor.start()
        rows = {}
        for server in (floor, stub):
            rows[server.name] = measure(server, arguments.requests, arguments.commands)
            server.stop()
    base = rows[floor.name][0][-1]
    print(f"| memory in MB, {arguments.requests} requests | start | half | end | ratio | growth |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, (memory, errors) in rows.items():
        note = f" ({errors} errors)" if errors else ""
        start, half, end = memory[0], memory[STEPS // 2], memory[-1]
        growth = 100 * (end / half - 1)
        print(
            f"| {name}{note} | {start:.1f} | {half:.1f} | {end:.1f} | {end / base:.2f} | {growth:+.1f} % |"
        )
    print("\nafter each tenth: " + ", ".join(f"{value:.1f}" for value in rows[stub.name][0]))


if __name__ == "__main__":
    main()
