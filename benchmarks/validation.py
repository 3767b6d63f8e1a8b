"""Measure the validation of a page of 50 KB with each back end: a new page, and a page with a new envelope only.

Run: python benchmarks/validation.py
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

from understudy import load_contract
from understudy.contract import BACKENDS, Contract
from understudy.errors import InputError
from understudy.messages import Headers, Response, dump_json

RUNS = 15
SUBTASK = {
    "id": 1,
    "name": "Start servers",
    "description": "Start servers",
    "status": "PENDING",
    "operation": "EXECUTE",
}


def page(number: int) -> bytes:
    """A page of 100 tasks; `number` makes it a new one."""
    contents = [
        {
            "id": number * 1000 + index,
            "name": "Restart cluster",
            "creator": {"id": 100, "name": "admin"},
            "status": "RUNNING",
            "startTime": "2021-08-25T15:09:31+08:00",
            "subtasks": [SUBTASK] * 4,
        }
        for index in range(100)
    ]
    data = {
        "contents": contents,
        "page": {"totalElements": 100, "totalPages": 1, "number": 1, "size": 100},
    }
    return envelope(data, number)


def envelope(data: Any, number: int) -> bytes:
    """Return the data in an envelope; trace and duration depend on the number."""
    metadata = {
        "successful": True,
        "timestamp": "2021-08-25T15:09:31+08:00",
        "duration": number,
        "status": 200,
    }
    return dump_json(
        {"data": data, **metadata, "traceId": f"{number:016x}", "server": "10.0.0.1:8080"}
    )


def milliseconds(work: Callable[[int], None]) -> float:
    """Return the median of several runs, in milliseconds."""
    times = []
    for number in range(RUNS):
        started = time.perf_counter()
        work(number)
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def time_validation(contract: Contract, bodies: list[bytes]) -> float:
    """Return the milliseconds that the validation of each body takes."""
    operation = contract.operations["listTaskInstances"]
    responses = [
        Response(200, Headers.of([("Content-Type", "application/json")]), body) for body in bodies
    ]

    def work(number: int) -> None:
        assert operation.validate_response(responses[number]) == ()

    return milliseconds(work)


def main() -> None:
    """Print the table."""
    new = [page(number) for number in range(RUNS)]
    data = Response(200, body=page(0)).json()["data"]
    same = [envelope(data, number) for number in range(RUNS)]
    base = milliseconds(lambda number: (Response(200, body=new[number]).json(), None)[1])
    print(f"A page of {len(new[0]) / 1000:.0f} KB; medians of {RUNS}.")
    print("| what | ms | ratio |")
    print("| --- | --- | --- |")
    print(f"| decode the JSON only | {base:.2f} | 1.0 |")
    for backend in BACKENDS:
        try:
            load = milliseconds(lambda _, name=backend: (load_contract(backend=name), None)[1])
            contract = load_contract(backend=backend)
        except InputError as error:
            print(f"| {backend} | {error} | |")
            continue
        first, again = time_validation(contract, new), time_validation(contract, same)
        print(f"| load the contract, {backend} | {load:.2f} | {load / base:.1f} |")
        print(f"| validate a new page, {backend} | {first:.2f} | {first / base:.1f} |")
        print(
            f"| validate the same page in a new envelope, {backend} | {again:.2f} | {again / base:.1f} |"
        )


if __name__ == "__main__":
    main()
