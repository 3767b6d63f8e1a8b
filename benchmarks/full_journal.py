"""Measure what a call costs when the journal is full, and the memory of many worlds with full journals.

Run: python benchmarks/full_journal.py [--rounds 5] [--calls 400] [--worlds 100]

A full journal drops an exchange for each one that it records, and counts its coverage before that. Each row is the CPU
time of a call in this process, the least of the rounds; a journal with room and a full one take turns. The row `polls`
repeats known calls, as a server does; the others take the whole way.
"""

from __future__ import annotations

import argparse
import base64
import resource
import time
from collections.abc import Iterator

from serve import LIST

from understudy.config import Settings
from understudy.messages import Request
from understudy.replay import Journal, Stub
from understudy.replay.known.short_way import KnownCall, Recognised

AUTH = [("Authorization", "Basic " + base64.b64encode(b"admin:admin").decode())]
FULL = 500
"""The exchanges that the full journal can hold."""
ROWS = {
    "polls": lambda number: f"{LIST}/35000312",
    "lists with other queries": lambda number: f"{LIST}?size={1 + number % 100}",
    "logs": lambda number: f"{LIST}/35000312/subtasks/13000335/log",
    "unknown tasks": lambda number: f"{LIST}/{number}",
}


class Row:
    """Calls of one kind to a stub of their own."""

    def __init__(self, name: str, *, is_full: bool) -> None:
        self.target = ROWS[name]
        self.stub = Stub(Settings(scenario="demo", clock="virtual"))
        world = self.stub.world()
        world.journal = Journal(
            max_exchanges=FULL if is_full else 1 << 30,
            max_bytes=1 << 40,
            observer=world._coverage.observe,
            observer_lock=world._coverage.lock,
        )
        self.known: list[Recognised] = []
        self.numbers = iter(range(1 << 60))
        self.run(FULL + 100)
        if name == "polls":
            request = Request.of("GET", self.target(0), headers=AUTH)
            self.stub.handle_in_world("default", request, learn=self.learn)

    def learn(self, call: KnownCall) -> None:
        """Remember a call that can be repeated."""
        self.known.append(Recognised(call, self.stub.service, None))

    def run(self, calls: int) -> float:
        """Make calls; return the CPU time of one in microseconds."""
        begin = time.process_time()
        for _ in range(calls):
            if not self.known or self.stub.repeat(self.known[0]) is None:
                target = self.target(next(self.numbers))
                self.stub.handle(Request.of("GET", target, headers=AUTH))
        return (time.process_time() - begin) / calls * 1e6


def measure(name: str, rounds: int, calls: int) -> tuple[float, float]:
    """Return the time of a call with room in the journal, and with a full one."""
    rows = [Row(name, is_full=is_full) for is_full in (False, True)]
    times: list[list[float]] = [[], []]
    for _ in range(rounds):
        for row, measured in zip(rows, times, strict=True):
            measured.append(row.run(calls))
    return min(times[0]), min(times[1])


def fill_worlds(count: int) -> Iterator[float]:
    """Fill the journals of worlds with bodies of 60 KB; yield the peak of memory in MB after each ten."""
    stub = Stub(Settings(scenario="demo", clock="virtual"))
    text = "x" * 60_000
    for number in range(count):
        for call in range(140):
            body = f'{{"number": {call}, "text": "{text}"}}'.encode()
            request = Request.of("POST", f"{LIST}/1/retry", headers=AUTH, body=body)
            stub.handle_in_world(f"w{number}", request)
        if number % 10 == 9:
            yield resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def print_times(rounds: int, calls: int) -> None:
    """Print the table of times."""
    print("| CPU time of a call in µs | with room | full | ratio |")
    print("| --- | --- | --- | --- |")
    for name in ROWS:
        room, full = measure(name, rounds, calls)
        print(f"| {name} | {room:.0f} | {full:.0f} | {full / room:.2f} |")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--calls", type=int, default=400)
    parser.add_argument("--worlds", type=int, default=100)
    arguments = parser.parse_args()
    print_times(arguments.rounds, arguments.calls)
    memory = ", ".join(f"{value:.0f}" for value in fill_worlds(arguments.worlds))
    print(f"\nMB after each ten of {arguments.worlds} worlds with 8 MB of exchanges each: {memory}")


if __name__ == "__main__":
    main()
