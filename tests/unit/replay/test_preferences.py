"""What a call prefers, and what becomes of it when it cannot be had."""

import logging
from pathlib import Path

import pytest

from replay_builders import LIST, ask, stub_of

TASKS = "clock: {mode: per-call, step: 1s}\ntasks: [{id: 1, state: FAILED, subtasks: [{id: 11, state: FAILED}]}]"
UNKNOWN = "urn:understudy:problem:unknown-preference"


@pytest.mark.parametrize(
    ("prefer", "slug"),
    [
        ("code=abc", "unknown-preference"),
        ("delay=soon", "unknown-preference"),
        ("fault=resett", "unknown-preference"),
        ("example=nope", "no-such-example"),
        ("code=99999", "no-such-error"),
        ('corrupt="nope"', "no-such-corruption"),
    ],
)
def test_a_value_that_cannot_be_had_is_refused(tmp_path: Path, prefer: str, slug: str) -> None:
    """With or without --errors; nothing says that it was applied, and the task stays as it was."""
    stub = stub_of(tmp_path, TASKS)
    answer = ask(stub, f"{LIST}/1/retry", "POST", Prefer=prefer)
    assert (answer.status, answer.json()["type"]) == (400, f"urn:understudy:problem:{slug}")
    assert "Preference-Applied" not in answer.headers
    assert stub.world().state().revision == 0


@pytest.mark.parametrize("errors", [False, True])
def test_a_word_that_nobody_knows(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, errors: bool
) -> None:
    """It is passed over with a line in the log, or refused; one that is refused moves no clock."""
    stub = stub_of(tmp_path, TASKS, errors=errors)
    before = stub.world().now()
    with caplog.at_level(logging.WARNING, "understudy"):
        answer = ask(stub, LIST, Prefer="cod=404")
    told = 'unknown preference "cod". Did you mean "code"?'
    if errors:
        assert (answer.status, answer.json()["type"], answer.json()["detail"]) == (
            400,
            UNKNOWN,
            told,
        )
        assert stub.world().now() == before
    else:
        assert answer.status == 200
        assert told in caplog.text


def test_who_is_not_known_is_told_that_first(tmp_path: Path) -> None:
    """Whatever the call prefers."""
    stub = stub_of(tmp_path, TASKS, errors=True)
    assert ask(stub, LIST, user="admin:wrong", Prefer="cod=404, code=abc").status == 401


def test_where_no_thread_may_wait_nothing_happens(tmp_path: Path) -> None:
    """The command is not made, and no clock moves."""
    from understudy.messages import Request
    from understudy.replay import step

    stub = stub_of(tmp_path, TASKS)
    world, before = stub.world(), stub.world().now()
    fields = [("Authorization", "Basic YWRtaW46YWRtaW4="), ("Prefer", "delay=1s")]
    answer = step(world, Request.of("POST", f"{LIST}/1/retry", headers=fields), lambda: False)
    assert (answer.status, answer.headers.get("Retry-After")) == (503, "1")
    assert answer.json()["type"] == "urn:understudy:problem:no-thread-left"
    assert (world.state().revision, world.now()) == (0, before)
    assert world.journal.exchanges()[-1].trace["problem"] == "no-thread-left"
