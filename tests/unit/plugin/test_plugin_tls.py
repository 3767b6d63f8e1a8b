"""HTTPS in the plugin: a setting of the server, or a server that already runs."""

import sys

import pytest

from plugin_builders import run
from understudy.live import LiveServer

SETTINGS = """
@pytest.fixture(scope="session")
def ocp_settings():
    return {"tls": True}
"""
TESTS = """
def test_client(ocp):
    assert ocp.url.startswith("https://")
    answer = requests.get(ocp.url + LIST, auth=ocp.auth, verify=ocp.ca, timeout=10)
    assert answer.status_code == 200
"""


def test_https_is_a_setting(pytester: pytest.Pytester) -> None:
    """`ocp.url` and `ocp.ca` are enough for a client."""
    run(pytester, SETTINGS + TESTS).assert_outcomes(passed=1)


def test_https_without_its_library_is_reported(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test fails with the command that installs it, and without a traceback."""
    monkeypatch.setitem(sys.modules, "cryptography", None)
    monkeypatch.delitem(sys.modules, "understudy.live.tls.authority", raising=False)
    monkeypatch.delattr("understudy.live.tls.authority", raising=False)
    result = run(pytester, SETTINGS + TESTS)
    result.assert_outcomes(errors=1)
    lines = ["*cannot start the server of the fixture ocp:", "*pip install 'understudy[[]tls[]]'*"]
    result.stdout.fnmatch_lines(lines)
    result.stdout.no_fnmatch_line("*Traceback*")


def test_running_server_with_https(pytester: pytest.Pytester) -> None:
    """The file of its authority is an option, or an ini value that starts at the root."""
    ca = pytester.path / "ca.pem"
    with LiveServer(scenario="demo", tls=True, tls_ca=ca) as live:
        options = ("--ocp-url", live.url)
        run(pytester, TESTS, *options, "--ocp-ca", str(ca)).assert_outcomes(passed=1)
        pytester.makeini("[pytest]\nocp_ca = ca.pem\n")
        run(pytester, TESTS, *options).assert_outcomes(passed=1)
