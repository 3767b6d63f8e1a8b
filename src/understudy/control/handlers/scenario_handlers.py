"""Handlers: scenarios."""

from pathlib import Path
from typing import Any

from understudy.control.api.api_call import Call, json_response, text_response
from understudy.control.api.control_problems import ControlProblem, from_problems
from understudy.control.api.route import YAML
from understudy.control.handlers.world_handlers import describe_world
from understudy.errors import InputError, nearest_name
from understudy.messages import Response
from understudy.replay import Stub
from understudy.replay.scenario_library import ScenarioSource
from understudy.replay.world_setup import WorldOptions
from understudy.source import read_yaml

_NONE = ScenarioSource("", Path())


def list_scenarios(call: Call) -> Response:
    """Tell the scenarios that can be played."""
    active = _played(call)
    entries = sorted(_entries(call.stub).items())
    return json_response(
        {"scenarios": [_record(call.stub, name, entry, name == active) for name, entry in entries]}
    )


def get_scenario(call: Call) -> Response:
    """Give a scenario as it was written."""
    entry = _find(call.stub, call.values["name"])
    try:
        return text_response(call.stub.library.text(entry), YAML)
    except InputError as error:
        raise from_problems("broken-scenario", error.problems) from error


def upload_scenario(call: Call) -> Response:
    """Take a scenario in."""
    name = call.values["name"]
    is_new = name not in call.stub.library.entries()
    if _entries(call.stub).get(name, _NONE).origin == "file":
        detail = f'The server was started with a file that is called "{name}". Save that one, or take another name.'
        raise ControlProblem("name-taken", detail)
    try:
        text = call.request.body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ControlProblem(
            "bad-scenario", f"The body is not UTF-8 (byte {error.start})."
        ) from error
    try:
        scenario = call.stub.upload(name, text)
    except InputError as error:
        full = any(problem.slug == "too-many-scenarios" for problem in error.problems)
        raise from_problems(
            "too-many-scenarios" if full else "bad-scenario", error.problems
        ) from error
    told = {
        "name": name,
        "origin": "uploaded",
        "description": scenario.description,
        "active": name == _played(call),
    }
    return json_response(told, 201 if is_new else 200)


def activate_scenario(call: Call) -> Response:
    """Let the world begin anew with a scenario."""
    try:
        world = call.stub.activate(call.name, _name_of(call.stub, call.values["name"]))
    except InputError as error:
        raise from_problems("broken-scenario", error.problems) from error
    return json_response(describe_world(call, world))


def make_world(call: Call) -> Response:
    """Let a world begin as is told."""
    name, told = call.values["name"], call.body
    speed = told.get("speed")
    scenario = _name_of(call.stub, told["scenario"]) if "scenario" in told else ""
    try:
        play = WorldOptions(
            scenario=scenario,
            dialect=told.get("dialect", ""),
            clock=told.get("clock", ""),
            speed=None if speed is None else float(speed),
            seed=told.get("seed"),
        )
        world = call.stub.start_world(name, play)
    except InputError as error:
        raise from_problems("broken-scenario", error.problems) from error
    return json_response(describe_world(call, world))


def _entries(stub: Stub) -> dict[str, ScenarioSource]:
    """Give every scenario by its name. The one that the stub was started with as a file goes by its own name."""
    entries = dict(stub.library.entries())
    own, told = stub.scenario, stub.settings.scenario
    if own is not None and told and told not in entries:
        entries[own.name] = ScenarioSource("file", Path(told))
    return entries


def _name_of(stub: Stub, name: str) -> str:
    """Give the name by which the stub knows a scenario: its own has none, when that is a file."""
    return "" if _find(stub, name).origin == "file" else name


def _find(stub: Stub, name: str) -> ScenarioSource:
    entries = _entries(stub)
    if name in entries:
        return entries[name]
    near = nearest_name(name, entries)
    hint = f'Did you mean "{near}"?' if near else f"There are: {', '.join(entries)}."
    raise ControlProblem("no-such-scenario", f'There is no scenario "{name}". {hint}')


def _played(call: Call) -> str:
    """Give the name of the scenario that the world plays, or would play."""
    stub = call.stub
    chosen = stub.scenario_name(call.name)
    if chosen or stub.scenario is None:
        return chosen
    told = stub.settings.scenario
    return (told or "demo") if not told or told in stub.library.entries() else stub.scenario.name


def _record(stub: Stub, name: str, entry: ScenarioSource, active: bool) -> dict[str, Any]:
    description = ""
    try:
        data = read_yaml(entry.path, text=stub.library.text(entry)).data
        description = data.get("description", "") if isinstance(data, dict) else ""
    except InputError:
        description = "It cannot be read: activate it to see why."
    return {"name": name, "origin": entry.origin, "description": str(description), "active": active}
