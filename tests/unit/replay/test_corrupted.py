"""A call asks for an answer that is wrong in one way."""

from pathlib import Path

import pytest

from replay_builders import LIST, ask, stub_of
from understudy import corruptions

TASKS = (
    "tasks: [{id: 1, state: FAILED, subtasks: [{id: 11}, {id: 12, after: [11], state: FAILED}]}]"
)
ID = "listTaskInstances.200/data/contents[]/status:unknown-enum"


def test_one_thing_is_wrong_and_the_journal_says_what(tmp_path: Path) -> None:
    """By header; the violation is told with its place."""
    stub = stub_of(tmp_path, TASKS)
    answer = ask(stub, LIST, Prefer=f"corrupt={ID}")
    assert answer.headers.get("Preference-Applied") == f'corrupt="{ID}"'
    assert answer.json()["data"]["contents"][0]["status"] not in ("RUNNING", "FAILED", "SUCCESSFUL")
    (exchange,) = stub.world().journal.exchanges()
    assert exchange.trace["corruption"] == ID
    assert len(exchange.violations) == 1
    assert exchange.violations[0].startswith("/data/contents/0/status: ")


def test_a_command_has_its_effect(tmp_path: Path) -> None:
    """Only its answer is wrong."""
    stub = stub_of(tmp_path, TASKS)
    answer = ask(stub, f"{LIST}/1/retry?__corrupt=retryTask.200:truncated-json", "POST")
    assert (answer.status, answer.body[-1:] != b"}") == (200, True)
    assert ask(stub, f"{LIST}/1").json()["data"]["status"] == "RUNNING"


@pytest.mark.parametrize(
    ("id", "told"),
    [
        (ID.replace("enum", "enun"), f'Did you mean "{ID}"?'),
        (
            "retryTask.200:truncated-json",
            "is a corruption of retryTask; the call is listTaskInstances",
        ),
        ("nothing", "no corruption has the id"),
    ],
)
def test_what_is_not_in_the_catalogue_is_refused(tmp_path: Path, id: str, told: str) -> None:
    """With the nearest id; nothing else happens."""
    answer = ask(stub_of(tmp_path, TASKS), LIST, Prefer=f'corrupt="{id}"')
    assert (answer.status, answer.json()["type"]) == (
        400,
        "urn:understudy:problem:no-such-corruption",
    )
    assert told in answer.json()["detail"]


def test_corruptions_are_served_as_the_catalogue_says(tmp_path: Path) -> None:
    """Broken or not, whatever the task looks like: some of each mutation."""
    stub = stub_of(tmp_path, TASKS)
    chosen = {(one.mutation, one.status): one for one in corruptions("getTaskInstance")}
    assert len(chosen) > 15
    for corruption in chosen.values():
        ask(stub, f"{LIST}/1", Prefer=f'corrupt="{corruption.id}"')
        exchange = stub.world().journal.exchanges()[-1]
        assert exchange.trace["corruption"] == corruption.id
        assert bool(exchange.violations) == corruption.breaks, corruption.id
