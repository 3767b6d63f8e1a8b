"""The pytest plugin: `ocp` gives each test a private OCP.

Loading it imports nothing but pytest and the standard library; everything else comes with the first fixture.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from understudy.harness import Ocp, OcpServer

_WORDS = ("scenario", "clock", "speed", "dialect", "seed", "strict")
"""What the marker knows."""
_SERVER = pytest.StashKey["OcpServer"]()
_OCP = pytest.StashKey["Ocp"]()
_PASSED = pytest.StashKey[bool]()
_COVERAGE = pytest.StashKey[Any]()
_OUTPUT = "understudy_coverage"
"""What a worker of pytest-xdist calls its share."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, all under one heading."""
    group = parser.getgroup("understudy", "understudy: a stand-in for the OCP")
    add = group.addoption
    add(
        "--ocp-scenario",
        metavar="NAME",
        help="scenario that every world starts from: a name or a path",
    )
    add(
        "--ocp-url",
        metavar="URL",
        help="use the worlds of a server that runs already (understudy serve)",
    )
    add(
        "--ocp-token",
        metavar="TOKEN",
        help="of its control API; better in UNDERSTUDY_CONTROL_TOKEN",
    )
    add(
        "--ocp-lenient",
        action="store_true",
        help="no test fails for what its client does against the contract",
    )
    add(
        "--ocp-replay",
        metavar="FILE",
        help="start every world as the one began that was kept in a file",
    )
    add("--ocp-cov", action="store_true", help="measure what of the contract the tests exercise")
    add(
        "--ocp-cov-report", action="append", default=[], metavar="TYPE",
        help="term, term-missing, json:FILE, html:FILE or markdown:FILE; several times (default: term)",
    )  # fmt: skip
    add(
        "--ocp-cov-fail-under", action="append", default=[], metavar="N",
        help="fail when less than N percent are covered: of all, or of a section (operations=100); several times",
    )  # fmt: skip
    parser.addini(
        "ocp_scenario", "scenario that every world starts from: a name or a path", default="demo"
    )
    parser.addini("ocp_scenarios", "folder of scenarios that tests can name", default="")
    parser.addini("ocp_contract", "OpenAPI document to stand in for; empty: OCP's", default="")
    parser.addini("ocp_dialect", "documented or observed", default="documented")
    parser.addini("ocp_url", "use the worlds of a server that runs already", default="")
    parser.addini(
        "ocp_strict",
        "tests fail for what their clients do against the contract",
        type="bool",
        default=True,
    )
    parser.addini(
        "ocp_failures", "folder for the worlds of tests that failed", default=".understudy/failures"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    words = ", ".join(f"{word}=" for word in _WORDS)
    config.addinivalue_line(
        "markers", f"ocp({words}): how the OCP of the test begins, and how strict it is"
    )
    if (
        config.getoption("--ocp-cov")
        or config.getoption("--ocp-cov-report")
        or config.getoption("--ocp-cov-fail-under")
    ):
        from understudy.harness.coverage_session import CoverageOptionError, CoverageSession

        try:
            measure = CoverageSession(
                config.getoption("--ocp-cov-report"), config.getoption("--ocp-cov-fail-under")
            )
        except CoverageOptionError as problem:
            raise pytest.UsageError(str(problem)) from problem
        config.stash[_COVERAGE] = measure
        config.pluginmanager.register(_CoverageHooks(measure), "understudy-coverage")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Refuse a marker that nobody understands, also of a test that has no use for it."""
    server = item.config.stash.get(_SERVER, None)
    if (
        server is not None
    ):  # a block that failed in an earlier test, where that was meant, is no story of this one
        server.forget_failures()
    for mark in item.iter_markers("ocp"):
        wrong = _complaint(mark)
        if wrong:
            file, line, name = item.location
            pytest.fail(
                f"{file}:{(line or 0) + 1}: {name}: @pytest.mark.ocp: {wrong}", pytrace=False
            )


def _complaint(mark: pytest.Mark) -> str:
    known = ", ".join(_WORDS)
    if mark.args:
        return f"it takes keywords only, not {mark.args[0]!r}. It knows {known}."
    for word in mark.kwargs:
        if word not in _WORDS:
            from difflib import get_close_matches

            near = get_close_matches(word, _WORDS, 1)
            return f"there is no keyword {word!r}. " + (
                f"Did you mean {near[0]!r}?" if near else f"It knows {known}."
            )
    strict = mark.kwargs.get("strict")
    return (
        ""
        if strict is None or isinstance(strict, bool)
        else f"strict is {strict!r}. Expected True or False."
    )


def _marked(item: pytest.Item) -> dict[str, Any]:
    """Give what markers say: that of the test counts before its class's, that before its module's."""
    told: dict[str, Any] = {}
    for mark in item.iter_markers("ocp"):
        told = {**mark.kwargs, **told}
    return told


# --- fixtures


@pytest.fixture(scope="session")
def ocp_settings() -> Mapping[str, Any]:
    """Settings of the server, by the names of `understudy.config.Settings`: override it to change them.

    For example `{"auth": False}`, `{"seed": 7}`, `{"overlays": (Path("ours.yaml"),)}`.
    """
    return {}


@pytest.fixture(scope="session")
def ocp_scenarios(pytestconfig: pytest.Config) -> str | os.PathLike[str] | None:
    """Folder of scenarios that tests can name (ini: ocp_scenarios): override it to choose another."""
    return _path(pytestconfig, "ocp_scenarios")


@pytest.fixture(scope="session")
def ocp_contract(pytestconfig: pytest.Config) -> str | os.PathLike[str] | None:
    """OpenAPI document to stand in for (ini: ocp_contract); None for OCP's: override it to choose another."""
    return _path(pytestconfig, "ocp_contract")


@pytest.fixture(scope="session")
def ocp_server(
    pytestconfig: pytest.Config,
    ocp_settings: Mapping[str, Any],
    ocp_scenarios: str | os.PathLike[str] | None,
    ocp_contract: str | os.PathLike[str] | None,
) -> Iterator[OcpServer]:
    """Give the server that all tests of this process share: `ocp_server.url`, and `ocp_server.world()` for worlds.

    `with ocp_server.world(scenario="upgrade") as ocp:` gives a world that is judged when its block ends: for tests
    with several of them, and for Hypothesis, one in each example. The server listens on a free port of this machine;
    with `--ocp-url` it is another one, which runs already.
    """
    from understudy.errors import InputError
    from understudy.harness import OcpServer

    option, ini = pytestconfig.getoption, pytestconfig.getini
    url = option("--ocp-url") or ini("ocp_url")
    told: dict[str, Any] = {"clock": "virtual", "max_worlds": 10_000}
    told |= {
        "contract": ocp_contract and Path(ocp_contract),
        "scenarios": ocp_scenarios and Path(ocp_scenarios),
    }
    if (
        not url or ini("ocp_dialect") != "documented"
    ):  # a server that runs already has its own, where nobody tells one
        told["dialect"] = ini("ocp_dialect")
    scenario = option("--ocp-scenario") or _own_scenario(
        pytestconfig, is_free=bool(ocp_contract or url)
    )
    replay, problem = option("--ocp-replay"), ""
    try:
        strict = ini("ocp_strict") and not option("--ocp-lenient")
        server = OcpServer(
            url=url,
            token=option("--ocp-token") or os.environ.get("UNDERSTUDY_CONTROL_TOKEN", ""),
            strict=strict,
            replay=Path(replay) if replay else None,
            **{**told, "scenario": scenario, **ocp_settings},
        )
    except (InputError, OSError, TypeError, ValueError, pytest.UsageError) as error:
        problem = str(error)
    if problem:
        pytest.fail(f"the server of the fixture ocp cannot start:\n{problem}", pytrace=False)
    measure = pytestconfig.stash.get(_COVERAGE, None)
    server.on_close = measure.collect if measure else None
    pytestconfig.stash[_SERVER] = (
        server  # it stays there: what fails while the server stops has a story too
    )
    with server:
        yield server


@pytest.fixture
def ocp(ocp_server: OcpServer, request: pytest.FixtureRequest) -> Iterator[Ocp]:
    """Give a private OCP: a world of its own on a virtual clock, forgotten after the test.

    `ocp.url` works with any HTTP client, `ocp.auth` with it; `ocp.requests()` and `ocp.httpx()` need no socket.
    `ocp.clock.advance("30s")`, `ocp.tasks[35000312]`, `ocp.reply(…)`, `ocp.fault(…)`, `ocp.assert_called(…)`.
    The marker `ocp(scenario=…, clock=…)` says how it begins. A client that breaks the contract fails the test.
    """
    from understudy.control.client import ControlError
    from understudy.errors import InputError

    problem = ""
    try:
        made = ocp_server.world(request.node.name, **_marked(request.node))
    except (InputError, ControlError, OSError, ValueError) as error:
        problem = str(error)
    if problem:
        pytest.fail(f"the world of {request.node.nodeid} cannot begin:\n{problem}", pytrace=False)
    request.node.stash[_OCP] = made
    try:
        yield made
        found = made.verdict() if request.node.stash.get(_PASSED, False) else None
        if found is not None:  # what fixtures have asked since: the test itself was right
            ocp_server.record_failure(made, found)
            pytest.fail(str(found), pytrace=False)
    finally:
        made.close()


# --- the verdict


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Judge the world of a test that has passed, so that it is the test that fails, and nothing else is hidden."""
    yield
    made = item.stash.get(_OCP, None)
    found = made.verdict() if made is not None else None
    if found is not None:
        pytest.fail(str(found), pytrace=False)
    item.stash[_PASSED] = True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell in the report of a failure what happened in the worlds, and keep them."""
    report = yield
    server = item.config.stash.get(_SERVER, None)
    if server is not None and report.failed:
        for story in _stories(item, server, ended=call.when == "teardown"):
            report.sections.append(("ocp journal", story))
    return report


def _stories(item: pytest.Item, server: OcpServer, *, ended: bool) -> Iterator[str]:
    """Give the stories of a test's worlds: of those whose block has failed, then of those that are there."""
    from understudy.harness.failure_artifacts import ArtifactLocation

    folder = Path(item.config.rootpath, str(item.config.getini("ocp_failures")))
    place = ArtifactLocation(
        folder, item.nodeid, _from_here(item), item.config.invocation_params.dir
    )
    told = server.take_failures(place)
    yield from told
    own = item.stash.get(_OCP, None)
    there = [] if ended else [(made.to_saved_world(), made is own) for made in server.open]
    shown = [remains for remains, is_own in there if is_own or remains.call_count]
    for number, remains in enumerate(shown, len(told) + 1):
        yield remains.save(place, number)


def _from_here(item: pytest.Item) -> str:
    """Give a test as the command line takes it where pytest was started: ids begin at the root."""
    root, here = item.config.rootpath, item.config.invocation_params.dir
    file, colons, rest = item.nodeid.partition("::")
    if here == root or not (root / file).is_file():
        return item.nodeid
    with contextlib.suppress(ValueError):  # on another drive
        file = os.path.relpath(root / file, here)
    return f"{file}{colons}{rest}"


def _own_scenario(config: pytest.Config, *, is_free: bool) -> str:
    """Give what the ini file says, a path from its root; nothing where a default of ours need not be there."""
    told = str(config.getini("ocp_scenario"))
    if told == "demo":
        return "" if is_free else told
    path = config.rootpath / told
    return str(path) if path.is_file() else told


def _path(config: pytest.Config, name: str) -> Path | None:
    told = str(config.getini(name))
    return config.rootpath / told if told else None


class _CoverageHooks:
    """What happens only where coverage is measured: one report for all processes."""

    def __init__(self, measure: Any) -> None:
        self._measure = measure

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """When all tests have run: what a worker has seen goes to its controller, which judges."""
        option = session.config.option
        if option.collectonly or option.setuponly:  # no test is run
            return (yield)
        stopped = True
        try:
            result = yield
            stopped = False
        finally:  # also when -x, or a key, has stopped the run
            output = getattr(session.config, "workeroutput", None)
            if output is not None:
                output[_OUTPUT] = self._measure.to_record()
            elif self._measure.finish(stopped=stopped):
                session.testsfailed += 1
        return result

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Take what a worker of pytest-xdist has seen; one that has crashed takes it with it."""
        output = getattr(node, "workeroutput", {})
        if _OUTPUT in output:
            self._measure.merge(output[_OUTPUT])
        else:
            self._measure.note_missing_worker()

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Tell what was covered."""
        text = self._measure.summary_text()
        if text:
            terminalreporter.section("ocp coverage")
            terminalreporter.write_line(text)
