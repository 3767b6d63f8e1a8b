"""Other documents of the same platform, which lie beside the project and are not a part of it."""

from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from derive_builders import assert_doubts_within_lines, operations
from understudy.config import Settings
from understudy.contract import load_contract
from understudy.derive import Derivation, Document, derive
from understudy.messages import Request
from understudy.replay import Stub
from understudy.source import dump_yaml

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "docs"
COUNTS = {"5.*.md": 17, "12.*.md": 27, "16.*.md": 3}
each_document = pytest.mark.parametrize("pattern", COUNTS)


def read_document(pattern: str) -> Document:
    """Return a document by the beginning of its name, or skip the test when it is absent."""
    files = sorted(FOLDER.glob(pattern))
    if not files:
        pytest.skip(
            f"NOT CHECKED: no {pattern} in {FOLDER}: "
            "the platform's other documents are not beside the project"
        )
    return Document(files[0].name, files[0].read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def merged_documents() -> Derivation:
    """Derive one contract from all documents."""
    return derive([read_document(pattern) for pattern in COUNTS])


@each_document
def test_every_operation_is_derived(pattern: str) -> None:
    """Each has a summary and a line."""
    document = read_document(pattern)
    derived = operations(derive([document]).contract)
    assert len(derived) == COUNTS[pattern]
    assert [
        item
        for item in derived.values()
        if not item["summary"] or document.name not in item["x-source"]
    ] == []


@each_document
def test_every_path_parameter_is_declared(pattern: str) -> None:
    """A parameter that no table states is marked."""
    for path, item in derive([read_document(pattern)]).contract["paths"].items():
        for operation in item.values():
            declared = [
                each["name"] for each in operation.get("parameters", []) if each["in"] == "path"
            ]
            assert sorted(declared) == sorted(part.split("}")[0] for part in path.split("{")[1:])
            assert all(each["x-source"] for each in operation.get("parameters", []))


@each_document
def test_nine_responses_in_ten_have_a_schema(pattern: str) -> None:
    """The schema has properties, or the response is a text."""
    contract = derive([read_document(pattern)]).contract
    flags = [bool(has_response(contract, operation)) for operation in operations(contract).values()]
    assert sum(flags) >= len(flags) * 0.9


def has_response(contract: dict[str, Any], operation: dict[str, Any]) -> Any:
    """Return whether the response has a schema with properties, or is a text."""
    for media, body in operation["responses"]["200"].get("content", {}).items():
        name = body["schema"].get("$ref", "").rpartition("/")[2]
        return media == "text/plain" or contract["components"]["schemas"][name].get("properties")
    return None


def test_each_table_of_a_body_is_a_request_body() -> None:
    """No other operation has one."""
    bodies = {
        item["operationId"]
        for pattern in COUNTS
        for item in operations(derive([read_document(pattern)]).contract).values()
        if "requestBody" in item
    }
    assert bodies == {
        *("createComputeRegion", "createComputeHostType", "createComputeIdc"),
        *("batchComputeHostCreate", "batchComputeHostDelete"),
        *("createTenantUser", "changeUserPassword", "createTenantRole"),
    }


def test_a_structure_with_a_chinese_title_gets_the_name_of_its_path() -> None:
    """Each such name is noted as a guess."""
    derivation = derive([read_document("5.*.md")])
    assert {"Region", "HostType", "Idc"} <= set(derivation.contract["components"]["schemas"])
    guessed = {
        doubt.finding.split('"')[1]
        for doubt in derivation.doubts
        if doubt.rule == "structure-guessed"
    }
    assert {"Region", "HostType", "Idc", "分页信息"} <= guessed


def test_statements_for_all_operations_apply_to_each() -> None:
    """Path parameters get their types from prose and other tables.

    Operations without a response of their own get the common one.
    """
    derived = operations(derive([read_document("12.*.md")]).contract)
    parameters = {each["name"]: each for each in derived["getRole"]["parameters"]}
    assert {name: each["schema"]["type"] for name, each in parameters.items()} == {
        "id": "integer",
        "tenantId": "integer",
        "roleName": "string",
    }
    assert all(each["x-inferred"] for each in parameters.values())
    common = {"application/json": {"schema": {"$ref": "#/components/schemas/CommonResponse"}}}
    assert derived["lockUser"]["responses"]["200"]["content"] == common
    assert (derived["lockUser"]["summary"], derived["unlockUser"]["summary"]) == (
        "锁定/解锁用户 锁定",
        "锁定/解锁用户 解锁",
    )


def test_a_plain_text_response_is_a_text() -> None:
    """It has an example for each case in the document."""
    derived = operations(derive([read_document("16.*.md")]).contract)
    shown = derived["getStatus"]["responses"]["200"]["content"]["text/plain"]["examples"]
    assert [each["value"] for each in shown.values()] == ["okay", "bad", "bad monitordb"]
    assert "text/plain" in derived["getTime"]["responses"]["200"]["content"]


def test_the_merged_contract_is_valid(merged_documents: Derivation) -> None:
    """It has all operations with unique ids, and the tags of all."""
    assert list(OpenAPIV31SpecValidator(merged_documents.contract).iter_errors()) == []
    assert len(operations(merged_documents.contract)) == sum(COUNTS.values())
    used = {tag for item in operations(merged_documents.contract).values() for tag in item["tags"]}
    assert used == {tag["name"] for tag in merged_documents.contract["tags"]}


def test_the_merged_contract_can_be_served(merged_documents: Derivation, tmp_path: Path) -> None:
    """It loads, and every GET has the status of its document."""
    file = tmp_path / "openapi.yaml"
    file.write_text(dump_yaml(merged_documents.contract), encoding="utf-8")
    contract = load_contract(file)
    assert len(contract.operations) == sum(COUNTS.values())
    stub = Stub(Settings(contract=file))
    for path, item in merged_documents.contract["paths"].items():
        if "get" in item:
            response = stub.handle(Request.of("GET", fill_path(path, item["get"])))
            assert (path, response.status) == (path, 200)


def fill_path(path: str, operation: dict[str, Any]) -> str:
    for each in operation.get("parameters", []):
        if each["in"] == "path":
            path = path.replace(f"{{{each['name']}}}", str(each.get("example", "1")))
    return path


@each_document
def test_any_prefix_of_each_document_can_be_derived(pattern: str) -> None:
    """Each doubt lies within the prefix."""
    document = read_document(pattern)
    lines = document.text.split("\n")
    for cut in range(0, len(lines), 7):
        assert_doubts_within_lines("\n".join(lines[:cut]), document.name)
