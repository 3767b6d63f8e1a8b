"""The fixtures and the loading of the plugin, in runs of other tests."""

import pytest

from plugin_builders import AUTOLOAD, PLUGIN, STRICT, WORKERS, run_pytest

TWO_TESTS = """
    import json
    from urllib.request import Request, urlopen
    import base64

    import pytest

    def call(ocp, path, method="GET"):
        token = base64.b64encode(":".join(ocp.auth).encode()).decode()
        request = Request(ocp.url + path, method=method, headers={"Authorization": "Basic " + token})
        with urlopen(request) as response:
            return json.load(response)

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
    "options", [pytest.param(WORKERS, marks=pytest.mark.slow), ("--import-mode=importlib",)]
)
def test_each_test_has_its_own_world(pytester: pytest.Pytester, options: tuple[str, ...]) -> None:
    """This holds with workers and with other import modes, and no warning is raised."""
    pytester.makepyfile(TWO_TESTS)
    run_pytest(pytester, *STRICT, *options).assert_outcomes(passed=5)


def test_plugin_works_beside_the_installed_plugins(pytester: pytest.Pytester) -> None:
    """pytest loads it by its entry point; no warning is raised."""
    pytester.makepyfile(TWO_TESTS)
    pytester.runpytest_subprocess(*AUTOLOAD, *STRICT).assert_outcomes(passed=5)


def test_scenario_is_selected_by_option_or_ini(pytester: pytest.Pytester) -> None:
    """An unknown name is reported with the nearest."""
    pytester.makepyfile(
        "def test_name(ocp_server):\n    assert ocp_server.live.stub.scenario.name == 'mine'\n"
    )
    path = pytester.path / "mine.yaml"
    path.write_text("understudy: 1\nname: mine\ntasks: [{id: 1, name: x}]\n")
    run_pytest(pytester, "--ocp-scenario", str(path)).assert_outcomes(passed=1)
    pytester.makeini(f"[pytest]\nocp_scenario = {path}\n")
    run_pytest(pytester).assert_outcomes(passed=1)
    wrong = run_pytest(pytester, "--ocp-scenario", "dmeo")
    wrong.assert_outcomes(errors=1)
    wrong.stdout.fnmatch_lines(['*Did you mean "demo"?*'])


def test_fixtures_and_options_are_documented(pytester: pytest.Pytester) -> None:
    """`pytest --fixtures` shows what the fixtures return, and `--help` shows the options."""
    fixtures = run_pytest(pytester, "--fixtures")
    fixtures.stdout.fnmatch_lines(
        ["ocp_server*", "*Return the server*", "ocp *", "*Return a private OCP*"]
    )
    assert "--ocp-scenario" in str(run_pytest(pytester, "--help").stdout)


def test_plugin_can_be_switched_off(pytester: pytest.Pytester) -> None:
    """The name of its entry point is understudy."""
    pytester.makepyfile("def test_fixture(ocp):\n    pass\n")
    result = pytester.runpytest_subprocess(*AUTOLOAD, "-p", "no:understudy")
    result.stdout.fnmatch_lines(["*fixture 'ocp' not found*"])


def test_plugin_can_be_named(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run without automatic loading can name the module."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile(
        "def test_call(ocp):\n    assert ocp.requests().get('/api/v2/tasks/instances').ok\n"
    )
    pytester.runpytest_subprocess(*PLUGIN, "-W", "error").assert_outcomes(passed=1)


@pytest.mark.parametrize("name", ["ocp_validate", "validate_response"])
def test_fixture_validates_responses(pytester: pytest.Pytester, name: str) -> None:
    """It raises for a response that breaks the contract of `ocp_contract`."""
    pytester.makepyfile(f"""
        import pytest
        from understudy import ContractError

        def test_valid(ocp, {name}):
            {name}(ocp.requests().get("/api/v2/tasks/instances"))

        def test_invalid(ocp, {name}):
            headers = {{"Prefer": 'corrupt="listTaskInstances.200/data/page/size:null"'}}
            response = ocp.requests().get("/api/v2/tasks/instances", headers=headers)
            with pytest.raises(ContractError, match="/data/page/size: null; expected an integer"):
                {name}(response)
        """)
    run_pytest(pytester).assert_outcomes(passed=2)
