"""Rules across messages: answers of one server agree with each other."""

import io
import json
import random
from pathlib import Path
from typing import Any

import pytest
import requests

from traffic_builders import PETS, message, pets_contract
from understudy import LiveServer
from understudy.config import Settings
from understudy.contract import Contract, load_contract
from understudy.resources import resource_path
from understudy.traffic.message_validator import MessageValidator
from understudy.traffic.reading.journal_reader import read_journal_messages
from understudy.traffic.sequence.sequence_rules import SequenceRules
from understudy.traffic.traffic_message import Message


@pytest.fixture(scope="module")
def pets(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    return pets_contract(tmp_path_factory.mktemp("pets"))


def check(contract: Contract, *messages: Message) -> list[str]:
    """Return the rules that the messages break, with the place of each."""
    rules = SequenceRules(contract)
    return [
        f"{finding.severity.value} {finding.place} {finding.rule}"
        for each in messages
        for finding in rules.check(each)
    ]


def post_pet(number: int = 7) -> Message:
    return message("/pets", {"id": number}, method="POST", status=201)


GONE = message("/pets/7", None, status=404)
THERE = message("/v1/pets/7", {"id": 7})
DELETED = message("/pets/7", None, method="DELETE", status=204)


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([post_pet(), THERE], []),
        ([post_pet(), GONE], ["error status created-is-readable"]),
        ([post_pet(), DELETED, GONE], []),
        ([post_pet(), DELETED, THERE], ["error status deleted-is-gone"]),
        ([DELETED, post_pet(), THERE], []),
        ([GONE], []),
        (
            [
                message("/pets", None, method="POST", status=201, headers={"Location": "/pets/9"}),
                message("/pets/9", None, status=404),
            ],
            ["error status created-is-readable"],
        ),
    ],
)
def test_created_is_there_and_deleted_is_gone(
    pets: Contract, messages: list[Message], expected: list[str]
) -> None:
    """By the path of the item: below the collection, or that of `Location`."""
    assert check(pets, *messages) == expected


def page(number: int, *ids: int) -> Message:
    return message(f"/pets?page={number}&limit=2", [{"id": each} for each in ids])


def test_pages_do_not_overlap(pets: Contract) -> None:
    """The same page may be read again; what is created between two pages moves the others."""
    assert check(pets, page(1, 1, 2), page(2, 3, 4), page(1, 1, 2)) == []
    assert check(pets, page(1, 1, 2), page(2, 2, 3)) == ["warning body pages-do-not-overlap"]
    assert check(pets, page(1, 1, 2), post_pet(), page(2, 2, 3)) == []
    other = message("/pets?page=2&limit=3", [{"id": 2}])
    assert check(pets, page(1, 1, 2), other) == []


def part(name: str, start: object, *ids: int) -> Message:
    return message(f"/pets?{name}={start}", [{"id": each} for each in ids])


@pytest.mark.parametrize(
    ("first", "second", "overlaps"),
    [
        (part("offset", 0, 1, 2, 3), part("offset", 1, 2, 3, 4), False),
        (part("offset", 0, 1, 2), part("offset", 2, 2, 3), True),
        (part("after", 5, 6, 7), part("after", 6, 7, 8), False),
        (part("cursor", "a", 6, 7), part("cursor", "b", 7, 8), False),
        (part("page", 1, 6, 7), part("offset", 1, 7, 8), False),
    ],
)
def test_parts_that_may_overlap(
    pets: Contract, first: Message, second: Message, *, overlaps: bool
) -> None:
    """Windows that begin near each other, and what is behind two cursors."""
    expected = ["warning body pages-do-not-overlap"] if overlaps else []
    assert check(pets, first, second) == expected


@pytest.mark.parametrize(
    "messages",
    [
        [post_pet(), message("/pets", None, method="DELETE", status=204), GONE],
        [post_pet(), message("/pets/7/adopt", None, method="POST"), GONE],
        [post_pet(), message("/pets/7?version=2", None, status=404)],
        [DELETED, message("/pets/7/restore", None, method="POST"), THERE],
        [DELETED, message("/pets", {"id": 7}, method="POST"), THERE],
        [DELETED, message("/pets/7", {"id": 7, "deleted": True})],
        [message("/pets/7/photo", None, method="DELETE", status=204), message("/pets/7/photo", {})],
    ],
)
def test_calls_that_change_what_is_there(tmp_path: Path, messages: list[Message]) -> None:
    """Other calls delete and restore items too; some services keep what is deleted."""
    path = tmp_path / "pets.yaml"
    more = """\
  /pets/{petId}/adopt: {post: {operationId: adopt, responses: {"200": {description: Done.}}}}
  /pets/{petId}/restore: {post: {operationId: restore, responses: {"200": {description: Done.}}}}
  /pets/{petId}/photo:
    get: {operationId: getPhoto, responses: {"200": {description: A photo.}}}
    delete: {operationId: deletePhoto, responses: {"204": {description: Deleted.}}}
components:
"""
    clear = 'delete: {operationId: clear, responses: {"204": {description: Deleted.}}}'
    text = PETS.replace("components:\n", more).replace(
        "    post:\n", f"    {clear}\n    post:\n", 1
    )
    path.write_text(text)
    assert check(load_contract(path), *messages) == []


def test_item_below_a_deleted_one_is_gone_too(pets: Contract) -> None:
    """Its own creation says nothing about it any more."""
    below = message("/pets/7/toys/1", None, status=404)
    assert check(pets, post_pet(), DELETED, below) == []


def test_scopes_are_apart_and_begin_anew(pets: Contract) -> None:
    """Each world of a journal is a server of its own; after a reset, its numbers begin at 1."""

    def with_number(base: Message, entry: int, scope: str) -> Message:
        return Message(base.response, base.request, scope=scope, entry=entry)

    assert check(pets, with_number(post_pet(), 1, "a"), with_number(GONE, 1, "b")) == []
    assert check(pets, with_number(post_pet(), 1, "a"), with_number(GONE, 1, "a")) == []
    assert check(pets, with_number(post_pet(), 1, "a"), with_number(GONE, 2, "a")) != []


# OCP

OCP = load_contract()
TASK = {
    "id": 7,
    "name": "Upgrade",
    "status": "RUNNING",
    "operation": "EXECUTE",
    "createTime": "2024-01-01T00:00:00Z",
    "startTime": "2024-01-01T00:00:01Z",
    "subtasks": [{"id": 70, "status": "RUNNING"}],
}


def envelope(target: str, data: object, **changes: Any) -> Message:
    body = {"data": data, "successful": True, "status": 200} | changes
    return message(f"/api/v2/tasks/instances{target}", body)


def task(**changes: Any) -> Message:
    return envelope("/7", TASK | changes)


def end_task(status: str, **changes: Any) -> Message:
    return task(status=status, finishTime="2024-01-01T00:00:02Z", **changes)


def page_of(total: int, pages: int, count: int, number: int = 1, size: int = 10) -> Message:
    numbers = {"totalElements": total, "totalPages": pages, "number": number, "size": size}
    contents = [{"id": 100 + index} for index in range(count)]
    return envelope("", {"contents": contents, "page": numbers})


RETRY = message(
    "/api/v2/tasks/instances/7/retry", {"successful": True, "status": 200}, method="POST"
)


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([task()], []),
        ([envelope("/7", TASK, status=500)], ["error /status envelope-status"]),
        ([envelope("/7", TASK, successful=False)], ["error /successful envelope-successful"]),
        ([page_of(12, 2, 10)], []),
        ([page_of(0, 0, 0)], []),
        ([page_of(12, 2, 2, number=2)], []),
        ([page_of(12, 3, 10)], ["error /data/page/totalPages page-arithmetic"]),
        ([page_of(12, 2, 9)], ["error /data/contents page-arithmetic"]),
        ([task(startTime="2023-01-01T00:00:00Z")], ["error /data/startTime time-order"]),
        (
            [task(finishTime="2024-01-02T00:00:00Z")],
            ["error /data/finishTime finish-by-status"],
        ),
        ([task(status="FAILED")], ["error /data/finishTime finish-by-status"]),
        ([task(), end_task("SUCCESSFUL")], []),
        ([end_task("SUCCESSFUL"), task()], ["error /data/status transition"]),
        ([end_task("FAILED"), task()], ["warning /data/status transition"]),
        ([end_task("FAILED"), RETRY, task()], []),
        ([task(), task(name="Other")], ["error /data/name answers-agree"]),
        (
            [task(subtasks=[{"id": 70, "status": "FAILED", "finishTime": None}]), task()],
            ["warning /data/subtasks/0/status transition"],
        ),
        (
            [task(), task(operation="ROLLBACK", subtasks=[{"id": 70, "status": "PENDING"}])],
            [],
        ),
        (
            [
                task(subtasks=[{"id": 70, "status": "SUCCESSFUL"}]),
                task(subtasks=[{"id": 70, "status": "FAILED", "operation": "ROLLBACK"}]),
            ],
            [],
        ),
    ],
)
def test_answers_of_ocp_agree(messages: list[Message], expected: list[str]) -> None:
    """Envelopes, pages, times, statuses; a status that only a command leads to needs one."""
    assert check(OCP, *messages) == expected


def log(text: str, subtask: int = 70) -> Message:
    return envelope(f"/7/subtasks/{subtask}/log", {"log": text})


def test_log_only_grows_within_an_execution() -> None:
    """A command begins another one."""
    assert check(OCP, log("a\n"), log("a\nb\n"), log("x", 71)) == []
    assert check(OCP, log("a\n"), log("b\n")) == ["warning /data/log log-grows"]
    assert check(OCP, log("a\n"), RETRY, log("b\n")) == []


def test_list_agrees_with_detail() -> None:
    """The fields that no command changes."""
    numbers = {"totalElements": 1, "totalPages": 1, "number": 1, "size": 10}
    listed = envelope("", {"contents": [TASK | {"name": "Other"}], "page": numbers})
    assert check(OCP, listed, task()) == ["error /data/name answers-agree"]


@pytest.mark.parametrize("body", [b"", b"[]", b'"x"', b"\xff", b'{"data": 7}', b'{"data": {}}'])
def test_other_bodies_are_no_matter_of_the_rules(body: bytes) -> None:
    """The contract reports them."""
    target = "/api/v2/tasks/instances/7"
    assert check(OCP, message(target, body), message("/elsewhere", json.loads("{}"))) == []


COMMANDS = ("retry", "rollback", "subtasks/{}/cancel", "subtasks/{}/retry", "subtasks/{}/skip")


def poll(session: requests.Session, tasks: str, draws: random.Random, rounds: int) -> None:
    """Look at all tasks again and again, with a command now and then."""
    for _ in range(rounds):
        answer = session.get(f"{tasks}?size={draws.choice([1, 50])}", timeout=10)
        contents = answer.json()["data"]["contents"] if answer.ok else []
        for number in [task["id"] for task in contents[:4]]:
            detail = session.get(f"{tasks}/{number}", timeout=10)
            subtasks = detail.json()["data"]["subtasks"] if detail.ok else []
            subtask = draws.choice(subtasks)["id"] if subtasks else 1
            session.get(f"{tasks}/{number}/subtasks/{subtask}/log", timeout=10)
            if draws.random() < 0.4:
                command = draws.choice(COMMANDS).format(subtask)
                session.post(f"{tasks}/{number}/{command}", timeout=10)


QUICK = ("rollback-fails", "names", "long-log")
SCENARIOS = sorted(path.stem for path in resource_path("scenarios").glob("*.yaml"))


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in SCENARIOS],
)
def test_shipped_scenarios_break_no_rule(name: str) -> None:
    """A client that polls and sends commands sees no answer that contradicts an earlier one."""
    settings = Settings(scenario=str(resource_path(f"scenarios/{name}.yaml")), clock="per-call")
    with LiveServer(settings) as server, requests.Session() as session:
        session.auth = ("admin", "admin")
        rounds = 12 if name in QUICK else 40
        poll(session, f"{server.url}/api/v2/tasks/instances", random.Random(3), rounds)  # noqa: S311
        journal = session.get(f"{server.url}/__admin/requests?limit=10000", timeout=10).content
    validator, rules = MessageValidator(OCP), SequenceRules(OCP)
    seen = list(read_journal_messages(io.BytesIO(journal), "j"))
    assert len(seen) >= rounds
    for part in seen:
        assert isinstance(part, Message)
        assert [*validator.validate(part).findings, *rules.check(part)] == []
