"""References to other files become references into the document."""

import os
from collections.abc import Iterator
from functools import partial
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from contract_builders import make_response, places_and_rules
from understudy.contract import Contract, load_contract
from understudy.errors import InputError

HEAD = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\n"
RESPONSE = "description: ok, content: {application/json: {schema: {$ref: '%s'}}}"


def write(folder: Path, **files: str) -> Path:
    """Write files; `a__b` is b.yaml in the folder a. Returns the path of `api`."""
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder / "api.yaml"


def write_with_schema(folder: Path, ref: str, **files: str) -> Path:
    response = RESPONSE % ref
    api = f"{HEAD}paths: {{/a: {{get: {{responses: {{200: {{{response}}}}}}}}}}}\n"
    return write(folder, api=api, **files)


def rules_of(contract: Contract, body: Any) -> list[tuple[str, str]]:
    operation = contract.operations["GET /a"]
    return places_and_rules(operation.validate_response(make_response(body)))


@pytest.mark.parametrize(
    ("ref", "text"),
    [
        ("pet.yaml", "{type: object, required: [n]}"),
        ("pet.yaml#/Pet", "Pet: {type: object, required: [n]}"),
        ("./pet.yaml#/Pet", "Pet: {$ref: '#/Other'}\nOther: {type: object, required: [n]}"),
        ("pet.yaml#pet", "x: {$anchor: pet, type: object, required: [n]}\n$defs: {a: {}}"),
        ("pet.yaml#/$defs/a", "$defs: {a: {$anchor: pet, type: object, required: [n]}}"),
    ],
)
def test_schema_of_another_file_is_validated(tmp_path: Path, ref: str, text: str) -> None:
    """By file, pointer or anchor; its own references lead into its file."""
    contract = load_contract(write_with_schema(tmp_path, ref, pet=text), strict=True)
    assert rules_of(contract, {}) == [("body", "required")]
    assert rules_of(contract, {"n": 1}) == []


def test_files_that_refer_to_each_other_are_loaded(tmp_path: Path) -> None:
    """In a circle, and back to the document itself."""
    path = write_with_schema(
        tmp_path,
        "models/node.yaml#/Node",
        models__node="Node: {properties: {next: {$ref: 'more.yaml#/Next'}}}",
        models__more="Next: {required: [n], properties: {up: {$ref: 'node.yaml#/Node'}, "
        "root: {$ref: '../api.yaml#/components/schemas/Own'}}}",
    )
    path.write_text(path.read_text() + "components: {schemas: {Own: {type: string}}}\n")
    contract = load_contract(path, strict=True)
    body = {"next": {"n": 1, "root": 5, "up": {"next": {}}}}
    assert rules_of(contract, body) == [
        ("/next/root", "type"),
        ("/next/up/next", "required"),
    ]
    assert {file.name for file in contract.files} == {"api.yaml", "node.yaml", "more.yaml"}


def test_places_are_those_of_the_files(tmp_path: Path) -> None:
    """Of a warning, and of each node."""
    text = "x: 1\nPet:\n  type: strnig\n"
    contract = load_contract(write_with_schema(tmp_path, "models/pet.yaml#/Pet", models__pet=text))
    [warning] = contract.warnings
    assert str(warning).startswith(f"{tmp_path}/models/pet.yaml:3:9: invalid value")
    place = contract.place("/components/schemas/Pet/type")
    assert (place.file, place.line) == (f"{tmp_path}/models/pet.yaml", 3)


def test_every_kind_of_object_may_be_in_another_file(tmp_path: Path) -> None:
    """A path item, parameter, body, response, header and example."""
    path = write(
        tmp_path,
        api=f"{HEAD}paths: {{/a: {{$ref: parts/paths.yaml#/a}}}}\n",
        parts__paths=(
            "a:\n  post:\n    operationId: a\n"
            "    parameters: [{$ref: 'parts.yaml#/Q'}]\n"
            "    requestBody: {$ref: 'parts.yaml#/Body'}\n"
            "    responses: {200: {$ref: 'parts.yaml#/Ok'}}\n"
        ),
        parts__parts=(
            "Q: {name: q, in: query, schema: {type: integer}}\n"
            "Body: {content: {application/json: {schema: {type: object}}}}\n"
            "Ok:\n  description: ok\n  headers: {X-A: {$ref: '#/H'}}\n"
            "  content: {application/json: {schema: {}, examples: {e: {$ref: '#/E'}}}}\n"
            "H: {required: true, schema: {type: integer}}\n"
            "E: {value: {seen: true}}\n"
        ),
    )
    operation = load_contract(path, strict=True).operations["a"]
    assert [parameter.types for parameter in operation.parameters] == [("integer",)]
    assert operation.body is not None
    assert operation.responses["200"].examples == {"e": {"seen": True}}
    assert [header.name for header in operation.responses["200"].headers] == ["X-A"]


def test_sections_and_operations_may_be_in_another_file(tmp_path: Path) -> None:
    """The specification does not allow it; many documents do it."""
    path = write(
        tmp_path,
        api=f"{HEAD}paths: {{$ref: paths/index.yaml}}\ncomponents: {{schemas: {{$ref: s.yaml}}}}\n",
        paths__index="/a: {get: {$ref: ops.yaml#/getA}}\n/b: {$ref: ops.yaml#/b}\n",
        paths__ops=(
            "getA: {operationId: a, responses: {200: {description: ok, content: "
            "{application/json: {schema: {$ref: '../s.yaml#/N'}}}}}}\n"
            "b: {get: {operationId: b, responses: {200: {description: ok}}}}\n"
        ),
        s="N: {type: integer}\nM: {$ref: '#/N'}\n",
    )
    contract = load_contract(path, strict=True)
    assert list(contract.operations) == ["a", "b"]
    assert places_and_rules(contract.operations["a"].validate_response(make_response("x"))) == [
        ("body", "type")
    ]
    assert {"N", "M"} <= contract.document["components"]["schemas"].keys()


def test_discriminator_may_name_files(tmp_path: Path) -> None:
    """Its mapping leads to components afterwards."""
    text = (
        "oneOf: [{$ref: dog.yaml}]\n"
        "discriminator: {propertyName: kind, mapping: {dog: dog.yaml, cat: Cat}}\n"
    )
    path = write_with_schema(tmp_path, "pet.yaml", pet=text, dog="{type: object}")
    mapping = load_contract(path, strict=True).document["components"]["schemas"]["pet"]
    assert mapping["discriminator"]["mapping"] == {
        "dog": "#/components/schemas/dog",
        "cat": "Cat",
    }


def test_reference_to_the_root_from_a_part_is_followed(tmp_path: Path) -> None:
    """Parts of a document often refer to its root as if it was their own file."""
    path = write_with_schema(
        tmp_path, "pet.yaml", pet="{properties: {a: {$ref: '#/components/schemas/A'}}}"
    )
    path.write_text(path.read_text() + "components: {schemas: {A: {type: integer}}}\n")
    assert rules_of(load_contract(path, strict=True), {"a": "x"}) == [("/a", "type")]


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        ("pets.yaml", 'there is no such file ({0}/pets.yaml). Did you mean "pet.yaml"?'),
        ("pet.yaml#/Pte", '"/" has no "Pte". Did you mean "Pet"?'),
        ("pet.yaml#/Pet/x/y", '"/Pet" has no "x".'),
        (".", "this is a folder"),
        ("http://127.0.0.1:1/x.yaml", "is not fetched. Use --fetch-remote-refs"),
        ("http://[bad", "is not fetched"),
        ("bad.yaml", "this is not YAML"),
    ],
)
def test_broken_reference_is_a_warning(tmp_path: Path, ref: str, message: str) -> None:
    """Any value is valid in its place."""
    path = write_with_schema(tmp_path, ref, pet="Pet: {type: object}", bad="[")
    contract = load_contract(path)
    [warning] = contract.warnings
    assert f'unresolved $ref "{ref}"' in str(warning)
    assert message.format(tmp_path) in str(warning)
    assert warning.place is not None
    assert warning.place.line == 3
    assert rules_of(contract, "anything") == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_pipe_is_not_read(tmp_path: Path) -> None:
    """Reading it would never end."""
    os.mkfifo(tmp_path / "pipe.yaml")
    [warning] = load_contract(write_with_schema(tmp_path, "pipe.yaml")).warnings
    assert "this is not a regular file" in str(warning)


def test_circular_copies_end(tmp_path: Path) -> None:
    """An operation whose callback is the operation again."""
    op = "{responses: {}, callbacks: {c: {'/x': {post: {$ref: 'op.yaml'}}}}}"
    path = write(tmp_path, api=f"{HEAD}paths: {{/a: {{get: {{$ref: op.yaml}}}}}}\n", op=op)
    contract = load_contract(path)
    assert "circular-ref" in {warning.slug for warning in contract.warnings}
    assert list(contract.operations) == ["GET /a"]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A web server of a folder."""
    folder = tmp_path / "site"
    folder.mkdir()

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Log nothing."""

    server = HTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", folder
    server.shutdown()
    thread.join()
    server.server_close()


def test_url_is_fetched_only_with_the_flag(tmp_path: Path, site: tuple[str, Path]) -> None:
    """With it, relative references of the fetched file are URLs too."""
    url, folder = site
    (folder / "pet.yaml").write_text("{properties: {a: {$ref: 'part.json#/A'}}}")
    (folder / "part.json").write_text('{"A": {"type": "integer"}}')
    path = write_with_schema(tmp_path, f"{url}/pet.yaml")
    with pytest.raises(InputError, match="is not fetched"):
        load_contract(path, strict=True)
    contract = load_contract(path, strict=True, fetch_remote=True)
    assert rules_of(contract, {"a": "x"}) == [("/a", "type")]
    missing = write_with_schema(tmp_path, f"{url}/nope.yaml")
    [warning] = load_contract(missing, fetch_remote=True).warnings
    assert "cannot be fetched (HTTP Error 404" in str(warning)


def test_document_knows_its_own_uri(tmp_path: Path) -> None:
    """Source: OpenAPI 3.2, OpenAPI Object, `$self`."""
    path = write_with_schema(tmp_path, "https://x.example/api.yaml#/components/schemas/A")
    text = path.read_text().replace("3.1.0", "3.2.0\n$self: https://x.example/api.yaml")
    path.write_text(text + "components: {schemas: {A: {type: integer}}}\n")
    assert rules_of(load_contract(path, strict=True), "x") == [("body", "type")]


def test_siblings_of_a_reference_apply_since_3_1(tmp_path: Path) -> None:
    """In 3.0 they are ignored."""
    path = write(
        tmp_path,
        api=f"{HEAD}paths: {{/a: {{get: {{responses: {{200: {{description: ok, content: "
        "{application/json: {schema: {$ref: pet.yaml, maxLength: 1}}}}}}}}\n",
        pet="{type: string}",
    )
    assert rules_of(load_contract(path), "ab") == [("body", "maxLength")]
    path.write_text(path.read_text().replace("3.1.0", "3.0.3"))
    assert rules_of(load_contract(path), "ab") == []
