"""Measure a contract of many operations: time to load, memory, and one call, beside Prism.

Run: python benchmarks/large_contract.py [--operations 1000] [--rounds 3] [--prism COMMAND]

The same contract of 10 operations is the base of the ratios. Each row is a server process: CPU time until its first
answer, resident memory after it, and CPU time of a call over the socket (rotating over 10 operations). Prism's log is
off. Figures are medians of the rounds; the rows take turns.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
from itertools import cycle
from pathlib import Path
from typing import Any

from serve import Server, request_bytes, send_load

SMALL = 10


def build_contract(count: int) -> dict[str, Any]:
    """Return a contract of operations with a schema of their own each."""
    paths, schemas = {}, {}
    for number in range(count):
        schemas[f"Thing{number}"] = {
            "type": "object",
            "required": ["id", "name"],
            "properties": {
                "id": {"type": "integer", "format": "int64"},
                "name": {"type": "string", "minLength": 1},
                "kind": {"enum": ["a", "b", f"k{number}"]},
                "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Part"}},
            },
        }
        answer = {"schema": {"$ref": f"#/components/schemas/Thing{number}"}}
        identifier = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
        paths[f"/things{number}/{{id}}"] = {
            "get": {
                "operationId": f"getThing{number}",
                "parameters": [identifier],
                "responses": {
                    "200": {"description": "ok", "content": {"application/json": answer}}
                },
            }
        }
    schemas["Part"] = {"type": "object", "properties": {"size": {"type": "integer"}}}
    return {
        "openapi": "3.0.3",
        "info": {"title": "Large", "version": "1"},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": schemas},
    }


def measure(name: str, command: list[str], count: int) -> tuple[float, float, float]:
    """Return the CPU seconds to the first answer, the memory in MB, the CPU µs of a call."""
    server = Server(name, command, first="/things0/1")
    server.start()
    try:
        load, memory = server.cpu_seconds(), server.resident_mb()
        rotating = cycle(range(0, count, count // SMALL))
        calls = (request_bytes("GET", f"/things{number}/1") for number in rotating)
        send_load(server, name, calls, 4, 0.5)
        sample = send_load(server, name, calls, 4, 1.0)
        return load, memory, sample.cpu_us
    finally:
        server.stop()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--operations", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--prism", help="the command of Prism")
    arguments = parser.parse_args()
    prism = arguments.prism or shutil.which("prism")
    if prism is None:
        print("Prism is not installed: npm install -g @stoplight/prism-cli", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        rows: dict[str, tuple[list[str], int]] = {}
        for count in (SMALL, arguments.operations):
            path = Path(folder, f"contract-{count}.json")
            path.write_text(json.dumps(build_contract(count)), "utf-8")
            ours = [sys.executable, "-m", "understudy", "serve", "--port", "{port}", "--contract"]
            rows[f"the stub, {count} operations"] = ([*ours, str(path)], count)
            if prism is not None:
                theirs = [prism, "mock", str(path), "-p", "{port}", "--verboseLevel", "silent"]
                rows[f"Prism, {count} operations"] = (theirs, count)
        figures: dict[str, list[tuple[float, float, float]]] = {name: [] for name in rows}
        for _ in range(arguments.rounds):
            for name, (command, count) in rows.items():
                figures[name].append(measure(name, command, count))
    medians = {
        name: [statistics.median(column) for column in zip(*values, strict=True)]
        for name, values in figures.items()
    }
    base = medians[f"the stub, {SMALL} operations"]
    print(
        "| server | CPU s to the first answer | MB | CPU µs of a call | ratios to the first row |"
    )
    print("| --- | --- | --- | --- | --- |")
    for name, (load, memory, call) in medians.items():
        ratios = ", ".join(f"{x / y:.2f}" for x, y in zip((load, memory, call), base, strict=True))
        print(f"| {name} | {load:.2f} | {memory:.0f} | {call:.0f} | {ratios} |")


if __name__ == "__main__":
    main()
