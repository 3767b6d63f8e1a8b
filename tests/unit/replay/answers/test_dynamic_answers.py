"""Generated data at each call: `--dynamic`, and the preferences `dynamic` and `seed`."""

from pathlib import Path
from typing import Any

import pytest

from understudy.messages import dump_json
from understudy.server import create_app

SCHEMA = {"type": "object", "properties": {"n": {"type": "integer", "maximum": 10**9}}}
MEDIA = {"application/json": {"schema": SCHEMA, "example": {"n": 1}}}
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Dynamic", "version": "1"},
    "paths": {"/x": {"get": {"responses": {"200": {"description": "ok", "content": MEDIA}}}}},
}


def make_client(folder: Path, **settings: Any) -> Any:
    """Return a client of an application that serves the document."""
    path = folder / "contract.json"
    path.write_bytes(dump_json(DOCUMENT))
    return create_app(contract=path, cache=False, **settings).test_client()


def read(client: Any, prefer: str = "") -> list[bytes]:
    """Return the bodies of three equal calls: the second could be answered from known bytes."""
    headers = {"Prefer": prefer} if prefer else {}
    return [client.get("/x", headers=headers).data for _ in range(3)]


@pytest.mark.parametrize(("option", "prefer"), [(True, ""), (False, "dynamic=true")])
def test_dynamic_data_differs_from_call_to_call(tmp_path: Path, option: bool, prefer: str) -> None:
    """Equal worlds give equal data at the same call."""
    first = read(make_client(tmp_path, dynamic=option), prefer)
    assert len(set(first)) == 3
    assert read(make_client(tmp_path, dynamic=option), prefer) == first
    assert read(make_client(tmp_path, dynamic=option, seed=5), prefer) != first


@pytest.mark.parametrize("option", [True, False])
def test_seed_determines_the_data(tmp_path: Path, option: bool) -> None:
    """Each call with the same seed gets the same data, which is not the example."""
    bodies = read(make_client(tmp_path, dynamic=option), "seed=7")
    assert len(set(bodies)) == 1
    assert bodies[0] != b'{"n":1}'


def test_preference_turns_dynamic_data_off(tmp_path: Path) -> None:
    """The example is sent, although the server runs with --dynamic."""
    assert set(read(make_client(tmp_path, dynamic=True), "dynamic=false")) == {b'{"n":1}'}


@pytest.mark.parametrize("dialect", ["documented", "observed"])
def test_generated_envelope_of_ocp_is_a_success(dialect: str) -> None:
    """A client of OCP would take any other answer for an error, although the status is 200."""
    client = create_app(auth=False, dialect=dialect).test_client()
    for target in ("", "/1000", "/1000/subtasks/10001/log"):
        for seed in range(5):
            answer = client.get(f"/api/v2/tasks/instances{target}?__dynamic=true&__seed={seed}")
            assert answer.status_code == 200
            assert (answer.json["successful"], answer.json["status"]) == (True, 200)
