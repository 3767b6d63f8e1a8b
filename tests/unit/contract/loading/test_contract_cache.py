"""A contract from the cache is the one that its files give: same document, answers, warnings, places."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from contract_builders import collect_problems, make_document
from understudy.config import Settings, resolve_overlays
from understudy.contract import BACKENDS, Contract, load_cached_contract, load_contract
from understudy.disk_cache import DiskCache
from understudy.messages import Headers, Request, Response
from understudy.source import dump_yaml

WRONG_EXAMPLE = {
    "responses": {
        "200": {
            "description": "ok",
            "content": {
                "application/json": {
                    "schema": {"$ref": "#/components/schemas/Node"},
                    "example": {"n": "text"},
                }
            },
        }
    }
}
NODE = {
    "$dynamicAnchor": "node",
    "type": "object",
    "required": ["n"],
    "properties": {"n": {"type": "integer"}, "more": {"$dynamicRef": "#node"}},
}
BROKEN = [
    "openapi: 5.1.0\ninfo: {title: T, version: '1'}\npaths: {}\n",
    "openapi: [\n",
    "- openapi\n",
]


@pytest.fixture
def cache(tmp_path: Path) -> DiskCache:
    folder = tmp_path / "cache"
    folder.mkdir(mode=0o700)
    return DiskCache(folder)


def write_contract(folder: Path, data: Any) -> Path:
    file = folder / "contract.yaml"
    file.write_text(data if isinstance(data, str) else dump_yaml(data), encoding="utf-8")
    return file


def entries(cache: DiskCache) -> int:
    return len(list(cache.folder.iterdir()))


def describe(contract: Contract) -> dict[str, Any]:
    """Return all that a contract says, with the place of each node of its document."""
    pointers = list(list_pointers(contract.document, ""))
    return {
        "document": json.dumps(contract.document),
        "head": (contract.title, contract.version, contract.file, contract.service),
        "warnings": contract.warnings,
        "base paths": contract.base_paths,
        "places": [str(contract.place(pointer)) for pointer in pointers],
        "operations": [
            (operation.id, operation.method, operation.path, operation.permission, operation.tags)
            for operation in contract.operations.values()
        ],
        "parameters": [
            (parameter.pointer, parameter.required, parameter.types, parameter.example)
            for operation in contract.operations.values()
            for parameter in operation.parameters
        ],
        "violations": [list(list_violations(contract, name)) for name in contract.operations],
    }


def list_pointers(node: object, pointer: str) -> Sequence[str]:
    children: dict[Any, Any] = {}
    if isinstance(node, dict):
        children = {str(key).replace("~", "~0").replace("/", "~1"): node[key] for key in node}
    elif isinstance(node, list):
        children = dict(enumerate(node))
    below = [
        nested
        for key, child in children.items()
        for nested in list_pointers(child, f"{pointer}/{key}")
    ]
    return [pointer, *below]


def list_violations(contract: Contract, name: str) -> Sequence[object]:
    """Return the violations of a bad request and of a bad response."""
    operation = contract.operations[name]
    headers = Headers.of([("Content-Type", "application/json")])
    query = "page=x&size=&odd=1"
    target = f"{operation.path}?{query}"
    request = Request(operation.method, target, operation.path, query, headers, b"[1]")
    decoded = operation.decode({}, request)
    response = Response(200, headers, b'{"data": {"contents": [{"id": "x"}]}, "n": null}')
    return [*decoded.violations, *decoded.notes, *operation.validate_response(response)]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("dialect", ["documented", "observed"])
def test_shipped_contract_is_the_same(cache: DiskCache, dialect: str, backend: str) -> None:
    """In both dialects, cold and warm."""
    overlays = resolve_overlays(Settings(dialect=dialect))
    expected = describe(load_contract(overlays=overlays, backend=backend))
    for _ in range(2):
        contract = load_cached_contract(overlays=overlays, backend=backend, cache=cache)
        assert describe(contract) == expected
    assert entries(cache) == 1


def test_warnings_and_old_schemas_are_the_same(cache: DiskCache, tmp_path: Path) -> None:
    """Of examples that break their schema, in OpenAPI 3.1 and, with converted schemas, in 3.0."""
    document = make_document(WRONG_EXAMPLE, components={"schemas": {"Node": NODE}})
    for version in ("3.1.0", "3.0.3"):
        path = write_contract(tmp_path, {**document, "openapi": version})
        expected = describe(load_contract(path))
        for _ in range(2):
            assert describe(load_cached_contract(path, cache=cache)) == expected
        assert expected["warnings"]


def test_second_load_parses_nothing(cache: DiskCache, tmp_path: Path) -> None:
    """The entry answers: its document is the one that is served."""
    path = write_contract(tmp_path, make_document())
    load_cached_contract(path, cache=cache)
    [file] = cache.folder.iterdir()
    entry = json.loads(file.read_bytes().partition(b"\n")[2])
    entry["data"]["document"]["info"]["title"] = "from the entry"
    cache.write(file.stem, entry["data"], entry["files"])
    assert load_cached_contract(path, cache=cache).title == "from the entry"
    assert load_cached_contract(path, cache=None).title == "T"


@pytest.mark.parametrize("text", BROKEN)
def test_problems_of_a_broken_contract_are_the_same(
    cache: DiskCache, tmp_path: Path, text: str
) -> None:
    """Each time, with places; nothing of it is cached, and a repaired file loads."""
    path = write_contract(tmp_path, text)
    expected = [str(problem) for problem in collect_problems(lambda: load_contract(path))]
    assert expected
    for _ in range(2):
        problems = collect_problems(lambda: load_cached_contract(path, cache=cache))
        assert [str(problem) for problem in problems] == expected
    assert entries(cache) == 0
    write_contract(tmp_path, make_document())
    assert load_cached_contract(path, cache=cache).title == "T"


def test_missing_file_is_reported_as_without_a_cache(cache: DiskCache, tmp_path: Path) -> None:
    """The nearest name of the folder is in the text, also after the file was in the cache."""
    path = write_contract(tmp_path, make_document())
    load_cached_contract(path, cache=cache)
    path.rename(tmp_path / "contracts.yaml")
    expected = collect_problems(lambda: load_contract(path))
    assert expected
    assert collect_problems(lambda: load_cached_contract(path, cache=cache)) == expected


def test_changed_contract_or_overlay_is_read(cache: DiskCache, tmp_path: Path) -> None:
    """Every file counts, and so does their order."""
    path = write_contract(tmp_path, make_document())
    overlays = [tmp_path / "first.yaml", tmp_path / "second.yaml"]
    for overlay in overlays:
        write_overlay(overlay, overlay.stem)
    assert load_cached_contract(path, overlays=overlays, cache=cache).title == "second"
    assert load_cached_contract(path, overlays=overlays[::-1], cache=cache).title == "first"
    write_overlay(overlays[1], "changed")
    assert load_cached_contract(path, overlays=overlays, cache=cache).title == "changed"
    assert load_cached_contract(path, cache=cache).title == "T"
    write_contract(tmp_path, {**make_document(), "info": {"title": "U", "version": "2"}})
    assert load_cached_contract(path, cache=cache).title == "U"


def write_overlay(path: Path, title: str) -> None:
    actions = [{"target": "$.info", "update": {"title": title}}]
    info = {"title": "O", "version": "1"}
    path.write_text(dump_yaml({"overlay": "1.0.0", "info": info, "actions": actions}))


def test_place_after_a_change_names_the_file(cache: DiskCache, tmp_path: Path) -> None:
    """A running server has the old document; a broken new file has no lines for it."""
    path = write_contract(tmp_path, make_document())
    load_cached_contract(path, cache=cache)
    contract = load_cached_contract(path, cache=cache)
    path.write_text("openapi: [")
    assert str(contract.place("/paths")) == str(path)


FLAWED = "openapi: 3.1.0\npaths: {/x: {get: {responses: {200: {$ref: 'part.yaml'}}}}}\n"


def test_flaws_of_an_entry_are_errors_of_a_strict_start(cache: DiskCache, tmp_path: Path) -> None:
    """The entry that a lenient start wrote has the same problems."""
    file = write_contract(tmp_path, FLAWED.replace("{$ref: 'part.yaml'}", "{}"))
    for _ in range(2):
        warnings = load_cached_contract(file, cache=cache).warnings
        assert [warning.slug for warning in warnings] == ["bad-shape"]
        problems = collect_problems(lambda: load_cached_contract(file, strict=True, cache=cache))
        assert problems == warnings
    assert entries(cache) == 1


def test_document_of_several_files_is_not_cached(cache: DiskCache, tmp_path: Path) -> None:
    """A saved part is seen at the next start."""
    file = write_contract(tmp_path, FLAWED)
    part = tmp_path / "part.yaml"
    for text, media_types in (("{}", []), ("content: {text/plain: {}}", ["text/plain"])):
        part.write_text(text)
        contract = load_cached_contract(file, cache=cache)
        body = contract.operations["GET /x"].responses["200"].body
        assert list(body.media if body else []) == media_types
    assert entries(cache) == 0
