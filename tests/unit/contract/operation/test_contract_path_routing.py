"""Routing of method and path to an operation."""

import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract_builders import load_data, make_document
from understudy.contract import Contract, Match, NoMethod, NoPath, load_contract
from understudy.contract.operation.path_routing import Router

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


def load_templates(folder: Path, paths: Any = TEMPLATES) -> Contract:
    items: dict[str, Any] = {}
    for path in paths:
        names = [part.partition("}")[0] for part in path.split("{")[1:]]
        parameters = [
            {"name": name, "in": "path", "required": True, "schema": {}} for name in names
        ]
        method = "put" if path == "/a/{any}/c" else "get"
        items[path] = {"parameters": parameters, method: {"operationId": path, "responses": {}}}
    return load_data({**make_document(), "paths": items}, folder)


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    return load_templates(tmp_path_factory.mktemp("routes"))


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
        ("/files/a.tar.gz", "/files/{name}.{ext}", {"name": "a.tar", "ext": "gz"}),
        ("/files/.a.", None, {}),
        ("/files/..a", "/files/{name}.{ext}", {"name": ".", "ext": "a"}),
        ("/files/a%2Etxt", "/files/{name}.{ext}", {"name": "a", "ext": "txt"}),
        ("/range/1-2-3", "/range/{from}-{to}", {"from": "1-2", "to": "3"}),
        ("/range/1-2", "/range/{from}-{to}", {"from": "1", "to": "2"}),
        ("/range/--", None, {}),
        ("/range/---", "/range/{from}-{to}", {"from": "-", "to": "-"}),
        ("/two/xyz", "/two/{a}{b}", {"a": "xy", "b": "z"}),
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
def test_path_matches_the_most_concrete_template(
    routes: Contract, path: str, template: str | None, values: dict[str, str]
) -> None:
    """Concrete before templated, longer literals before shorter ones.

    Variables are decoded and never contain a slash that was not encoded. Of two in one segment, the
    last is the shortest.
    """
    result = routes.route("GET", path)
    assert (
        (result.operation.path, result.path_values) == (template, values)
        if isinstance(result, Match)
        else not template
    )


def test_next_template_answers_when_the_first_lacks_the_method(routes: Contract) -> None:
    """`/a/{any}/c` is more concrete but has only PUT, so GET goes to `/{any}/b/c`."""
    get, put = routes.route("GET", "/a/b/c"), routes.route("PUT", "/a/b/c")
    assert [result.operation.path for result in (get, put) if isinstance(result, Match)] == [
        "/{any}/b/c",
        "/a/{any}/c",
    ]


def test_unknown_method_lists_the_allowed_methods(routes: Contract) -> None:
    """Those of every matching template, each once."""
    assert routes.route("DELETE", "/a/b/c") == NoMethod("/a/b/c", ("PUT", "GET"))


@pytest.mark.parametrize(
    ("path", "nearest"), [("/taks", "/tasks"), ("/tasks/5/logs", "/tasks/{id}/log"), ("/zzz", "")]
)
def test_unknown_path_has_the_nearest_template(routes: Contract, path: str, nearest: str) -> None:
    """Empty when no template is near."""
    assert routes.route("GET", path) == NoPath(path, nearest)


@given(st.text(st.characters(codec="ascii"), max_size=30))
def test_any_path_is_routed_without_an_error(routes: Contract, path: str) -> None:
    """The result is a match, no path or no method."""
    assert isinstance(routes.route("GET", f"/{path}"), Match | NoPath | NoMethod)


def test_hostile_path_takes_linear_time(tmp_path: Path) -> None:
    """Several variables in one segment do not multiply the time."""
    hostile = load_templates(tmp_path, ["/{a}-{b}-{c}-{d}z"])
    start = time.perf_counter()
    assert isinstance(hostile.route("GET", "/" + "-" * 20_000), NoPath)
    assert time.perf_counter() - start < 2


def test_two_paths_can_share_an_item(tmp_path: Path) -> None:
    """The `$ref` of a path item is followed."""
    item: dict[str, Any] = {"get": {"responses": {}}}
    data = {**make_document(), "paths": {"/x": item, "/y": {"$ref": "#/paths/~1x"}}}
    assert list(load_data(data, tmp_path).operations) == ["GET /x", "GET /y"]


def test_nearest_template_ignores_variable_values() -> None:
    """A typo in the last segment is found, however unlike id and variable name are."""
    result = load_contract().route("POST", "/api/v2/tasks/instances/35000312/retri")
    assert result == NoPath(
        "/api/v2/tasks/instances/35000312/retri", "/api/v2/tasks/instances/{taskInstanceId}/retry"
    )


_SEGMENTS = st.sampled_from(["a", "b", "", "{x}", "a{x}", "{x}.b", "a(b)", "a~b"])
_PATH_SEGMENTS = st.sampled_from(["a", "b", "", "ab", "c.b", "a(b)", "a%28b%29", "%61", "a%7Eb"])


@given(
    templates=st.lists(st.lists(_SEGMENTS, min_size=1, max_size=3), min_size=1, max_size=12),
    segments=st.lists(_PATH_SEGMENTS, min_size=1, max_size=3),
)
def test_look_up_is_that_of_each_template_alone(
    templates: list[list[str]], segments: list[str]
) -> None:
    """A router of many templates finds those that a router of each of them would find."""
    texts = list({f"/{'/'.join(template)}" for template in templates})
    path = f"/{'/'.join(segments)}"
    expected = {text for text in texts for _ in Router([text]).find(path)}
    matching = [template for template, _ in Router(texts).find(path)]
    assert set(matching) == expected
    assert len(matching) == len(expected)
