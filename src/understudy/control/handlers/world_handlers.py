"""Handlers of worlds: their registry, clocks, settings and snapshots.

The world of a call is created on first use, so that a test can set up a world before its client
calls.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from understudy.clock import LAST_YEAR
from understudy.contract import find_corruption
from understudy.control.api.api_call import Call, json_response, no_content, text_response
from understudy.control.api.control_problems import ControlProblem, from_problems
from understudy.control.api.route import YAML
from understudy.control.api.snapshots import Snapshot
from understudy.control.api.world_types import (
    ClockRecord,
    SettingsRecord,
    SnapshotRecord,
    WorldRecord,
)
from understudy.durations import parse_duration, parse_moment, resolve_moment
from understudy.errors import InputError
from understudy.messages import Response
from understudy.ocp import TooManyEventsError
from understudy.replay import World
from understudy.replay.world_state import State
from understudy.source import dump_yaml


def reset(call: Call) -> Response:
    """Reset one world, or every world."""
    names = [call.name]
    if call.values["all"]:
        names = [world.name for world in call.stub.worlds()]
    for name in names:
        call.stub.reset(name)
    return no_content()


def list_worlds(call: Call) -> Response:
    """List the worlds, by their last use."""
    records = [describe_world(call, world) for world in call.stub.worlds()]
    return json_response({"worlds": records})


def describe_world(call: Call, world: World) -> WorldRecord:
    """Return the summary of a world."""
    state = world.state()
    last_used = call.stub.last_used(world.name)
    return {
        "name": world.name,
        "scenario": call.stub.scenario_name(world.name) or _scenario_name(world),
        "clock": world.now().isoformat(),
        "revision": state.revision,
        "exchanges": len(world.journal),
        "dropped": world.journal.dropped,
        "lastUsed": last_used.isoformat() if last_used else None,
    }


def _scenario_name(world: World) -> str:
    """Return the name of the scenario; empty for a contract served from examples."""
    scenario = world.setup.scenario
    return scenario.name if scenario else ""


def drop_world(call: Call) -> Response:
    """Delete a world and its snapshots."""
    name: str = call.values["name"]
    call.stub.drop(name, closed=call.values.get("closed", False))
    call.snapshots.drop_world(name)
    return no_content()


def export_world(call: Call) -> Response:
    """Return the world as a scenario file.

    The file name is the name of the world: a scenario's name may hold any character.
    """
    world = call.world()
    text = dump_yaml(call.stub.export(world))
    disposition = f'attachment; filename="{world.name}.yaml"'
    return text_response(text, YAML, ("Content-Disposition", disposition))


# --- the clock


def get_clock(call: Call) -> Response:
    """Return the state of the clock."""
    world = call.world()
    state = world.state()
    record: ClockRecord = {
        "now": world.now().isoformat(),
        "start": state.start.isoformat(),
        "mode": state.clock.mode,
        "speed": state.clock.speed,
        "step": state.clock.step.total_seconds(),
    }
    return json_response(record)


def advance_clock(call: Call) -> Response:
    """Move the clock forward."""
    by = _parse_by(call.body["by"])

    def change(world: World) -> None:
        require_reachable(lambda: world.now() + by)
        world.advance(by)

    return _change_clock(call, change)


def freeze_clock(call: Call) -> Response:
    """Stop the clock."""
    return _change_clock(call, lambda world: world.freeze())


def set_clock(call: Call) -> Response:
    """Set the clock to a later time: a date, or an offset from the start."""
    try:
        moment = parse_moment(call.body["to"])
    except ValueError as error:
        raise ControlProblem("bad-request", f"body/to: {error}.") from error

    def change(world: World) -> None:
        start = world.state().start
        world.move(require_reachable(lambda: resolve_moment(moment, start)))

    return _change_clock(call, change)


def scale_clock(call: Call) -> Response:
    """Run the clock at a multiple of wall time."""
    speed = float(call.body["speed"])
    return _change_clock(call, lambda world: world.scale(speed))


def _change_clock(call: Call, change: Callable[[World], object]) -> Response:
    """Change the clock and return its new state; the world raises ValueError for earlier times."""
    try:
        change(call.world())
    except TooManyEventsError as error:
        detail = f"That would be {error}. Move the clock in smaller steps; nothing has changed."
        raise ControlProblem("too-many-events", detail) from error
    except ValueError as error:
        raise ControlProblem("clock-backwards", f"{error}.") from error
    return get_clock(call)


def require_reachable(compute: Callable[[], datetime]) -> datetime:
    """Return a time that a clock can have.

    Raises ControlProblem (`clock-at-its-end`) for a later time, also if it cannot be computed.
    """
    try:
        moment = compute()
    except OverflowError as error:
        raise ControlProblem("clock-at-its-end", "No clock can go that far.") from error
    if moment.year > LAST_YEAR:
        detail = f"That would be in the year {moment.year}; the last year is {LAST_YEAR}."
        raise ControlProblem("clock-at-its-end", detail)
    return moment


def _parse_by(text: str) -> timedelta:
    """Parse a duration. Raises ControlProblem with the text of the parser."""
    try:
        return parse_duration(text)
    except ValueError as error:
        raise ControlProblem("bad-request", f"body/by: {error}.") from error


# --- settings


def get_settings(call: Call) -> Response:
    """Return the settings in effect."""
    world = call.world()
    state = world.state()
    record: SettingsRecord = {
        "validateRequest": world.validate_request(state).value,
        "errors": world.setup.turns_violations_into_errors(state),
        "strictPreferences": world.setup.rejects_unknown_preferences(state),
        "corrupt": list(state.settings.get("corrupt", ())),
    }
    return json_response(record)


def change_settings(call: Call) -> Response:
    """Change settings of the world; null restores the setting of the server.

    Raises ControlProblem (`bad-request`) for the id of an unknown corruption.
    """
    _check_corruptions(call)

    def change(state: State) -> tuple[State, None]:
        merged = {**state.settings, **call.body}
        settings = {key: value for key, value in merged.items() if value is not None}
        return replace(state, settings=settings), None

    call.world().update(change)
    return get_settings(call)


def _check_corruptions(call: Call) -> None:
    """Raise ControlProblem for the first unknown id, with the nearest one."""
    for corruption_id in call.body.get("corrupt") or ():
        try:
            find_corruption(corruption_id, call.world().contract)
        except InputError as error:
            raise from_problems("bad-request", error.problems) from error


# --- snapshots


def list_snapshots(call: Call) -> Response:
    """List the snapshots of the world."""
    snapshots = call.snapshots.of_world(call.name)
    records = [_describe_snapshot(snapshot) for snapshot in snapshots]
    return json_response({"snapshots": records})


def save_snapshot(call: Call) -> Response:
    """Save a snapshot of the world; 201 when its name is new."""
    data = call.world().snapshot()
    at = datetime.fromisoformat(data["clock"]["base"])
    revision = data["folded"] + len(data["commands"])
    snapshot, is_new = call.snapshots.save(call.name, call.values["name"], at, revision, data)
    return json_response(_describe_snapshot(snapshot), 201 if is_new else 200)


def restore_snapshot(call: Call) -> Response:
    """Restore the world from a snapshot.

    Raises ControlProblem (`other-scenario`) when the world uses another scenario by now.
    """
    snapshot = call.snapshots.get(call.name, call.values["name"])
    world = call.world()
    try:
        world.restore(snapshot.load())
    except ValueError as error:
        raise ControlProblem("other-scenario", f"{error}.") from error
    return json_response(describe_world(call, world))


def drop_snapshot(call: Call) -> Response:
    """Delete a snapshot."""
    call.snapshots.drop(call.name, call.values["name"])
    return no_content()


def _describe_snapshot(snapshot: Snapshot) -> SnapshotRecord:
    """Return the record of a snapshot, without its data."""
    return {
        "name": snapshot.name,
        "at": snapshot.at.isoformat(),
        "revision": snapshot.revision,
        "bytes": len(snapshot.text),
    }
