"""The table of routes: handlers, document, client and guide say the same."""

import inspect
import os
import textwrap
from pathlib import Path

import pytest
from openapi_spec_validator import validate

from control_builders import whole_contract
from understudy.contract.document.source_tree import Tree
from understudy.contract.loading.document_checks import check_document
from understudy.control.api.control_problems import KINDS
from understudy.control.api.message_schemas import message_schemas
from understudy.control.api.openapi_document import build_openapi_document
from understudy.control.api.route import Route
from understudy.control.api.route_table import ROUTES, problems_of
from understudy.control.client import ControlClient
from understudy.control.client_methods import documentation_of, method_name, signature_of
from understudy.control.handlers.handler_table import HANDLERS
from understudy.source import Source


def test_each_route_has_a_handler() -> None:
    """No route without a handler, no handler without a route."""
    assert set(HANDLERS) == set(ROUTES)


def test_the_document_is_valid_and_holds_each_route() -> None:
    """By the specification's own validator, and by our reader of contracts."""
    document = build_openapi_document("/__admin")
    validate(document)
    check_document(Tree.of(Source("control", document, {})))
    told = {(o.id, o.method, o.path) for o in whole_contract().operations.values()}
    assert told == {(route.id, route.method, route.path) for route in ROUTES.values()}


def test_the_prefix_stands_in_the_document() -> None:
    """Where the control API was moved, its document says so."""
    assert build_openapi_document("/_control")["servers"] == [{"url": "/_control"}]


def test_each_problem_of_a_route_is_known_and_each_known_one_is_some_routes() -> None:
    """Slugs are told in one place; 404 and 405 of the API itself belong to no route."""
    used = {slug for route in ROUTES.values() for slug in problems_of(route)}
    assert used <= set(KINDS)
    assert set(KINDS) - used == {"no-such-route", "method-not-allowed"}


def test_only_reading_routes_are_get() -> None:
    """A GET changes nothing; what changes something is no GET."""
    assert [
        route.id for route in ROUTES.values() if route.changes_state and route.method == "GET"
    ] == []
    searches = {"findRequests", "countRequests", "waitForRequests", "findNearMisses"}
    assert {
        route.id for route in ROUTES.values() if not route.changes_state and route.method != "GET"
    } == searches


def test_each_route_is_a_method_of_the_client() -> None:
    """With the route's summary, and each of its parameters."""
    for route in ROUTES.values():
        method = getattr(ControlClient, method_name(route))
        assert method.__doc__
        names = set(inspect.signature(method).parameters)
        if route.id != "events":
            assert method.__doc__.startswith(route.summary)
            assert len(names) > len([p for p in route.parameters if p.location != "header"])


HEAD = '''"""Made from the table of routes: ACCEPT=1 pytest tests/unit/control/test_control_table.py writes it anew."""

from collections.abc import Iterator
from typing import Any

from understudy.control.control_api import Control
from understudy.control.transport import ControlError as ControlError

class ControlClient:
    """Drives a stub. One method for each route, named as its id."""

    def __init__(self, url: str, token: str = "", world: str = "", *, prefix: str = "/__admin") -> None: ...
    @classmethod
    def inside(cls, control: Control, url: str = "http://localhost", world: str = "") -> ControlClient:
        """Give a client of a stub in this process; its calls go through no socket."""

    def in_world(self, world: str) -> ControlClient:
        """Give a client of the same stub for another world."""

    def events(self, *, after: int | None = None, every_world: bool = False) -> Iterator[dict[str, Any]]:
        """Give exchanges as they happen, for as long as the server runs."""
'''


def client_types() -> str:
    """Give the text of `client.pyi`."""
    return HEAD + "".join(f"\n{_typed(route)}" for route in ROUTES.values() if route.id != "events")


def _typed(route: Route) -> str:
    """Give a method as a type checker reads it, in the form of ruff."""
    signature = str(signature_of(route)).replace("'", '"')
    line = f"    def {method_name(route)}{signature}:"
    if len(line) > 100:
        arguments, _, result = signature[1:].rpartition(") -> ")
        told = "".join(f"        {argument},\n" for argument in arguments.split(", "))
        line = f"    def {method_name(route)}(\n{told}    ) -> {result}:"
    text = textwrap.wrap(documentation_of(route), 86)
    told = text[0] if len(text) == 1 else "\n        ".join([*text, ""])
    return f'{line}\n        """{told}"""\n'


def test_the_types_of_the_client_are_those_of_the_table(root: Path) -> None:
    """`client.pyi` is what the table gives; ACCEPT=1 rewrites it."""
    path = root / "src/understudy/control/client.pyi"
    if os.environ.get("ACCEPT") == "1":
        path.write_text(client_types(), "utf-8")
    assert path.read_text("utf-8") == client_types()


def guide_tables() -> dict[str, str]:
    """Give the tables of the guide by their names: made from the routes and from the problems."""
    topics = dict.fromkeys(route.topic for route in ROUTES.values())
    routes = []
    for topic in topics:
        routes += [
            "",
            f"### {topic}",
            "",
            "| route | id | what it does | what comes back |",
            "| --- | --- | --- | --- |",
        ]
        routes += [_row(route) for route in ROUTES.values() if route.topic == topic]
    problems = ["", "| type | status | when |", "| --- | --- | --- |"]
    problems += [f"| `{slug}` | {kind.status} | {kind.when} |" for slug, kind in KINDS.items()]
    return {"routes": "\n".join([*routes, ""]), "problems": "\n".join([*problems, ""])}


def _row(route: Route) -> str:
    told = [route.summary, route.description]
    sent = {"Query": [one.name for one in route.parameters if one.location == "query"]}
    if route.body and not route.body.argument:
        schema = route.body.schema
        name = str(schema.get("$ref", "")).rpartition("/")[2]
        sent["Body"] = list((message_schemas()[name] if name else schema)["properties"])
    told += [
        f"{kind}: {', '.join(f'`{name}`' for name in names)}."
        for kind, names in sent.items()
        if names
    ]
    answers = " ".join(
        f"{status}: {answer.description}" for status, answer in route.answers.items()
    )
    cells = (
        f"`{route.method} {route.path}`",
        f"`{route.id}`",
        " ".join(part for part in told if part),
        answers,
    )
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


@pytest.mark.parametrize("name", ["routes", "problems"])
def test_the_guide_has_the_table(root: Path, name: str) -> None:
    """Between its markers; ACCEPT=1 rewrites it."""
    path, begin, end = (
        root / "docs/guide/control-api.md",
        f"<!-- table: {name} -->\n",
        f"<!-- end: {name} -->",
    )
    text = path.read_text("utf-8")
    before, _, rest = text.partition(begin)
    found, _, after = rest.partition(end)
    if os.environ.get("ACCEPT") == "1":
        path.write_text(f"{before}{begin}{guide_tables()[name]}{end}{after}", "utf-8")
        found = guide_tables()[name]
    assert found == guide_tables()[name]
