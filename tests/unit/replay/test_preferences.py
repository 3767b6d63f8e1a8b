"""Preferences that cannot be applied."""

import logging
from pathlib import Path
from typing import Any

import pytest

from replay_builders import LIST, build_stub, send
from understudy.messages import Request
from understudy.replay import step

TASKS = """
clock: {mode: per-call, step: 1s}
tasks: [{id: 1, state: FAILED, subtasks: [{id: 11, state: FAILED}]}]
"""
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
def test_invalid_preference_value_is_reported(tmp_path: Path, prefer: str, slug: str) -> None:
    """An invalid value is answered with 400, whatever the setting `errors`.

    No preference counts as applied, and the task stays as it was.
    """
    stub = build_stub(tmp_path, TASKS)
    answer = send(stub, f"{LIST}/1/retry", "POST", Prefer=prefer)
    assert (answer.status, answer.json()["type"]) == (400, f"urn:understudy:problem:{slug}")
    assert "Preference-Applied" not in answer.headers
    assert stub.world().state().revision == 0


@pytest.mark.parametrize("setting", ["", "strict_preferences", "errors"])
def test_unknown_preference_is_logged_or_reported(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, setting: str
) -> None:
    """An unknown preference is logged. With `strict_preferences` it is a problem.

    The problem moves no clock. For one release, `errors` has this meaning too.
    """
    settings: dict[str, Any] = {setting: True} if setting else {}
    stub = build_stub(tmp_path, TASKS, **settings)
    before = stub.world().now()
    with caplog.at_level(logging.WARNING, "understudy"):
        answer = send(stub, LIST, Prefer="cod=404")
    detail = 'unknown preference "cod". Did you mean "code"?'
    if setting:
        assert (answer.status, answer.json()["type"], answer.json()["detail"]) == (
            400,
            UNKNOWN,
            detail,
        )
        assert stub.world().now() == before
    else:
        assert answer.status == 200
        assert detail in caplog.text


def test_unauthenticated_comes_before_unknown_preference(tmp_path: Path) -> None:
    """An unknown caller gets 401, whatever the call prefers."""
    stub = build_stub(tmp_path, TASKS, strict_preferences=True)
    assert send(stub, LIST, user="admin:wrong", Prefer="cod=404, code=abc").status == 401


def test_no_thread_left_changes_nothing(tmp_path: Path) -> None:
    """Without a thread for the delay, the command is not applied and no clock moves."""
    stub = build_stub(tmp_path, TASKS)
    world, before = stub.world(), stub.world().now()
    fields = [("Authorization", "Basic YWRtaW46YWRtaW4="), ("Prefer", "delay=1s")]
    answer = step(world, Request.of("POST", f"{LIST}/1/retry", headers=fields), lambda: False)
    assert (answer.status, answer.headers.get("Retry-After")) == (503, "1")
    assert answer.json()["type"] == "urn:understudy:problem:no-thread-left"
    assert (world.state().revision, world.now()) == (0, before)
    assert world.journal.exchanges()[-1].trace["problem"] == "no-thread-left"
