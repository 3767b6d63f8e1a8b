"""Many threads meet rules that count: each call gets its turn once, and none is lost or doubled."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from reliability import scale, show_figure
from replay_builders import LIST, build_stub, send
from understudy.config import Settings
from understudy.live import LiveServer

THREADS, STATES, ONCE = 8, 4, 77
RULES = "".join(
    f"  - when: {{operation: listTaskInstances, call: {{from: {state}, to: {state}, cycle: {STATES}}}}}\n"
    f"    off-contract: true\n    reply: {{status: {520 + state}}}\n"
    for state in range(1, STATES + 1)
)
SCENARIO = f"""
clock: {{mode: per-call, start: "2026-01-01T00:00:00Z", step: 1s}}
replies:
  - {{when: {{operation: getTaskInstance}}, times: {ONCE}, off-contract: true, reply: {{status: 529}}}}
{RULES}
"""
SIZES = [pytest.param(50, id="short"), pytest.param(1000, id="long", marks=pytest.mark.slow)]
Send = Callable[[str], int]


def count_answers(make_sender: Callable[[], Send], calls: int) -> Counter[tuple[str, int]]:
    """Call in all threads, and return how often each target was answered with each status."""
    statuses: Counter[tuple[str, int]] = Counter()
    lock = threading.Lock()

    def run() -> None:
        sender = make_sender()
        counted: Counter[tuple[str, int]] = Counter()
        for number in range(calls):
            target = f"{LIST}/1" if number % 5 == 4 else LIST
            counted[target, sender(target)] += 1
        with lock:
            statuses.update(counted)

    threads = [threading.Thread(target=run) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


@contextmanager
def serve_http(folder: Path) -> Iterator[tuple[LiveServer, Callable[[], Send]]]:
    """Serve the scenario, and yield a function that opens the connection of a client."""
    path = folder / "scenario.yaml"
    path.write_text(f"understudy: 1\n{SCENARIO}", "utf-8")
    sessions = []
    with LiveServer(Settings(scenario=str(path))) as server:

        def connect() -> Send:
            session = requests.Session()
            session.auth = ("admin", "admin")
            sessions.append(session)
            return lambda target: session.get(server.url + target, timeout=60).status_code

        yield server, connect
        for session in sessions:
            session.close()


def check_counts(statuses: Counter[tuple[str, int]], total: int) -> None:
    """Check that each state of the cycle was met equally often, and the rule ONCE times."""
    lists = total * 4 // 5
    for state in range(1, STATES + 1):
        assert statuses[LIST, 520 + state] == lists // STATES
    assert statuses[f"{LIST}/1", 529] == ONCE
    assert statuses[f"{LIST}/1", 404] == total - lists - ONCE
    assert statuses.total() == total


@pytest.mark.usefixtures("frequent_switches")
@pytest.mark.timeout(900)
@pytest.mark.parametrize("calls", SIZES)
def test_counts_in_one_process(tmp_path: Path, calls: int) -> None:
    """Without a socket; the clock has moved once for each call, and the numbers are 1 to n."""
    calls = scale(calls, 5000)
    stub = build_stub(tmp_path, SCENARIO)
    world = stub.world()
    check_counts(
        count_answers(lambda: lambda target: send(stub, target).status, calls), THREADS * calls
    )
    assert (world.now() - world.state().start).total_seconds() == THREADS * calls
    assert world.journal.exchanges()[-1].number == THREADS * calls
    show_figure(1, f"{THREADS * calls} calls in process: every count exact")


@pytest.mark.usefixtures("frequent_switches")
@pytest.mark.timeout(900)
@pytest.mark.parametrize("calls", SIZES)
def test_counts_over_http(tmp_path: Path, calls: int) -> None:
    """Over sockets that stay open."""
    calls = scale(calls, 5000)
    with serve_http(tmp_path) as (server, connect):
        statuses = count_answers(connect, calls)
        world = server.world("default")
        assert (world.now() - world.state().start).total_seconds() == THREADS * calls
    check_counts(statuses, THREADS * calls)
    show_figure(1, f"{THREADS * calls} calls over HTTP: every count exact")
