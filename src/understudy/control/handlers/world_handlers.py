"""Handlers: worlds, their clocks, settings and snapshots."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from understudy.contract import find_corruption
from understudy.control.api.api_call import Call, json_response, no_content, text_response
from understudy.control.api.control_problems import ControlProblem, from_problems
from understudy.control.api.route import YAML
from understudy.control.api.snapshots import Snapshot
from understudy.durations import parse_duration, parse_moment, resolve_moment
from understudy.errors import InputError
from understudy.messages import Response
from understudy.replay import World
from understudy.replay.world_state import State
from understudy.source import dump_yaml

_LAST_YEAR = 9000
"""Far enough from the calendar's end that whatever happens to a task stays within it."""


def reset(call: Call) -> Response:
    """Let a world, or every world, begin anew."""
    names = [world.name for world in call.stub.worlds()] if call.values["all"] else [call.name]
    for name in names:
        call.stub.reset(name)
    return no_content()


def list_worlds(call: Call) -> Response:
    """Tell the worlds that there are."""
    return json_response({"worlds": [describe_world(call, world) for world in call.stub.worlds()]})


def describe_world(call: Call, world: World) -> dict[str, Any]:
    """Give a world in short."""
    state, used = world.state(), call.stub.last_used(world.name)
    scenario = world.setup.scenario
    return {
        "name": world.name,
        "scenario": call.stub.scenario_name(world.name) or (scenario.name if scenario else ""),
        "clock": world.now().isoformat(),
        "revision": state.revision,
        "exchanges": len(world.journal),
        "dropped": world.journal.dropped,
        "lastUsed": used.isoformat() if used else None,
    }


def drop_world(call: Call) -> Response:
    """Forget a world."""
    call.stub.drop(call.values["name"], closed=call.values.get("closed", False))
    call.snapshots.drop_world(call.values["name"])
    return no_content()


def export_world(call: Call) -> Response:
    """Give a world as a scenario."""
    world = call.world()
    text = dump_yaml(call.stub.export(world))
    return text_response(
        text, YAML, ("Content-Disposition", f'attachment; filename="{world.name}.yaml"')
    )


# --- the clock


def get_clock(call: Call) -> Response:
    """Tell how the clock stands."""
    world = call.world()
    state = world.state()
    clock = state.clock
    told = {"now": world.now().isoformat(), "start": state.start.isoformat(), "mode": clock.mode}
    return json_response({**told, "speed": clock.speed, "step": clock.step.total_seconds()})


def advance_clock(call: Call) -> Response:
    """Move the clock forward."""
    by = _duration(call.body["by"])

    def change(world: World) -> datetime:
        require_reachable(lambda: world.now() + by)
        return world.advance(by)

    return _moved(call, change)


def freeze_clock(call: Call) -> Response:
    """Let the clock stand still."""
    return _moved(call, lambda world: world.freeze())


def set_clock(call: Call) -> Response:
    """Set the clock to a later moment."""
    try:
        moment = parse_moment(call.body["to"])
    except ValueError as error:
        raise ControlProblem("bad-request", f"body/to: {error}.") from error

    def change(world: World) -> datetime:
        return world.move(require_reachable(lambda: resolve_moment(moment, world.state().start)))

    return _moved(call, change)


def scale_clock(call: Call) -> Response:
    """Let the clock run."""
    return _moved(call, lambda world: world.scale(float(call.body["speed"])))


def _moved(call: Call, change: Callable[[World], object]) -> Response:
    """Change the clock of the world; tell how it stands then."""
    try:
        change(call.world())
    except ValueError as error:
        raise ControlProblem("clock-backwards", f"{error}.") from error
    return get_clock(call)


def require_reachable(make: Callable[[], datetime]) -> datetime:
    """Give a moment that a clock may be set to. Raises ControlProblem for one beyond."""
    try:
        moment = make()
    except OverflowError as error:
        raise ControlProblem("clock-at-its-end", "No clock goes that far.") from error
    if moment.year > _LAST_YEAR:
        raise ControlProblem(
            "clock-at-its-end",
            f"That would be in the year {moment.year}; {_LAST_YEAR} is the last.",
        )
    return moment


def _duration(text: str) -> timedelta:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise ControlProblem("bad-request", f"body/by: {error}.") from error


# --- settings


def get_settings(call: Call) -> Response:
    """Tell what counts in the world."""
    world = call.world()
    state = world.state()
    mode = world.validate_request(state).value
    told = {"validateRequest": mode, "errors": world.rejects_unknown_preferences(state)}
    return json_response({**told, "corrupt": list(state.settings.get("corrupt", ()))})


def change_settings(call: Call) -> Response:
    """Change settings of the world; null takes the server's own again."""

    for id_ in call.body.get("corrupt") or ():
        try:
            find_corruption(id_, call.world().contract)
        except InputError as error:
            raise from_problems("bad-request", error.problems) from error

    def change(state: State) -> tuple[State, None]:
        told = {**state.settings, **call.body}
        return replace(
            state, settings={key: value for key, value in told.items() if value is not None}
        ), None

    call.world().update(change)
    return get_settings(call)


# --- snapshots


def list_snapshots(call: Call) -> Response:
    """Tell the snapshots of the world."""
    return json_response(
        {"snapshots": [_snapshot_record(one) for one in call.snapshots.of_world(call.name)]}
    )


def save_snapshot(call: Call) -> Response:
    """Keep the world as it stands."""
    world = call.world()
    data = world.snapshot()
    at, revision = (
        datetime.fromisoformat(data["clock"]["base"]),
        data["folded"] + len(data["commands"]),
    )
    kept, is_new = call.snapshots.save(call.name, call.values["name"], at, revision, data)
    return json_response(_snapshot_record(kept), 201 if is_new else 200)


def restore_snapshot(call: Call) -> Response:
    """Let the world be as it was."""
    snapshot, world = call.snapshots.get(call.name, call.values["name"]), call.world()
    try:
        world.restore(snapshot.load())
    except ValueError as error:
        raise ControlProblem("other-scenario", f"{error}.") from error
    return json_response(describe_world(call, world))


def drop_snapshot(call: Call) -> Response:
    """Forget a snapshot."""
    call.snapshots.drop(call.name, call.values["name"])
    return no_content()


def _snapshot_record(one: Snapshot) -> dict[str, Any]:
    return {
        "name": one.name,
        "at": one.at.isoformat(),
        "revision": one.revision,
        "bytes": len(one.text),
    }
