"""The table of routes: handlers, document and guide agree with it."""

import os
from pathlib import Path

import pytest
from openapi_spec_validator import validate

from control_builders import compile_document
from understudy.contract.document.shape_problems import ShapeProblems
from understudy.contract.document.source_tree import Tree
from understudy.contract.loading.document_checks import check_document
from understudy.control.api.api_document import build_openapi_document
from understudy.control.api.control_problems import KINDS
from understudy.control.api.message_schemas import message_schemas
from understudy.control.api.route import Route
from understudy.control.api.route_table import ROUTES, problems_of
from understudy.control.handlers.handler_table import HANDLERS
from understudy.source import Source


def test_each_route_has_a_handler() -> None:
    """Routes and handlers have the same ids."""
    assert set(HANDLERS) == set(ROUTES)


def test_document_is_valid_and_has_each_route() -> None:
    """The specification's own validator and our loader of contracts both accept it."""
    document = build_openapi_document("/__admin")
    validate(document)
    tree = Tree.of(Source("control", document, {}))
    problems = ShapeProblems(tree)
    check_document(tree, problems)
    assert problems.problems == ()
    operations = compile_document().operations.values()
    documented = {(operation.id, operation.method, operation.path) for operation in operations}
    assert documented == {(route.id, route.method, route.path) for route in ROUTES.values()}


def test_document_has_the_prefix() -> None:
    """The server URL of the document is the prefix of the control API."""
    assert build_openapi_document("/_control")["servers"] == [{"url": "/_control"}]


def test_each_problem_belongs_to_a_route() -> None:
    """Only the 404 and the 405 of the control API itself belong to no route."""
    used = {slug for route in ROUTES.values() for slug in problems_of(route)}
    assert used <= set(KINDS)
    assert set(KINDS) - used == {"no-such-route", "method-not-allowed"}


def test_get_changes_nothing() -> None:
    """Of the other methods, only searches change nothing: their criteria need a body."""
    routes = ROUTES.values()
    assert [route.id for route in routes if route.changes_state and route.method == "GET"] == []
    searches = {"findRequests", "countRequests", "waitForRequests", "findNearMisses"}
    unchanging = {route.id for route in routes if not route.changes_state and route.method != "GET"}
    assert unchanging == searches


def build_guide_tables() -> dict[str, str]:
    """Return the tables of the guide by name, built from the routes and the problems."""
    topics = dict.fromkeys(route.topic for route in ROUTES.values())
    routes = []
    for topic in topics:
        routes += [
            "",
            f"### {topic}",
            "",
            "| route | id | what it does | response |",
            "| --- | --- | --- | --- |",
        ]
        routes += [build_row(route) for route in ROUTES.values() if route.topic == topic]
    problems = ["", "| type | status | when |", "| --- | --- | --- |"]
    problems += [f"| `{slug}` | {kind.status} | {kind.when} |" for slug, kind in KINDS.items()]
    return {"routes": "\n".join([*routes, ""]), "problems": "\n".join([*problems, ""])}


def build_row(route: Route) -> str:
    """Return the row of a route, with the names of its query parameters and body members."""
    texts = [route.summary, route.description]
    names = {"Query": [p.name for p in route.parameters if p.location == "query"]}
    if route.body and not route.body.argument:
        names["Body"] = body_members(route)
    for kind, members in names.items():
        if members:
            texts.append(f"{kind}: {', '.join(f'`{name}`' for name in members)}.")
    answers = [f"{status}: {answer.description}" for status, answer in route.answers.items()]
    cells = [
        f"`{route.method} {route.path}`",
        f"`{route.id}`",
        " ".join(text for text in texts if text),
        " ".join(answers),
    ]
    escaped = [cell.replace("|", r"\|") for cell in cells]
    return f"| {' | '.join(escaped)} |"


def body_members(route: Route) -> list[str]:
    """Return the names of the members of a route's body."""
    assert route.body is not None
    schema = route.body.schema
    if "$ref" in schema:
        schema = message_schemas()[str(schema["$ref"]).rpartition("/")[2]]
    properties = schema["properties"]
    assert isinstance(properties, dict)
    return list(properties)


@pytest.mark.parametrize("name", ["routes", "problems"])
def test_guide_has_the_table(root: Path, name: str) -> None:
    """The table is between its markers; ACCEPT=1 rewrites it."""
    path = root / "docs/guide/control-api.md"
    begin, end = f"<!-- table: {name} -->\n", f"<!-- end: {name} -->"
    before, _, rest = path.read_text("utf-8").partition(begin)
    table, _, after = rest.partition(end)
    expected = build_guide_tables()[name]
    if os.environ.get("ACCEPT") == "1":
        path.write_text(f"{before}{begin}{expected}{end}{after}", "utf-8")
        table = expected
    assert table == expected
