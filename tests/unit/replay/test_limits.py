"""Limits at one less, at the limit itself, and at one more."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from replay_builders import LIST, Wall, build_stub, send
from understudy.config import Settings
from understudy.control.api.control_problems import ControlProblem
from understudy.control.api.snapshots import Snapshots
from understudy.errors import InputError
from understudy.messages import Exchange, Request, Response
from understudy.replay import Journal, Stub
from understudy.replay.journals.journal_entry import MAX_BODY, estimate_size
from understudy.replay.known.representation import Representation, RepresentationCache
from understudy.replay.known.short_way import Recognised, ShortWay
from understudy.replay.scenario_library import ScenarioLibrary
from understudy.replay.service import Author
from understudy.replay.world_setup import DEFAULT_OPTIONS, OptionsTable, WorldOptions

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TASKS = "tasks: [{id: 1, state: FAILED, subtasks: [{id: 11, state: FAILED}]}]"
AROUND_THREE = [2, 3, 4]
SCENARIO = "understudy: 1\n"


def build_exchange(body: bytes = b"") -> Exchange:
    return Exchange(0, "w", NOW, Request.of("GET", "/"), Response(200, body=body))


@pytest.mark.parametrize("count", AROUND_THREE)
def test_exchanges_of_a_journal(count: int) -> None:
    """The fourth of three drops one."""
    journal = Journal(max_exchanges=3)
    for _ in range(count):
        journal.append(build_exchange())
    assert (len(journal), journal.dropped) == (min(count, 3), max(0, count - 3))


@pytest.mark.parametrize("more", [-1, 0, 1])
def test_bytes_of_a_journal(more: int) -> None:
    """One byte too many drops an exchange."""
    journal = Journal(max_bytes=3 * estimate_size(build_exchange()))
    for body in (b"x" * (1 + more), b"", b""):
        journal.append(build_exchange(body[1:] if more < 0 else body[: max(0, more)]))
    assert journal.dropped == (1 if more > 0 else 0)


@pytest.mark.parametrize("more", [-1, 0, 1])
def test_bytes_of_a_body(more: int) -> None:
    """One byte too many is cut."""
    journal = Journal()
    journal.append(build_exchange(b"x" * (MAX_BODY + more)))
    assert len(journal.exchanges()[0].response.body) == MAX_BODY + min(more, 0)


@pytest.mark.parametrize("count", AROUND_THREE)
def test_uploaded_scenarios(stub: Stub, count: int) -> None:
    """The fourth of three is refused; one of the three can still be replaced."""
    library = ScenarioLibrary(max_uploaded=3)
    names = [f"s{number}" for number in range(count)]
    for name in names[:3]:
        library.upload(name, SCENARIO, stub.contract)
    for name in names[3:]:
        with pytest.raises(InputError, match="3 scenarios were uploaded already"):
            library.upload(name, SCENARIO, stub.contract)
    library.upload("s0", SCENARIO, stub.contract)
    assert sum(name in library.entries() for name in names) == min(count, 3)


@pytest.mark.parametrize("more", [-1, 0, 1])
def test_bytes_of_uploaded_scenarios(stub: Stub, more: int) -> None:
    """One character too many is refused, and changes nothing; a replaced one frees its own."""
    library = ScenarioLibrary(max_bytes=2 * len(SCENARIO) + 10)
    library.upload("first", SCENARIO, stub.contract)
    text = SCENARIO + "#" * (10 + more)
    if more > 0:
        with pytest.raises(
            InputError, match=r"together would have 39 characters. Expected at most 38"
        ):
            library.upload("second", text, stub.contract)
        assert "second" not in library.entries()
    else:
        library.upload("second", text, stub.contract)
    library.upload("first", SCENARIO, stub.contract)


@pytest.mark.parametrize("count", AROUND_THREE)
def test_options_of_unused_worlds(count: int) -> None:
    """The oldest are forgotten; those of worlds that exist are not."""
    table = OptionsTable(lambda name: name == "used", max_unused=3)
    options = WorldOptions(seed=7)
    for name in ("used", *(f"w{number}" for number in range(count))):
        table.put(name, options)
    assert len(table) == 1 + min(count, 3)
    assert table.get("used") == options
    assert (table.get("w0") == options) is (count <= 3)
    table.remove("used")
    assert table.get("used") == DEFAULT_OPTIONS


@pytest.mark.parametrize("count", AROUND_THREE)
def test_worlds(tmp_path: Path, count: int) -> None:
    """The fourth of three is 503 while the others are in use."""
    stub = build_stub(tmp_path, TASKS, Wall(), max_worlds=3)
    statuses = [send(stub, f"/w/w{number}{LIST}").status for number in range(count)]
    assert statuses == [200, 200, 200, 503][:count]


@pytest.mark.parametrize("count", AROUND_THREE)
def test_snapshots_of_a_world(count: int) -> None:
    """The fourth of three is refused."""
    snapshots = Snapshots(max_per_world=3)
    for number in range(min(count, 3)):
        snapshots.save("w", f"s{number}", NOW, 0, {})
    if count > 3:
        with pytest.raises(ControlProblem):
            snapshots.save("w", "s3", NOW, 0, {})
    assert len(snapshots.of_world("w")) == min(count, 3)


@pytest.mark.parametrize("more", [-1, 0, 1])
def test_bytes_of_snapshots(more: int) -> None:
    """One byte too many, in another world, is refused."""
    snapshots = Snapshots(max_bytes=20)
    snapshots.save("a", "s", NOW, 0, "x" * 8)
    if more > 0:
        with pytest.raises(ControlProblem):
            snapshots.save("b", "s", NOW, 0, "x" * (8 + more))
    else:
        snapshots.save("b", "s", NOW, 0, "x" * (8 + more))
    assert len(snapshots.of_world("b")) == (more <= 0)


def build_representation(size: int) -> Representation:
    return Representation((), None, Author.SERVICE, 200, (), (b"x" * size,), (), None)


@pytest.mark.parametrize("count", AROUND_THREE)
def test_known_answers(count: int) -> None:
    """The oldest are forgotten."""
    cache = RepresentationCache(max_entries=3)
    for number in range(count):
        cache.put(number, build_representation(10))
    assert len(cache) == min(count, 3)
    assert (cache.find(0, (), lambda: None) is None) is (count > 3)


@pytest.mark.parametrize(("size", "held"), [(499, 8), (500, 8), (501, 7)])
def test_bytes_of_known_answers(size: int, held: int) -> None:
    """Eight of 1001 bytes with their key and 500 more fit; one of an eighth and more is not held."""
    cache = RepresentationCache(max_bytes=8 * 1001)
    for number in range(7):
        cache.put(number, build_representation(500))
    cache.put(7, build_representation(size))
    assert len(cache) == held


@pytest.mark.parametrize(("count", "held"), [(2, 2), (3, 3), (4, 3)])
@pytest.mark.parametrize("limits", [{"max_entries": 3}, {"max_bytes": 6}], ids=["number", "bytes"])
def test_known_calls(recognised: Recognised, limits: dict[str, int], count: int, held: int) -> None:
    """By number, and by the bytes of their keys: the oldest are forgotten."""
    known = ShortWay(**limits)
    for number in range(count):
        known.put(b"k%d" % number, recognised)
    assert len(known) == held
    assert (known.find(b"k0") is None) is (count > held)


@pytest.fixture(scope="module")
def stub() -> Stub:
    return Stub(Settings(scenario="demo", clock="virtual"))


@pytest.fixture
def recognised(stub: Stub) -> Recognised:
    """Return a call that was learned."""
    calls: list[Recognised] = []
    request = Request.of("GET", LIST, headers=[("Authorization", "Basic YWRtaW46YWRtaW4=")])
    stub.handle_in_world(
        "default", request, learn=lambda call: calls.append(Recognised(call, stub.service, None))
    )
    return calls[0]
