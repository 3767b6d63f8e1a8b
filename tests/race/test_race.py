"""Many threads in one world: no command is lost, and no state is illegal."""

import random
import threading
from collections import Counter
from pathlib import Path

import pytest

from understudy import ocp
from understudy.config import Settings
from understudy.messages import Request
from understudy.replay import Journal, Stub

LIST = "/api/v2/tasks/instances"
AUTH = [("Authorization", "Basic YWRtaW46YWRtaW4=")]
THREADS = 16


def write_scenario(folder: Path, tasks: int) -> Path:
    """Write tasks with steps that sometimes fail, also in a rollback."""
    lines = ["understudy: 1", "clock: {mode: per-call, step: 300ms}", "tasks:"]
    for task in range(1, tasks + 1):
        lines += [f"  - id: {task}", f"    name: Task {task}", "    subtasks:"]
        for step in range(1, 6):
            after = f"after: [{task * 10 + step - 1}], " if step > 1 and step != 3 else ""
            fails = "{takes: 700ms, ends: FAILED}, " if (task + step) % 3 == 0 else ""
            end = ", ends: FAILED" if step == 2 else ""
            back = f"rollbacks: [{{takes: 400ms{end}}}, {{takes: 200ms}}], "
            runs = (
                f"runs: [{fails}{{takes: 900ms}}, {{takes: 800ms, ends: FAILED}}, {{takes: 500ms}}]"
            )
            lines.append(f"      - {{id: {task * 10 + step}, name: Step, {after}{back}{runs}}}")
    path = folder / "scenario.yaml"
    path.write_text("\n".join(lines), "utf-8")
    return path


def draw_call(rng: random.Random, tasks: int) -> tuple[str, str]:
    """Draw a call: usually a command, sometimes a query."""
    task, step = rng.randint(1, tasks), rng.randint(1, 5)
    path = f"{LIST}/{task}"
    subtask = f"{path}/subtasks/{task * 10 + step}"
    commands = [
        f"{path}/retry",
        f"{path}/rollback",
        f"{subtask}/retry",
        f"{subtask}/skip",
        f"{subtask}/cancel",
    ]
    return rng.choice([*(("POST", command) for command in commands), ("GET", path), ("GET", LIST)])


def find_contradictions(stub: Stub) -> list[str]:
    tasks = stub.world().model().tasks.values()
    return [
        f"task {task.id}: {contradiction.detail}"
        for task in tasks
        for contradiction in ocp.find_contradictions(task)
    ]


@pytest.mark.parametrize("requests", [800, pytest.param(20_000, marks=pytest.mark.slow)])
@pytest.mark.usefixtures("frequent_switches")
@pytest.mark.timeout(600)
def test_no_command_is_lost_and_no_state_is_illegal(tmp_path: Path, requests: int) -> None:
    """The recorded commands replay to the same tasks, and the journal is complete."""
    tasks = requests // 50
    stub = Stub(Settings(scenario=str(write_scenario(tmp_path, tasks))))
    world = stub.world()
    world.journal = Journal(max_exchanges=requests + 1, max_bytes=1 << 32)
    statuses: Counter[tuple[str, int]] = Counter()
    illegal_states: list[str] = []
    lock = threading.Lock()

    def send(number: int) -> None:
        rng = random.Random(number)  # noqa: S311 - a test needs no secure numbers
        for count in range(requests // THREADS):
            method, target = draw_call(rng, tasks)
            response = stub.handle(Request.of(method, target, headers=AUTH))
            with lock:
                statuses[method, response.status] += 1
                if count % 100 == 0:
                    illegal_states.extend(find_contradictions(stub))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert illegal_states == []
    assert set(statuses) <= {("GET", 200), ("POST", 200), ("POST", 400)}, statuses
    assert world.state().revision == statuses["POST", 200] > requests / 50
    exchanges = world.journal.exchanges()
    assert (len(exchanges), world.journal.dropped) == (requests, 0)
    assert sorted(exchange.number for exchange in exchanges) == list(range(1, requests + 1))
    before = dict(world.model().tasks)
    world._models.clear()
    world._parsed = None
    assert dict(world.model().tasks) == before


@pytest.mark.usefixtures("frequent_switches")
def test_worlds_do_not_block_each_other(tmp_path: Path) -> None:
    """One world answers while another one is being changed: there is no global lock."""
    stub = Stub(Settings(scenario=str(write_scenario(tmp_path, 1))))
    inside, leave = threading.Event(), threading.Event()

    def hold(state: object) -> tuple[object, None]:
        inside.set()
        assert leave.wait(30)
        return state, None

    holder = threading.Thread(target=lambda: stub.world("held").update(hold))  # type: ignore[arg-type]
    holder.start()
    assert inside.wait(30)
    answer = stub.handle(Request.of("POST", f"/w/free{LIST}/1/retry", headers=AUTH))
    leave.set()
    holder.join()
    assert answer.status == 400
