"""What all calls of the control API have in common: routing, validation and problems."""

import pytest

from control_builders import StubDriver
from understudy.messages import Response


@pytest.fixture(scope="module")
def driver() -> StubDriver:
    return StubDriver()


def test_unknown_route_is_not_found(driver: StubDriver) -> None:
    """The nearest path is suggested."""
    status, slug, detail = driver.fetch_problem("GET /clok")
    assert (status, slug) == (404, "no-such-route")
    assert detail == 'There is no route "/clok". Did you mean "/clock"?'


def test_wrong_method_lists_the_allowed_ones(driver: StubDriver) -> None:
    """It is 405 with Allow, which includes HEAD and OPTIONS."""
    answer = driver.send("PUT /clock")
    assert isinstance(answer, Response)
    assert (answer.status, answer.headers.get("Allow")) == (405, "GET, HEAD, OPTIONS")
    assert (
        driver.fetch_problem("DELETE /clock/advance")[2]
        == "/clock/advance supports POST, OPTIONS, not DELETE."
    )


def test_literal_path_precedes_a_template(driver: StubDriver) -> None:
    """`find` is not the number of an exchange."""
    assert (
        driver.fetch_problem("GET /requests/find")[2]
        == "/requests/find supports POST, OPTIONS, not GET."
    )


def test_options_lists_the_methods(driver: StubDriver) -> None:
    """It is 204 with Allow, and has no header field of CORS."""
    answer = driver.send("OPTIONS /requests")
    assert isinstance(answer, Response)
    assert (answer.status, list(answer.headers)) == (204, [("Allow", "GET, DELETE, HEAD, OPTIONS")])


def test_head_is_answered_like_get(driver: StubDriver) -> None:
    """The server leaves out the body."""
    assert driver.send("HEAD /clock") == driver.send("GET /clock")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/yaml", None]
)
def test_other_content_type_is_rejected(driver: StubDriver, kind: str | None) -> None:
    """It is 415. A form of a foreign page can only have such types."""
    headers = [("Content-Type", kind)] if kind else []
    status, slug, detail = driver.fetch_problem(
        "POST /clock/advance", b'{"by": "1s"}', headers=headers
    )
    assert (status, slug) == (415, "unsupported-media-type")
    assert detail.endswith("Expected application/json.")


def test_all_errors_are_reported_together(driver: StubDriver) -> None:
    """Each has its place, the expected value and the nearest name."""
    answer = driver.send("POST /requests/wait?limt=1", {"timeout": "soon", "stat": 404, "query": 5})
    assert isinstance(answer, Response)
    assert answer.status == 400
    errors = {error["where"]: error for error in answer.json()["errors"]}
    assert set(errors) == {"body", "body/timeout", "body/query", "query.limt"}
    assert (errors["body"]["slug"], errors["body"]["nearest"]) == ("unknown-key", "status")
    assert errors["body/timeout"]["expected"].startswith("how long to wait, at most 600s")
    assert errors["body/query"]["message"] == "invalid value 5."
    assert errors["query.limt"]["message"] == 'unknown parameter "limt".'


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (
            b"{",
            'body: invalid value "{". Expected JSON (Expecting property name enclosed in double '
            "quotes, line 1, column 2).",
        ),
        (b"[]", "body: invalid value []. Expected an object."),
        (b"{}", 'body: missing key "by".'),
        (b"", "body: missing value. Expected a body."),
        (
            b'{"by": "1 s"}',
            'body/by: invalid value "1 s". Expected a duration such as 90s, 1.5s, 300ms, 5m, 2h, '
            "1d or 1h30m.",
        ),
        (b'{"by": "1s", "wold": "w"}', 'body: unknown key "wold". Expected one of by.'),
    ],
)
def test_invalid_body_changes_nothing(driver: StubDriver, body: bytes, detail: str) -> None:
    """It is 400, and the clock does not move."""
    before = driver.fetch("GET /clock")
    problem = driver.fetch_problem(
        "POST /clock/advance", body, headers=[("Content-Type", "application/json")]
    )
    assert problem == (400, "bad-request", detail)
    assert driver.fetch("GET /clock") == before


def test_query_selects_the_world(driver: StubDriver) -> None:
    """It takes precedence over the other ways."""
    driver.fetch("POST /clock/advance?world=query", {"by": "1h"}, world="other")
    assert (
        driver.fetch("GET /clock", world="query")["now"]
        != driver.fetch("GET /clock", world="other")["now"]
    )


@pytest.mark.parametrize("name", ["%2f", "*", "-x", "a%20b", "x" * 101, "..%2f.."])
def test_invalid_world_name_in_the_query_is_rejected(driver: StubDriver, name: str) -> None:
    """It is 400."""
    assert driver.fetch_problem(f"GET /clock?world={name}")[:2] == (400, "bad-request")


def test_invalid_world_name_elsewhere_is_rejected(driver: StubDriver) -> None:
    """The slug is that of calls of the API."""
    assert driver.fetch_problem("GET /clock", world="a b")[:2] == (400, "bad-world-name")


def test_evicted_world_is_gone_until_reset() -> None:
    """Calls to it are 410, and a reset creates it anew."""
    from datetime import UTC, datetime, timedelta

    from understudy.config import Settings
    from understudy.control import Control
    from understudy.replay import Stub

    class Wall:
        moment = datetime(2026, 1, 1, tzinfo=UTC)

        def now(self) -> datetime:
            return self.moment

    wall, driver = Wall(), StubDriver()
    driver.stub = Stub(Settings(clock="virtual", max_worlds=1), wall=wall)
    driver.control = Control(driver.stub)
    driver.fetch("GET /clock", world="old")
    assert driver.fetch_problem("GET /clock", world="new")[:2] == (503, "too-many-worlds")
    wall.moment += timedelta(hours=1)
    driver.fetch("GET /clock", world="new")
    assert driver.fetch_problem("GET /clock", world="old")[:2] == (410, "world-evicted")
    wall.moment += timedelta(hours=1)
    driver.fetch("POST /reset", world="old", status=204)
    driver.fetch("GET /clock", world="old")


def test_closed_world_is_gone_until_reset_or_created(driver: StubDriver) -> None:
    """Late calls do not create it again. A world that never existed can be closed too."""
    for anew in ("POST /reset", "PUT /worlds/mine"):
        driver.fetch("GET /clock", world="mine")
        driver.fetch("DELETE /worlds/mine?closed=true", status=204)
        assert driver.fetch_problem("GET /clock", world="mine")[:2] == (410, "world-closed")
        assert driver.call("/w/mine/api/v2/tasks/instances").status == 410
        assert "mine" not in [world.name for world in driver.stub.worlds()]
        if anew == "POST /reset":
            driver.fetch(anew, world="mine", status=204)
        else:
            driver.fetch(anew, {"seed": 7})
        driver.fetch("GET /clock", world="mine")
    driver.fetch("DELETE /worlds/mine", status=204)
    driver.fetch("GET /clock", world="mine")


def test_document_is_served_as_yaml_and_json(driver: StubDriver) -> None:
    """It has the prefix of this stub."""
    from understudy.source import read_yaml

    document = driver.fetch("GET /openapi.json")
    assert document["servers"] == [{"url": "/__admin"}]
    from pathlib import Path

    assert read_yaml(Path("openapi.yaml"), text=driver.fetch("GET /openapi.yaml")).data == document


def test_health_has_the_state_of_the_server() -> None:
    """Status, contract, scenario, worlds, waiting calls and reloads."""
    driver = StubDriver()
    driver.call("/api/v2/tasks/instances")
    health = driver.fetch("GET /health")
    assert (health["status"], health["scenario"], health["worlds"]) == ("ok", "demo", 1)
    assert health["waiting"] == {"active": 0, "limit": 16, "delayed": 0}
    assert health["reload"] == {"count": 0, "problems": [], "dropped": [], "awaitingReset": []}
    assert health["version"] == driver.fetch("GET /version")["version"]
