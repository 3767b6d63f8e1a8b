"""Runs the contract stories: a small contract, requests, and the expected responses, in one file.

Keys of a story: `story` (what it shows), `contract` (a document, or the text of one), `options`
(settings of the stub), `steps`. Keys of a step: `request` (`GET /pets?size=1`), `headers`, `body`
(a text is sent as it is, anything else as JSON), `expect`, `why`. Keys of `expect`:

| key | meaning |
| --- | --- |
| `status` | the status; 200 unless given |
| `headers` | values by name; null: the field is absent |
| `json` | the whole body, or values by pointer if each key is empty or starts with `/` |
| `absent` | pointers that the body does not have |
| `contains` | texts by pointer, which the values there contain |
| `schema` | a JSON Schema that the body satisfies |
| `text` | the body as text, exactly |
| `hex` | the bytes of the body in hexadecimal digits |

Requests are sent through the WSGI application, so that header fields are those of HTTP.
"""

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from werkzeug.datastructures import Headers
from werkzeug.test import Client, TestResponse

from understudy.messages import dump_json, parse_json
from understudy.server import create_app
from understudy.source import read_yaml

HERE = Path(__file__).parent
STORIES = sorted(HERE.glob("*/*.story.yaml"))
_STORY_KEYS = {"story", "contract", "options", "steps"}
_STEP_KEYS = {"request", "headers", "body", "expect", "why"}
_EXPECT_KEYS = {"status", "headers", "json", "absent", "contains", "schema", "text", "hex"}


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.name.removesuffix('.story.yaml')}"


@pytest.mark.parametrize("path", STORIES, ids=_name)
def test_contract_story(path: Path, tmp_path: Path) -> None:
    """Each request of a story gets the expected response."""
    story = read_yaml(path).data
    assert set(story) <= _STORY_KEYS, f"unknown keys {set(story) - _STORY_KEYS}"
    contract = _write_contract(story["contract"], tmp_path)
    app = create_app(contract=contract, cache=False, **story.get("options", {}))
    client = app.test_client(use_cookies=False)
    for number, step in enumerate(story["steps"], 1):
        assert set(step) <= _STEP_KEYS, f"step {number}: unknown keys {set(step) - _STEP_KEYS}"
        response = _send(client, step)
        context = (
            f"{path.name}, step {number}: {step['request']}\n"
            f"{response.status_code} {dict(response.headers)}\n{response.data!r}"
        )
        _compare(response, step["expect"], context)


def _write_contract(contract: Any, folder: Path) -> Path:
    if isinstance(contract, str):
        file = folder / "contract.yaml"
        file.write_text(contract, encoding="utf-8")
    else:
        file = folder / "contract.json"
        file.write_bytes(dump_json(contract))
    return file


def _send(client: Client, step: dict[str, Any]) -> TestResponse:
    method, _, target = step["request"].partition(" ")
    headers = Headers()
    for name, values in step.get("headers", {}).items():
        for value in values if isinstance(values, list) else [values]:
            headers.add(name, value)
    body = step.get("body", "")
    if not isinstance(body, str):
        body = dump_json(body).decode()
        headers.setdefault("Content-Type", "application/json")
    return client.open(
        target,
        method=method,
        headers=headers,
        data=body.encode() or None,
        # The client would normalise percent-encoding; a server passes the target as it was sent.
        environ_overrides={"REQUEST_URI": target, "RAW_URI": target},
    )


def _compare(response: TestResponse, expect: dict[str, Any], context: str) -> None:
    assert set(expect) <= _EXPECT_KEYS, f"unknown expectations {set(expect) - _EXPECT_KEYS}"
    assert response.status_code == expect.get("status", 200), context
    for name, value in expect.get("headers", {}).items():
        assert response.headers.get(name) == value, f"{context}\nfield {name}"
    if "text" in expect:
        assert response.get_data(as_text=True) == expect["text"], context
    if "hex" in expect:
        assert response.data.hex() == expect["hex"], context
    if "json" in expect:
        _compare_json(parse_json(response.data), expect["json"], context)
    for pointer in expect.get("absent", []):
        with pytest.raises((KeyError, IndexError)):
            _look_up(parse_json(response.data), pointer)
    for pointer, text in expect.get("contains", {}).items():
        value = _look_up(parse_json(response.data), pointer)
        assert text in value, f"{context}\nat {pointer}"
    if "schema" in expect:
        checker = Draft202012Validator.FORMAT_CHECKER
        validator = Draft202012Validator(expect["schema"], format_checker=checker)
        errors = [error.message for error in validator.iter_errors(parse_json(response.data))]
        assert not errors, f"{context}\n{errors}"


def _compare_json(actual: Any, expected: Any, context: str) -> None:
    by_pointer = isinstance(expected, dict) and bool(expected)
    if not by_pointer or not all(key == "" or key.startswith("/") for key in expected):
        assert actual == expected, context
        return
    for pointer, value in expected.items():
        assert _look_up(actual, pointer) == value, f"{context}\nat {pointer}"


def _look_up(value: Any, pointer: str) -> Any:
    for token in pointer.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        value = value[int(key)] if isinstance(value, list) else value[key]
    return value
