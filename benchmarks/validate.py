"""Measure `understudy validate` on a large journal: time, messages a second, memory; beside openapi-core.

Run: python benchmarks/validate.py [--megabytes 100] [--peer PYTHON] [--peer-messages 2000]

The journal has the calls of a stub again and again: lists, tasks, logs, refused calls. Memory is the greatest resident
set of the process, as the system reports it. `--peer` is the Python of an environment with openapi-core
(`python -m venv peer; peer/bin/pip install openapi-core`); it validates the first messages of the same journal, request
and response, in one process after its contract was loaded.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import requests

from understudy import LiveServer
from understudy.resources import resource_path

TARGETS = (
    "?size=10",
    "?size=50",
    "?status=FAILED",
    "/1001",
    "/35000312",
    "/1001/subtasks/10012/log",
    "?status=DONE",
    "/999999",
)
PEER = """
import json, sys, time
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse

openapi = OpenAPI.from_file_path(sys.argv[1])
lines = open(sys.argv[2], encoding="utf-8")
begin, count, wrong, first = time.perf_counter(), 0, 0, ""
for line in lines:
    if count == int(sys.argv[3]):
        break
    record = json.loads(line)
    sent, received = record["request"], record["response"]
    path, _, query = sent["target"].partition("?")
    pairs = dict(part.split("=") for part in query.split("&") if part)
    headers = dict(received["headers"])
    request = MockRequest("http://127.0.0.1:4010", sent["method"].lower(), path, args=pairs,
                          headers={"Authorization": "Basic YWRtaW46YWRtaW4="})
    response = MockResponse(received["body"].encode(), status_code=received["status"],
                            headers=headers, content_type=headers["Content-Type"])
    for check in (openapi.validate_request, lambda request: openapi.validate_response(request, response)):
        try:
            check(request)
        except Exception as error:
            wrong += 1; first = first or repr(error)
    count += 1
print(json.dumps({"messages": count, "seconds": time.perf_counter() - begin, "wrong": wrong, "first": first}))
"""


def write_journal(path: Path, megabytes: int) -> int:
    """Write a journal of the wanted size; return the number of its messages."""
    with LiveServer() as server, requests.Session() as session:
        session.auth = ("admin", "admin")
        for target in TARGETS:
            session.get(f"{server.url}/api/v2/tasks/instances{target}", timeout=30)
        records = session.get(f"{server.url}/__admin/requests", timeout=30).json()["requests"]
    lines = [json.dumps(record, ensure_ascii=False).encode() + b"\n" for record in records]
    count = size = 0
    with path.open("wb") as file:
        while size < megabytes * 1_000_000:
            line = lines[count % len(lines)]
            size += file.write(line)
            count += 1
    return count


def run_validate(path: Path, *options: str) -> tuple[float, int]:
    """Return seconds and the greatest memory in bytes of a run of the command."""
    command = [sys.executable, "-m", "understudy", "validate", str(path), *options]
    begin = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode == 2:
        raise SystemExit("the command failed")
    return time.perf_counter() - begin, usage.ru_maxrss * 1024


def run_peer(python: str, path: Path, count: int) -> dict[str, float]:
    """Return messages and seconds of openapi-core."""
    contract = str(resource_path("openapi.yaml"))
    command = [python, "-c", PEER, contract, str(path), str(count)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    result: dict[str, float] = json.loads(output)
    return result


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--peer", default="")
    parser.add_argument("--peer-messages", type=int, default=2000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.ndjson"
        count = write_journal(path, options.megabytes)
        print(f"{path.stat().st_size / 1e6:.0f} MB, {count} messages")
        print("| what | messages/s | seconds | memory |")
        print("| --- | --- | --- | --- |")
        rates = {}
        for name, more in {"understudy validate": (), "with --rules": ("--rules",)}.items():
            seconds, memory = run_validate(path, *more)
            rates[name] = count / seconds
            print(f"| {name} | {count / seconds:.0f} | {seconds:.1f} | {memory / 1e6:.0f} MB |")
        if options.peer:
            peer = run_peer(options.peer, path, options.peer_messages)
            rate = peer["messages"] / peer["seconds"]
            print(
                f"| openapi-core, {peer['messages']:.0f} messages | {rate:.0f} | {peer['seconds']:.1f} | |"
            )
            print(f"{rates['understudy validate'] / rate:.1f} times as fast as openapi-core")


if __name__ == "__main__":
    main()
