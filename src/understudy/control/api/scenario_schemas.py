"""Schemas that the control API takes from the scenario format: rules, tasks, search criteria.

The format has one JSON Schema, which a call must obey as a file does: nothing is written twice.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from understudy.control.api.route import Schema, schema_ref
from understudy.control.api.schema_builders import closed_object_schema, with_description
from understudy.rules.faults.fault_profiles import PROFILES
from understudy.scenario.format_schema import scenario_schema

_DEFINITIONS = "#/$defs/"
# These three are bodies of routes, so they have names that a generated client can use.
_OWN_NAMES = {"replyRule": "ReplyRule", "faultRule": "FaultRule", "task": "AddedTask"}
_REQUEST_CONDITIONS = ("operation", "request", "path", "query", "headers", "body")
"""The conditions of a rule that concern a request: a search can have them."""

_TIMEOUT_PATTERN = (
    r"^([0-9]{1,5}ms|[0-5]?[0-9]{1,2}(\.[0-9]{1,3})?s|600s|[0-9](\.[0-9]{1,2})?m|10m)$"
)
"""A duration of at most 600 seconds."""


def component_name(definition: str) -> str:
    """Return the component's name of a definition: `when` is `scenario.when`."""
    return _OWN_NAMES.get(definition, f"scenario.{definition}")


def scenario_schemas() -> dict[str, Schema]:
    """Return the search criteria, then the rules and tasks with every schema that they refer to."""
    definitions = scenario_schema()["$defs"]
    rules = {
        component_name(name): _as_component(definitions[name])
        for name in _with_references(definitions, ["replyRule", "faultRule", "task"])
    }
    criteria = _criteria(rules[component_name("when")]["properties"])
    return {
        "Criteria": closed_object_schema(**criteria),
        "Wait": closed_object_schema(**criteria, **_wait_options()),
        "AddedFault": {"anyOf": [schema_ref("FaultRule"), _profile_schema(rules["FaultRule"])]},
        **rules,
    }


def _criteria(conditions: Mapping[str, Schema]) -> dict[str, Schema]:
    """Return the criteria of a search: conditions of a rule, then status and account."""
    code: Schema = {"type": "integer", "minimum": 100, "maximum": 599}
    status_class: Schema = {"type": "string", "pattern": "^[1-5]xx$"}
    statuses: Schema = {
        "type": "array",
        "minItems": 1,
        "items": {"anyOf": [code, status_class]},
    }
    return {
        **{name: conditions[name] for name in _REQUEST_CONDITIONS},
        "status": with_description(
            {"anyOf": [code, status_class, statuses]},
            "a status such as 404, a class such as 4xx, or a list of them",
        ),
        "account": with_description(
            schema_ref(component_name("matcher")), "The account of the call."
        ),
    }


def _wait_options() -> dict[str, Schema]:
    """Return the members of a wait beside its criteria."""
    count: Schema = {"type": "integer", "minimum": 1, "maximum": 10_000, "default": 1}
    return {
        "count": with_description(count, "How many calls must match."),
        "timeout": {
            "type": "string",
            "pattern": _TIMEOUT_PATTERN,
            "default": "10s",
            "description": "how long to wait, at most 600s: a duration such as 300ms, 10s or 1.5m",
            "examples": ["100ms", "10s"],
        },
    }


def _profile_schema(fault_rule: Mapping[str, Any]) -> Schema:
    """Return the schema of a fault rule with `profile` in place of `fault`."""
    properties = {key: value for key, value in fault_rule["properties"].items() if key != "fault"}
    return {
        "type": "object",
        "required": ["profile"],
        "additionalProperties": False,
        "properties": {**properties, "profile": {"enum": list(PROFILES)}},
    }


def _as_component(node: Any) -> Any:
    """Copy a schema of the scenario format; its references then point to components."""
    if isinstance(node, list):
        return [_as_component(item) for item in node]
    if not isinstance(node, dict):
        return node
    copy = {}
    for key, value in node.items():
        copy[key] = _component_pointer(value) if key == "$ref" else _as_component(value)
    return copy


def _component_pointer(reference: str) -> str:
    """Return the reference to a component for a reference to a definition."""
    name = component_name(reference.removeprefix(_DEFINITIONS))
    return str(schema_ref(name)["$ref"])


def _with_references(definitions: Mapping[str, Any], names: list[str]) -> Iterator[str]:
    """Yield these definitions and all that they refer to, each once."""
    seen: set[str] = set()
    while names:
        name = names.pop()
        if name in seen:
            continue
        seen.add(name)
        yield name
        names += [pointer.removeprefix(_DEFINITIONS) for pointer in _references(definitions[name])]


def _references(node: Any) -> Iterator[str]:
    """Yield every `$ref` in a schema."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for item in node:
            yield from _references(item)
