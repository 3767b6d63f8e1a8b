"""Where a world is, who asks, how it begins, and what is said of it at its end."""

import contextlib
from email.utils import formatdate
from pathlib import Path

import pytest
import requests

from harness_builders import FAILED, LIST, call, retry
from understudy.control.client import ControlError
from understudy.errors import InputError
from understudy.harness import FoundError, Ocp, OcpServer
from understudy.harness.failure_artifacts import (
    ArtifactLocation,
    build_file_name,
    build_replay_scenario,
)
from understudy.live import LiveServer
from understudy.messages import Request
from understudy.ocp import signature_of


def test_world_is_selected_by_url_and_by_credentials(server: OcpServer, ocp: Ocp) -> None:
    """Both select the same world."""
    assert retry(ocp).status_code == 200
    assert (
        call(ocp, f"{LIST}/{FAILED}", base=f"http://{ocp.address}").json()["data"]["status"]
        == "RUNNING"
    )
    assert ocp.auth == (f"admin+{ocp.name}", "admin")
    assert [exchange.operation for exchange in ocp.calls] == ["retryTask", "getTaskInstance"]
    with server.world() as second:
        assert (second.calls, call(second, f"{LIST}/{FAILED}").json()["data"]["status"]) == (
            (),
            "FAILED",
        )


def test_other_account_has_its_own_permissions(ocp: Ocp) -> None:
    """An unknown account is reported with the nearest name."""
    viewer = ocp.as_("viewer")
    assert (viewer.url, viewer.auth) == (ocp.url, (f"viewer+{ocp.name}", "viewer"))
    assert retry(viewer).status_code == 403
    assert [exchange.account for exchange in ocp.calls] == ["viewer"]
    with pytest.raises(LookupError, match=r'no account "viewr". Did you mean "viewer"?'):
        ocp.as_("viewr")


def test_signed_request_selects_its_world(ocp: Ocp) -> None:
    """The access key names the world; an account without a key raises."""
    key, secret = ocp.access_key
    headers = {"Date": formatdate(usegmt=True), "Host": ocp.address, "Accept": "*/*"}
    message = Request.of("GET", LIST, headers=list(headers.items()))
    headers["Authorization"] = f"OCP-ACCESS-KEY-HMACSHA1 {key}:{signature_of(message, secret)}"
    assert (
        requests.get(f"http://{ocp.address}{LIST}", headers=headers, timeout=5).status_code == 200
    )
    assert ocp.calls[-1].account == "admin"
    with pytest.raises(
        LookupError, match=r'the account "nobody" has no access key, so it cannot sign requests$'
    ):
        _ = ocp.as_("nobody").access_key


@pytest.mark.parametrize(
    "scenario",
    [
        "upgrade",
        Path("scenarios/upgrade.yaml"),
        "scenarios/upgrade.yaml",
        {"name": "upgrade", "tasks": [{"id": 77}]},
    ],
)
def test_world_starts_from_any_scenario(
    server: OcpServer, scenario: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The scenario is a name, a path or a mapping."""
    monkeypatch.chdir(Path(__file__).parents[3])
    with server.world(scenario=scenario) as ocp:  # type: ignore[arg-type]
        assert FAILED not in ocp.tasks
        assert len(ocp.tasks) >= 1


def test_world_has_its_own_clock_dialect_and_seed(server: OcpServer) -> None:
    """A speed without a clock selects the real clock."""
    with server.world(clock="per-call", dialect="observed", seed=5) as ocp:
        seen = call(ocp, f"{LIST}/{FAILED}").json()
        assert "downstreams" in seen["data"]["subtasks"][0]
        assert ocp.clock.mode == "per-call"
        trace = seen["traceId"]
    with server.world(clock="per-call", seed=6) as ocp:
        assert call(ocp, f"{LIST}/{FAILED}").json()["traceId"] != trace
    with server.world(speed=60) as ocp:
        assert ocp.clock.mode == "real"


def test_wrong_world_arguments_are_reported(server: OcpServer, tmp_path: Path) -> None:
    """The error names the nearest scenario, or the line of the file."""
    with pytest.raises(ControlError, match=r'no scenario "upgrad". Did you mean "upgrade"?'):
        server.world(scenario="upgrad")
    path = tmp_path / "mine.yaml"
    path.write_text("understudy: 1\ntaks: []\n")
    with pytest.raises(
        InputError, match=r'mine.yaml:2:1: unknown key "taks". Did you mean "tasks"?'
    ):
        server.world(scenario=path)
    with pytest.raises(InputError, match=r"mine2.yaml"):
        server.world(scenario=tmp_path / "mine2.yaml")
    with pytest.raises(ControlError, match=r"dialect"):
        server.world(dialect="observd")


def test_unknown_settings_are_reported() -> None:
    """All of them are reported, each with the nearest name."""
    with pytest.raises(InputError) as caught:
        OcpServer(sed=7, dialct="observed")
    assert str(caught.value) == (
        'unknown setting "sed". Did you mean "seed"?\nunknown setting "dialct". Did you mean "dialect"?'
    )
    with pytest.raises(
        InputError, match=r"^unknown setting \"xyz\". Expected one of contract, strict_contract, "
    ):
        OcpServer(xyz=1)


def test_world_is_verified_at_the_end_of_its_block(server: OcpServer) -> None:
    """The block raises the problems, and the world is deleted."""
    with pytest.raises(FoundError) as caught, server.world("judged") as ocp:
        call(ocp, f"{LIST}?size=0")
    assert caught.value.findings[0]["place"] == "query.size"
    assert server.live is not None
    assert server.live.stub.find_world(ocp.name) is None
    assert ocp not in server.open


def test_failing_block_raises_its_own_error(server: OcpServer, tmp_path: Path) -> None:
    """The story of its world can be taken once."""
    ocp = server.world("failing")
    call(ocp, f"{LIST}?size=0")
    with pytest.raises(ZeroDivisionError), ocp:
        _ = 1 / 0
    (story,) = server.take_failures(ArtifactLocation(tmp_path, "test"))
    assert f"world {ocp.name}" in story
    assert f"GET {LIST}?size=0" in story
    assert server.take_failures(ArtifactLocation(tmp_path, "test")) == []


def test_worlds_of_nested_blocks_are_saved_together(server: OcpServer, tmp_path: Path) -> None:
    """Each world has its own file; worlds of an earlier error are not saved."""
    with contextlib.suppress(KeyError), server.world("before", scenario="upgrade"):
        raise KeyError
    with (
        contextlib.suppress(KeyError),
        server.world("outer"),
        server.world("inner", scenario="rollback-fails"),
    ):
        raise KeyError
    inner, outer = server.take_failures(ArtifactLocation(tmp_path, "test"))
    assert ("world inner-" in inner, "world outer-" in outer) == (True, True)
    assert "name: rollback-fails" in (tmp_path / "test.yaml").read_text("utf-8")
    assert "name: demo" in (tmp_path / "test-2.yaml").read_text("utf-8")


def test_commands_name_the_contract_of_the_world(root: Path, tmp_path: Path) -> None:
    """Contract, overlays and dialect are options of `understudy serve`; each world has its own file."""
    contract = tmp_path / "other one.yaml"
    contract.write_bytes((root / "openapi.yaml").read_bytes())
    with OcpServer(contract=contract, dialect="observed") as server, server.world() as ocp:
        place = ArtifactLocation(
            tmp_path / "kept", "sub/test_a.py::test_b", "test_a.py::test_b", tmp_path
        )
        run, look = ocp.to_saved_world().save(place, 2).splitlines()[-2:]
    assert (
        run
        == "run it again: pytest test_a.py::test_b --ocp-replay kept/sub-test_a.py-test_b-2.yaml"
    )
    assert look.replace(str(tmp_path), "HERE") == (
        "look at it:   understudy serve --contract 'HERE/other one.yaml' --dialect observed --auth off"
        " --scenario kept/sub-test_a.py-test_b-2.yaml"
    )
    assert (tmp_path / "kept" / "sub-test_a.py-test_b-2.yaml").is_file()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("a.py::t[<]", "a.py::t[>]"),
        ("a.py::t[..]", "a.py::t"),
        ("a.py::t[a/b]", "a.py::t[a-b]"),
        (f"a.py::t[1{'x' * 200}]", f"a.py::t[2{'x' * 200}]"),
    ],
)
def test_file_names_of_tests_are_unique(first: str, second: str) -> None:
    """Names that differ only in characters that a file name cannot have get a hash."""
    assert build_file_name(first) != build_file_name(second)
    assert max(len(build_file_name(first)), len(build_file_name(second))) < 150
    assert (
        build_file_name("tests/test_a.py::TestA::test_b[c-1.5]")
        == "tests-test_a.py-TestA-test_b-c-1.5"
    )


WORLD = (
    "{turns: 0, scenario: x, start: 3, clock: {}, checkpoint: null, folded: 0, commands: [], "
    "windows: {}, counters: {}, added: {}, settings: {}}"
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "",
            'saved.yaml:1:1: the file is empty. Expected a mapping that begins with "understudy: 1".',
        ),
        (
            "- a",
            'saved.yaml:1:1: the file is a list. Expected a mapping that begins with "understudy: 1".',
        ),
        ("understudy: 1\nworld: {}", 'saved.yaml:2:8: missing key "clock". Expected clock: ….'),
        (
            "understudy: 1\nclock: virtual",
            'saved.yaml:2:8: "clock" is "virtual". Expected a mapping.',
        ),
        (
            f"understudy: 1\nworld: {WORLD}",
            "saved.yaml: the section world has no start time or no clock mode. ",
        ),
    ],
)
def test_wrong_saved_world_is_reported(tmp_path: Path, text: str, message: str) -> None:
    """The problem has its place."""
    path = tmp_path / "saved.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError) as caught:
        build_replay_scenario(path, [])
    lines = str(caught.value).replace(f"{tmp_path}/", "").splitlines()
    assert [line for line in lines if line.startswith(message)] != []


def test_expected_violation_works_as_a_block(server: OcpServer) -> None:
    """A violation that does not occur is reported too."""
    with server.world() as ocp, ocp.expect_violation("query.size"):
        call(ocp, f"{LIST}?size=0")
    with (
        pytest.raises(FoundError, match="did not occur"),
        server.world() as ocp,
        ocp.expect_violation("query.size"),
    ):
        pass


def test_speed_needs_a_real_clock(server: OcpServer) -> None:
    """A speed without a clock selects the real clock."""
    with pytest.raises(InputError, match="speed= needs a real clock, and the clock is virtual"):
        server.world(clock="virtual", speed=60)
    with server.world(speed=60) as ocp:
        assert ocp.clock.now <= ocp.clock.now


def test_stopped_server_does_not_hide_the_error_of_a_block() -> None:
    """The world cannot be deleted, and the block still raises its own error."""
    with LiveServer(scenario="demo") as live:
        ocp = OcpServer(url=live.url).world()
    with pytest.raises(ZeroDivisionError), ocp:
        _ = 1 / 0


def test_expected_violation_allows_one_call(server: OcpServer) -> None:
    """The next one is reported, and so is a violation that does not occur."""
    with server.world() as ocp:
        ocp.expect_violation("query.size")
        call(ocp, f"{LIST}?size=0&status=NO")
    twice = server.world()
    twice.expect_violation()
    call(twice, f"{LIST}?size=0")
    call(twice, f"{LIST}?size=0")
    with pytest.raises(FoundError, match=r"1 problem"), twice:
        pass
    with (
        pytest.raises(FoundError, match=r'expected violation did not occur: "query.size"'),
        server.world() as ocp,
    ):
        ocp.expect_violation("query.size")


def test_lenient_world_reports_no_problems(server: OcpServer) -> None:
    """A world or a whole server can be lenient."""
    with server.world(strict=False) as ocp:
        call(ocp, "/nowhere")
    with OcpServer(strict=False) as lenient, lenient.world() as ocp:
        call(ocp, "/nowhere")


def test_open_worlds_are_verified_when_the_server_stops(tmp_path: Path) -> None:
    """All are closed; the first error is raised with the others as notes; each has its story."""
    server = OcpServer().start()
    good, bad, worse = server.world("good"), server.world("bad"), server.world("worse")
    call(bad, f"{LIST}?size=0")
    call(worse, f"{LIST}?page=0")
    with pytest.raises(FoundError, match=r"in the world bad-") as caught:
        server.stop()
    (note,) = caught.value.__notes__
    assert "in the world worse-" in note
    stories = server.take_failures(ArtifactLocation(tmp_path, "test"))
    assert [story.partition("-")[0] for story in stories] == ["world bad", "world worse"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["test-2.yaml", "test.yaml"]
    assert server.open == ()
    good.close()


def test_shared_server_has_private_worlds() -> None:
    """Tasks, clock, rules, calls and verification work over HTTP."""
    with (
        LiveServer(scenario="demo", token="let-me-in") as live,
        OcpServer(url=live.url, token="let-me-in") as server,
    ):
        ocp = server.world("shared", scenario="upgrade")
        assert ocp.clock.mode == "virtual"
        task = ocp.task("Mine", ocp.subtask("One", takes=30))
        ocp.clock.advance_until(task.finished)
        assert call(ocp, f"{LIST}/{task.id}").json()["data"]["status"] == "SUCCESSFUL"
        with pytest.raises(FoundError, match=r"query.size"), ocp:
            call(ocp, f"{LIST}?size=0")
        assert live.stub.find_world(ocp.name) is None
        with pytest.raises(ControlError, match=r"401 token-needed"):
            OcpServer(url=live.url, token="wrong").world(seed=1)


def test_story_says_that_the_server_is_gone(tmp_path: Path) -> None:
    """No file is written, and nothing raises."""
    with OcpServer() as server:
        unreachable = OcpServer(url=server.url).world("lost", seed=1)
        call(unreachable)
    story = unreachable.to_saved_world().save(ArtifactLocation(tmp_path, "test"))
    assert story.startswith(
        f"world {unreachable.name}: its calls cannot be read: {server.url} cannot be reached: "
    )
    assert list(tmp_path.iterdir()) == []


def test_contract_without_accounts_has_worlds(tmp_path: Path) -> None:
    """There are no credentials, and reading tasks raises an error that says why."""
    path = tmp_path / "pets.yaml"
    path.write_text(
        "openapi: 3.1.0\ninfo: {title: Pets, version: '1'}\npaths:\n  /pets:\n    get:\n      operationId: listPets\n"
        "      responses:\n        '200':\n          description: ok\n"
        "          content: {application/json: {schema: {type: array}, example: [1]}}\n"
    )
    with OcpServer(contract=path) as server, server.world() as ocp:
        assert ocp.auth == ("", "")
        assert requests.get(f"{ocp.url}/pets", timeout=5).json() == [1]
        assert len(ocp.assert_called("listPets", times=1)) == 1
        with pytest.raises(ControlError, match=r"there are no tasks in it"):
            ocp.tasks[1]


def test_block_on_a_stopped_server_raises_its_own_error() -> None:
    """The story says that the calls cannot be read."""
    with LiveServer(scenario="demo") as live:
        server = OcpServer(url=live.url)
        ocp = server.world("left")
    with pytest.raises(ZeroDivisionError), ocp:
        _ = 1 / 0
    (story,) = server.take_failures(ArtifactLocation(Path(), "test"))
    assert story.startswith(
        f"world {ocp.name}: its calls cannot be read: {live.url} cannot be reached"
    )


def test_shared_server_starts_worlds_with_the_overrides() -> None:
    """Arguments of a world take precedence."""
    with (
        LiveServer(scenario="demo") as live,
        OcpServer(url=live.url, scenario="upgrade", dialect="observed", seed=7) as server,
    ):
        with (
            server.world() as first,
            server.world() as second,
            server.world(scenario="empty", seed=8) as third,
        ):
            assert (first.tasks.keys() == second.tasks.keys(), len(third.tasks)) == (True, 0)
            assert "parallelIdx" in str(
                first.requests().get(f"{LIST}/{next(iter(first.tasks))}").json()
            )
            seeds = [
                "seed: 7" in first.export_scenario(),
                "seed: 7" in second.export_scenario(),
                "seed: 8" in third.export_scenario(),
            ]
        assert seeds == [True, True, True]
