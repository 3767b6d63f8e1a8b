"""Corrupted responses that a call asks for."""

from pathlib import Path

import pytest

from replay_builders import LIST, build_stub, send
from understudy import corruptions

TASKS = (
    "tasks: [{id: 1, state: FAILED, subtasks: [{id: 11}, {id: 12, after: [11], state: FAILED}]}]"
)
ID = "listTaskInstances.200/data/contents[]/status:unknown-enum"


def test_corruption_breaks_one_rule_and_is_recorded(tmp_path: Path) -> None:
    """A corruption from the header breaks one rule.

    The journal has the violation with its place.
    """
    stub = build_stub(tmp_path, TASKS)
    answer = send(stub, LIST, Prefer=f"corrupt={ID}")
    assert answer.headers.get("Preference-Applied") == f'corrupt="{ID}"'
    assert answer.json()["data"]["contents"][0]["status"] not in ("RUNNING", "FAILED", "SUCCESSFUL")
    (exchange,) = stub.world().journal.exchanges()
    assert exchange.trace["corruption"] == ID
    assert len(exchange.violations) == 1
    assert exchange.violations[0].startswith("/data/contents/0/status: ")


def test_corrupted_command_has_its_effect(tmp_path: Path) -> None:
    """Only the response of a command is corrupted."""
    stub = build_stub(tmp_path, TASKS)
    answer = send(stub, f"{LIST}/1/retry?__corrupt=retryTask.200:truncated-json", "POST")
    assert (answer.status, answer.body[-1:] != b"}") == (200, True)
    assert send(stub, f"{LIST}/1").json()["data"]["status"] == "RUNNING"


@pytest.mark.parametrize(
    ("id", "detail"),
    [
        (ID.replace("enum", "enun"), f'Did you mean "{ID}"?'),
        (
            "retryTask.200:truncated-json",
            "is a corruption of retryTask; the call is listTaskInstances",
        ),
        ("nothing", 'unknown corruption "nothing"'),
    ],
)
def test_unknown_corruption_is_reported(tmp_path: Path, id: str, detail: str) -> None:
    """An unknown corruption is answered with 400 and the nearest id."""
    answer = send(build_stub(tmp_path, TASKS), LIST, Prefer=f'corrupt="{id}"')
    assert (answer.status, answer.json()["type"]) == (
        400,
        "urn:understudy:problem:no-such-corruption",
    )
    assert detail in answer.json()["detail"]


def test_corruptions_break_the_contract_as_declared(tmp_path: Path) -> None:
    """Each kind of mutation breaks the contract exactly when the catalogue says so."""
    stub = build_stub(tmp_path, TASKS)
    chosen = {(c.mutation, c.status): c for c in corruptions("getTaskInstance")}
    assert len(chosen) > 15
    for corruption in chosen.values():
        send(stub, f"{LIST}/1", Prefer=f'corrupt="{corruption.id}"')
        exchange = stub.world().journal.exchanges()[-1]
        assert exchange.trace["corruption"] == corruption.id
        assert bool(exchange.violations) == corruption.breaks, corruption.id
