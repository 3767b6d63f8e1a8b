"""From method and path to an operation."""

import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract_builders import document, loaded
from understudy.contract import Contract, Match, NoMethod, NoPath, load_contract

TEMPLATES = (
    *(
        "/tasks",
        "/tasks/{id}",
        "/tasks/mine",
        "/tasks/{id}.json",
        "/tasks/{id}/log",
        "/{any}/b/c",
        "/a/{any}/c",
    ),
    *(
        "/files/{name}.{ext}",
        "/range/{from}-{to}",
        "/two/{a}{b}",
        "/sp ace/{x}",
        "/中/{x}",
        "/paren(1)/{x}",
    ),
)


def contract(folder: Path, paths: Any = TEMPLATES) -> Contract:
    items: dict[str, Any] = {}
    for path in paths:
        names = [part.partition("}")[0] for part in path.split("{")[1:]]
        parameters = [
            {"name": name, "in": "path", "required": True, "schema": {}} for name in names
        ]
        method = "put" if path == "/a/{any}/c" else "get"
        items[path] = {"parameters": parameters, method: {"operationId": path, "responses": {}}}
    return loaded({**document(), "paths": items}, folder)


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    return contract(tmp_path_factory.mktemp("routes"))


@pytest.mark.parametrize(
    ("path", "template", "values"),
    [
        ("/tasks", "/tasks", {}),
        ("/tasks/mine", "/tasks/mine", {}),
        ("/tasks/5", "/tasks/{id}", {"id": "5"}),
        ("/tasks/5.json", "/tasks/{id}.json", {"id": "5"}),
        ("/tasks/a%2Fb", "/tasks/{id}", {"id": "a/b"}),
        ("/tasks/%E4%B8%AD", "/tasks/{id}", {"id": "中"}),
        ("/tasks/%FF", "/tasks/{id}", {"id": "\ufffd"}),
        ("/tasks/100%", "/tasks/{id}", {"id": "100%"}),
        ("/tasks/a+b", "/tasks/{id}", {"id": "a+b"}),
        ("/%74asks/m%69ne", "/tasks/mine", {}),
        ("/files/a.tar.gz", "/files/{name}.{ext}", {"name": "a", "ext": "tar.gz"}),
        ("/files/a%2Etxt", "/files/{name}.{ext}", {"name": "a", "ext": "txt"}),
        ("/range/1-2", "/range/{from}-{to}", {"from": "1", "to": "2"}),
        ("/range/--", None, {}),
        ("/range/---", "/range/{from}-{to}", {"from": "-", "to": "-"}),
        ("/two/xyz", "/two/{a}{b}", {"a": "x", "b": "yz"}),
        ("/sp%20ace/1", "/sp ace/{x}", {"x": "1"}),
        ("/%e4%b8%ad/1", "/中/{x}", {"x": "1"}),
        ("/中/1", "/中/{x}", {"x": "1"}),
        ("/paren(1)/1", "/paren(1)/{x}", {"x": "1"}),
        ("/paren%281%29/1", "/paren(1)/{x}", {"x": "1"}),
        ("/tasks/", None, {}),
        ("/tasks//log", None, {}),
        ("/Tasks", None, {}),
        ("/tasks/5\n", "/tasks/{id}", {"id": "5\n"}),
        ("", None, {}),
    ],
)
def test_paths(routes: Contract, path: str, template: str | None, values: dict[str, str]) -> None:
    """Concrete before templated, the longer literal before the shorter; variables are decoded and never span a slash."""
    found = routes.route("GET", path)
    assert (
        (found.operation.path, found.path_values) == (template, values)
        if isinstance(found, Match)
        else not template
    )


def test_another_template_answers_when_the_first_lacks_the_method(routes: Contract) -> None:
    """`/a/{any}/c` is the more concrete one and knows only PUT; GET falls to `/{any}/b/c`."""
    get, put = routes.route("GET", "/a/b/c"), routes.route("PUT", "/a/b/c")
    assert [found.operation.path for found in (get, put) if isinstance(found, Match)] == [
        "/{any}/b/c",
        "/a/{any}/c",
    ]


def test_a_method_that_no_template_has(routes: Contract) -> None:
    """Those that any matching template has are told, each once."""
    assert routes.route("DELETE", "/a/b/c") == NoMethod("/a/b/c", ("PUT", "GET"))


@pytest.mark.parametrize(
    ("path", "nearest"), [("/taks", "/tasks"), ("/tasks/5/logs", "/tasks/{id}/log"), ("/zzz", "")]
)
def test_a_path_that_no_template_has(routes: Contract, path: str, nearest: str) -> None:
    """The template that is most like it is told."""
    assert routes.route("GET", path) == NoPath(path, nearest)


@given(st.text(st.characters(codec="ascii"), max_size=30))
def test_no_path_raises(routes: Contract, path: str) -> None:
    """Whatever a client sends is found or not found."""
    assert isinstance(routes.route("GET", f"/{path}"), Match | NoPath | NoMethod)


def test_a_hostile_path_costs_time_in_proportion_to_its_length(tmp_path: Path) -> None:
    """Several variables in one segment do not multiply."""
    hostile = contract(tmp_path, ["/{a}-{b}-{c}-{d}z"])
    start = time.perf_counter()
    assert isinstance(hostile.route("GET", "/" + "-" * 20_000), NoPath)
    assert time.perf_counter() - start < 2


def test_two_paths_may_share_an_item(tmp_path: Path) -> None:
    """A path item is followed through its `$ref`."""
    item: dict[str, Any] = {"get": {"responses": {}}}
    data = {**document(), "paths": {"/x": item, "/y": {"$ref": "#/paths/~1x"}}}
    assert list(loaded(data, tmp_path).operations) == ["GET /x", "GET /y"]


def test_a_variable_is_like_whatever_stands_there() -> None:
    """A slip in the last word is told, however unlike the name of the variable is to the id before it."""
    found = load_contract().route("POST", "/api/v2/tasks/instances/35000312/retri")
    assert found == NoPath(
        "/api/v2/tasks/instances/35000312/retri", "/api/v2/tasks/instances/{taskInstanceId}/retry"
    )
