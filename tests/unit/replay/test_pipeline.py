"""The pipeline, with no server at all."""

import base64
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from understudy.config import Settings, ValidateRequest
from understudy.errors import InputError
from understudy.messages import Request, Response, dump_json
from understudy.replay import Stub

LIST = "/api/v2/tasks/instances"


def ask(
    stub: Stub, method: str, target: str, *, user: str = "admin:admin", **headers: str
) -> Response:
    token = base64.b64encode(user.encode()).decode()
    return stub.handle(
        Request.of(method, target, headers=[("Authorization", f"Basic {token}"), *headers.items()])
    )


@pytest.fixture(scope="module")
def stub() -> Stub:
    """The demo under a virtual clock."""
    return Stub(Settings(clock="virtual"))


def test_same_calls_same_bytes() -> None:
    """Same scenario, same seed, same calls in the same order: the bytes are the same, timestamps and traces too."""
    calls = [
        ("GET", LIST),
        ("POST", f"{LIST}/35000312/retry"),
        ("GET", f"{LIST}/35000312"),
        ("GET", "/no/such"),
    ]
    runs = []
    for _ in range(2):
        stub = Stub(Settings(clock="virtual"))
        runs.append([ask(stub, *call).body for call in calls])
    assert runs[0] == runs[1]


def test_another_seed_gives_other_traces() -> None:
    """The seed is what makes them."""
    traces = {
        ask(Stub(Settings(clock="virtual", seed=seed)), "GET", LIST).json()["traceId"]
        for seed in (1, 2)
    }
    assert len(traces) == 2


def test_a_refused_command_is_not_remembered(stub: Stub) -> None:
    """The state stays what it was, and a query writes nothing."""
    world = stub.world("refused")
    before = world.model()
    assert ask(stub, "POST", f"/w/refused{LIST}/1000/retry").status == 400
    assert ask(stub, "GET", f"/w/refused{LIST}").status == 200
    assert world.model() == before


def test_a_world_is_materialised_again_from_its_commands(stub: Stub) -> None:
    """The cache is never the truth: without it, the same model comes out."""
    world = stub.world("again")
    ask(stub, "POST", f"/w/again{LIST}/35000312/retry")
    before = dict(world.model().tasks)
    world._models.clear()
    assert dict(world.model().tasks) == before
    assert before[35000312].status.value == "RUNNING"


def test_a_reset_goes_back_to_the_start(stub: Stub) -> None:
    """The journal is empty, and the task has failed again."""
    ask(stub, "POST", f"/w/reset{LIST}/35000312/retry")
    world = stub.world("reset")
    world.reset()
    assert (world.journal.exchanges(), world.model().tasks[35000312].status.value) == ((), "FAILED")


def test_exactly_one_of_many_threads_wins(stub: Stub) -> None:
    """A command that is allowed once is accepted once."""
    statuses: list[int] = []
    threads = [
        threading.Thread(
            target=lambda: statuses.append(
                ask(stub, "POST", f"/w/race{LIST}/35000312/retry").status
            )
        )
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [400] * 7


def test_the_journal_tells_what_happened(stub: Stub) -> None:
    """Operation, account and violations of each exchange."""
    ask(stub, "GET", f"/w/told{LIST}?size=0&sise=1", user="viewer:viewer")
    (exchange,) = stub.world("told").journal.exchanges()
    assert (exchange.operation, exchange.account, exchange.response.status) == (
        "listTaskInstances",
        "viewer",
        400,
    )
    assert [
        word in "\n".join(exchange.violations)
        for word in ("query.size", "sise", "task-management.md:")
    ] == [True] * 3


def test_what_is_told_of_a_violation_holds_no_secret() -> None:
    """The value of a parameter whose name says that it is one; that of another is told."""
    stub = Stub(Settings(clock="virtual"))
    ask(stub, "GET", f"{LIST}?token=hush&api-key=hush&plain=loud")
    (last,) = stub.worlds()[0].journal.exchanges()
    told = dump_json(last.to_record()).decode()
    assert [breach.place for breach in last.recorded_violations] == [
        "query.token",
        "query.api-key",
        "query.plain",
    ]
    assert ("hush" in told, "loud" in told, told.count("<redacted:")) == (False, True, 5)


def test_report_answers_what_enforce_refuses() -> None:
    """The violation is in the journal; an id that cannot be read is refused all the same."""
    stub = Stub(Settings(clock="virtual", validate_request=ValidateRequest.REPORT))
    assert ask(stub, "GET", f"{LIST}?size=2001").status == 200
    assert stub.world().journal.exchanges()[0].violations
    assert ask(stub, "GET", f"{LIST}/abc").status == 400
    quiet = Stub(Settings(clock="virtual", validate_request=ValidateRequest.OFF))
    assert ask(quiet, "GET", f"{LIST}?size=2001").status == 200
    assert quiet.world().journal.exchanges()[0].violations == ()


def test_there_is_room_for_so_many_worlds() -> None:
    """One more is a problem of the tool; a dropped world makes room."""
    stub = Stub(Settings(clock="virtual", max_worlds=2))
    assert [ask(stub, "GET", f"/w/{name}{LIST}").status for name in ("a", "b", "c")] == [
        200,
        200,
        503,
    ]
    stub.drop("a")
    assert ask(stub, "GET", f"/w/c{LIST}").status == 200


PETS: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Pets", "version": "1"},
    "paths": {
        "/pets": {
            "get": {
                "operationId": "listPets",
                "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 10}}],
                "responses": {
                    "200": {
                        "description": "ok",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/Pet"},
                                }
                            }
                        },
                    }
                },
            }
        },
        "/pets/{id}": {
            "get": {
                "operationId": "getPet",
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
                "responses": {
                    "200": {
                        "description": "ok",
                        "content": {
                            "application/json": {
                                "schema": {"$ref": "#/components/schemas/Pet"},
                                "example": {"id": 1, "name": "Rex"},
                            }
                        },
                    }
                },
            },
            "delete": {"operationId": "dropPet", "responses": {"204": {"description": "gone"}},
                       "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}]},
        },
    },
    "components": {
        "schemas": {
            "Pet": {
                "type": "object",
                "required": ["id", "name"],
                "properties": {"id": {"type": "integer", "minimum": 1}, "name": {"type": "string", "minLength": 1}},
            }
        }
    },
}  # fmt: skip


@pytest.fixture
def pets(tmp_path: Path) -> Stub:
    """A contract that no service knows."""
    path = tmp_path / "pets.json"
    path.write_bytes(dump_json(PETS))
    return Stub(Settings(contract=path))


def test_a_contract_without_a_service_is_answered_by_examples_and_samples(pets: Stub) -> None:
    """The example where there is one, else data that validates; nobody has to log in."""
    assert pets.handle(Request.of("GET", "/pets/1")).json() == {"id": 1, "name": "Rex"}
    listed = pets.handle(Request.of("GET", "/pets"))
    assert (listed.status, listed.json()[0]["id"] >= 1) == (200, True)
    dropped = pets.handle(Request.of("DELETE", "/pets/1"))
    assert (dropped.status, dropped.body, [name for name, _ in dropped.headers]) == (
        204,
        b"",
        ["Date"],
    )


def test_the_date_is_the_worlds(stub: Stub) -> None:
    """Like every time that an answer shows."""
    answer = ask(stub, "GET", f"/w/dated{LIST}")
    assert answer.headers.get("Date") == "Wed, 25 Aug 2021 07:09:31 GMT"


@pytest.mark.parametrize(
    ("method", "target", "status", "words"),
    [
        ("GET", "/pets?limit=11", 400, "query.limit"),
        ("GET", "/pets/rex", 400, "path.id"),
        ("GET", "/pts", 404, 'Did you mean \\"/pets\\"?'),
        ("POST", "/pets", 405, "GET"),
    ],
)
def test_a_contract_without_a_service_refuses_in_problems(
    pets: Stub, method: str, target: str, status: int, words: str
) -> None:
    """RFC 9457, with what is wrong."""
    answer = pets.handle(Request.of(method, target))
    assert (answer.status, answer.headers.get("Content-Type")) == (
        status,
        "application/problem+json",
    )
    assert words in answer.body.decode()


def test_an_example_that_breaks_its_schema_is_served_and_noted(tmp_path: Path) -> None:
    """It is the contract's own word, not our bug."""
    document = {**PETS, "paths": {"/pets/{id}": dict(PETS["paths"]["/pets/{id}"])}}
    media = {"schema": {"$ref": "#/components/schemas/Pet"}, "example": {"id": 0, "name": "Rex"}}
    get = {**PETS["paths"]["/pets/{id}"]["get"]}
    get["responses"] = {"200": {"description": "ok", "content": {"application/json": media}}}
    document["paths"]["/pets/{id}"]["get"] = get
    path = tmp_path / "pets.json"
    path.write_bytes(dump_json(document))
    stub = Stub(Settings(contract=path))
    assert stub.handle(Request.of("GET", "/pets/1")).json() == {"id": 0, "name": "Rex"}
    assert "/id" in stub.world().journal.exchanges()[0].violations[0]


@pytest.mark.parametrize(
    ("media_type", "body"),
    [("text/plain", b"okay"), ("application/json", b'"okay"'), ("text/csv", b"okay")],
)
def test_a_text_is_sent_as_its_media_type_wants_it(
    tmp_path: Path, media_type: str, body: bytes
) -> None:
    """In quotes only where it is JSON."""
    content = {media_type: {"schema": {"type": "string"}, "example": "okay"}}
    answers = {"200": {"description": "ok", "content": content}}
    document = {
        **PETS,
        "paths": {"/status": {"get": {"operationId": "getStatus", "responses": answers}}},
    }
    path = tmp_path / "pets.json"
    path.write_bytes(dump_json(document))
    answer = Stub(Settings(contract=path)).handle(Request.of("GET", "/status"))
    assert (answer.body, answer.headers.get("Content-Type")) == (body, media_type)


def test_a_contract_that_lacks_what_the_service_answers_is_refused(tmp_path: Path) -> None:
    """With the place of the service's name."""
    path = tmp_path / "pets.json"
    path.write_bytes(dump_json({**PETS, "info": {**PETS["info"], "x-understudy-service": "ocp"}}))
    with pytest.raises(
        InputError, match=r"pets\.json:1:\d+: the contract lacks operations .* cancelSubtask"
    ):
        Stub(Settings(contract=path))


def test_an_unknown_service_is_refused(tmp_path: Path) -> None:
    """With the nearest name and the place."""
    path = tmp_path / "pets.json"
    path.write_bytes(dump_json({**PETS, "info": {**PETS["info"], "x-understudy-service": "ocpp"}}))
    with pytest.raises(
        InputError,
        match=r'pets\.json:1:\d+: unknown service "ocpp".*Did you mean "ocp"',
    ):
        Stub(Settings(contract=path))


def test_an_answer_of_ours_that_breaks_the_contract_is_loud(tmp_path: Path, root: Path) -> None:
    """500, a problem, with the violation: here, an overlay asks for a field that the service does not know."""
    overlay = tmp_path / "more.yaml"
    overlay.write_text(
        "overlay: 1.0.0\ninfo: {title: t, version: '1'}\nactions:\n"
        "  - target: $.components.schemas.GetSubtaskLogData\n    description: d\n"
        "    update: {required: [colour], properties: {colour: {type: string}}}\n"
    )
    stub = Stub(Settings(clock="virtual", overlays=(overlay,)))
    answer = ask(stub, "GET", f"{LIST}/1000/subtasks/10001/log")
    assert (answer.status, answer.headers.get("Content-Type")) == (500, "application/problem+json")
    assert (answer.json()["type"], "colour" in answer.json()["detail"]) == (
        "urn:understudy:problem:stub-broke-contract",
        True,
    )


def test_the_model_starts_where_the_clock_does(stub: Stub) -> None:
    """Under the virtual clock, nothing is newer than the world's moment."""
    world = stub.world("clock")
    now, platform = world.now(), world.model()
    assert all(
        platform.time_mapping.to_world_time(task.create_time) <= now
        for task in platform.tasks.values()
    )
    assert now < datetime(2100, 1, 1, tzinfo=UTC)
