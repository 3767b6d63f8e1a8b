"""The pytest plugin: the fixture `ocp` gives each test a private OCP.

Loading the plugin imports only pytest and the standard library. All other imports happen with the
first fixture that needs them, so that a run without `ocp` costs nothing.
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
    from understudy.harness.coverage_session import CoverageSession

    Folder = str | os.PathLike[str] | None
    Options = Mapping[str, Any]

pytest_plugins = ("understudy.validation_plugin",)
_KEYWORDS = ("scenario", "clock", "speed", "dialect", "seed", "strict")
_DEFAULT_SCENARIO = "demo"
_FAILURES = ".understudy/failures"
_MAX_WORLDS = 10_000
_SERVER = pytest.StashKey["OcpServer"]()
_OCP = pytest.StashKey["Ocp"]()
_PASSED = pytest.StashKey[bool]()
"""Whether the call phase of a test has passed, the verification of its world included."""
_COVERAGE = pytest.StashKey["CoverageSession"]()
_WORKER_OUTPUT = "understudy_coverage"
"""The key of a worker's coverage in the output of pytest-xdist."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, in a group of their own, and the ini values."""
    group = parser.getgroup("understudy", "understudy: a stub of the OCP")
    add = group.addoption
    add("--ocp-scenario", metavar="NAME", help="scenario of every world: a name or a path")
    add("--ocp-url", metavar="URL", help="use the worlds of a running server (understudy serve)")
    add("--ocp-token", metavar="TOKEN", help="its token; better in UNDERSTUDY_CONTROL_TOKEN")
    add("--ocp-ca", metavar="FILE", help="the authority of that server, for an https URL")
    add("--ocp-lenient", action="store_true", help="contract violations do not fail tests")
    add("--ocp-replay", metavar="FILE", help="start every world from a saved world")
    add("--ocp-cov", action="store_true", help="measure contract coverage")
    add(
        "--ocp-cov-report",
        action="append",
        default=[],
        metavar="TYPE",
        help="term, term-missing, json:FILE, html:FILE or markdown:FILE; may be repeated "
        "(default: term)",
    )
    add(
        "--ocp-cov-fail-under",
        action="append",
        default=[],
        metavar="N",
        help="fail if the coverage is below N percent: in total, or of a section "
        "(operations=100); may be repeated",
    )
    _add_ini_values(parser)


def _add_ini_values(parser: pytest.Parser) -> None:
    """Add the ini values. An option overrides the ini value of the same name."""
    add = parser.addini
    add("ocp_scenario", "scenario of every world: a name or a path", default=_DEFAULT_SCENARIO)
    add("ocp_scenarios", "folder of scenarios that tests can name", default="")
    add("ocp_contract", "OpenAPI document to serve; empty: that of the OCP", default="")
    add("ocp_dialect", "documented or observed", default="documented")
    add("ocp_url", "use the worlds of a running server", default="")
    add("ocp_ca", "the authority of that server, for an https URL", default="")
    add("ocp_strict", "contract violations fail tests", type="bool", default=True)
    add("ocp_failures", "folder for the worlds of failed tests", default=_FAILURES)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and start to measure coverage if an option asks for it."""
    keywords = ", ".join(f"{keyword}=" for keyword in _KEYWORDS)
    marker = f"ocp({keywords}): the scenario, clock and strictness of the test's OCP"
    config.addinivalue_line("markers", marker)
    reports = config.getoption("--ocp-cov-report")
    bars = config.getoption("--ocp-cov-fail-under")
    if not (config.getoption("--ocp-cov") or reports or bars):
        return
    from understudy.harness.coverage_session import CoverageOptionError, CoverageSession

    try:
        session = CoverageSession(reports, bars)
    except CoverageOptionError as problem:
        raise pytest.UsageError(str(problem)) from problem
    config.stash[_COVERAGE] = session
    config.pluginmanager.register(_CoverageHooks(session), "understudy-coverage")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail a test with a wrong marker, even if the test does not use the fixture."""
    server = item.config.stash.get(_SERVER, None)
    if server is not None:
        # A block of an earlier test may have failed on purpose: that is not a failure of this test.
        server.forget_failures()
    for mark in item.iter_markers("ocp"):
        problem = _check_marker(mark)
        if problem:
            file, line, name = item.location
            place = f"{file}:{(line or 0) + 1}: {name}: @pytest.mark.ocp"
            pytest.fail(f"{place}: {problem}", pytrace=False)


def _check_marker(mark: pytest.Mark) -> str:
    """Return the problem of a marker, or an empty text."""
    known = ", ".join(_KEYWORDS)
    if mark.args:
        return f"expected keywords only, not {mark.args[0]!r}. Expected one of {known}."
    for word in mark.kwargs:
        if word not in _KEYWORDS:
            return f"unknown keyword {word!r}. {_suggest_keyword(word)}"
    strict = mark.kwargs.get("strict")
    if strict is not None and not isinstance(strict, bool):
        return f"strict is {strict!r}. Expected True or False."
    return ""


def _suggest_keyword(word: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(word, _KEYWORDS, 1)
    if near:
        return f"Did you mean {near[0]!r}?"
    return f"Expected one of {', '.join(_KEYWORDS)}."


def _read_markers(item: pytest.Item) -> Options:
    """Return the keywords of all markers. Nearer markers override those of class and module."""
    keywords: Options = {}
    for mark in item.iter_markers("ocp"):  # the nearest first
        keywords = {**mark.kwargs, **keywords}
    return keywords


# --- fixtures


@pytest.fixture(scope="session")
def ocp_settings() -> Options:
    """Return settings of the server, by the names of `understudy.config.Settings`.

    Override it for others, such as `{"auth": False}`, `{"seed": 7}` and `{"tls": True}`.
    """
    return {}


@pytest.fixture(scope="session")
def ocp_scenarios(pytestconfig: pytest.Config) -> Folder:
    """Return the folder of scenarios that tests can name (ini: ocp_scenarios). Override it."""
    return _read_path(pytestconfig, "ocp_scenarios")


@pytest.fixture(scope="session")
def ocp_contract(pytestconfig: pytest.Config) -> Folder:
    """Return the OpenAPI document to serve (ini: ocp_contract), or None. Override it."""
    return _read_path(pytestconfig, "ocp_contract")


@pytest.fixture(scope="session")
def ocp_server(
    pytestconfig: pytest.Config,
    ocp_settings: Options,
    ocp_scenarios: Folder,
    ocp_contract: Folder,
) -> Iterator[OcpServer]:
    """Return the server that all tests of this process share.

    Attributes: `ocp_server.url`, `ocp_server.world()`. `with ocp_server.world(scenario="upgrade")
    as ocp:` creates a world that is verified at the end of its block: for tests with several
    worlds, and for Hypothesis, with one world in each example. The server listens on a free port of
    this machine. With `--ocp-url`, it is a server that already runs.
    """
    from understudy.errors import InputError, MissingExtraError

    errors = (InputError, MissingExtraError, OSError, TypeError, ValueError, pytest.UsageError)
    problem = ""
    try:
        overrides = _build_overrides(pytestconfig, ocp_scenarios, ocp_contract)
        server = _build_server(pytestconfig, {**overrides, **ocp_settings})
    except errors as error:
        problem = str(error)
    if problem:  # outside of `except`: the report shows the problem alone
        pytest.fail(f"cannot start the server of the fixture ocp:\n{problem}", pytrace=False)
    coverage = pytestconfig.stash.get(_COVERAGE, None)
    if coverage is not None:
        server.on_close = coverage.collect
    # It stays in the stash: a failure while the server stops is reported with its story too.
    pytestconfig.stash[_SERVER] = server
    with server:
        yield server


def _build_overrides(config: pytest.Config, scenarios: Folder, contract: Folder) -> Options:
    """Return the settings of the server, as far as options, ini values and fixtures give them."""
    url = _read_url(config)
    name = config.getoption("--ocp-scenario")
    overrides = {
        "clock": "virtual",
        "max_worlds": _MAX_WORLDS,
        "contract": contract and Path(contract),
        "scenarios": scenarios and Path(scenarios),
        "scenario": name or _read_scenario(config, has_default=not (contract or url)),
    }
    dialect = config.getini("ocp_dialect")
    if not url or dialect != "documented":  # by default, a running server keeps its dialect
        overrides["dialect"] = dialect
    return overrides


def _build_server(config: pytest.Config, overrides: Options) -> OcpServer:
    """Return the server that options and ini values describe."""
    from understudy.harness import OcpServer

    token = config.getoption("--ocp-token")
    replay = config.getoption("--ocp-replay")
    return OcpServer(
        url=_read_url(config),
        ca=config.getoption("--ocp-ca") or _read_path(config, "ocp_ca"),
        token=token or os.environ.get("UNDERSTUDY_CONTROL_TOKEN", ""),
        strict=config.getini("ocp_strict") and not config.getoption("--ocp-lenient"),
        replay=Path(replay) if replay else None,
        **overrides,
    )


@pytest.fixture
def ocp(ocp_server: OcpServer, request: pytest.FixtureRequest) -> Iterator[Ocp]:
    """Return a private OCP: a world on a virtual clock, deleted after the test.

    `ocp.url` and `ocp.auth` work with any HTTP client; `ocp.requests()` and `ocp.httpx()` need no
    socket. `ocp.clock.advance("30s")`, `ocp.tasks[35000312]`, `ocp.reply(…)`, `ocp.fault(…)`,
    `ocp.assert_called(…)`. The marker `ocp(scenario=…, clock=…)` selects scenario and clock. A
    client that breaks the contract fails the test.
    """
    from understudy.control.client import ControlError
    from understudy.errors import InputError

    problem = ""
    try:
        world = ocp_server.world(request.node.name, **_read_markers(request.node))
    except (InputError, ControlError, OSError, ValueError) as error:
        problem = str(error)
    if problem:  # outside of `except`: the report shows the problem alone
        pytest.fail(f"cannot create the world of {request.node.nodeid}:\n{problem}", pytrace=False)
    request.node.stash[_OCP] = world
    try:
        yield world
        # Only calls of fixtures can have added problems since the test passed.
        failure = world.verdict() if request.node.stash.get(_PASSED, False) else None
        if failure is not None:
            ocp_server.record_failure(world.to_saved_world(), failure)
            pytest.fail(str(failure), pytrace=False)
    finally:
        world.close()


# --- verification and reports


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Verify the world of a test that has passed.

    The test itself fails then, not its teardown. A failure of the test's own raises before.
    """
    yield
    world = item.stash.get(_OCP, None)
    error = world.verdict() if world is not None else None
    if error is not None:
        pytest.fail(str(error), pytrace=False)
    item.stash[_PASSED] = True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
    call: pytest.CallInfo[None],
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the stories of the worlds to the report of a failure, and save the worlds."""
    report = yield
    server = item.config.stash.get(_SERVER, None)
    if server is not None and report.failed:
        for story in _save_worlds(item, server, ended=call.when == "teardown"):
            report.sections.append(("ocp journal", story))
    return report


def _save_worlds(item: pytest.Item, server: OcpServer, *, ended: bool) -> Iterator[str]:
    """Save the worlds of a failed test, and yield their stories.

    First come the worlds whose blocks have failed. Then come the open worlds, unless the test has
    `ended`: the test's own, and others that were called.
    """
    from understudy.harness.failure_artifacts import ArtifactLocation

    folder = Path(item.config.rootpath, str(item.config.getini("ocp_failures")))
    working_dir = item.config.invocation_params.dir
    location = ArtifactLocation(folder, item.nodeid, _command_id(item), working_dir)
    stories = server.take_failures(location)
    yield from stories
    if ended:
        return
    own = item.stash.get(_OCP, None)
    number = len(stories)
    for world in server.open:
        saved = world.to_saved_world()
        if world is own or saved.call_count:
            number += 1
            yield saved.save(location, number)


def _command_id(item: pytest.Item) -> str:
    """Return a test id as the command line needs it.

    Ids start at the root, paths at the working directory.
    """
    root, working_dir = item.config.rootpath, item.config.invocation_params.dir
    file, colons, rest = item.nodeid.partition("::")
    if working_dir == root or not (root / file).is_file():
        return item.nodeid
    with contextlib.suppress(ValueError):  # Windows: the root is on another drive
        file = os.path.relpath(root / file, working_dir)
    return f"{file}{colons}{rest}"


def _read_url(config: pytest.Config) -> str:
    return str(config.getoption("--ocp-url") or config.getini("ocp_url"))


def _read_scenario(config: pytest.Config, *, has_default: bool) -> str:
    """Return the scenario of the ini file; a path starts at the root.

    Without `has_default` the default is no scenario: another contract or server need not have
    `demo`.
    """
    name = str(config.getini("ocp_scenario"))
    path = config.rootpath / name
    if name == _DEFAULT_SCENARIO:
        return name if has_default else ""
    if path.is_file():
        return str(path)
    return name


def _read_path(config: pytest.Config, name: str) -> Path | None:
    """Return the path of an ini value, which starts at the root; None if it is empty."""
    text = str(config.getini(name))
    return config.rootpath / text if text else None


class _CoverageHooks:
    """The hooks of a run that measures coverage. One report covers all processes."""

    def __init__(self, session: CoverageSession) -> None:
        self._session = session

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Finish the coverage after all tests. A worker sends its own to the controller."""
        option = session.config.option
        if option.collectonly or option.setuponly:  # no test runs
            return (yield)
        stopped = True
        try:
            result = yield
            stopped = False
        finally:  # also after -x or Ctrl+C
            output = getattr(session.config, "workeroutput", None)
            if output is not None:
                output[_WORKER_OUTPUT] = self._session.to_record()
            elif self._session.finish(stopped=stopped):
                session.testsfailed += 1
        return result

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object, error: object) -> None:
        """Add the coverage of a worker of pytest-xdist. A crashed worker has sent none."""
        output = getattr(node, "workeroutput", {})
        if _WORKER_OUTPUT in output:
            self._session.merge(output[_WORKER_OUTPUT])
        else:
            self._session.note_missing_worker()

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the coverage."""
        text = self._session.summary_text()
        if text:
            terminalreporter.section("ocp coverage")
            terminalreporter.write_line(text)
