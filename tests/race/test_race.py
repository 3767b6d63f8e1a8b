"""Many threads, one world: nothing is lost, and nothing is ever in a state that the engine has not."""

import random
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from understudy import ocp
from understudy.config import Settings
from understudy.messages import Request
from understudy.replay import Journal, Stub

LIST = "/api/v2/tasks/instances"
AUTH = [("Authorization", "Basic YWRtaW46YWRtaW4=")]
THREADS = 16


def scenario(folder: Path, tasks: int) -> Path:
    """Tasks that fail now and then, at any of their steps, also when they are rolled back."""
    lines = ["understudy: 1", "clock: {mode: per-call, step: 300ms}", "tasks:"]
    for task in range(1, tasks + 1):
        lines += [f"  - id: {task}", f"    name: Task {task}", "    subtasks:"]
        for step in range(1, 6):
            after = f"after: [{task * 10 + step - 1}], " if step > 1 and step != 3 else ""
            fails = "{takes: 700ms, ends: FAILED}, " if (task + step) % 3 == 0 else ""
            back = f"rollbacks: [{{takes: 400ms{', ends: FAILED' if step == 2 else ''}}}, {{takes: 200ms}}], "
            runs = (
                f"runs: [{fails}{{takes: 900ms}}, {{takes: 800ms, ends: FAILED}}, {{takes: 500ms}}]"
            )
            lines.append(f"      - {{id: {task * 10 + step}, name: Step, {after}{back}{runs}}}")
    path = folder / "scenario.yaml"
    path.write_text("\n".join(lines), "utf-8")
    return path


@pytest.fixture
def restless() -> Iterator[None]:
    """Threads change as often as the interpreter can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def target_of(dice: random.Random, tasks: int) -> tuple[str, str]:
    """Draw a call: a command mostly, a look now and then."""
    task, step = dice.randint(1, tasks), dice.randint(1, 5)
    path = f"{LIST}/{task}"
    subtask = f"{path}/subtasks/{task * 10 + step}"
    commands = [
        f"{path}/retry",
        f"{path}/rollback",
        f"{subtask}/retry",
        f"{subtask}/skip",
        f"{subtask}/cancel",
    ]
    return dice.choice([*(("POST", command) for command in commands), ("GET", path), ("GET", LIST)])


def contradictions_of(stub: Stub) -> list[str]:
    tasks = stub.world().model().tasks.values()
    return [
        f"task {task.id}: {found.detail}"
        for task in tasks
        for found in ocp.find_contradictions(task)
    ]


@pytest.mark.parametrize("requests", [800, pytest.param(20_000, marks=pytest.mark.slow)])
@pytest.mark.usefixtures("restless")
@pytest.mark.timeout(600)
def test_no_command_is_lost_and_no_state_is_illegal(tmp_path: Path, requests: int) -> None:
    """Each accepted command is remembered, in an order that gives the same tasks again; the journal is complete."""
    tasks = requests // 50
    stub = Stub(Settings(scenario=str(scenario(tmp_path, tasks))))
    world = stub.world()
    world.journal = Journal(max_exchanges=requests + 1, max_bytes=1 << 32)
    statuses: Counter[tuple[str, int]] = Counter()
    wrong: list[str] = []
    lock = threading.Lock()

    def send(number: int) -> None:
        dice = random.Random(number)  # noqa: S311 - a test's dice
        for count in range(requests // THREADS):
            method, target = target_of(dice, tasks)
            response = stub.handle(Request.of(method, target, headers=AUTH))
            with lock:
                statuses[method, response.status] += 1
                if count % 100 == 0:
                    wrong.extend(contradictions_of(stub))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []
    assert set(statuses) <= {("GET", 200), ("POST", 200), ("POST", 400)}, statuses
    assert world.state().revision == statuses["POST", 200] > requests / 50
    exchanges = world.journal.exchanges()
    assert (len(exchanges), world.journal.dropped) == (requests, 0)
    assert sorted(exchange.number for exchange in exchanges) == list(range(1, requests + 1))
    before = dict(world.model().tasks)
    world._models.clear()
    world._parsed = None
    assert dict(world.model().tasks) == before


@pytest.mark.usefixtures("restless")
def test_worlds_do_not_wait_for_one_another(tmp_path: Path) -> None:
    """While one world is being changed, another one answers: there is no lock for all."""
    stub = Stub(Settings(scenario=str(scenario(tmp_path, 1))))
    inside, leave = threading.Event(), threading.Event()

    def hold(state: object) -> tuple[object, None]:
        inside.set()
        assert leave.wait(30)
        return state, None

    holder = threading.Thread(target=lambda: stub.world("held").update(hold))  # type: ignore[arg-type,return-value]
    holder.start()
    assert inside.wait(30)
    answer = stub.handle(Request.of("POST", f"/w/free{LIST}/1/retry", headers=AUTH))
    leave.set()
    holder.join()
    assert answer.status == 400
