"""The fixtures, in the test runs of other people."""

import pytest

from plugin_builders import LIGHT

TWO_TESTS = """
    import json
    from urllib.request import Request, urlopen
    import base64

    import pytest

    def call(ocp, path, method="GET"):
        token = base64.b64encode(":".join(ocp.auth).encode()).decode()
        request = Request(ocp.url + path, method=method, headers={"Authorization": "Basic " + token})
        with urlopen(request) as answer:
            return json.load(answer)

    @pytest.mark.parametrize("n", range(4))
    def test_each_test_has_its_own_world(ocp, n):
        before = call(ocp, "/api/v2/tasks/instances/35000312")
        after = call(ocp, "/api/v2/tasks/instances/35000312/retry", "POST")
        assert [before["data"]["status"], after["data"]["status"]] == ["FAILED", "RUNNING"]
        assert [exchange.operation for exchange in ocp.calls] == ["getTaskInstance", "retryTask"]
        assert "admin" not in dict(ocp.calls[0].request.headers)["Authorization"]

    def test_the_same_calls_give_the_same_bytes(ocp, ocp_server):
        first = [call(ocp, "/api/v2/tasks/instances") for _ in range(2)]
        with ocp_server.world("twin") as other:
            assert other.calls == ()
        assert first[0]["timestamp"] == first[1]["timestamp"]
        assert first[0]["traceId"] != first[1]["traceId"]
"""


@pytest.mark.parametrize(
    "options", [[], ["-n", "2"], ["-p", "no:randomly"], ["--import-mode=importlib"]]
)
def test_the_fixture_gives_each_test_its_own_world(
    pytester: pytest.Pytester, options: list[str]
) -> None:
    """With and without xdist, with every warning an error."""
    pytester.makepyfile(TWO_TESTS)
    result = pytester.runpytest_subprocess(
        *LIGHT, "-W", "error", "--strict-markers", "--strict-config", *options
    )
    result.assert_outcomes(passed=5)


def test_another_scenario_can_be_chosen(pytester: pytest.Pytester) -> None:
    """By an ini value or by an option; a wrong name is told with the nearest."""
    pytester.makepyfile(
        "def test_it(ocp_server):\n    assert ocp_server.live.stub.scenario.name == 'mine'\n"
    )
    path = pytester.path / "mine.yaml"
    path.write_text("understudy: 1\nname: mine\ntasks: [{id: 1, name: x}]\n")
    pytester.runpytest_subprocess(*LIGHT, "--ocp-scenario", str(path)).assert_outcomes(passed=1)
    pytester.makeini(f"[pytest]\nocp_scenario = {path}\n")
    pytester.runpytest_subprocess(*LIGHT).assert_outcomes(passed=1)
    wrong = pytester.runpytest_subprocess(*LIGHT, "--ocp-scenario", "dmeo")
    wrong.assert_outcomes(errors=1)
    wrong.stdout.fnmatch_lines(['*Did you mean "demo"?*'])


def test_the_fixtures_are_documented(pytester: pytest.Pytester) -> None:
    """`pytest --fixtures` tells what they give, and `--help` has the options."""
    result = pytester.runpytest_subprocess(*LIGHT, "--fixtures")
    result.stdout.fnmatch_lines(
        ["ocp_server*", "*Give the server*", "ocp *", "*Give a private OCP*"]
    )
    assert "--ocp-scenario" in str(pytester.runpytest_subprocess(*LIGHT, "--help").stdout)


def test_the_plugin_can_be_switched_off(pytester: pytest.Pytester) -> None:
    """Under its own name."""
    pytester.makepyfile("def test_it(ocp):\n    pass\n")
    result = pytester.runpytest_subprocess(*LIGHT, "-p", "no:understudy")
    result.stdout.fnmatch_lines(["*fixture 'ocp' not found*"])


def test_the_plugin_can_be_named(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where plugins are not found by themselves."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile(
        "def test_it(ocp):\n    assert ocp.requests().get('/api/v2/tasks/instances').ok\n"
    )
    pytester.runpytest_subprocess("-p", "understudy.pytest_plugin", "-W", "error").assert_outcomes(
        passed=1
    )
