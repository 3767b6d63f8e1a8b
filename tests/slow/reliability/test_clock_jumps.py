"""Moves of the clocks, forward and back: no error, no hang, and the world's clock moves forward.

Where the clock of the machine is set back, a real clock of a world goes back too, but not behind the
moment at which it was last set.
"""

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from reliability import scale, show_figure
from replay_builders import LIST, Wall, build_stub, send
from understudy.control import Control
from understudy.messages import Request, Response

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

SCENARIO = """
clock: {mode: %s, start: "2024-02-28T23:59:58+08:00"}
tasks:
  - id: 1
    name: A
    subtasks:
      - {id: 11, runs: [{takes: 10s}]}
      - {id: 12, after: [11], runs: [{takes: 1h, ends: FAILED}]}
"""
DURATIONS = [
    "0s",
    "1ms",
    "3s",
    "1h",
    "36h",
    "8784h",
    "-1s",
    "-36h",
    "1e9h",
    "99999999h",
    "x",
    "",
    5,
    None,
]
MOMENTS = [
    "2024-02-29T12:00:00+08:00", "2023-02-29T12:00:00Z", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00+14:00", "2024-03-10T02:30:00-05:00", "2024-12-31T23:59:60Z", "2026-01-01T00:00:00-12:00",
]  # fmt: skip
SPEEDS = [0.1, 1, 10_000, 0, -1, 1e308, "fast"]
JUMPS = [0.0, 0.5, 3600.0, -3600.0, 1e7, -1e7, 3e9]
"""Seconds by which the clock of the machine jumps between two calls."""
MOVES = 100


def draw_move(rng: random.Random) -> tuple[str, dict[str, Any]]:
    """Draw a move of the clock, which is often a wrong one."""
    move = rng.choice(["advance", "advance", "set", "scale", "freeze", "step"])
    values: dict[str, tuple[str, list[Any]]] = {
        "advance": ("by", DURATIONS),
        "set": ("to", MOMENTS),
        "scale": ("speed", SPEEDS),
    }
    if move not in values:
        return move, {}
    key, choices = values[move]
    return move, {key: rng.choice(choices)}


def run_moves(folder: Path, mode: str, seed: int) -> Counter[int]:
    """Move the clocks of one world at random; return how often each status was answered."""
    rng, wall = random.Random(seed), Wall()  # noqa: S311 - a test needs no secure numbers
    stub = build_stub(folder, SCENARIO % mode, wall)
    control, statuses = Control(stub), Counter[int]()
    before = stub.world().now()
    for _ in range(MOVES):
        jump = rng.choice(JUMPS)
        if wall.moment.year + jump / 3e7 < 9000:
            wall.advance(jump if wall.moment.year > 1000 else 0)
        move, data = draw_move(rng)
        fields = [("Content-Type", "application/json")] if data else []
        body = json.dumps(data).encode() if data else b""
        answer = control.handle(
            Request.of("POST", f"/clock/{move}", headers=fields, body=body), "default"
        )
        assert isinstance(answer, Response)
        statuses[answer.status] += 1
        assert answer.status in (200, 400, 409), (seed, move, data, answer.body)
        assert send(stub, f"{LIST}/1").status == 200, (seed, move, data)
        now = stub.world().now()
        assert now >= (stub.world().state().clock.base if jump < 0 else before), (seed, move, data)
        before = now
    return statuses


@pytest.mark.parametrize("mode", ["virtual", "real", "per-call"])
def test_any_moves_of_the_clocks(tmp_path: Path, mode: str) -> None:
    """Each move is done, or refused as the client's error; calls are answered after each."""
    statuses: Counter[int] = Counter()
    for seed in range(scale(20, 400)):
        statuses += run_moves(tmp_path, mode, seed)
    assert statuses[200] > statuses.total() / 10
    show_figure(
        22,
        f"{statuses.total()} moves of a {mode} clock under jumps of the wall clock: {dict(statuses)}",
    )
