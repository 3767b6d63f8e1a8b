"""Measure generated answers over the socket: a contract without examples, beside Prism.

Run: python benchmarks/generated.py [--seconds 2] [--rounds 5] [--prism COMMAND]

Both servers generate from the schemas of `pets.yaml`. The stub's answers depend on its seed, so equal calls get equal
answers; Prism does the same as it starts, and generates anew for each call with `-d`. Its log is off. `rotating` calls
have 200 different ids, `new` calls an id that was never sent before, `list` calls get five pets. The ratio is that of
CPU time per call, Prism's to the stub's, so that other load on the machine matters less; above 1 the stub is faster.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterator
from itertools import count, cycle
from pathlib import Path

from serve import Server, can_pin, median, request_bytes, send_load

CONTRACT = Path(__file__).with_name("pets.yaml")
WORKLOADS = ("rotating", "list", "new")  # what follows `new` would pay for dropping its exchanges
CONNECTIONS = 16
_NEW_IDS = count(1_000)


def requests_of(workload: str) -> Iterator[bytes]:
    """Yield each request, without end."""
    targets: Iterator[str]
    if workload == "rotating":
        targets = (f"/pets/{number}" for number in cycle(range(200)))
    elif workload == "new":
        targets = (f"/pets/{number}" for number in _NEW_IDS)
    else:
        targets = (f"/pets?size={size}" for size in cycle(range(1, 101)))
    return (request_bytes("GET", target) for target in targets)


def start_servers(prism: str | None) -> list[Server]:
    """Start the stub, and Prism where it is installed."""
    command = [sys.executable, "-m", "understudy", "serve", "--port", "{port}"]
    servers = [Server("the stub", [*command, "--contract", str(CONTRACT)], first="/pets/1")]
    if prism is None:
        print("Prism is not installed: npm install -g @stoplight/prism-cli", file=sys.stderr)
    else:
        options = ["mock", str(CONTRACT), "-p", "{port}", "--verboseLevel", "silent"]
        servers += [
            Server("Prism", [prism, *options], first="/pets/1"),
            Server("Prism -d", [prism, *options, "-d"], first="/pets/1"),
        ]
    for server in servers:
        server.start()
    return servers


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=2.0, help="length of one round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--prism", help="the command of Prism")
    arguments = parser.parse_args()
    servers = start_servers(arguments.prism or shutil.which("prism"))
    if can_pin():
        os.sched_setaffinity(0, os.sched_getaffinity(0) - {max(os.sched_getaffinity(0))})
    try:
        for workload in WORKLOADS:
            for _ in range(arguments.rounds):
                for server in servers:
                    calls = requests_of(workload)
                    sample = send_load(server, workload, calls, CONNECTIONS, arguments.seconds)
                    server.samples.setdefault((workload, CONNECTIONS), []).append(sample)
    finally:
        for server in servers:
            server.stop()
    print("| generated answers | server | req/s | p99 ms | CPU µs | CPU, ratio to the stub |")
    print("| --- | --- | --- | --- | --- | --- |")
    for workload in WORKLOADS:
        base = median(servers[0].samples[workload, CONNECTIONS], "cpu_us")
        for server in servers:
            samples = server.samples[workload, CONNECTIONS]
            cpu, errors = median(samples, "cpu_us"), sum(sample.errors for sample in samples)
            note = f" ({errors} errors)" if errors else ""
            cells = [workload, server.name + note, f"{median(samples, 'rate'):.0f}"]
            cells += [f"{median(samples, 'p99'):.1f}", f"{cpu:.0f}", f"{cpu / base:.2f}"]
            print(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
