"""Measure what the log of calls costs: CPU time for each call, written to a pipe that another process reads.

Run: python benchmarks/log_cost.py [--rounds 9] [--calls 2000]

`short way`: the difference between the same WSGI application with and without a log, called in turn in each round.
`rejected call`: the log alone, for a call that broke the contract; beside the whole way, the difference would drown in
the noise. The time is that of the whole process, the thread that writes included; the best round counts, as other load
only adds to a time. Exits with 1 when a call costs more than 25 µs.
"""

from __future__ import annotations

import argparse
import base64
import io
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from understudy.calllog import CallLog, LogFormat
from understudy.messages import Request
from understudy.replay import Stub
from understudy.server import create_app
from understudy.server.call_report import log_call
from understudy.server.operation_calls import Learned, handle_operation

TARGET = "/api/v2/tasks/instances?size=5"
REJECTED = "/api/v2/tasks/instances?size=five"
AUTHORIZATION = f"Basic {base64.b64encode(b'admin:admin').decode()}"
LIMIT_US = 25.0
Calls = Callable[[], object]


def build_environ(target: str) -> dict[str, Any]:
    """Return the WSGI environment of a GET."""
    path, _, query = target.partition("?")
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "REQUEST_URI": target,
        "SCRIPT_NAME": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost",
        "HTTP_AUTHORIZATION": AUTHORIZATION,
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
    }


@contextmanager
def open_log(line_format: LogFormat) -> Iterator[CallLog]:
    """Yield a log that writes to a pipe with a reader."""
    command = [shutil.which("cat") or "cat"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as reader:
        assert reader.stdin is not None
        with CallLog(reader.stdin.fileno(), line_format=line_format) as call_log:
            yield call_log
        reader.stdin.close()


def time_calls(call: Calls, calls: int, call_log: CallLog | None) -> float:
    """Return the CPU time of a call in microseconds, until its line is written."""
    begin = time.process_time()
    for _ in range(calls):
        call()
    # A loop without a socket is faster than any client: let the thread write what is queued.
    while call_log is not None and call_log.writer.has_queue:
        time.sleep(0.001)
    return (time.process_time() - begin) / calls * 1e6


def short_way_call(call_log: CallLog | None) -> Calls:
    """Return a call on the short way."""
    app = create_app(stub=Stub(), call_log=call_log).wsgi_app
    environ = build_environ(TARGET)
    for _ in range(3):
        app(environ, lambda *_: None)
    return lambda: app(environ, lambda *_: None)


def rejected_call(call_log: CallLog) -> Calls:
    """Return the logging of a call that broke the contract."""
    stub, learned = Stub(), Learned(is_logged=True)
    message = Request.of("GET", REJECTED, headers=[("Authorization", AUTHORIZATION)])
    response = handle_operation(stub, "default", message, learned)
    assert response.status == 400
    status_line = f"{response.status} Bad Request"
    environ = build_environ(REJECTED)
    return lambda: log_call(call_log, environ, status_line, learned, "", 0.001)


def measure(line_format: LogFormat, rounds: int, calls: int) -> list[float]:
    """Print the rows of a format; return what the log adds, in microseconds."""
    with open_log(line_format) as call_log:
        silent, logged = short_way_call(None), short_way_call(call_log)
        rejected = rejected_call(call_log)
        times = [
            (
                time_calls(silent, calls, None),
                time_calls(logged, calls, call_log),
                time_calls(rejected, calls, call_log),
            )
            for _ in range(rounds)
        ]
        dropped = call_log.writer.dropped
    without, with_log, alone = (min(column) for column in zip(*times, strict=True))
    added = with_log - without
    print(f"short way      {line_format.value:<6} {without:>10.1f} {added:>10.1f} {dropped:>8}")
    print(f"rejected call  {line_format.value:<6} {'':>10} {alone:>10.1f} {dropped:>8}")
    return [added, alone]


def main() -> None:
    """Print the table; exit with 1 when a call costs more than the limit."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--calls", type=int, default=2000)
    options = parser.parse_args()
    print(f"{'µs of CPU':<14} {'format':<6} {'without':>10} {'log adds':>10} {'dropped':>8}")
    costs: list[float] = []
    for line_format in LogFormat:
        costs += measure(line_format, options.rounds, options.calls)
    if max(costs) > LIMIT_US:
        raise SystemExit(f"the log costs more than {LIMIT_US} µs for each call")


if __name__ == "__main__":
    main()
