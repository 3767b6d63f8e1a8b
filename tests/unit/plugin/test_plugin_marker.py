"""The marker, the options, and the fixtures that a project can override."""

import pytest

from plugin_builders import WORKERS, assert_equals_file, normalise_output, run, run_pytest
from understudy.live import LiveServer


def test_marker_selects_scenario_and_clock(pytester: pytest.Pytester) -> None:
    """It may be on a function, class or module; the nearest wins, keyword by keyword."""
    result = run(
        pytester,
        """
pytestmark = pytest.mark.ocp(scenario="upgrade", seed=1)

def test_module(ocp):
    assert 35000312 not in ocp.tasks

@pytest.mark.ocp(clock="per-call", dialect="observed")
class TestClass:
    def test_class(self, ocp):
        assert ocp.clock.mode == "per-call"
        assert 35000312 not in ocp.tasks

    @pytest.mark.ocp(clock="virtual", scenario="demo", strict=False)
    def test_function(self, ocp):
        assert ocp.clock.mode == "virtual"
        assert "downstreams" in call(ocp, LIST + "/35000312").json()["data"]["subtasks"][0]
        call(ocp, "/nowhere")

@pytest.mark.ocp(speed=60)
def test_speed(ocp):
    assert ocp.clock.mode == "real"

@pytest.mark.ocp(scenario={"tasks": [{"id": 5, "name": "Mine"}]})
def test_mapping(ocp):
    assert ocp.tasks[5].name == "Mine"
""",
    )
    result.assert_outcomes(passed=5)


WRONG_MARKERS = """

@pytest.mark.ocp(scenaro="upgrade")
def test_misspelled_keyword(ocp):
    pass

@pytest.mark.ocp(nothing=1)
def test_unknown_keyword(ocp):
    pass

@pytest.mark.ocp("upgrade")
def test_positional_argument(ocp):
    pass

@pytest.mark.ocp(scenario="upgrad")
def test_misspelled_scenario(ocp):
    pass

@pytest.mark.ocp(scenario="broken.yaml")
def test_broken_file(ocp):
    pass

@pytest.mark.ocp(scenario=["demo"])
def test_scenario_of_another_type(ocp):
    pass

@pytest.mark.ocp(clock="virtul")
def test_misspelled_clock(ocp):
    pass

@pytest.mark.ocp(strict="no")
def test_strict_of_another_type(ocp):
    pass

@pytest.mark.ocp(scenaro="x")
def test_without_the_fixture():
    pass

def test_without_a_marker(ocp):
    pass
"""


def test_wrong_marker_is_an_error_of_its_test(pytester: pytest.Pytester) -> None:
    """The error names the nearest value, without a traceback; other tests of the run pass."""
    (pytester.path / "broken.yaml").write_text("understudy: 1\ntasks:\n  - {id: 1, nam: x}\n")
    result = run(pytester, WRONG_MARKERS)
    result.assert_outcomes(errors=9, passed=1)
    text = normalise_output(result)
    assert "Traceback" not in text
    assert "ocp_server.py" not in text
    assert_equals_file("markers", text)


def test_session_fixtures_can_be_overridden(pytester: pytest.Pytester) -> None:
    """They give settings, and a folder of scenarios."""
    folder = pytester.mkdir("mine")
    (folder / "two.yaml").write_text("understudy: 1\ntasks: [{id: 1}, {id: 2}]\n")
    pytester.makeconftest("""
        import pytest

        @pytest.fixture(scope="session")
        def ocp_settings():
            return {"seed": 9, "auth": False}

        @pytest.fixture(scope="session")
        def ocp_scenarios():
            return "mine"
    """)
    result = run(
        pytester,
        """

@pytest.mark.ocp(scenario="two")
def test_it(ocp, ocp_server):
    assert (len(ocp.tasks), ocp_server.settings.seed) == (2, 9)
    assert requests.get(ocp.url + LIST, timeout=5).status_code == 200
""",
    )
    result.assert_outcomes(passed=1)


def test_ini_values_take_effect(pytester: pytest.Pytester) -> None:
    """They give a folder, a scenario, a dialect, and a running server."""
    (pytester.mkdir("mine") / "two.yaml").write_text("understudy: 1\ntasks: [{id: 1}, {id: 2}]\n")
    pytester.makeini("[pytest]\nocp_scenarios = mine\nocp_scenario = two\nocp_dialect = observed\n")
    tests = """

def test_it(ocp, ocp_server):
    assert len(ocp.tasks) == 2
    assert "downstreams" in call(ocp, LIST + "/1").json()["data"]["subtasks"][0]
"""
    run(pytester, tests).assert_outcomes(passed=1)
    with LiveServer(scenario="demo") as live:
        pytester.makeini(f"[pytest]\nocp_url = {live.url}\n")
        run(
            pytester, f"\n\ndef test_it(ocp):\n    assert ocp.url.startswith({live.url!r})\n"
        ).assert_outcomes(passed=1)


def test_path_of_an_ini_value_starts_at_the_root(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The working directory does not matter."""
    pytester.makeini("[pytest]\nocp_scenario = worlds/mine.yaml\n")
    pytester.mkdir("worlds").joinpath("mine.yaml").write_text(
        "understudy: 1\ntasks: [{id: 5}]\n", "utf-8"
    )
    pytester.mkdir("sub").joinpath("test_sub.py").write_text(
        "def test_it(ocp):\n    assert list(ocp.tasks) == [5]\n"
    )
    monkeypatch.chdir(pytester.path / "sub")
    run_pytest(pytester).assert_outcomes(passed=1)


def test_invalid_boolean_ini_value_is_reported(pytester: pytest.Pytester) -> None:
    """The error names the value, without a traceback."""
    pytester.makeini("[pytest]\nocp_strict = maybe\n")
    result = run(pytester, "\n\ndef test_it(ocp):\n    pass\n")
    result.assert_outcomes(errors=1)
    assert "maybe" in result.stdout.str()
    assert "Traceback" not in result.stdout.str()
    assert "pytest_plugin.py" not in result.stdout.str()


def test_wrong_settings_are_reported(pytester: pytest.Pytester) -> None:
    """They are an error of each test, without a traceback."""
    pytester.makeconftest(
        "import pytest\n\n@pytest.fixture(scope='session')\ndef ocp_settings():\n    return {'dialect': 'observd'}\n"
    )
    result = run(pytester, "\n\ndef test_it(ocp):\n    pass\n")
    result.assert_outcomes(errors=1)
    assert_equals_file("settings", normalise_output(result))


PETS = """
openapi: 3.1.0
info: {title: Pets, version: "1"}
paths:
  /pets/{id}:
    get:
      operationId: getPet
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses:
        "200":
          description: The pet.
          content:
            application/json:
              schema: {type: object, required: [id], properties: {id: {type: integer}, name: {type: string}}}
              example: {id: 1, name: Rex}
"""


@pytest.mark.parametrize("how", ["ini", "fixture"])
def test_other_contract_works_the_same_way(pytester: pytest.Pytester, how: str) -> None:
    """Worlds, replies, assertions, verification and corruptions work."""
    (pytester.path / "pets.yaml").write_text(PETS)
    if how == "ini":
        pytester.makeini("[pytest]\nocp_contract = pets.yaml\n")
    else:
        pytester.makeconftest(
            "import pytest\n\n@pytest.fixture(scope='session')\ndef ocp_contract():\n    return 'pets.yaml'\n"
        )
    result = run(
        pytester,
        """

def get(ocp, pet):
    return requests.get(f"{ocp.url}/pets/{pet}", timeout=5)

def test_it(ocp):
    assert get(ocp, 1).json() == {"id": 1, "name": "Rex"}
    ocp.reply("getPet", status=200, body={"id": 2}, path={"id": 2})
    assert get(ocp, 2).json() == {"id": 2}
    ocp.assert_called("getPet", times=2)
    with ocp.serving("getPet.200/name:wrong-type"):
        assert get(ocp, 1).json()["name"] != "Rex"

def test_wrong(ocp):
    get(ocp, "one")
""",
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*breaks the contract: path.id*"])


@pytest.mark.parametrize("workers", [(), pytest.param(WORKERS, marks=pytest.mark.slow)])
def test_running_server_is_shared(pytester: pytest.Pytester, workers: tuple[str, ...]) -> None:
    """Workers of xdist share it, its worlds are deleted, and a missing token is reported."""
    tests = """

@pytest.mark.parametrize("n", range(4))
def test_it(ocp, n):
    task = ocp.task("Mine", ocp.subtask(takes=30))
    ocp.clock.advance_until(task.finished)
    assert call(ocp, f"{LIST}/{task.id}").json()["data"]["status"] == "SUCCESSFUL"
    assert ocp.requests().get(LIST).status_code == 200
    ocp.assert_called(times=2)

def test_bad(ocp):
    call(ocp, LIST + "?size=0")
"""
    with LiveServer(scenario="demo", token="let-me-in") as live:
        options = ("--ocp-url", live.url, "--ocp-token", "let-me-in")
        run(pytester, tests, *options, *workers).assert_outcomes(passed=4, failed=1)
        assert [world.name for world in live.stub.worlds()] == []
        result = run(pytester, tests, "--ocp-url", live.url)
        result.assert_outcomes(errors=5)
        result.stdout.fnmatch_lines(["401 token-needed*"])


def test_scenario_of_worlds_on_a_running_server(pytester: pytest.Pytester) -> None:
    """It is that of the option, a name or a path; by default it is the server's, like the dialect."""
    tests = """

import pathlib

def test_it(ocp):
    subtask = ocp.requests().get(f"{LIST}/{next(iter(ocp.tasks))}").json()["data"]["subtasks"][0]
    with pathlib.Path("seen").open("a") as file:
        print(ocp.story().split()[3][:7], "parallelIdx" in subtask, file=file)
"""
    (pytester.path / "mine.yaml").write_text(
        "understudy: 1\nname: mine\ntasks: [{id: 1}]\n", "utf-8"
    )
    with LiveServer(scenario="upgrade", dialect="observed") as live:
        for options in ((), ("--ocp-scenario", "rollback-fails"), ("--ocp-scenario", "mine.yaml")):
            run(pytester, tests, "--ocp-url", live.url, *options).assert_outcomes(passed=1)
    seen = (pytester.path / "seen").read_text().splitlines()
    assert [line[:4] for line in seen] == ["upgr", "roll", "mine"]
    assert [line.split()[1] for line in seen] == ["True", "True", "True"]


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("http://127.0.0.1:9", "cannot be reached"),
        (
            "localhost:4010",
            '\n"localhost:4010" is not the URL of a server. '
            "Expected a URL such as http://127.0.0.1:4010.\n",
        ),
    ],
)
def test_unreachable_server_is_reported(pytester: pytest.Pytester, url: str, text: str) -> None:
    """The error has no traceback."""
    result = run(pytester, "\n\ndef test_it(ocp):\n    pass\n", "--ocp-url", url)
    result.assert_outcomes(errors=1)
    assert text in result.stdout.str()
    assert "Traceback" not in result.stdout.str()
    assert "transport.py" not in result.stdout.str()
