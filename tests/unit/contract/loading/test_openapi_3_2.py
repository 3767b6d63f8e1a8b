"""What OpenAPI 3.2 adds, as far as it is served."""

from pathlib import Path

from contract_builders import load_data
from understudy.contract import Match

TEXT = """openapi: 3.2.0
info: {title: T, version: '1'}
paths:
  /x:
    query:
      operationId: search
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses: {200: {description: ok}}
    additionalOperations:
      COPY:
        operationId: copy
        responses:
          200:
            description: ok
            content:
              application/jsonl: {itemSchema: {type: object, required: [a]}}
              application/json:
                $ref: '#/components/mediaTypes/Json'
components:
  mediaTypes:
    Json: {schema: {type: integer}, examples: {e: {dataValue: 5, serializedValue: '5'}}}
"""


def test_new_methods_are_served(tmp_path: Path) -> None:
    """QUERY, and any other method, in upper case as it is sent."""
    contract = load_data(TEXT, tmp_path, strict=True)
    assert list(contract.operations) == ["search", "copy"]
    for method, name in (("QUERY", "search"), ("COPY", "copy")):
        match = contract.route(method, "/x")
        assert isinstance(match, Match)
        assert match.operation.id == name


def test_media_types_may_be_components(tmp_path: Path) -> None:
    """And examples have a `dataValue`; `itemSchema` is checked."""
    contract = load_data(TEXT, tmp_path, strict=True)
    content = contract.document["paths"]["/x"]["additionalOperations"]["COPY"]["responses"]["200"]
    assert content["content"]["application/json"]["schema"] == {"type": "integer"}
    broken = TEXT.replace("required: [a]", "required: 5")
    [warning] = load_data(broken, tmp_path).warnings
    assert str(warning).replace(str(tmp_path), "").startswith("/contract.yaml:16:72: invalid value")


def test_unknown_parts_are_warnings(tmp_path: Path) -> None:
    """A location that is not read, a method that stands at the wrong place, a later version."""
    parameter = "{name: q, in: querystring, content: {text/plain: {}}}"
    text = TEXT.replace("    query:", f"    parameters: [{parameter}]\n    query:")
    text = text.replace("COPY:", "get: {}\n      COPY:").replace("3.2.0", "3.7.0")
    contract = load_data(text, tmp_path)
    assert [warning.slug for warning in contract.warnings] == [
        "contract-version",
        "bad-location",
        "bad-method",
    ]
    assert list(contract.operations) == ["search", "copy"]
