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
from understudy.harness.failure_artifacts import ArtifactLocation, build_file_name
from understudy.live import LiveServer
from understudy.messages import Request
from understudy.ocp import signature_of


def test_a_world_is_found_by_url_and_by_address(server: OcpServer, ocp: Ocp) -> None:
    """With the same credentials; both are the same world."""
    assert retry(ocp).status_code == 200
    assert (
        call(ocp, f"{LIST}/{FAILED}", base=f"http://{ocp.address}").json()["data"]["status"]
        == "RUNNING"
    )
    assert ocp.auth == (f"admin+{ocp.name}", "admin")
    assert [one.operation for one in ocp.calls] == ["retryTask", "getTaskInstance"]
    with server.world() as other:
        assert (other.calls, call(other, f"{LIST}/{FAILED}").json()["data"]["status"]) == (
            (),
            "FAILED",
        )


def test_another_account_sees_the_same_world(ocp: Ocp) -> None:
    """It may do less; a name that nobody has is told with the nearest."""
    viewer = ocp.as_("viewer")
    assert (viewer.url, viewer.auth) == (ocp.url, (f"viewer+{ocp.name}", "viewer"))
    assert retry(viewer).status_code == 403
    assert [one.account for one in ocp.calls] == ["viewer"]
    with pytest.raises(LookupError, match=r'no account "viewr". Did you mean "viewer"?'):
        ocp.as_("viewr")


def test_a_signed_call_finds_the_world(ocp: Ocp) -> None:
    """The access key carries it; an account without one is told."""
    key, secret = ocp.access_key
    headers = {"Date": formatdate(usegmt=True), "Host": ocp.address, "Accept": "*/*"}
    message = Request.of("GET", LIST, headers=list(headers.items()))
    headers["Authorization"] = f"OCP-ACCESS-KEY-HMACSHA1 {key}:{signature_of(message, secret)}"
    assert (
        requests.get(f"http://{ocp.address}{LIST}", headers=headers, timeout=5).status_code == 200
    )
    assert ocp.calls[-1].account == "admin"
    with pytest.raises(LookupError, match=r'the account "nobody" has no access key'):
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
def test_a_world_begins_with_any_scenario(
    server: OcpServer, scenario: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name of the library, a path, or the data itself."""
    monkeypatch.chdir(Path(__file__).parents[3])
    with server.world(scenario=scenario) as ocp:  # type: ignore[arg-type]
        assert FAILED not in ocp.tasks
        assert len(ocp.tasks) >= 1


def test_a_world_begins_as_it_is_told(server: OcpServer) -> None:
    """Clock, dialect and seed of its own."""
    with server.world(clock="per-call", dialect="observed", seed=5) as ocp:
        seen = call(ocp, f"{LIST}/{FAILED}").json()
        assert "downstreams" in seen["data"]["subtasks"][0]
        assert ocp.clock.mode == "per-call"
        trace = seen["traceId"]
    with server.world(clock="per-call", seed=6) as ocp:
        assert call(ocp, f"{LIST}/{FAILED}").json()["traceId"] != trace
    with server.world(speed=60) as ocp:
        assert ocp.clock.mode == "real"


def test_what_cannot_begin_is_told(server: OcpServer, tmp_path: Path) -> None:
    """A name with the nearest; a file with its line; nothing is left behind."""
    with pytest.raises(ControlError, match=r'no scenario "upgrad". Did you mean "upgrade"?'):
        server.world(scenario="upgrad")
    path = tmp_path / "mine.yaml"
    path.write_text("understudy: 1\ntaks: []\n")
    with pytest.raises(
        InputError, match=r'mine.yaml:2:1: there is no key "taks" here. Did you mean "tasks"?'
    ):
        server.world(scenario=path)
    with pytest.raises(InputError, match=r"mine2.yaml"):
        server.world(scenario=tmp_path / "mine2.yaml")
    with pytest.raises(ControlError, match=r"dialect"):
        server.world(dialect="observd")


def test_settings_that_nobody_knows_are_told() -> None:
    """Each of them, with the nearest name."""
    with pytest.raises(InputError) as caught:
        OcpServer(sed=7, dialct="observed")
    assert str(caught.value) == (
        'there is no setting "sed". Did you mean "seed"?\nthere is no setting "dialct". Did you mean "dialect"?'
    )
    with pytest.raises(
        InputError, match=r"^there is no setting \"xyz\". Expected one of contract, overlays, "
    ):
        OcpServer(xyz=1)


def test_a_block_is_judged_at_its_end(server: OcpServer) -> None:
    """What its client did against the contract is raised; the world is gone."""
    with pytest.raises(FoundError) as caught, server.world("judged") as ocp:
        call(ocp, f"{LIST}?size=0")
    assert caught.value.findings[0]["place"] == "query.size"
    assert server.live is not None
    assert server.live.stub.find_world(ocp.name) is None
    assert ocp not in server.open


def test_a_block_that_fails_hides_nothing(server: OcpServer, tmp_path: Path) -> None:
    """Its own error is raised, not the verdict; its story can be taken once."""
    ocp = server.world("failing")
    call(ocp, f"{LIST}?size=0")
    with pytest.raises(ZeroDivisionError), ocp:
        _ = 1 / 0
    (story,) = server.take_failures(ArtifactLocation(tmp_path, "test"))
    assert f"world {ocp.name}" in story
    assert f"GET {LIST}?size=0" in story
    assert server.take_failures(ArtifactLocation(tmp_path, "test")) == []


def test_blocks_around_one_that_fails_are_told_with_it(server: OcpServer, tmp_path: Path) -> None:
    """Each with a file of its own; what has failed before, with another error, is not."""
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


def test_the_lines_name_what_a_world_was_made_of(root: Path, tmp_path: Path) -> None:
    """Contract, overlays and dialect: without them another server would be looked at. Each world has its own file."""
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
def test_tests_have_files_of_their_own(first: str, second: str) -> None:
    """Also where their names differ only in what no file name can hold, or in what is cut off."""
    assert build_file_name(first) != build_file_name(second)
    assert max(len(build_file_name(first)), len(build_file_name(second))) < 150
    assert (
        build_file_name("tests/test_a.py::TestA::test_b[c-1.5]")
        == "tests-test_a.py-TestA-test_b-c-1.5"
    )


def test_a_violation_may_be_expected_by_a_block(server: OcpServer) -> None:
    """As a sentence; what did not come is told all the same."""
    with server.world() as ocp, ocp.expect_violation("query.size"):
        call(ocp, f"{LIST}?size=0")
    with (
        pytest.raises(FoundError, match="did not come"),
        server.world() as ocp,
        ocp.expect_violation("query.size"),
    ):
        pass


def test_a_clock_that_stands_has_no_speed(server: OcpServer) -> None:
    """A speed without a clock means the real one."""
    with pytest.raises(InputError, match="a clock that is virtual has no speed"):
        server.world(clock="virtual", speed=60)
    with server.world(speed=60) as ocp:
        assert ocp.clock.now <= ocp.clock.now


def test_a_server_that_has_gone_hides_no_failure() -> None:
    """What the block fails for is told, not that its world cannot be forgotten."""
    with LiveServer(scenario="demo") as live:
        ocp = OcpServer(url=live.url).world()
    with pytest.raises(ZeroDivisionError), ocp:
        _ = 1 / 0


def test_one_call_is_excused(server: OcpServer) -> None:
    """The next one is not; one that was expected and did not come is a problem."""
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
        pytest.raises(FoundError, match=r'expected violation did not come: "query.size"'),
        server.world() as ocp,
    ):
        ocp.expect_violation("query.size")


def test_a_lenient_world_is_not_judged(server: OcpServer) -> None:
    """By its own word; a server can be lenient for all."""
    with server.world(strict=False) as ocp:
        call(ocp, "/nowhere")
    with OcpServer(strict=False) as lenient, lenient.world() as ocp:
        call(ocp, "/nowhere")


def test_worlds_that_are_left_open_are_judged_at_the_end(tmp_path: Path) -> None:
    """When the server stops: all are closed, the first that is bad is raised, others are noted; each has its story."""
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


def test_a_server_that_runs_already_is_shared() -> None:
    """Its worlds are driven over HTTP: tasks, clock, rules, calls and the verdict."""
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


def test_a_server_that_has_gone_leaves_a_story(tmp_path: Path) -> None:
    """Whoever reports a failed test hears why there is no other one; that must not end the run."""
    with OcpServer() as server:
        lost = OcpServer(url=server.url).world("lost", seed=1)
        call(lost)
    told = lost.to_saved_world().save(ArtifactLocation(tmp_path, "test"))
    assert told.startswith(
        f"world {lost.name}: nobody can tell what happened in it: {server.url} cannot be reached: "
    )
    assert list(tmp_path.iterdir()) == []


def test_a_contract_without_accounts_has_worlds_as_well(tmp_path: Path) -> None:
    """No credentials; asking for tasks says that there are none."""
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


def test_a_server_that_goes_away_hides_no_error_of_a_block() -> None:
    """The block's own error is raised; the story says that nobody can tell, and closing is no error."""
    with LiveServer(scenario="demo") as live:
        server = OcpServer(url=live.url)
        ocp = server.world("left")
    with pytest.raises(ZeroDivisionError), ocp:
        _ = 1 / 0
    (story,) = server.take_failures(ArtifactLocation(Path(), "test"))
    assert story.startswith(
        f"world {ocp.name}: nobody can tell what happened in it: {live.url} cannot be reached"
    )


def test_a_server_that_runs_already_begins_worlds_as_told() -> None:
    """With the scenario, dialect and seed of whoever uses it; a world's own words count before."""
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
                "seed: 7" in first.exported(),
                "seed: 7" in second.exported(),
                "seed: 8" in third.exported(),
            ]
        assert seeds == [True, True, True]
