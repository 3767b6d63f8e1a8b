"""The marker, the options and the fixtures that others override."""

import pytest

from plugin_builders import LIGHT, run, same_as, told
from understudy.live import LiveServer


def test_a_marker_says_how_a_world_begins(pytester: pytest.Pytester) -> None:
    """On function, class and module; the nearest counts, word by word."""
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
def test_told(ocp):
    assert ocp.tasks[5].name == "Mine"
""",
    )
    result.assert_outcomes(passed=5)


@pytest.mark.parametrize(
    ("name", "marker"),
    [
        ("keyword", "scenaro='upgrade'"),
        ("positional", "'upgrade'"),
        ("scenario", "scenario='upgrad'"),
        ("file", "scenario='broken.yaml'"),
        ("clock", "clock='virtul'"),
        ("unlike", "nothing=1"),
    ],
)
def test_a_marker_that_nobody_understands_is_an_error(
    pytester: pytest.Pytester, name: str, marker: str
) -> None:
    """With the nearest name; of the test, not of the whole run."""
    (pytester.path / "broken.yaml").write_text("understudy: 1\ntasks:\n  - {id: 1, nam: x}\n")
    result = run(
        pytester,
        f"\n\n@pytest.mark.ocp({marker})\ndef test_it(ocp):\n    pass\n\ndef test_other(ocp):\n    pass\n",
    )
    result.assert_outcomes(errors=1, passed=1)
    same_as(f"marker-{name}", told(result))


def test_values_of_another_kind_are_told(pytester: pytest.Pytester) -> None:
    """In a sentence, without a traceback."""
    result = run(
        pytester,
        """

@pytest.mark.ocp(strict="no")
def test_strict(ocp):
    pass

@pytest.mark.ocp(scenario=["demo"])
def test_scenario(ocp):
    pass
""",
    )
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines_random(
        [
            "*: test_strict: @pytest.mark.ocp: strict is 'no'. Expected True or False.",
            "the scenario is ['demo']. Expected a name, the path of a file, or a mapping in the words of the format.",
        ]
    )
    assert "Traceback" not in result.stdout.str()
    assert "server.py" not in result.stdout.str()


def test_a_marker_is_judged_also_where_no_world_is_used(pytester: pytest.Pytester) -> None:
    """A slip must not pass in silence."""
    run(pytester, "\n\n@pytest.mark.ocp(scenaro='x')\ndef test_it():\n    pass\n").assert_outcomes(
        errors=1
    )


def test_session_fixtures_can_be_overridden(pytester: pytest.Pytester) -> None:
    """Settings, a folder of scenarios."""
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


def test_the_ini_file_says_the_same(pytester: pytest.Pytester) -> None:
    """Folder, dialect, and a server that runs already."""
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


def test_a_path_in_the_ini_file_begins_at_its_root(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever pytest is started."""
    pytester.makeini("[pytest]\nocp_scenario = worlds/mine.yaml\n")
    pytester.mkdir("worlds").joinpath("mine.yaml").write_text(
        "understudy: 1\ntasks: [{id: 5}]\n", "utf-8"
    )
    pytester.mkdir("sub").joinpath("test_sub.py").write_text(
        "def test_it(ocp):\n    assert list(ocp.tasks) == [5]\n"
    )
    monkeypatch.chdir(pytester.path / "sub")
    pytester.runpytest_subprocess(*LIGHT).assert_outcomes(passed=1)


def test_a_word_that_is_neither_true_nor_false_is_told(pytester: pytest.Pytester) -> None:
    """In a sentence."""
    pytester.makeini("[pytest]\nocp_strict = maybe\n")
    result = run(pytester, "\n\ndef test_it(ocp):\n    pass\n")
    result.assert_outcomes(errors=1)
    assert "maybe" in result.stdout.str()
    assert "Traceback" not in result.stdout.str()
    assert "pytest_plugin.py" not in result.stdout.str()


def test_settings_that_cannot_be_used_are_told(pytester: pytest.Pytester) -> None:
    """As an error of the tests, without a traceback."""
    pytester.makeconftest(
        "import pytest\n\n@pytest.fixture(scope='session')\ndef ocp_settings():\n    return {'dialect': 'observd'}\n"
    )
    result = run(pytester, "\n\ndef test_it(ocp):\n    pass\n")
    result.assert_outcomes(errors=1)
    same_as("settings", told(result))


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
def test_another_contract_works_the_same_way(pytester: pytest.Pytester, how: str) -> None:
    """Worlds, replies, assertions, verdict, corruptions."""
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
        "-p",
        "no:randomly",
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*breaks the contract: path.id*"])


def test_a_server_that_runs_already_is_shared(pytester: pytest.Pytester) -> None:
    """By option or ini; its token by the environment; workers of xdist share it, and nothing stays behind."""
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
        run(pytester, tests, *options).assert_outcomes(passed=4, failed=1)
        run(pytester, tests, *options, "-n", "2").assert_outcomes(passed=4, failed=1)
        assert [world.name for world in live.stub.worlds()] == []
        result = run(pytester, tests, "--ocp-url", live.url)
        result.assert_outcomes(errors=5)
        result.stdout.fnmatch_lines(["401 token-needed*"])


def test_a_url_that_is_none_is_told(pytester: pytest.Pytester) -> None:
    """In a sentence."""
    result = run(pytester, "\n\ndef test_it(ocp):\n    pass\n", "--ocp-url", "localhost:4010")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ['"localhost:4010" is no URL of a server. Expected one such as http://127.0.0.1:4010.']
    )
    assert "transport.py" not in result.stdout.str()


def test_what_worlds_begin_with_counts_for_a_shared_server_too(pytester: pytest.Pytester) -> None:
    """A scenario by name or path, where one is told; else, as the dialect, it is the server's own."""
    tests = """

import pathlib

def test_it(ocp):
    subtask = ocp.requests().get(f"{LIST}/{next(iter(ocp.tasks))}").json()["data"]["subtasks"][0]
    with pathlib.Path("told").open("a") as file:
        print(ocp.story().split()[3][:7], "parallelIdx" in subtask, file=file)
"""
    (pytester.path / "mine.yaml").write_text(
        "understudy: 1\nname: mine\ntasks: [{id: 1}]\n", "utf-8"
    )
    with LiveServer(scenario="upgrade", dialect="observed") as live:
        for told in ((), ("--ocp-scenario", "rollback-fails"), ("--ocp-scenario", "mine.yaml")):
            run(pytester, tests, "--ocp-url", live.url, *told).assert_outcomes(passed=1)
    seen = (pytester.path / "told").read_text().splitlines()
    assert [line[:4] for line in seen] == ["upgr", "roll", "mine"]
    assert [line.split()[1] for line in seen] == ["True", "True", "True"]


@pytest.mark.parametrize(
    ("url", "text"),
    [("http://127.0.0.1:9", "cannot be reached"), ("localhost:4010", "is no URL of a server")],
)
def test_a_server_that_is_not_there_is_told(pytester: pytest.Pytester, url: str, text: str) -> None:
    """In a sentence."""
    result = run(pytester, "\n\ndef test_it(ocp):\n    pass\n", "--ocp-url", url)
    result.assert_outcomes(errors=1)
    assert text in result.stdout.str()
    assert "Traceback" not in result.stdout.str()
