"""The bytes of generated responses: valid by the libraries themselves, for any schema of a contract.

Each schema is an operation of one contract, whose stub is called in this process. The judges are
`jsonschema` and `jsonschema-rs` as they are, not the validators of this package. They assert no
format, so the schemas have none that this package asserts.
"""

import json
import random
import re
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest

from random_schemas import ANNOTATED_FORMATS, RandomSchemas
from understudy.config import Settings
from understudy.contract.expansion.constraints import Requirement
from understudy.contract.expansion.schema_solver import SchemaSolver
from understudy.contract.schema.bundle import ASSERTING
from understudy.messages import Request, dump_json
from understudy.replay import Stub

_PREFIX = "#/components/schemas/"
_SEEDS = (0, 1)


def build_document(schemas: dict[str, Any]) -> dict[str, Any]:
    """Return a document with one operation for each schema, at `/NAME`."""
    paths = {
        f"/{name}": {
            "get": {
                "operationId": f"get{name}",
                "responses": {
                    "200": {
                        "description": "ok",
                        "content": {
                            "application/json": {"schema": {"allOf": [{"$ref": _PREFIX + name}]}}
                        },
                    }
                },
            }
        }
        for name in schemas
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Random", "version": "1"},
        "paths": paths,
        "components": {"schemas": schemas},
    }


def draw_schemas(seed: int, count: int) -> dict[str, Any]:
    """Return some random schemas by name, which refer to one another, not to themselves in place.

    References lead to the schemas before, so that none refers to itself for the same value.
    """
    draws = random.Random(seed)  # noqa: S311 - data, not secrets
    schemas: dict[str, Any] = {}
    for number in range(count):
        known = tuple(list(schemas)[-3:])
        drawn = RandomSchemas(draws, known, prefix=_PREFIX, formats=ANNOTATED_FORMATS)
        schemas[f"S{number}"] = drawn.schema()
    return schemas


def validate_by_libraries(schema: Any, value: Any) -> list[bool]:
    """Return whether a value is valid by each library; Python's `re` knows no `\\p{…}`."""
    by_rust = jsonschema_rs.Draft202012Validator(schema, validate_formats=False).is_valid(value)
    try:
        return [by_rust, jsonschema.Draft202012Validator(schema).is_valid(value)]
    except re.error:
        return [by_rust, by_rust]


def check_contract(seed: int, count: int, folder: Path) -> int:
    """Call each operation of a random contract; return how many answers were valid.

    An answer that is not 200 is one of a schema without values.
    """
    schemas = draw_schemas(seed, count)
    document = build_document(schemas)
    path = folder / f"contract-{seed}.json"
    path.write_bytes(dump_json(document))
    stub = Stub(Settings(contract=path, errors=True))
    solver = SchemaSolver(document)
    valid = 0
    for name in schemas:
        schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        for world in _SEEDS:
            headers = [("Prefer", f"seed={world}")] if world else []
            response = stub.handle(Request.of("GET", f"/{name}", headers=headers))
            if response.status == 200:
                value = json.loads(response.body)
                assert validate_by_libraries(schema, value) == [True, True], (schemas[name], value)
                valid += 1
            else:
                assert b"response-breaks-contract" in response.body
                requirement = Requirement({"$ref": _PREFIX + name})
                assert solver.find_min_depth((requirement,)) is None, schemas[name]
    return valid


def test_served_bytes_are_valid(tmp_path: Path) -> None:
    """For every keyword; most of the schemas have a value."""
    assert check_contract(0, 120, tmp_path) > 180


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(1, 21))
def test_served_bytes_of_very_many_schemas_are_valid(seed: int, tmp_path: Path) -> None:
    """The same holds for two thousand schemas."""
    assert check_contract(seed, 100, tmp_path) > 140


def test_random_schemas_have_every_asserting_keyword() -> None:
    """So that the properties above are about all of them."""
    draws = random.Random(0)  # noqa: S311
    drawn = RandomSchemas(draws, ("a",)).keywords
    assert ASSERTING - drawn == set()
