"""Fuzz the readers of foreign text, with coverage guidance: each input is read, or refused as an error.

Run: `python benchmarks/fuzz.py [TARGET …] [--seconds N]` (default: every target, 60 s each). Targets:
scenario, contract, markdown, json, http, jsonpath. With `atheris` (not a dependency: install it into the
environment that runs this script), inputs are mutated where they reach new code; without it, the same
seeds are mutated at random.

A target fails on any exception but the reader's own error, on an input that takes longer than 5 s, and
when the process needs more than 1 GiB. The input is then printed as a Python literal.
"""

import argparse
import importlib.util
import logging
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
TARGETS = ("scenario", "contract", "markdown", "json", "http", "jsonpath")
MAX_INPUT = 4096
SLOW_S = 5.0


def read_seeds(target: str) -> list[bytes]:
    """Return texts to begin with."""
    folders = {
        "scenario": sorted(ROOT.glob("scenarios/*.yaml")),
        "contract": [ROOT / "benchmarks" / "pets.yaml"],
        "markdown": [ROOT / "docs/api/task-management.md"],
    }
    seeds = [path.read_bytes()[:MAX_INPUT] for path in folders.get(target, ())]
    seeds += {
        "json": [b'{"a": [1, -2.5e3, true, null, "\\u00e9\\ud83d\\ude00"]}', b'["", {"": {}}]'],
        "http": [
            b"POST /x?a=%20b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nA: b\r\n\r\n",
            b"GET http://a:1/ HTTP/1.0\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc",
        ],
        "jsonpath": [b"$.a[?@.b == 'c' && match(@.d, 'e+')]..[0:5:2]", b"$['x', *][-1]"],
    }.get(target, [])
    return seeds


def build_reader(target: str) -> Callable[[bytes], object]:
    """Return the function under test; modules are imported when the fuzzer asks for them."""
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    path = folder / "input.yaml"

    def read_scenario(data: bytes) -> object:
        return load_scenario(path, contract=contract, text=data.decode("utf-8", "replace"))

    def read_contract(data: bytes) -> object:
        path.write_bytes(data)
        return load_contract(path)

    def read_markdown(data: bytes) -> object:
        return derive([Document("input.md", data.decode("utf-8", "replace"))])

    def read_json(data: bytes) -> object:
        return parse_json(data)

    def read_http(data: bytes) -> object:
        parser = FieldParser(Adjustments())
        while data and not parser.completed:
            used = parser.received(data)
            if used <= 0:
                break
            data = data[used:]
        return parser.error

    def read_jsonpath(data: bytes) -> object:
        return compile_jsonpath(data.decode("utf-8", "replace"))

    if target == "scenario":
        from understudy.contract import load_contract
        from understudy.scenario import load_scenario

        contract = load_contract(ROOT / "openapi.yaml")
        return read_scenario
    if target == "contract":
        from understudy.contract import load_contract

        return read_contract
    if target == "markdown":
        from understudy.derive import Document, derive

        return read_markdown
    if target == "json":
        from understudy.messages import parse_json

        return read_json
    if target == "http":
        from waitress.adjustments import Adjustments

        from understudy.live.request_parser import FieldParser

        return read_http
    from understudy.patterns.jsonpath_query import compile_jsonpath

    return read_jsonpath


class Guard:
    """Runs a reader on inputs, and stops at the first defect."""

    def __init__(self, read: Callable[[bytes], object]) -> None:
        from understudy.errors import InputError
        from understudy.messages import JsonError
        from understudy.patterns.jsonpath_query import JsonPathError

        self._read, self._allowed = read, (InputError, JsonError, JsonPathError)
        self.count, self.slowest = 0, 0.0

    def __call__(self, data: bytes) -> None:
        """Read one input."""
        self.count += 1
        start = time.perf_counter()
        try:
            self._read(data)
        except self._allowed:
            pass
        except BaseException:
            print(f"DEFECT for {data!r}", flush=True)
            raise
        seconds = time.perf_counter() - start
        self.slowest = max(self.slowest, seconds)
        if seconds > SLOW_S:
            print(f"SLOW ({seconds:.1f} s) for {data!r}", flush=True)
            raise AssertionError("an input took too long")


def fuzz_with_atheris(target: str, seconds: int) -> None:
    """Fuzz one target until the time is over; libFuzzer ends the process."""
    import atheris

    with atheris.instrument_imports(include=["understudy", "yaml", "markdown_it", "waitress"]):
        guard = Guard(build_reader(target))
    corpus = Path(tempfile.mkdtemp(prefix="corpus-"))
    for number, seed in enumerate(read_seeds(target)):
        (corpus / f"seed{number}").write_bytes(seed)
    options = [
        f"-max_total_time={seconds}",
        f"-max_len={MAX_INPUT}",
        "-rss_limit_mb=1024",
        "-seed=1",
    ]
    options.append(f"-artifact_prefix={corpus}/")
    atheris.Setup([sys.argv[0], *options, str(corpus)], guard)
    atheris.Fuzz()


def mutate(rng: random.Random, data: bytes) -> bytes:
    """Return an input with some bytes removed, repeated, moved or replaced."""
    mutated = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        start = rng.randrange(len(mutated) + 1)
        end = min(len(mutated), start + rng.randint(0, 12))
        match rng.randrange(4):
            case 0:
                del mutated[start:end]
            case 1:
                mutated[start:start] = mutated[start:end] * rng.randint(1, 20)
            case 2:
                mutated[start:end] = rng.randbytes(end - start)
            case _:
                mutated[start:start] = rng.choice(
                    [b"{", b"[", b"- ", b": ", b"&a ", b"*a", b"|", b"\n", b'"']
                )
    return bytes(mutated[:MAX_INPUT])


def fuzz_at_random(target: str, seconds: int) -> None:
    """Fuzz one target without guidance until the time is over."""
    guard, rng, seeds = Guard(build_reader(target)), random.Random(1), read_seeds(target)  # noqa: S311 - inputs are no secrets
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        guard(mutate(rng, rng.choice(seeds)))
    print(f"Done {guard.count} runs in {seconds} second(s), the slowest {guard.slowest:.2f} s")


def run(target: str, seconds: int) -> bool:
    """Fuzz one target in a process of its own, print its figures, and return whether it held."""
    command = [sys.executable, __file__, "--one", target, "--seconds", str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    runs = re.findall(r"Done (\d+) runs", done.stdout + done.stderr)
    print(f"{target}: {runs[-1] if runs else 'no'} runs, exit {done.returncode}", flush=True)
    if done.returncode:
        print("\n".join((done.stdout + done.stderr).splitlines()[-30:]), flush=True)
    return done.returncode == 0


def main() -> None:
    """Fuzz each target in turn."""
    parser = argparse.ArgumentParser()
    parser.add_argument("targets", nargs="*", default=TARGETS)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--one", choices=TARGETS)
    arguments = parser.parse_args()
    guided = importlib.util.find_spec("atheris") is not None
    if arguments.one:
        logging.disable()
        fuzz = fuzz_with_atheris if guided else fuzz_at_random
        fuzz(arguments.one, arguments.seconds)
        return
    print(
        "with coverage guidance"
        if guided
        else "without coverage guidance: atheris is not installed"
    )
    held = [run(target, arguments.seconds) for target in arguments.targets]
    sys.exit(not all(held))


if __name__ == "__main__":
    main()
