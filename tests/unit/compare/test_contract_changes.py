"""Each kind of change is classed by what it means for a client of the old contract."""

from pathlib import Path

import pytest

from traffic_builders import PETS
from understudy.compare import Change, Impact, compare_contracts
from understudy.contract import load_contract

BASE = """\
openapi: 3.1.0
info: {title: Items, version: "1"}
servers: [{url: "https://x.example/v1"}]
paths:
  /items/{id}:
    post:
      operationId: change
      security: [{key: []}]
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
        - {name: q, in: query, schema: {type: array, items: {type: string}}}
      requestBody:
        content:
          application/json: {schema: {$ref: "#/components/schemas/In"}}
      responses:
        "200":
          description: Done.
          headers: {X-Rate: {required: true, schema: {type: integer}}}
          content: {application/json: {schema: {$ref: "#/components/schemas/Out"}}}
        "404": {description: None.}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key}
    other: {type: apiKey, in: header, name: X-Other}
  schemas:
    In:
      type: object
      required: [name]
      properties:
        name: {type: string, maxLength: 10}
        size: {type: integer, format: int32}
        kind: {enum: [a, b]}
        own: {type: string, readOnly: true}
    Out:
      type: object
      required: [name]
      properties:
        name: {type: string, maxLength: 10}
        size: {type: integer, format: int32}
        kind: {enum: [a, b]}
        next: {$ref: "#/components/schemas/Out"}
        pet: {oneOf: [{$ref: "#/components/schemas/Cat"}, {$ref: "#/components/schemas/Dog"}]}
    Cat: {type: object, properties: {lives: {type: integer}}}
    Dog: {type: object, properties: {tag: {type: string}}}
"""
IN, OUT = "In:", "Out:"


def compare(tmp_path: Path, old: str, new: str) -> list[Change]:
    paths = [tmp_path / "old.yaml", tmp_path / "new.yaml"]
    for path, text in zip(paths, (old, new), strict=True):
        path.write_text(text)
    return list(compare_contracts(*map(load_contract, paths)))


def edit(text: str, old: str, new: str, section: str = "") -> str:
    """Replace a text once, behind the name of a section if there is one."""
    start = text.index(f"    {section}\n") if section else 0
    assert old in text[start:]
    return text[:start] + text[start:].replace(old, new, 1)


@pytest.mark.parametrize(
    ("section", "old", "new", "expected"),
    [
        ("", "/items/{id}:", "/items/{number}:", []),
        ("", "v1", "v2", ["breaking servers-changed"]),
        ("", "operationId: change", "operationId: alter", ["dangerous operation-id-changed"]),
        ("", "operationId: change", "deprecated: true", None),
        ("", "    post:", "    put:", ["breaking operation-removed", "harmless operation-added"]),
        ("", "key: []}", "key: [], other: []}", ["breaking security-changed"]),
        ("", "[{key: []}]", "[{key: []}, {other: []}]", ["harmless security-changed"]),
        ("", "[{key: []}]", "[{}]", ["harmless security-changed"]),
        ("", "in: query, schema", "in: query, required: true, schema", ["breaking request-parameter-required"]),
        ("", "name: q, in", "name: p, in", ["dangerous request-parameter-removed", "harmless request-parameter-added"]),
        ("", "in: query, schema", "in: query, explode: false, schema", ["breaking request-parameter-style-changed"]),
        ("", "items: {type: string}", "items: {type: integer}", ["breaking request-type-changed"]),
        ("", "      requestBody:\n", "      requestBody:\n        required: true\n", ["breaking request-body-required"]),
        ("", "application/json: {schema: {$ref: \"#/components/schemas/In", "text/json: {schema: {$ref: \"#/components/schemas/In", ["breaking request-media-type-removed", "harmless request-media-type-added"]),
        ("", '"404"', '"409"', ["dangerous response-status-removed", "harmless response-status-added"]),
        ("", '"200"', '"201"', ["breaking response-status-removed", "dangerous response-status-added"]),
        ("", "X-Rate: {required: true,", "X-Rate: {", ["breaking response-header-optional"]),
        ("", "X-Rate", "X-Limit", ["breaking response-header-removed", "harmless response-header-added"]),
        (IN, "required: [name]", "required: [name, size]", ["breaking request-property-required"]),
        (IN, "required: [name]", "required: []", ["harmless request-property-optional"]),
        (IN, "        own:", "        tag: {}\n        own:", ["harmless request-property-added"]),
        (IN, "        size: {type: integer, format: int32}\n", "", ["dangerous request-property-removed"]),
        (IN, "        own: {type: string, readOnly: true}\n", "", []),
        (IN, "maxLength: 10", "maxLength: 9", ["breaking request-bound-narrowed"]),
        (IN, "maxLength: 10", "maxLength: 11", ["harmless request-bound-widened"]),
        (IN, ", maxLength: 10", "", ["harmless request-bound-widened"]),
        (IN, "maxLength: 10", "maxLength: 10, pattern: x", ["breaking request-pattern-narrowed"]),
        (IN, "int32", "int64", ["harmless request-format-widened"]),
        (IN, "integer, format: int32", "number", ["harmless request-type-changed", "harmless request-format-widened"]),
        (IN, "[a, b]", "[a]", ["breaking request-enum-narrowed"]),
        (IN, "[a, b]", "[a, b, c]", ["harmless request-enum-widened"]),
        (IN, "type: object", "type: object\n      additionalProperties: false", ["breaking request-additional-properties-changed"]),
        (OUT, "required: [name]", "required: [name, size]", ["harmless response-property-required"]),
        (OUT, "required: [name]", "required: []", ["breaking response-property-optional"]),
        (OUT, "        size: {type: integer, format: int32}\n", "", ["dangerous response-property-removed"]),
        (OUT, "        name: {type: string, maxLength: 10}\n", "", ["breaking response-property-removed"]),
        (OUT, "        next:", "        tag: {}\n        next:", ["harmless response-property-added"]),
        (OUT, "maxLength: 10", "maxLength: 9", ["harmless response-bound-narrowed"]),
        (OUT, "maxLength: 10", "maxLength: 11", ["dangerous response-bound-widened"]),
        (OUT, "int32", "int64", ["dangerous response-format-widened"]),
        (OUT, "int32", "date", ["breaking response-format-changed"]),
        (OUT, "type: string,", 'type: [string, "null"],', ["breaking response-type-changed"]),
        (OUT, "type: integer,", "type: number,", ["breaking response-type-changed"]),
        (OUT, "[a, b]", "[a, b, c, d]", ["dangerous response-enum-widened"]),
        (OUT, "[a, b]", "[a]", ["harmless response-enum-narrowed"]),
        (OUT, "{enum: [a, b]}", "{const: a}", ["harmless response-enum-narrowed"]),
        (OUT, "{enum: [a, b]}", "{}", ["dangerous response-enum-widened"]),
        (OUT, ', {$ref: "#/components/schemas/Dog"}', "", ["harmless response-alternative-removed"]),
        (OUT, "schemas/Dog", "schemas/In", ["dangerous response-alternative-added", "harmless response-alternative-removed"]),
        ("Cat: {type: object, properties: {lives: {type: integer}}}", "integer", "string", ["breaking response-type-changed"]),
    ],
)  # fmt: skip
def test_kinds_of_changes(
    tmp_path: Path, section: str, old: str, new: str, expected: list[str] | None
) -> None:
    """What narrows a request, or widens an answer, is worse than the opposite."""
    changes = compare(tmp_path, BASE, edit(BASE, old, new, section))
    if expected is None:
        expected = ["dangerous operation-id-changed", "dangerous operation-deprecated"]
    assert [f"{change.impact.value} {change.rule}" for change in changes] == expected


def test_equal_contracts_have_no_changes(tmp_path: Path, root: Path) -> None:
    """Descriptions and examples are of no importance."""
    assert compare(tmp_path, BASE, BASE.replace("Done.", "Changed.")) == []
    shipped = load_contract(root / "openapi.yaml")
    assert compare_contracts(shipped, shipped) == ()


def test_change_names_both_lines(tmp_path: Path) -> None:
    """And the operation, the place, and what was before."""
    [change] = compare(tmp_path, BASE, edit(BASE, "maxLength: 10", "maxLength: 9", IN))
    assert str(change) == (
        "breaking: POST /items/{id} request body /name: maxLength was 10, is 9 "
        f"[request-bound-narrowed] ({tmp_path}/old.yaml:30:15 -> {tmp_path}/new.yaml:30:15)"
    )
    [removed] = compare(tmp_path, PETS, edit(PETS, "    delete:\n      operationId: deletePet\n      responses:\n        \"204\": {description: Deleted.}\n", ""))  # fmt: skip
    assert (removed.new, str(removed.old)) == (None, f"{tmp_path}/old.yaml:37:7")


def test_parts_of_all_of_are_compared_together(tmp_path: Path) -> None:
    """A property may move from one part to another."""
    moved = edit(
        BASE,
        "    Cat: {type: object, properties: {lives: {type: integer}}}",
        "    Lives: {properties: {lives: {type: integer}}}\n"
        '    Cat: {allOf: [{$ref: "#/components/schemas/Lives"}, {type: object}]}',
    )
    assert compare(tmp_path, BASE, moved) == []


def test_breaking_changes_come_first(tmp_path: Path) -> None:
    """Then dangerous ones, then harmless ones."""
    new = edit(edit(BASE, "maxLength: 10", "maxLength: 9", IN), '"404"', '"409"')
    impacts = [change.impact for change in compare(tmp_path, BASE, new)]
    assert impacts == [Impact.BREAKING, Impact.DANGEROUS, Impact.HARMLESS]


def compare_schemas(tmp_path: Path, old: str, new: str) -> list[str]:
    """Return the changes when a property of request and response has another schema."""
    texts = []
    for schema in (old, new):
        text = BASE
        for section in (IN, OUT):
            name = "name: {type: string, maxLength: 10}"
            text = edit(text, name, f"{name}\n        x: {schema}", section)
        texts.append(text)
    return [f"{change.impact.value} {change.rule}" for change in compare(tmp_path, *texts)]


PET = "{type: object, properties: {k: {type: string}}, discriminator: {propertyName: k%s}}"


@pytest.mark.parametrize(
    ("old", "new", "narrowed", "widened"),
    [
        ("{}", "{not: {type: string}}", "not-narrowed", "not-widened"),
        (
            "{}",
            "{if: {type: string}, then: {minLength: 2}}",
            "condition-narrowed",
            "condition-widened",
        ),
        ("{}", "{contains: {type: string}}", "contains-narrowed", "contains-widened"),
        (
            "{}",
            "{propertyNames: {maxLength: 2}}",
            "property-names-narrowed",
            "property-names-widened",
        ),
        ("{}", "{dependentRequired: {a: [b]}}", "dependencies-narrowed", "dependencies-widened"),
        ("{minContains: 1}", "{minContains: 2}", "bound-narrowed", "bound-widened"),
        (
            "{anyOf: [{type: string}, {type: integer}]}",
            "{type: string}",
            "alternative-removed",
            "alternative-added",
        ),
        (
            "{type: object}",
            "{type: object, unevaluatedProperties: false}",
            "additional-properties-changed",
            "additional-properties-changed",
        ),
        (
            PET % ", mapping: {c: Cat}",
            PET % "",
            "discriminator-mapping-removed",
            "discriminator-mapping-added",
        ),
    ],
)
def test_restrictions_of_a_schema(
    tmp_path: Path, old: str, new: str, narrowed: str, widened: str
) -> None:
    """What narrows a request is breaking, what widens an answer is dangerous."""
    assert compare_schemas(tmp_path, old, new) == [
        f"breaking request-{narrowed}",
        f"harmless response-{narrowed}",
    ]
    assert compare_schemas(tmp_path, new, old) == [
        f"dangerous response-{widened}",
        f"harmless request-{widened}",
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{type: array}", "{type: array, items: {type: string}}"),
        ("{prefixItems: [{type: string}]}", "{prefixItems: [{type: string}, {type: integer}]}"),
        ("{type: object}", "{type: object, patternProperties: {^x: {type: string}}}"),
        ("{type: object}", "{type: object, additionalProperties: {type: string}}"),
        ("{additionalProperties: true}", "{additionalProperties: {type: string}}"),
    ],
)
def test_schemas_that_were_not_there(tmp_path: Path, old: str, new: str) -> None:
    """Without a schema, any value is allowed."""
    assert compare_schemas(tmp_path, old, new) == [
        "breaking request-type-changed",
        "harmless response-type-changed",
    ]
    assert compare_schemas(tmp_path, new, old) == [
        "breaking response-type-changed",
        "harmless request-type-changed",
    ]


@pytest.mark.parametrize(
    ("old", "new", "impacts"),
    [
        ("{contains: {type: string}}", "{contains: {type: integer}}", ["breaking", "dangerous"]),
        ("{not: {type: string}}", "{not: {type: integer}}", ["breaking", "dangerous"]),
        ("{type: string}", "{type: string, deprecated: true}", ["dangerous", "dangerous"]),
        (
            PET % "",
            PET.replace("propertyName: k", "propertyName: z") % "",
            ["breaking", "breaking"],
        ),
        (PET % "", "{type: object, properties: {k: {type: string}}}", ["dangerous", "dangerous"]),
        (
            PET % ", mapping: {c: Cat}",
            PET % ", mapping: {c: Dog}",
            ["breaking", "breaking"],
        ),
    ],
)
def test_changes_that_are_neither_wider_nor_narrower(
    tmp_path: Path, old: str, new: str, impacts: list[str]
) -> None:
    """Both sides have to look at them."""
    changes = compare_schemas(tmp_path, old, new)
    assert [change.partition(" ")[0] for change in changes] == impacts


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "{oneOf: [{type: string}, {type: integer}]}",
            "{oneOf: [{type: integer}, {type: string}]}",
        ),
        (
            "{oneOf: [{type: string}, {type: integer}]}",
            "{anyOf: [{type: string}, {type: integer}]}",
        ),
        ("{type: string}", "{oneOf: [{type: string}]}"),
        ("{type: string}", "{allOf: [{type: string}]}"),
        ("{items: {}}", "{items: true}"),
        ("{additionalProperties: {}}", "{additionalProperties: true}"),
    ],
)
def test_other_spellings_are_no_changes(tmp_path: Path, old: str, new: str) -> None:
    """The same values are allowed, whichever contract is the old one."""
    assert compare_schemas(tmp_path, old, new) == []
    assert compare_schemas(tmp_path, new, old) == []
