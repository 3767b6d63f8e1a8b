"""The coverage of a world: nothing is lost, and nothing is worked out before somebody asks."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest

from replay_builders import LIST, ask
from understudy.config import Settings
from understudy.coverage import Coverage, Report
from understudy.messages import Exchange, Headers, Request, Response, dump_json
from understudy.replay import Stub
from understudy.replay.world_journal import MAX_BODY, Journal

NOW = datetime(2021, 1, 1, tzinfo=UTC)


def exchange(number: int, body: bytes = b"") -> Exchange:
    return Exchange(number, "w", NOW, Request.of("GET", "/?token=hush"), Response(200, body=body))


@pytest.fixture
def looked() -> list[Exchange]:
    return []


def journal(looked: list[Exchange], **bounds: int) -> Journal:
    return Journal(observer=looked.append, **bounds)


def test_nobody_looks_before_it_is_needed(looked: list[Exchange]) -> None:
    """What is kept can be looked at later, once."""
    kept = journal(looked)
    for number in (1, 2):
        kept.append(exchange(number))
    assert looked == []
    kept.flush_to_observer()
    kept.flush_to_observer()
    kept.append(exchange(3))
    kept.flush_to_observer()
    assert [one.number for one in looked] == [1, 2, 3]


@pytest.mark.parametrize("shown_first", [False, True])
def test_what_is_dropped_is_looked_at_before(looked: list[Exchange], shown_first: bool) -> None:
    """Each once, in order, whether somebody has asked in between or not."""
    kept = journal(looked, max_exchanges=2)
    for number in range(1, 6):
        kept.append(exchange(number))
        if shown_first and number == 2:
            kept.flush_to_observer()
    assert [one.number for one in looked] == [1, 2, 3]
    kept.flush_to_observer()
    assert [one.number for one in looked] == [1, 2, 3, 4, 5]


def test_what_is_forgotten_is_looked_at_before(looked: list[Exchange]) -> None:
    """Unless nobody cares."""
    kept = journal(looked)
    kept.append(exchange(1))
    kept.clear()
    kept.append(exchange(2))
    kept.clear(flush=False)
    kept.append(exchange(3))
    kept.flush_to_observer()
    assert [one.number for one in looked] == [1, 3]


def test_what_is_cut_is_looked_at_whole(looked: list[Exchange]) -> None:
    """After all that came before it; secrets are taken out already."""
    kept = journal(looked)
    kept.append(exchange(1))
    kept.append(exchange(2, b"x" * (MAX_BODY + 1)))
    assert [(one.number, len(one.response.body)) for one in looked] == [(1, 0), (2, MAX_BODY + 1)]
    assert "hush" not in repr(looked)
    kept.append(exchange(3))
    kept.flush_to_observer()
    assert [one.number for one in looked] == [1, 2, 3]
    assert [len(one.response.body) for one in kept.exchanges()] == [0, MAX_BODY, 0]


def test_too_large_for_the_journal_is_looked_at_all_the_same(looked: list[Exchange]) -> None:
    """It is dropped as soon as it is kept."""
    kept = journal(looked, max_bytes=100)
    for number, size in ((1, 10), (2, MAX_BODY + 1), (3, 10)):
        kept.append(exchange(number, b"x" * size))
    assert ([one.number for one in looked], len(kept), kept.dropped) == ([1, 2, 3], 0, 3)


def test_threads_lose_nothing(looked: list[Exchange]) -> None:
    """Many that keep while one asks: each exchange is looked at once."""
    kept = journal(looked, max_exchanges=5)

    def run(first: int) -> None:
        for number in range(first, first + 200):
            kept.append(exchange(number))
            if not number % 7:
                kept.flush_to_observer()

    threads = [Thread(target=run, args=(first,)) for first in (0, 1000, 2000, 3000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept.flush_to_observer()
    assert sorted(one.number for one in looked) == [
        n for first in (0, 1000, 2000, 3000) for n in range(first, first + 200)
    ]


def operations(report: Report) -> dict[str, int]:
    section = report.section("operations")
    assert section is not None
    return {item.name: item.count for item in section.items if item.count}


@pytest.fixture
def stub() -> Stub:
    return Stub(Settings(scenario="demo", clock="virtual"))


def test_a_world_tells_its_own_coverage(stub: Stub) -> None:
    """Not that of another."""
    ask(stub, LIST)
    assert operations(stub.world("default").coverage()) == {"listTaskInstances": 1}
    assert operations(stub.world("other").coverage()) == {}


def test_worlds_are_added_up(stub: Stub) -> None:
    """It is what merging their reports gives, and changes none of them."""
    ask(stub, LIST, Prefer="corrupt=listTaskInstances.200:truncated-json")
    ask(stub, f"/w/other{LIST}", Prefer="corrupt=listTaskInstances.200:truncated-json")
    ask(stub, f"/w/other{LIST}/1", Prefer="code=418")
    worlds = [stub.world(name) for name in ("default", "other", "third")]
    total = Coverage(stub.contract)
    for world in worlds:
        world.add_coverage_to(total)
    assert total.report() == Report.merge(*(world.coverage() for world in worlds))
    assert total.report().exchanges == 3


def test_an_emptied_journal_keeps_the_coverage(stub: Stub) -> None:
    """What was seen was seen."""
    ask(stub, LIST)
    world = stub.world("default")
    world.journal.clear()
    assert operations(world.coverage()) == {"listTaskInstances": 1}


@pytest.mark.parametrize("asked", [False, True])
def test_a_reset_forgets_the_coverage(stub: Stub, asked: bool) -> None:
    """Whether it was asked for or not."""
    ask(stub, LIST)
    world = stub.world("default")
    if asked:
        world.coverage()
    world.reset()
    assert (operations(world.coverage()), world.coverage().exchanges) == ({}, 0)


def test_a_reload_keeps_what_was_counted(tmp_path: Path) -> None:
    """The items are those of the new contract."""
    path = tmp_path / "pets.yaml"
    text = "openapi: 3.1.0\ninfo: {title: Pets, version: '1'}\npaths:\n"
    one = "  /%s:\n    get: {operationId: %s, responses: {'200': {description: fine}}}\n"
    path.write_text(text + one % ("pets", "pets"), "utf-8")
    stub = Stub(Settings(contract=path, scenario=""))
    stub.handle(Request.of("GET", "/pets"))
    assert stub.world("default").coverage().covered
    path.write_text(text + one % ("pets", "pets") + one % ("dogs", "dogs"), "utf-8")
    stub.reload()
    report = stub.world("default").coverage()
    section = report.section("operations")
    assert section is not None
    assert [(item.name, item.count) for item in section.items] == [("pets", 1), ("dogs", 0)]


def test_a_long_answer_is_seen_whole(stub: Stub) -> None:
    """What comes behind the first 64 KiB of a body counts."""
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


def test_who_never_asks_does_not_pay() -> None:
    """A stub that answers calls has not even imported the package."""
    program = (
        "import sys\nfrom understudy.config import Settings\nfrom understudy.messages import Request\n"
        "from understudy.replay import Stub\nfrom understudy.control import Control\n"
        "stub = Stub(Settings(scenario='demo'))\nControl(stub)\n"
        f"stub.handle(Request.of('GET', '{LIST}'))\nstub.world('default').reset()\n"
        "assert not [name for name in sys.modules if name.startswith('understudy.coverage')]\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
