"""The base paths of a contract's servers."""

from pathlib import Path
from typing import Any

import pytest

from understudy.config import Settings
from understudy.contract import load_contract
from understudy.messages import Request, dump_json
from understudy.replay import Stub

PET = {
    "responses": {
        "200": {"description": "ok", "content": {"application/json": {"example": {"id": 1}}}}
    }
}


def _make_document(
    servers: Any, paths: tuple[str, ...] = ("/pets", "/pets/{id}"), **more: Any
) -> dict[str, Any]:
    parameters = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
    items = {
        path: {"get": {**PET, **({"parameters": parameters} if "{id}" in path else {})}}
        for path in paths
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Pets", "version": "1"},
        "servers": servers,
        "paths": items,
        **more,
    }


def _write_file(folder: Path, document: dict[str, Any]) -> Path:
    path = folder / "pets.json"
    path.write_bytes(dump_json(document))
    return path


@pytest.mark.parametrize(
    ("servers", "base_paths"),
    [
        (
            [
                {"url": "https://pets.example.com"},
                {"url": "/"},
                {"url": "https://pets.example.com/"},
            ],
            (),
        ),
        ([{"url": "https://pets.example.com/v1/"}, {"url": "/api/v2"}], ("/api/v2", "/v1")),
        (
            [{"url": "https://{host}:{port}/{base}", "variables": {"base": {"default": "v3"}}}],
            ("/v3",),
        ),
        (
            [
                {
                    "url": "/{stage}/{v}",
                    "variables": {
                        "stage": {"default": "prod", "enum": ["prod", "beta"]},
                        "v": {"default": "v1", "enum": "v2"},
                    },
                }
            ],
            ("/beta/v1", "/prod/v1"),
        ),
        ([{"url": "api"}], ("/api",)),
        ([{"url": "http://[bad"}, {"url": 5}, "x", {}], ()),
        ("x", ()),
    ],
    ids=str,
)
def test_base_paths_come_from_server_urls(
    servers: Any, base_paths: tuple[str, ...], tmp_path: Path
) -> None:
    """An invalid server is ignored: it does not stop a stub from serving."""
    assert load_contract(_write_file(tmp_path, _make_document(servers))).base_paths == base_paths


def test_servers_of_paths_and_operations_count(tmp_path: Path) -> None:
    """Each base path is listed once."""
    document = _make_document([{"url": "/v1"}])
    document["paths"]["/pets"]["servers"] = [{"url": "/v2"}]
    document["paths"]["/pets"]["get"] = {**PET, "servers": [{"url": "/v3"}, {"url": "/v1"}]}
    assert load_contract(_write_file(tmp_path, document)).base_paths == ("/v1", "/v2", "/v3")


@pytest.mark.parametrize("world", ["", "/w/mine"])
def test_operations_are_found_with_and_without_the_base_path(world: str, tmp_path: Path) -> None:
    """In every world; the journal has the contract's path."""
    stub = Stub(
        Settings(
            contract=_write_file(tmp_path, _make_document([{"url": "https://pets.example.com/v1"}]))
        )
    )
    for path in ("/pets", "/v1/pets", "/v1/pets/7?x=1"):
        assert stub.handle(Request.of("GET", world + path)).json() == {"id": 1}
    assert stub.handle(Request.of("HEAD", f"{world}/v1/pets")).status == 200
    assert (
        stub.handle(Request.of("OPTIONS", f"{world}/v1/pets")).headers.get("Allow")
        == "GET, HEAD, OPTIONS"
    )
    assert stub.handle(Request.of("GET", f"{world}/v1pets")).status == 404
    journal = stub.world(world[3:] or "default").journal.exchanges()
    assert {exchange.request.path for exchange in journal} == {"/pets", "/pets/7", "/v1pets"}


def test_template_that_begins_with_the_base_path_keeps_it(tmp_path: Path) -> None:
    """Some documents have the base path in the servers and in the templates."""
    contract = load_contract(
        _write_file(tmp_path, _make_document([{"url": "/v1"}], ("/v1/pets", "/pets/{id}")))
    )
    assert [
        contract.strip_base_path(path) for path in ("/v1/pets", "/v1/pets/7", "/pets/7", "/v1")
    ] == [
        "/v1/pets",
        "/pets/7",
        "/pets/7",
        "/",
    ]


def test_unknown_path_below_the_base_path_has_the_nearest_template(tmp_path: Path) -> None:
    """As without a base path."""
    stub = Stub(Settings(contract=_write_file(tmp_path, _make_document([{"url": "/v1"}]))))
    assert '"/pets"' in stub.handle(Request.of("GET", "/v1/pts")).json()["detail"]


def test_number_of_base_paths_is_bounded(tmp_path: Path) -> None:
    """The values of many variables multiply: only the first paths are used, defaults among them."""
    variable = {"default": "0", "enum": [str(number) for number in range(10)]}
    names = [f"v{number}" for number in range(9)]
    url = "/" + "/".join(f"{{{name}}}" for name in names)
    servers = [{"url": url, "variables": dict.fromkeys(names, variable)}]
    contract = load_contract(_write_file(tmp_path, _make_document(servers)))
    assert len(contract.base_paths) == 1000
    assert "/0" * 9 in contract.base_paths
