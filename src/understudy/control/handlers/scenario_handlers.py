"""Handlers of scenarios: listed, read, uploaded, and used by worlds.

A world uses a scenario by its name. Uploads live in memory, and no call writes into the folder of
`--scenarios`.
"""

from pathlib import Path

from understudy.control.api.api_call import Call, json_response, text_response
from understudy.control.api.control_problems import ControlProblem, from_problems
from understudy.control.api.route import YAML
from understudy.control.api.world_types import ScenarioRecord
from understudy.control.handlers.world_handlers import describe_world
from understudy.errors import InputError, nearest_name
from understudy.messages import Response
from understudy.replay import Stub
from understudy.replay.scenario_library import ScenarioSource
from understudy.replay.world_setup import WorldOptions
from understudy.source import read_yaml

_DEFAULT_SCENARIO = "demo"
"""The scenario of a stub that was started without a name."""


def list_scenarios(call: Call) -> Response:
    """List the available scenarios, by name."""
    active = _active_name(call)
    records = []
    for name, source in sorted(_sources(call.stub).items()):
        records.append(_describe(call.stub, name, source, is_active=name == active))
    return json_response({"scenarios": records})


def get_scenario(call: Call) -> Response:
    """Return a scenario as it was written."""
    source = _find_source(call.stub, call.values["name"])
    try:
        text = call.stub.library.text(source)
    except InputError as error:
        raise from_problems("broken-scenario", error.problems) from error
    return text_response(text, YAML)


def upload_scenario(call: Call) -> Response:
    """Upload a scenario; 201 when its name is new.

    Raises ControlProblem: `name-taken` for the name of the file that the server was started with,
    `bad-scenario` with all problems of the scenario, `too-many-scenarios`.
    """
    stub = call.stub
    name: str = call.values["name"]
    is_new = name not in stub.library.entries()
    _check_not_own_file(stub, name)
    text = _decode_body(call)
    try:
        scenario = stub.upload(name, text)
    except InputError as error:
        slugs = {problem.slug for problem in error.problems}
        slug = "too-many-scenarios" if "too-many-scenarios" in slugs else "bad-scenario"
        raise from_problems(slug, error.problems) from error
    record: ScenarioRecord = {
        "name": name,
        "origin": "uploaded",
        "description": scenario.description,
        "active": name == _active_name(call),
    }
    return json_response(record, 201 if is_new else 200)


def _check_not_own_file(stub: Stub, name: str) -> None:
    """Raise ControlProblem (`name-taken`) for the name of the server's own file."""
    source = _sources(stub).get(name)
    if source is not None and source.origin == "file":
        detail = (
            f'The server was started with a file that is called "{name}". Save that file, or use '
            "another name."
        )
        raise ControlProblem("name-taken", detail)


def _decode_body(call: Call) -> str:
    """Return the text of the body; a byte order mark is allowed, as in a file."""
    try:
        return call.request.body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        detail = f"The body is not UTF-8 (byte {error.start})."
        raise ControlProblem("bad-scenario", detail) from error


def activate_scenario(call: Call) -> Response:
    """Restart the world with a scenario."""
    name = _library_name(call.stub, call.values["name"])
    try:
        world = call.stub.activate(call.name, name)
    except InputError as error:
        raise from_problems("broken-scenario", error.problems) from error
    return json_response(describe_world(call, world))


def make_world(call: Call) -> Response:
    """Create a world, or restart it, with the options of the body."""
    body = call.body
    speed = body.get("speed")
    scenario = _library_name(call.stub, body["scenario"]) if "scenario" in body else ""
    try:
        options = WorldOptions(
            scenario=scenario,
            dialect=body.get("dialect", ""),
            clock=body.get("clock", ""),
            speed=None if speed is None else float(speed),
            seed=body.get("seed"),
        )
        world = call.stub.start_world(call.values["name"], options)
    except InputError as error:
        raise from_problems("broken-scenario", error.problems) from error
    return json_response(describe_world(call, world))


def _sources(stub: Stub) -> dict[str, ScenarioSource]:
    """Return every scenario by its name.

    The library does not have the file that the stub was started with: it is listed under the name
    that the file gives itself.
    """
    sources = dict(stub.library.entries())
    own, setting = stub.scenario, stub.settings.scenario
    if own is not None and setting and setting not in sources:
        sources[own.name] = ScenarioSource("file", Path(setting))
    return sources


def _library_name(stub: Stub, name: str) -> str:
    """Return the name that the stub has for a scenario: its own file has an empty one."""
    return "" if _find_source(stub, name).origin == "file" else name


def _find_source(stub: Stub, name: str) -> ScenarioSource:
    """Return a scenario. Raises ControlProblem (`no-such-scenario`) with the nearest name."""
    sources = _sources(stub)
    if name in sources:
        return sources[name]
    nearest = nearest_name(name, sources)
    hint = f'Did you mean "{nearest}"?' if nearest else f"There are: {', '.join(sources)}."
    raise ControlProblem("no-such-scenario", f'There is no scenario "{name}". {hint}')


def _active_name(call: Call) -> str:
    """Return the name of the scenario that the world uses, or would use when it is created."""
    stub = call.stub
    chosen = stub.scenario_name(call.name)
    if chosen or stub.scenario is None:
        return chosen
    setting = stub.settings.scenario
    if not setting:
        return _DEFAULT_SCENARIO
    return setting if setting in stub.library.entries() else stub.scenario.name


def _describe(stub: Stub, name: str, source: ScenarioSource, *, is_active: bool) -> ScenarioRecord:
    """Return the record of a scenario."""
    return {
        "name": name,
        "origin": source.origin,
        "description": _read_description(stub, source),
        "active": is_active,
    }


def _read_description(stub: Stub, source: ScenarioSource) -> str:
    """Return the description of a scenario, which need not be valid."""
    try:
        data = read_yaml(source.path, text=stub.library.text(source)).data
    except InputError:
        return "This file cannot be read: activate it to see why."
    return str(data.get("description", "")) if isinstance(data, dict) else ""
