"""The methods and types of the client agree with the table of routes."""

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any, get_args, get_origin, get_type_hints, is_typeddict

import pytest

from understudy.control.api import journal_types, world_types
from understudy.control.api.journal_types import Criteria
from understudy.control.api.message_schemas import message_schemas
from understudy.control.api.route import JSON, Route
from understudy.control.api.route_table import ROUTES
from understudy.control.api.world_types import SettingsChange
from understudy.control.client import ControlClient

EMPTY = inspect.Parameter.empty
TYPES = {"string": str, "integer": int, "number": float, "boolean": bool}
METHODS = [route for route in ROUTES.values() if route.id != "events"]
PUBLIC = {"inside", "in_world", "events"}
"""Public methods of the client that need no row of the table, or differ from it."""
OMITTED = {"TaskSummary": {"subtasks"}}
"""Keys that a type leaves out: only one of the routes with this schema returns them."""


def to_snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def resolve_schema(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a schema, or the one that it refers to."""
    if "$ref" in schema:
        return message_schemas()[schema["$ref"].rpartition("/")[2]]
    return schema


def positional_arguments(route: Route) -> Iterator[str]:
    """Yield path parameters, and the argument for a whole body."""
    for parameter in route.parameters:
        if parameter.location == "path":
            yield to_snake_case(parameter.name)
    if route.body and route.body.argument:
        yield route.body.argument


def keyword_arguments(route: Route) -> dict[str, tuple[Mapping[str, Any], object]]:
    """Return schema and default by name: query parameters, and the members of a body."""
    arguments: dict[str, tuple[Mapping[str, Any], object]] = {}
    for parameter in route.parameters:
        if parameter.location == "query":
            schema = parameter.schema
            arguments[to_snake_case(parameter.name)] = schema, schema.get("default")
    if route.body and not route.body.argument:
        body = resolve_schema(route.body.schema)
        for name, schema in body["properties"].items():
            is_required = name in body.get("required", ())
            default = EMPTY if is_required else schema.get("default")
            arguments[to_snake_case(name)] = schema, default
    return arguments


def expected_docstring(route: Route) -> str:
    """Return the docstring of a method in one line."""
    problems = f"Raises ControlError: {', '.join(route.problems)}." if route.problems else ""
    texts = (route.summary, route.description, problems)
    return " ".join(text for text in texts if text)


def schema_type(schema: Mapping[str, Any]) -> type | None:
    """Return the type of a simple value; None for any other."""
    if "enum" in schema and "type" not in schema:
        return str
    return TYPES.get(str(schema.get("type")))


def test_no_signature_has_any() -> None:
    """Neither an argument nor the result of a public method, nor a member of a result, is Any."""
    types = [cls for module in (journal_types, world_types) for cls in vars(module).values()]
    records = [cls for cls in types if is_typeddict(cls)]
    methods = [
        inspect.unwrap(getattr(method, "__func__", method))
        for name, method in inspect.getmembers(ControlClient, callable)
        if not name.startswith("_")
    ]
    assert records
    assert methods
    hints = {owner.__qualname__: get_type_hints(owner) for owner in (*records, *methods)}
    assert [name for name, types in hints.items() if "typing.Any" in str(types)] == []


def test_client_has_one_method_for_each_route() -> None:
    """And no other public methods, but for the choice of a world and of a stub."""
    public = {name for name in dir(ControlClient) if not name.startswith("_")}
    assert public - PUBLIC == {to_snake_case(route.id) for route in METHODS}
    assert "events" in ROUTES


@pytest.mark.parametrize("route", METHODS, ids=lambda route: route.id)
def test_method_has_the_arguments_of_its_route(route: Route) -> None:
    """Path parameters are positional, everything else is passed by keyword.

    `**criteria` and `**settings` have the keys of a TypedDict.
    """
    method = getattr(ControlClient, to_snake_case(route.id))
    hints = get_type_hints(method)
    positional: list[str] = []
    keywords: dict[str, object] = {}
    for name, parameter in list(inspect.signature(method).parameters.items())[1:]:
        match parameter.kind:
            case inspect.Parameter.POSITIONAL_OR_KEYWORD:
                positional.append(name)
            case inspect.Parameter.KEYWORD_ONLY:
                keywords[name] = parameter.default
            case inspect.Parameter.VAR_KEYWORD:
                keys = Criteria if name == "criteria" else SettingsChange
                assert get_args(hints[name]) == (keys,)
                keywords |= dict.fromkeys(keys.__annotations__)
    expected = keyword_arguments(route)
    assert positional == list(positional_arguments(route))
    assert keywords == {name: default for name, (_, default) in expected.items()}
    for name, (schema, _) in expected.items():
        if name in hints and (simple := schema_type(schema)) is not None:
            assert hints[name] in (simple, simple | None), name


@pytest.mark.parametrize("route", METHODS, ids=lambda route: route.id)
def test_method_has_the_docstring_of_its_route(route: Route) -> None:
    """Summary, description and the problems of the route."""
    docstring = getattr(ControlClient, to_snake_case(route.id)).__doc__
    assert " ".join(docstring.split()) == expected_docstring(route)


@pytest.mark.parametrize("route", METHODS, ids=lambda route: route.id)
def test_method_returns_the_type_of_its_route(route: Route) -> None:
    """None without a body, a text for YAML, and a described object for JSON."""
    result = get_type_hints(getattr(ControlClient, to_snake_case(route.id)))["return"]
    answer = next(iter(route.answers.values()))
    if answer.schema is None:
        assert result is type(None)
    elif answer.media_type != JSON:
        assert result is str
    elif route.id != "openapiJson":
        assert_same_shape(result, answer.schema, route.id)


def assert_same_shape(result: Any, schema: Mapping[str, Any], place: str) -> None:
    """Compare a type with a schema: keys, required keys, and what is in them."""
    schema = resolve_schema(schema)
    if is_typeddict(result):
        hints = get_type_hints(result)
        # A schema may require keys without a description.
        names = {*schema["properties"], *schema["required"]}
        assert set(hints) == names - OMITTED.get(result.__name__, set()), place
        assert result.__required_keys__ >= set(schema["required"]), place
        for name, hint in hints.items():
            assert_same_shape(hint, schema["properties"].get(name, {}), f"{place}.{name}")
    elif get_origin(result) is list and schema.get("items"):
        assert schema["type"] == "array", place
        assert_same_shape(get_args(result)[0], schema["items"], place)
    elif (simple := schema_type(schema)) is not None:
        assert result is simple or get_origin(result) is not None, place


def test_each_type_is_used() -> None:
    """Every type of a message is part of an argument or a result of the client."""
    used: set[str] = set()
    for route in ROUTES.values():
        hints = get_type_hints(getattr(ControlClient, to_snake_case(route.id)))
        for hint in hints.values():
            used |= nested_types(hint)
    modules = (journal_types, world_types)
    values = [value for module in modules for value in vars(module).values()]
    assert {value.__name__ for value in values if is_typeddict(value)} == used


def nested_types(hint: Any) -> set[str]:
    """Return the names of a TypedDict and of all that it holds."""
    names: set[str] = set()
    for argument in get_args(hint):
        names |= nested_types(argument)
    if is_typeddict(hint):
        names.add(hint.__name__)
        for inner in get_type_hints(hint).values():
            names |= nested_types(inner)
    return names
