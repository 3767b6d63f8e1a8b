"""Further documents of the same platform, in other layouts. They are no part of the project: they lie beside it."""

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


def read(pattern: str) -> Document:
    """A document by the beginning of its name; the test is skipped where it is absent."""
    found = sorted(FOLDER.glob(pattern))
    if not found:
        pytest.skip(
            f"NOT CHECKED: no {pattern} in {FOLDER}: the platform's other documents are not beside the project"
        )
    return Document(found[0].name, found[0].read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def merged() -> Derivation:
    """All of them as one contract."""
    return derive([read(pattern) for pattern in COUNTS])


@each_document
def test_every_operation_is_derived(pattern: str) -> None:
    """With a summary, and a line for itself."""
    document = read(pattern)
    found = operations(derive([document]).contract)
    assert len(found) == COUNTS[pattern]
    assert [
        item
        for item in found.values()
        if not item["summary"] or document.name not in item["x-source"]
    ] == []


@each_document
def test_every_path_parameter_is_declared(pattern: str) -> None:
    """Those that no table of the operation tells are marked."""
    for path, item in derive([read(pattern)]).contract["paths"].items():
        for operation in item.values():
            told = [
                each["name"] for each in operation.get("parameters", []) if each["in"] == "path"
            ]
            assert sorted(told) == sorted(part.split("}")[0] for part in path.split("{")[1:])
            assert all(each["x-source"] for each in operation.get("parameters", []))


@each_document
def test_nine_responses_in_ten_have_a_schema(pattern: str) -> None:
    """With properties, or told to be a text."""
    contract = derive([read(pattern)]).contract
    found = [bool(_told(contract, operation)) for operation in operations(contract).values()]
    assert sum(found) >= len(found) * 0.9


def _told(contract: dict[str, Any], operation: dict[str, Any]) -> Any:
    for media, body in operation["responses"]["200"].get("content", {}).items():
        name = body["schema"].get("$ref", "").rpartition("/")[2]
        return media == "text/plain" or contract["components"]["schemas"][name].get("properties")
    return None


def test_bodies() -> None:
    """Each table of a body is one, and nothing else is."""
    bodies = {
        item["operationId"]
        for pattern in COUNTS
        for item in operations(derive([read(pattern)]).contract).values()
        if "requestBody" in item
    }
    assert bodies == {
        *("createComputeRegion", "createComputeHostType", "createComputeIdc"),
        *("batchComputeHostCreate", "batchComputeHostDelete"),
        *("createTenantUser", "changeUserPassword", "createTenantRole"),
    }


def test_structures_with_chinese_titles_are_found() -> None:
    """By the paths of their sections, each with a note."""
    derivation = derive([read("5.*.md")])
    assert {"Region", "HostType", "Idc"} <= set(derivation.contract["components"]["schemas"])
    guessed = {
        doubt.finding.split('"')[1]
        for doubt in derivation.doubts
        if doubt.rule == "structure-guessed"
    }
    assert {"Region", "HostType", "Idc", "分页信息"} <= guessed


def test_what_is_told_for_all_operations() -> None:
    """Types of path parameters from prose and from other tables; the response of those that tell none."""
    found = operations(derive([read("12.*.md")]).contract)
    parameters = {each["name"]: each for each in found["getRole"]["parameters"]}
    assert {name: each["schema"]["type"] for name, each in parameters.items()} == {
        "id": "integer",
        "tenantId": "integer",
        "roleName": "string",
    }
    assert all(each["x-inferred"] for each in parameters.values())
    common = {"application/json": {"schema": {"$ref": "#/components/schemas/CommonResponse"}}}
    assert found["lockUser"]["responses"]["200"]["content"] == common
    assert (found["lockUser"]["summary"], found["unlockUser"]["summary"]) == (
        "锁定/解锁用户 锁定",
        "锁定/解锁用户 解锁",
    )


def test_a_text_is_a_text() -> None:
    """With an example for each case that the document shows."""
    found = operations(derive([read("16.*.md")]).contract)
    shown = found["getStatus"]["responses"]["200"]["content"]["text/plain"]["examples"]
    assert [each["value"] for each in shown.values()] == ["okay", "bad", "bad monitordb"]
    assert "text/plain" in found["getTime"]["responses"]["200"]["content"]


def test_the_merged_contract_is_valid(merged: Derivation) -> None:
    """All operations, their ids unique, the tags of all."""
    assert list(OpenAPIV31SpecValidator(merged.contract).iter_errors()) == []
    assert len(operations(merged.contract)) == sum(COUNTS.values())
    used = {tag for item in operations(merged.contract).values() for tag in item["tags"]}
    assert used == {tag["name"] for tag in merged.contract["tags"]}


def test_the_merged_contract_is_served(merged: Derivation, tmp_path: Path) -> None:
    """It loads, and every GET is answered with what it tells."""
    file = tmp_path / "openapi.yaml"
    file.write_text(dump_yaml(merged.contract), encoding="utf-8")
    contract = load_contract(file)
    assert len(contract.operations) == sum(COUNTS.values())
    stub = Stub(Settings(contract=file))
    for path, item in merged.contract["paths"].items():
        if "get" in item:
            response = stub.handle(Request.of("GET", _filled(path, item["get"])))
            assert (path, response.status) == (path, 200)


def _filled(path: str, operation: dict[str, Any]) -> str:
    for each in operation.get("parameters", []):
        if each["in"] == "path":
            path = path.replace(f"{{{each['name']}}}", str(each.get("example", "1")))
    return path


@each_document
def test_every_prefix_is_read(pattern: str) -> None:
    """Cut anywhere, each is derived, and doubted within its lines."""
    document = read(pattern)
    lines = document.text.split("\n")
    for cut in range(0, len(lines), 7):
        assert_doubts_within_lines("\n".join(lines[:cut]), document.name)
