"""What every call of the control API has in common: routing, judging, problems."""

import pytest

from control_builders import Desk
from understudy.messages import Response


@pytest.fixture(scope="module")
def desk() -> Desk:
    return Desk()


def test_an_unknown_route_is_a_problem_with_the_nearest(desk: Desk) -> None:
    """404, and the path that was meant."""
    status, slug, detail = desk.problem("GET /clok")
    assert (status, slug) == (404, "no-such-route")
    assert detail == 'There is no "/clok" here. Did you mean "/clock"?'


def test_a_wrong_method_tells_the_right_ones(desk: Desk) -> None:
    """405 with Allow, where HEAD and OPTIONS count."""
    answer = desk.send("PUT /clock")
    assert isinstance(answer, Response)
    assert (answer.status, answer.headers.get("Allow")) == (405, "GET, HEAD, OPTIONS")
    assert (
        desk.problem("DELETE /clock/advance")[2]
        == "/clock/advance knows POST, OPTIONS, not DELETE."
    )


def test_a_path_with_a_name_of_its_own_is_no_number(desk: Desk) -> None:
    """`find` is not the number of an exchange."""
    assert desk.problem("GET /requests/find")[2] == "/requests/find knows POST, OPTIONS, not GET."


def test_options_tells_the_methods_and_allows_no_page(desk: Desk) -> None:
    """204 with Allow; nothing of CORS."""
    answer = desk.send("OPTIONS /requests")
    assert isinstance(answer, Response)
    assert (answer.status, list(answer.headers)) == (204, [("Allow", "GET, DELETE, HEAD, OPTIONS")])


def test_head_is_answered_as_get_is(desk: Desk) -> None:
    """The bridge leaves the body out."""
    assert desk.send("HEAD /clock") == desk.send("GET /clock")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/yaml", None]
)
def test_a_body_of_another_type_is_refused(desk: Desk, kind: str | None) -> None:
    """415: a form of a foreign page is none of these types."""
    headers = [("Content-Type", kind)] if kind else []
    status, slug, detail = desk.problem("POST /clock/advance", b'{"by": "1s"}', headers=headers)
    assert (status, slug) == (415, "unsupported-media-type")
    assert detail.endswith("Expected application/json.")


def test_everything_that_is_wrong_is_told_at_once(desk: Desk) -> None:
    """Each with its place, what was expected, and the nearest name."""
    answer = desk.send("POST /requests/wait?limt=1", {"timeout": "soon", "stat": 404, "query": 5})
    assert isinstance(answer, Response)
    assert answer.status == 400
    errors = {error["where"]: error for error in answer.json()["errors"]}
    assert set(errors) == {"body", "body/timeout", "body/query", "query.limt"}
    assert (errors["body"]["slug"], errors["body"]["nearest"]) == ("unknown-key", "status")
    assert errors["body/timeout"]["expected"].startswith("how long to wait, at most 600s")
    assert errors["body/query"]["message"] == "it is 5."
    assert errors["query.limt"]["message"] == 'there is no parameter "limt".'


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (
            b"{",
            'body: it is "{". Expected JSON (Expecting property name enclosed in double quotes, line 1, column 2).',
        ),
        (b"[]", "body: it is []. Expected an object."),
        (b"{}", 'body: the key "by" is missing.'),
        (b"", "body: it is missing. Expected a body."),
        (
            b'{"by": "1 s"}',
            'body/by: it is "1 s". Expected a duration such as 90s, 1.5s, 300ms, 5m, 2h, 1d or 1h30m.',
        ),
        (b'{"by": "1s", "wold": "w"}', 'body: there is no "wold" here. Expected one of by.'),
    ],
)
def test_a_broken_body_is_told_and_changes_nothing(desk: Desk, body: bytes, detail: str) -> None:
    """400, in a sentence; the clock stands where it stood."""
    before = desk.ask("GET /clock")
    told = desk.problem("POST /clock/advance", body, headers=[("Content-Type", "application/json")])
    assert told == (400, "bad-request", detail)
    assert desk.ask("GET /clock") == before


def test_the_query_chooses_the_world(desk: Desk) -> None:
    """It wins over what the call asks for otherwise."""
    desk.ask("POST /clock/advance?world=told", {"by": "1h"}, world="other")
    assert (
        desk.ask("GET /clock", world="told")["now"] != desk.ask("GET /clock", world="other")["now"]
    )


@pytest.mark.parametrize("name", ["%2f", "*", "-x", "a%20b", "x" * 101, "..%2f.."])
def test_a_name_that_no_world_can_have_is_refused(desk: Desk, name: str) -> None:
    """In the query as everywhere."""
    assert desk.problem(f"GET /clock?world={name}")[:2] == (400, "bad-request")


def test_a_name_that_the_address_told_is_refused_too(desk: Desk) -> None:
    """The stub says so, as for its own calls."""
    assert desk.problem("GET /clock", world="a b")[:2] == (400, "bad-world-name")


def test_an_evicted_world_is_gone_until_it_is_reset() -> None:
    """410 for what looks at it; the reset lets it begin anew."""
    from datetime import UTC, datetime, timedelta

    from understudy.config import Settings
    from understudy.control import Control
    from understudy.replay import Stub

    class Wall:
        moment = datetime(2026, 1, 1, tzinfo=UTC)

        def now(self) -> datetime:
            return self.moment

    wall, desk = Wall(), Desk()
    desk.stub = Stub(Settings(clock="virtual", max_worlds=1), wall=wall)
    desk.control = Control(desk.stub)
    desk.ask("GET /clock", world="old")
    assert desk.problem("GET /clock", world="new")[:2] == (503, "too-many-worlds")
    wall.moment += timedelta(hours=1)
    desk.ask("GET /clock", world="new")
    assert desk.problem("GET /clock", world="old")[:2] == (410, "world-evicted")
    wall.moment += timedelta(hours=1)
    desk.ask("POST /reset", world="old", status=204)
    desk.ask("GET /clock", world="old")


def test_a_closed_world_is_gone_until_it_is_reset_or_made(desk: Desk) -> None:
    """Whoever still asks is told, and makes no new one; a world that was never there can be closed too."""
    for anew in ("POST /reset", "PUT /worlds/mine"):
        desk.ask("GET /clock", world="mine")
        desk.ask("DELETE /worlds/mine?closed=true", status=204)
        assert desk.problem("GET /clock", world="mine")[:2] == (410, "world-closed")
        assert desk.call("/w/mine/api/v2/tasks/instances").status == 410
        assert "mine" not in [world.name for world in desk.stub.worlds()]
        if anew == "POST /reset":
            desk.ask(anew, world="mine", status=204)
        else:
            desk.ask(anew, {"seed": 7})
        desk.ask("GET /clock", world="mine")
    desk.ask("DELETE /worlds/mine", status=204)
    desk.ask("GET /clock", world="mine")


def test_the_document_is_served_twice(desk: Desk) -> None:
    """As YAML and as JSON, with the prefix of this stub."""
    from understudy.source import read_yaml

    told = desk.ask("GET /openapi.json")
    assert told["servers"] == [{"url": "/__admin"}]
    from pathlib import Path

    assert read_yaml(Path("openapi.yaml"), text=desk.ask("GET /openapi.yaml")).data == told


def test_health_tells_how_it_is() -> None:
    """Status, contract, scenario, worlds, who waits, and what came of saved files."""
    desk = Desk()
    desk.call("/api/v2/tasks/instances")
    health = desk.ask("GET /health")
    assert (health["status"], health["scenario"], health["worlds"]) == ("ok", "demo", 1)
    assert health["waiting"] == {"active": 0, "limit": 16}
    assert health["reload"] == {"count": 0, "problems": [], "dropped": [], "awaitingReset": []}
    assert health["version"] == desk.ask("GET /version")["version"]
