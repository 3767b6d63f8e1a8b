"""An exported world replays: the same calls get the same bytes."""

import base64
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from understudy.config import Settings
from understudy.messages import Request, Response
from understudy.replay import Stub
from understudy.source import dump_yaml

LIST = "/api/v2/tasks/instances"
AUTH = [("Authorization", "Basic " + base64.b64encode(b"admin:admin").decode())]
SCENARIO = """
understudy: 1
seed: 11
clock: {mode: %s, step: 700ms, start: 2021-08-25T15:09:31+08:00}
tasks:
  - id: 1
    subtasks:
      - id: 11
        runs: [{takes: 2s, ends: FAILED, log: [one, two]}, {takes: 1s}]
        rollbacks: [{takes: 3s}]
      - {id: 12, after: [11], runs: [{takes: never}, {takes: 1s, ends: FAILED}, {takes: 1s}]}
  - {id: 2, state: FAILED, subtasks: [{id: 21}, {id: 22, after: [21], state: FAILED}]}
  - id: 3
    at: 5s
    subtasks: [{id: 31, retries: 1, runs: [{takes: 1s, ends: FAILED}, {takes: 4s}]}]
crowd: {count: 5, running: 20%%, failed: 40%%}
throttle: {limit: 50, window: 10s}
replies:
  - when: {operation: getTaskInstance, call: 3}
    reply: {error: 1999}
  - when: {operation: listTaskInstances, probability: 0.3}
    reply: [{status: 503, text: "{{world.call}}"}, {error: 429}]
    off-contract: true
    times: 3
faults:
  - when: {operation: getSubtaskLog, probability: 0.5}
    fault: {garbage: 20}
"""
IDS = st.sampled_from([(1, 11), (1, 12), (2, 21), (2, 22), (3, 31), (4, 5), (6, 7)])
CALLS = st.one_of(
    st.just(("GET", LIST)),
    IDS.map(lambda ids: ("GET", f"{LIST}/{ids[0]}")),
    IDS.map(lambda ids: ("GET", f"{LIST}/{ids[0]}/subtasks/{ids[1]}/log")),
    st.tuples(IDS, st.sampled_from(["retry", "rollback"])).map(
        lambda t: ("POST", f"{LIST}/{t[0][0]}/{t[1]}")
    ),
    st.tuples(IDS, st.sampled_from(["retry", "skip", "cancel"])).map(
        lambda t: ("POST", f"{LIST}/{t[0][0]}/subtasks/{t[0][1]}/{t[1]}")
    ),
)
STEPS = st.lists(
    CALLS | st.integers(0, 9000).map(lambda ms: timedelta(milliseconds=ms)), max_size=25
)


def send_steps(stub: Stub, steps: list[Any]) -> list[Response]:
    """Return the responses to the calls; a duration advances the clock."""
    answers = []
    for step in steps:
        if isinstance(step, timedelta):
            stub.world("w").advance(step)
        else:
            fields = [*AUTH, ("X-Understudy-World", "w")]
            answers.append(stub.handle(Request.of(*step, headers=fields)))
    return answers


def build_stub(text: str, folder: str) -> Stub:
    path = Path(folder) / "scenario.yaml"
    path.write_text(text, "utf-8")
    return Stub(Settings(scenario=str(path)))


@given(before=STEPS, after=STEPS, mode=st.sampled_from(["virtual", "per-call"]))
@settings(max_examples=30)
def test_exported_world_gives_equal_bytes(before: list[Any], after: list[Any], mode: str) -> None:
    """Whatever happened before the export, and whatever calls follow."""
    with tempfile.TemporaryDirectory() as folder:
        first = build_stub(SCENARIO % mode, folder)
        send_steps(first, before)
        exported = dump_yaml(first.export(first.world("w")))
        assert send_steps(build_stub(exported, folder), after) == send_steps(first, after)


@given(before=STEPS, between=STEPS, after=STEPS)
@settings(max_examples=20)
def test_restored_snapshot_gives_equal_bytes(
    before: list[Any], between: list[Any], after: list[Any]
) -> None:
    """Calls between snapshot and restore have no effect."""
    with tempfile.TemporaryDirectory() as folder:
        stub = build_stub(SCENARIO % "virtual", folder)
        send_steps(stub, before)
        snapshot = stub.world("w").snapshot()
        expected = send_steps(stub, after)
        stub.world("w").restore(snapshot)
        send_steps(stub, between)
        stub.world("w").restore(snapshot)
        assert send_steps(stub, after) == expected


@given(rounds=st.integers(20, 30), after=STEPS)
@settings(max_examples=3)
def test_world_past_its_checkpoint_is_exported_whole(rounds: int, after: list[Any]) -> None:
    """The export has the checkpoint."""
    commands: list[Any] = [("POST", f"{LIST}/2/subtasks/22/retry"), timedelta(seconds=0.5)]
    commands += [("POST", f"{LIST}/2/subtasks/22/cancel"), timedelta(seconds=5)]
    text = (SCENARIO % "virtual").replace(
        "id: 22, after: [21], state: FAILED",
        "id: 22, after: [21], state: FAILED, runs: [{takes: 1s, ends: FAILED}]",
    )
    with tempfile.TemporaryDirectory() as folder:
        first = build_stub(text.replace("throttle: {limit: 50, window: 10s}", ""), folder)
        send_steps(first, commands * (rounds * 7))
        exported = dump_yaml(first.export(first.world("w")))
        assert send_steps(build_stub(exported, folder), after) == send_steps(first, after)
