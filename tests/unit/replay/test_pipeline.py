"""The pipeline, without a server."""

import base64
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from understudy.config import Settings, UnknownQuery, ValidateRequest
from understudy.errors import InputError
from understudy.messages import Request, Response, dump_json
from understudy.replay import Stub

LIST = "/api/v2/tasks/instances"


def send(
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
    """Same scenario, seed and calls give the same bytes. Timestamps and traces are included."""
    calls = [
        ("GET", LIST),
        ("POST", f"{LIST}/35000312/retry"),
        ("GET", f"{LIST}/35000312"),
        ("GET", "/no/such"),
    ]
    runs = []
    for _ in range(2):
        stub = Stub(Settings(clock="virtual"))
        runs.append([send(stub, *call).body for call in calls])
    assert runs[0] == runs[1]


def test_another_seed_gives_other_traces() -> None:
    """Trace ids depend on the seed."""
    traces = {
        send(Stub(Settings(clock="virtual", seed=seed)), "GET", LIST).json()["traceId"]
        for seed in (1, 2)
    }
    assert len(traces) == 2


def test_rejected_command_changes_nothing(stub: Stub) -> None:
    """A rejected command and a query leave the model as it was."""
    world = stub.world("refused")
    before = world.model()
    assert send(stub, "POST", f"/w/refused{LIST}/1000/retry").status == 400
    assert send(stub, "GET", f"/w/refused{LIST}").status == 200
    assert world.model() == before


def test_model_is_rebuilt_from_the_commands(stub: Stub) -> None:
    """Without its cache, a world builds the same model from its commands."""
    world = stub.world("again")
    send(stub, "POST", f"/w/again{LIST}/35000312/retry")
    before = dict(world.model().tasks)
    world._models.clear()
    assert dict(world.model().tasks) == before
    assert before[35000312].status.value == "RUNNING"


def test_reset_goes_back_to_the_start(stub: Stub) -> None:
    """After a reset the journal is empty, and the task has failed again."""
    send(stub, "POST", f"/w/reset{LIST}/35000312/retry")
    world = stub.world("reset")
    world.reset()
    assert (world.journal.exchanges(), world.model().tasks[35000312].status.value) == ((), "FAILED")


def test_concurrent_command_succeeds_once(stub: Stub) -> None:
    """Of eight threads that retry a task, one succeeds."""
    statuses: list[int] = []
    threads = [
        threading.Thread(
            target=lambda: statuses.append(
                send(stub, "POST", f"/w/race{LIST}/35000312/retry").status
            )
        )
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [400] * 7


def test_journal_records_operation_account_and_violations(stub: Stub) -> None:
    """An exchange has its operation, account, status and violations."""
    send(stub, "GET", f"/w/recorded{LIST}?size=0&sise=1", user="viewer:viewer")
    (exchange,) = stub.world("recorded").journal.exchanges()
    assert (exchange.operation, exchange.account, exchange.response.status) == (
        "listTaskInstances",
        "viewer",
        400,
    )
    assert [
        word in "\n".join(exchange.violations)
        for word in ("query.size", "sise", "task-management.md:")
    ] == [True] * 3


def test_violations_of_secret_parameters_are_redacted() -> None:
    """A violation redacts the value of a secret parameter, and shows any other."""
    stub = Stub(Settings(clock="virtual"))
    send(stub, "GET", f"{LIST}?token=hush&api-key=hush&plain=loud")
    (last,) = stub.worlds()[0].journal.exchanges()
    text = dump_json(last.to_record()).decode()
    assert [violation.place for violation in last.recorded_violations] == [
        "query.token",
        "query.api-key",
        "query.plain",
    ]
    assert ("hush" in text, "loud" in text, text.count("<redacted:")) == (False, True, 5)


def test_validation_modes() -> None:
    """`report` answers and records the violation, `off` answers only.

    A path id that is not a number is rejected in both.
    """
    stub = Stub(Settings(clock="virtual", validate_request=ValidateRequest.REPORT))
    assert send(stub, "GET", f"{LIST}?size=2001").status == 200
    assert stub.world().journal.exchanges()[0].violations
    assert send(stub, "GET", f"{LIST}/abc").status == 400
    quiet = Stub(Settings(clock="virtual", validate_request=ValidateRequest.OFF))
    assert send(quiet, "GET", f"{LIST}?size=2001").status == 200
    assert quiet.world().journal.exchanges()[0].violations == ()


def test_number_of_worlds_is_limited() -> None:
    """One world too many is a problem (503); dropping a world makes room."""
    stub = Stub(Settings(clock="virtual", max_worlds=2))
    assert [send(stub, "GET", f"/w/{name}{LIST}").status for name in ("a", "b", "c")] == [
        200,
        200,
        503,
    ]
    stub.drop("a")
    assert send(stub, "GET", f"/w/c{LIST}").status == 200


PET_ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
LIMIT = {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 10}}
PET = {"$ref": "#/components/schemas/Pet"}

PETS: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Pets", "version": "1"},
    "paths": {
        "/pets": {
            "get": {
                "operationId": "listPets",
                "parameters": [LIMIT],
                "responses": {
                    "200": {
                        "description": "ok",
                        "content": {
                            "application/json": {
                                "schema": {"type": "array", "minItems": 1, "items": PET}
                            }
                        },
                    }
                },
            }
        },
        "/pets/{id}": {
            "get": {
                "operationId": "getPet",
                "parameters": [PET_ID],
                "responses": {
                    "200": {
                        "description": "ok",
                        "content": {
                            "application/json": {
                                "schema": PET,
                                "example": {"id": 1, "name": "Rex"},
                            }
                        },
                    }
                },
            },
            "delete": {
                "operationId": "dropPet",
                "responses": {"204": {"description": "gone"}},
                "parameters": [PET_ID],
            },
        },
    },
    "components": {
        "schemas": {
            "Pet": {
                "type": "object",
                "required": ["id", "name"],
                "properties": {
                    "id": {"type": "integer", "minimum": 1},
                    "name": {"type": "string", "minLength": 1},
                },
            }
        }
    },
}


@pytest.fixture
def pets(tmp_path: Path) -> Stub:
    """A stub of a contract without a service."""
    path = tmp_path / "pets.json"
    path.write_bytes(dump_json(PETS))
    return Stub(Settings(contract=path))


def test_contract_without_service_answers_with_examples_and_samples(pets: Stub) -> None:
    """The example answers where there is one, else valid data. Callers need no credentials."""
    assert pets.handle(Request.of("GET", "/pets/1")).json() == {"id": 1, "name": "Rex"}
    listed = pets.handle(Request.of("GET", "/pets"))
    assert (listed.status, listed.json()[0]["id"] >= 1) == (200, True)
    dropped = pets.handle(Request.of("DELETE", "/pets/1"))
    assert (dropped.status, dropped.body, [name for name, _ in dropped.headers]) == (
        204,
        b"",
        ["Date"],
    )


def test_date_field_uses_the_worlds_clock(stub: Stub) -> None:
    """The header field Date holds the moment of the world."""
    answer = send(stub, "GET", f"/w/dated{LIST}")
    assert answer.headers.get("Date") == "Wed, 25 Aug 2021 07:09:31 GMT"


@pytest.mark.parametrize(
    ("method", "target", "status", "text"),
    [
        ("GET", "/pets?limit=11", 422, "query.limit"),
        ("GET", "/pets/rex", 422, "path.id"),
        ("GET", "/pts", 404, 'Did you mean \\"/pets\\"?'),
        ("POST", "/pets", 405, "GET"),
    ],
)
def test_contract_without_service_reports_problems(
    pets: Stub, method: str, target: str, status: int, text: str
) -> None:
    """Errors are problem documents (RFC 9457) with the reason."""
    answer = pets.handle(Request.of(method, target))
    assert (answer.status, answer.headers.get("Content-Type")) == (
        status,
        "application/problem+json",
    )
    assert text in answer.body.decode()


def test_invalid_example_is_served_and_recorded(tmp_path: Path) -> None:
    """An example that breaks its schema is served, because it is the contract's own.

    The journal records the violation.
    """
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
def test_string_body_is_quoted_only_as_json(tmp_path: Path, media_type: str, body: bytes) -> None:
    """A string body is quoted only where its media type is JSON."""
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


def test_contract_without_the_services_operations_is_reported(tmp_path: Path) -> None:
    """The problem has the place of the service name and the missing operations."""
    path = tmp_path / "pets.json"
    path.write_bytes(dump_json({**PETS, "info": {**PETS["info"], "x-understudy-service": "ocp"}}))
    with pytest.raises(
        InputError, match=r"pets\.json:1:\d+: the contract lacks operations .* cancelSubtask"
    ):
        Stub(Settings(contract=path))


def test_unknown_service_is_reported(tmp_path: Path) -> None:
    """The problem has the place and the nearest name."""
    path = tmp_path / "pets.json"
    path.write_bytes(dump_json({**PETS, "info": {**PETS["info"], "x-understudy-service": "ocpp"}}))
    with pytest.raises(
        InputError,
        match=r'pets\.json:1:\d+: unknown service "ocpp".*Did you mean "ocp"',
    ):
        Stub(Settings(contract=path))


def test_invalid_response_of_the_service_is_a_500(tmp_path: Path, root: Path) -> None:
    """A response of the service that breaks the contract becomes a problem with the violation.

    Here an overlay requires a field that the service does not know.
    """
    overlay = tmp_path / "more.yaml"
    overlay.write_text(
        "overlay: 1.0.0\ninfo: {title: t, version: '1'}\nactions:\n"
        "  - target: $.components.schemas.GetSubtaskLogData\n    description: d\n"
        "    update: {required: [colour], properties: {colour: {type: string}}}\n"
    )
    stub = Stub(Settings(clock="virtual", overlays=(overlay,)))
    answer = send(stub, "GET", f"{LIST}/1000/subtasks/10001/log")
    assert (answer.status, answer.headers.get("Content-Type")) == (500, "application/problem+json")
    assert (answer.json()["type"], "colour" in answer.json()["detail"]) == (
        "urn:understudy:problem:stub-broke-contract",
        True,
    )


def test_model_starts_with_the_clock(stub: Stub) -> None:
    """Under a virtual clock, no task is newer than the world's moment."""
    world = stub.world("clock")
    now, platform = world.now(), world.model()
    assert all(
        platform.time_mapping.to_world_time(task.create_time) <= now
        for task in platform.tasks.values()
    )
    assert now < datetime(2100, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("mode", "validate", "status", "rules"),
    [
        (UnknownQuery.REPORT, ValidateRequest.ENFORCE, 200, ["unknown"]),
        (UnknownQuery.REPORT, ValidateRequest.OFF, 200, []),
        (UnknownQuery.IGNORE, ValidateRequest.ENFORCE, 200, []),
        (UnknownQuery.ENFORCE, ValidateRequest.ENFORCE, 400, ["unknown"]),
        (UnknownQuery.ENFORCE, ValidateRequest.REPORT, 400, ["unknown"]),
        (UnknownQuery.ENFORCE, ValidateRequest.OFF, 200, []),
    ],
)
def test_unknown_query_parameter(
    mode: UnknownQuery, validate: ValidateRequest, status: int, rules: list[str]
) -> None:
    """An unknown query parameter is ignored, reported in the journal, or an error of the service."""
    stub = Stub(Settings(clock="virtual", unknown_query=mode, validate_request=validate))
    assert send(stub, "GET", f"{LIST}?stauts=FAILED").status == status
    [exchange] = stub.world().journal.exchanges()
    assert [violation.rule for violation in exchange.recorded_violations] == rules


def test_reported_exchange_has_the_hints(caplog: pytest.LogCaptureFixture) -> None:
    """Hints go to `report`, or else to the logger: never to both."""
    reports: list[tuple[int, tuple[str, ...]]] = []
    stub = Stub(Settings(clock="virtual", auth=False))
    request = Request.of("GET", "/api/v2/tasks/instance")
    stub.handle_in_world(
        "default", request, report=lambda exchange, hints: reports.append((exchange.number, hints))
    )
    hint = f'no operation has the path "/api/v2/tasks/instance"; did you mean "{LIST}"?'
    assert reports == [(1, (hint,))]
    assert caplog.messages == []
    stub.handle_in_world("default", request)
    assert caplog.messages == [f"world default: {hint}"]


def test_call_without_a_route_uses_up_no_rule_that_cannot_answer_it(tmp_path: Path) -> None:
    """A slip in the path, here a slash at its end, does not take the only answer of a rule."""
    path = tmp_path / "once.yaml"
    path.write_text(
        "understudy: 1\nname: once\ntasks: [{id: 7, subtasks: [{id: 71}]}]\nreplies:\n"
        f"  - {{when: {{request: 'GET {LIST}/*'}}, times: 1, reply: {{error: 4001}}}}\n",
        "utf-8",
    )
    stub = Stub(Settings(scenario=str(path)))
    paths = (f"{LIST}/", f"{LIST}/7", f"{LIST}/7")
    codes = [send(stub, "GET", path).json().get("error", {}).get("code") for path in paths]
    assert codes == [0, 4001, None]
