"""The coverage of a world: complete, and computed only when a client reads it."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from replay_builders import LIST, send
from understudy.config import Settings
from understudy.coverage import Coverage, Report
from understudy.messages import Exchange, Headers, Request, Response, dump_json
from understudy.replay import Journal, Stub
from understudy.replay.journals.journal_entry import MAX_BODY

NOW = datetime(2021, 1, 1, tzinfo=UTC)


def exchange(number: int, body: bytes = b"") -> Exchange:
    return Exchange(number, "w", NOW, Request.of("GET", "/?token=hush"), Response(200, body=body))


@pytest.fixture
def observed() -> list[Exchange]:
    return []


def observed_journal(observed: list[Any], **limits: Any) -> Journal:
    return Journal(observer=observed.append, **limits)


def test_observer_gets_exchanges_late_and_once(observed: list[Any]) -> None:
    """The observer gets recorded exchanges when the journal is flushed, each once."""
    journal = observed_journal(observed)
    for number in (1, 2):
        journal.append(exchange(number))
    assert observed == []
    journal.flush_to_observer()
    journal.flush_to_observer()
    journal.append(exchange(3))
    journal.flush_to_observer()
    assert [seen.number for seen in observed] == [1, 2, 3]


@pytest.mark.parametrize("flush_first", [False, True])
def test_observer_gets_exchanges_before_they_are_dropped(
    observed: list[Any], flush_first: bool
) -> None:
    """Each exchange is observed once and in order, flushed in between or not.

    Dropped ones wait for others, but not for many.
    """
    journal, waiting = observed_journal(observed, max_exchanges=2), []
    for number in range(1, 81):
        journal.append(exchange(number))
        if flush_first and number == 2:
            journal.flush_to_observer()
        waiting.append(number - len(observed) - len(journal))
    assert max(waiting) == 31
    assert [seen.number for seen in observed] == list(range(1, len(observed) + 1))
    journal.flush_to_observer()
    assert [seen.number for seen in observed] == list(range(1, 81))


def test_observer_gets_exchanges_before_the_journal_is_cleared(observed: list[Any]) -> None:
    """Clearing the journal flushes it first; starting again does not."""
    journal = observed_journal(observed)
    for body in (b"cleared", b"lost", b"new"):
        journal.append(exchange(1, body))
        if body == b"cleared":
            journal.clear()
        if body == b"lost":
            journal.restart()
    journal.flush_to_observer()
    assert [(seen.number, seen.response.body) for seen in observed] == [
        (1, b"cleared"),
        (1, b"new"),
    ]


def test_observer_gets_bodies_before_they_are_cut(observed: list[Any]) -> None:
    """A long body is observed whole, after the exchanges before it, without secrets."""
    journal = observed_journal(observed)
    journal.append(exchange(1))
    journal.append(exchange(2, b"x" * (MAX_BODY + 1)))
    assert [(seen.number, len(seen.response.body)) for seen in observed] == [
        (1, 0),
        (2, MAX_BODY + 1),
    ]
    assert "hush" not in repr(observed)
    journal.append(exchange(3))
    journal.flush_to_observer()
    assert [seen.number for seen in observed] == [1, 2, 3]
    assert [len(saved.response.body) for saved in journal.exchanges()] == [0, MAX_BODY, 0]


def test_observer_gets_exchanges_that_the_journal_cannot_hold(observed: list[Any]) -> None:
    """An exchange over the byte limit is dropped at once, but observed."""
    journal = observed_journal(observed, max_bytes=100)
    for number, size in ((1, 10), (2, MAX_BODY + 1), (3, 10)):
        journal.append(exchange(number, b"x" * size))
    journal.flush_to_observer()
    assert ([seen.number for seen in observed], len(journal), journal.dropped) == ([1, 2, 3], 0, 3)


def test_observer_gets_each_exchange_once_under_threads(observed: list[Any]) -> None:
    """Threads that append and flush at the same time lose and repeat no exchange."""
    journal = observed_journal(observed, max_exchanges=5)

    def run(first: int) -> None:
        for number in range(first, first + 200):
            journal.append(exchange(number))
            if not number % 7:
                journal.flush_to_observer()

    threads = [Thread(target=run, args=(first,)) for first in (0, 1000, 2000, 3000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    journal.flush_to_observer()
    assert sorted(seen.number for seen in observed) == list(range(1, 801))


def operations(report: Report) -> dict[str, int]:
    section = report.section("operations")
    assert section is not None
    return {item.name: item.count for item in section.items if item.count}


@pytest.fixture
def stub() -> Stub:
    return Stub(Settings(scenario="demo", clock="virtual"))


def test_coverage_of_a_world_excludes_other_worlds(stub: Stub) -> None:
    """A world reports its own coverage only."""
    send(stub, LIST)
    assert operations(stub.world("default").coverage()) == {"listTaskInstances": 1}
    assert operations(stub.world("other").coverage()) == {}


def test_coverage_of_worlds_adds_up(stub: Stub) -> None:
    """The sum of worlds equals the merge of their reports, and changes none of them."""
    send(stub, LIST, Prefer="corrupt=listTaskInstances.200:truncated-json")
    send(stub, f"/w/other{LIST}", Prefer="corrupt=listTaskInstances.200:truncated-json")
    send(stub, f"/w/other{LIST}/1", Prefer="code=418")
    worlds = [stub.world(name) for name in ("default", "other", "third")]
    total = Coverage(stub.contract)
    for world in worlds:
        world.add_coverage_to(total)
    assert total.report() == Report.merge(*(world.coverage() for world in worlds))
    assert total.report().exchanges == 3


def test_coverage_survives_clearing_the_journal(stub: Stub) -> None:
    """Clearing the journal keeps the coverage."""
    send(stub, LIST)
    world = stub.world("default")
    world.journal.clear()
    assert operations(world.coverage()) == {"listTaskInstances": 1}


@pytest.mark.parametrize("is_read_before", [False, True])
def test_reset_clears_the_coverage(stub: Stub, is_read_before: bool) -> None:
    """A reset clears the coverage, read before or not."""
    send(stub, LIST)
    world = stub.world("default")
    if is_read_before:
        world.coverage()
    world.reset()
    assert (operations(world.coverage()), world.coverage().exchanges) == ({}, 0)


def test_reload_keeps_the_counts(tmp_path: Path) -> None:
    """After a reload the items are those of the new contract, and the counts stay."""
    path = tmp_path / "pets.yaml"
    text = "openapi: 3.1.0\ninfo: {title: Pets, version: '1'}\npaths:\n"
    operation = "  /%s:\n    get: {operationId: %s, responses: {'200': {description: fine}}}\n"
    path.write_text(text + operation % ("pets", "pets"), "utf-8")
    stub = Stub(Settings(contract=path, scenario=""))
    stub.handle(Request.of("GET", "/pets"))
    assert stub.world("default").coverage().covered
    path.write_text(text + operation % ("pets", "pets") + operation % ("dogs", "dogs"), "utf-8")
    stub.reload()
    report = stub.world("default").coverage()
    section = report.section("operations")
    assert section is not None
    assert [(item.name, item.count) for item in section.items] == [("pets", 1), ("dogs", 0)]


def test_coverage_counts_beyond_the_cut_of_bodies(stub: Stub) -> None:
    """Values behind the first 64 KiB of a body count."""
    body = {"successful": True, "traceId": "x" * MAX_BODY, "server": "10.0.0.1"}
    response = Response(200, Headers.of([("Content-Type", "application/json")]), dump_json(body))
    world = stub.world("default")
    world.journal.append(
        Exchange(1, "default", NOW, Request.of("GET", LIST), response, "listTaskInstances")
    )
    section = world.coverage().section("properties")
    assert section is not None
    names = {item.label for item in section.items if item.count}
    assert names == {f"listTaskInstances.200 /{name}" for name in body}
    assert dict(world.coverage().unknown) == {}


def test_coverage_is_imported_only_when_used() -> None:
    """A stub that answers calls has not imported the package."""
    program = (
        "import sys\n"
        "from understudy.config import Settings\n"
        "from understudy.messages import Request\n"
        "from understudy.replay import Stub\nfrom understudy.control import Control\n"
        "stub = Stub(Settings(scenario='demo'))\nControl(stub)\n"
        f"stub.handle(Request.of('GET', '{LIST}'))\nstub.world('default').reset()\n"
        "assert not [name for name in sys.modules if name.startswith('understudy.coverage')]\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
