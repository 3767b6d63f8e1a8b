"""Reloads while many threads send calls: no call and no command is lost."""

import random
import threading
from collections import Counter
from pathlib import Path

import pytest
from test_race import AUTH, THREADS, draw_call, find_contradictions, write_scenario

from understudy.config import Settings
from understudy.live import LiveServer
from understudy.messages import Request
from understudy.replay import Journal, Stub

RELOADS = 200


def _change_name(path: Path, number: int) -> None:
    path.write_text(
        path.read_text("utf-8").replace("name: Step", f"name: Step{'' if number % 2 else ' '}", 1),
        "utf-8",
    )


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_reload_loses_no_call(tmp_path: Path) -> None:
    """Eight threads send calls during 200 reloads.

    Each gets its response, and each command is recorded.
    """
    path = write_scenario(tmp_path, 6)
    stub = Stub(Settings(scenario=str(path)))
    world = stub.world()
    world.journal = Journal(max_exchanges=1 << 20, max_bytes=1 << 32)
    statuses: Counter[tuple[str, int]] = Counter()
    lock, done = threading.Lock(), threading.Event()

    def send(number: int) -> None:
        rng = random.Random(number)  # noqa: S311 - a test needs no secure numbers
        count = 0
        while not done.is_set() or count < 100:
            count += 1
            method, target = draw_call(rng, 6)
            response = stub.handle(Request.of(method, target, headers=AUTH))
            with lock:
                statuses[method, response.status] += 1

    threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for number in range(RELOADS):
        _change_name(path, number)
        stub.reload([path])
    done.set()
    for thread in threads:
        thread.join()

    assert stub.reload_status.count == RELOADS
    assert stub.reload_status.problems == ()
    assert stub.reload_status.dropped == ()
    assert set(statuses) <= {("GET", 200), ("POST", 200), ("POST", 400)}, statuses
    assert find_contradictions(stub) == []
    assert world.state().revision == statuses["POST", 200]
    assert len(world.journal.exchanges()) == sum(statuses.values())


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_reload_closes_no_connection(tmp_path: Path) -> None:
    """The clients keep their connections to a real server."""
    import requests

    path = write_scenario(tmp_path, 6)
    statuses: Counter[int] = Counter()
    lock, done = threading.Lock(), threading.Event()

    def send(url: str, number: int) -> None:
        rng = random.Random(number)  # noqa: S311 - a test needs no secure numbers
        count = 0
        with requests.Session() as session:
            while not done.is_set() or count < 20:
                count += 1
                method, target = draw_call(rng, 6)
                response = session.request(
                    method, url + target, auth=("admin", "admin"), timeout=60
                )
                with lock:
                    statuses[response.status_code] += 1

    with LiveServer(scenario=str(path)) as server:
        threads = [
            threading.Thread(target=send, args=(server.url, number))
            for number in range(THREADS // 2)
        ]
        for thread in threads:
            thread.start()
        for number in range(RELOADS):
            _change_name(path, number)
            server.stub.reload([path])
        done.set()
        for thread in threads:
            thread.join()
        assert server.stub.reload_status.count == RELOADS
    assert set(statuses) <= {200, 400}, statuses
