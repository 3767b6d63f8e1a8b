"""Small contracts, and helpers that send requests and responses through them."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from understudy.contract import Contract, Decoded, Operation, load_contract
from understudy.errors import InputError, Problem
from understudy.messages import Headers, Request, Response, dump_json
from understudy.source import dump_yaml

JSON = "application/json"


def make_document(
    operation: Mapping[str, Any] | None = None, *, path: str = "/x", **more: Any
) -> dict[str, Any]:
    """Return a document with one operation, `get` of `path`, named getX."""
    get = {"operationId": "getX", "responses": {"200": {"description": "ok"}}, **(operation or {})}
    info = {"title": "T", "version": "1"}
    return {"openapi": "3.1.0", "info": info, "paths": {path: {"get": get}}, **more}


def load_data(
    data: Any,
    folder: Path,
    *,
    backend: str | None = None,
    overlays: Sequence[Path] = (),
    strict: bool = False,
) -> Contract:
    """Load a contract from data or from YAML text, written to a file in `folder`."""
    file = folder / "contract.yaml"
    file.write_text(data if isinstance(data, str) else dump_yaml(data), encoding="utf-8")
    return load_contract(file, overlays=overlays, backend=backend, strict=strict)


def load_problem_texts(text: str, folder: Path) -> list[str]:
    """Return the problems of a contract's text as texts, without the folder's name."""
    with pytest.raises(InputError) as caught:
        load_data(text, folder, strict=True)
    return [str(problem).replace(f"{folder}/", "") for problem in caught.value.problems]


def collect_problems(action: Callable[[], object]) -> tuple[Problem, ...]:
    """Return the problems of the InputError that an action raises; none without an error."""
    try:
        action()
    except InputError as error:
        return error.problems
    return ()


def load_operation(folder: Path, *, backend: str | None = None, **operation: Any) -> Operation:
    """Load a contract with one operation that has these members, and return the operation."""
    components = operation.pop("components", {})
    return load_data(
        make_document(operation, components=components), folder, backend=backend
    ).operations["getX"]


def load_operation_with_parameter(
    folder: Path, schema: Any, *, name: str = "p", location: str = "query", **more: Any
) -> Operation:
    """Load an operation with one parameter; a path parameter is in `/x/{p}`."""
    path = f"/x/{{{name}}}" if location == "path" else "/x"
    more = {"required": True, **more} if location == "path" else more
    parameter = {
        "name": name,
        "in": location,
        **({} if schema is None else {"schema": schema}),
        **more,
    }
    return load_data(make_document({"parameters": [parameter]}, path=path), folder).operations[
        "getX"
    ]


def decode_request(
    operation: Operation, query: str = "", *, path: Mapping[str, str] | None = None, **more: Any
) -> Decoded:
    """Return what an operation decodes of a GET request with a query."""
    return operation.decode(path or {}, Request.of("GET", f"/x?{query}" if query else "/x", **more))


def places_and_rules(violations: Sequence[Any]) -> list[tuple[str, str]]:
    """Return place and rule of each violation."""
    return [(violation.place, violation.rule) for violation in violations]


def make_response(
    body: Any,
    *,
    status: int = 200,
    content_type: str = JSON,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a response. A body that is not bytes is sent as JSON."""
    fields = {**({"Content-Type": content_type} if content_type else {}), **(headers or {})}
    return Response(
        status, Headers.of(fields.items()), body if isinstance(body, bytes) else dump_json(body)
    )


TEXTS = st.text(st.characters(codec="utf-8"), max_size=6)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.sampled_from(
        [2**31, -(2**31) - 1, 2**63, 2**64, 10**30, -(10**30), 0.5, 1.5, 19.99, 1.0, -0.0, 1e300]
    )
    | st.sampled_from(
        ["", "a", "ab", "٣", "a\n", "é", "2021-08-25", "2021-08-25T15:09:31Z", "\U0001f600"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "c", "0", "07", "~/"]), inner, max_size=3)
    ),
    max_leaves=6,
)
"""JSON values, small ones and unusual ones."""
