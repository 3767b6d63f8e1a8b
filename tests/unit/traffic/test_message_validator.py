"""Messages are validated by the operation that their request names; each flaw is one finding."""

from pathlib import Path

import pytest

from traffic_builders import PETS, message, pets_contract, texts
from understudy.contract import Contract, load_contract, sample_response
from understudy.messages import Headers, Response
from understudy.traffic.finding import Severity
from understudy.traffic.message_validator import MessageValidator
from understudy.traffic.traffic_message import Message
from understudy.traffic.wire_names import load_wire_names


@pytest.fixture(scope="module")
def pets(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    return pets_contract(tmp_path_factory.mktemp("pets"))


@pytest.fixture(scope="module")
def ocp() -> Contract:
    return load_contract()


PET = {"id": 1, "name": "Rex"}


@pytest.mark.parametrize(
    ("target", "body", "expected"),
    [
        ("/pets/1", PET, []),
        ("/v1/pets/1", PET, []),
        ("/w/mine/v1/pets/1", PET, []),
        ("/gateway/pets/1", {"id": 1, "name": 2}, ["error /name type"]),
        ("/x/y/v1/pets/1", {"id": 1, "name": 2}, ["error /name type"]),
        ("/w/mine/pets/1", {"id": 1, "name": 2}, ["error /name type"]),
        ("/x/y/pets/1", {}, ["warning path no-operation"]),
        ("/5/pets/1", {}, ["warning path no-operation"]),
        ("/owners/5/pets/1", {}, ["warning path no-operation"]),
        ("/pets/1", {"id": "1", "name": "Rex"}, ["error /id type"]),
        ("/pets/1", PET | {"tag": "x"}, ["warning /tag unknown-field"]),
        ("/pets/1", PET | {"parent": PET | {"tag": "x"}}, ["warning /parent/tag unknown-field"]),
        ("/pets/1", PET | {"labels": {"any": "x"}}, []),
        ("/pets/1", {"id": 1, "nmae": "Rex"}, ["error /nmae name"]),
        ("/pets/1", {}, ["error body required", "error body required"]),
        ("/pets/1", {"id": 1, "kind": "x"}, ["error body required", "warning /kind unknown-field"]),
        ("/pets?limit=200", [], ["error query.limit maximum"]),
        ("/pets?limti=1", [], ["warning query.limti unknown"]),
        ("/pets/x", PET, ["error path.petId type"]),
        ("/owners", {}, ["warning path no-operation"]),
    ],
)
def test_differences_become_findings(
    pets: Contract, target: str, body: object, expected: list[str]
) -> None:
    """Errors for what the contract forbids, warnings for what it does not know."""
    assert texts(pets, message(target, body)) == expected


def test_missing_name_and_misspelt_name_are_one_finding(pets: Contract) -> None:
    """The text names both names, and the place is that of the name that is there."""
    [finding] = MessageValidator(pets).validate(message("/pets/1", {"id": 1, "nmae": "x"})).findings
    assert finding.text == (
        "/nmae: this name is not documented; expected the name name [name] "
        f"(/components/schemas/Pet/required, {pets.file}:44:17)"
    )
    assert (finding.value, finding.nearest) == ("nmae", "name")


def test_unknown_field_names_the_nearest(pets: Contract) -> None:
    """As every unknown name does."""
    body = PET | {"color": "red"}
    [finding] = MessageValidator(pets).validate(message("/pets/1", body)).findings
    assert finding.text == (
        '/color: "red"; the contract has no such field. Did you mean "colour"? '
        "[unknown-field] (/components/schemas/Pet)"
    )


@pytest.mark.parametrize(
    ("method", "status", "body", "expected"),
    [
        ("HEAD", 200, None, []),
        ("DELETE", 204, None, []),
        ("GET", 404, None, []),
        ("GET", 500, {}, ["error status status"]),
        ("PATCH", 200, {}, ["warning method no-operation"]),
        ("OPTIONS", 204, None, []),
    ],
)
def test_methods_and_statuses(
    pets: Contract, method: str, status: int, body: object, expected: list[str]
) -> None:
    """A HEAD or 204 has no body; a preflight is not an operation."""
    assert texts(pets, message("/pets/1", body, method=method, status=status)) == expected


def test_body_that_was_not_recorded_is_not_missing(pets: Contract) -> None:
    """Status and header fields are validated all the same."""
    unrecorded = message("/pets/1", None, has_body=False, headers={"X-Rate": "fast"})
    assert texts(pets, unrecorded) == ["error header.X-Rate type"]


def test_wrong_media_type_is_one_finding(pets: Contract) -> None:
    """The fields of a body of another type are not looked at."""
    page = message("/pets/1", {"title": "no"}, content_type="application/problem+json")
    assert texts(pets, page) == ["error header.Content-Type content-type"]


def test_request_bodies_are_validated(pets: Contract) -> None:
    """The finding says that it is about the request."""
    sent = message("/pets", PET, method="POST", status=201, sent={"id": 1})
    [finding] = MessageValidator(pets).validate(sent).findings
    assert (finding.side, finding.place, finding.rule) == ("request", "body", "required")


def test_redacted_values_break_no_rule(pets: Contract) -> None:
    """A journal has a digest in place of a secret."""
    assert texts(pets, message("/pets?limit=<redacted:1a2b3c4d>", [])) == []


def test_message_without_a_request_needs_the_operation(pets: Contract) -> None:
    """Only the response is validated then."""
    response = Response(200, Headers.of([("Content-Type", "application/json")]), b"[]")
    validated = MessageValidator(pets).validate(Message(response, operation="listPets"))
    assert (validated.operation, validated.findings) == ("listPets", ())


def test_unknown_fields_can_be_left_out(pets: Contract) -> None:
    """A client that tolerates them asks for errors only."""
    validator = MessageValidator(pets, names_unknown_fields=False)
    assert validator.validate(message("/pets/1", PET | {"tag": 1})).findings == ()


def test_wire_name_is_one_finding_with_the_doubt(ocp: Contract) -> None:
    """The dialect `documented` expects the documented name, and the ledger has the doubt."""
    response = sample_response(ocp.operations["getTaskInstance"])
    body = response.body.replace(b'"downstream"', b'"downstreams"')
    wire = Message(Response(200, response.headers, body), operation="getTaskInstance")
    findings = MessageValidator(ocp).validate(wire).findings
    assert {finding.rule for finding in findings} == {"wire-name"}
    assert {finding.severity for finding in findings} == {Severity.ERROR}
    assert "see singular-array (task-management.md:158) in the ledger" in findings[0].text


def test_doubts_of_wire_names_are_in_the_ledger(ocp: Contract, root: Path) -> None:
    """The overlay names the rule, and the line, of an entry of the ledger."""
    ledger = (root / "docs/api/LEDGER.md").read_text("utf-8")
    names = load_wire_names(ocp)
    assert set(names) == {"paralleIdx", "downstream", "obClusterId"}
    for wire in names.values():
        rule, _, line = wire.doubt.partition(" ")
        assert f"| {rule} | warning | {line.strip('()')} |" in ledger


def test_other_contracts_have_no_wire_names(pets: Contract) -> None:
    """The overlay is about OCP."""
    assert load_wire_names(pets) == {}


@pytest.mark.parametrize("schema", ["allOf", "anyOf", "oneOf"])
def test_alternatives_know_the_fields_of_all_branches(tmp_path: Path, schema: str) -> None:
    """A field of another branch is not unknown."""
    text = PETS.replace(
        "    Pet:\n      type: object\n      required: [id, name]\n",
        f"    Other: {{properties: {{tag: {{}}}}}}\n    Pet:\n      {schema}:\n"
        '        - {$ref: "#/components/schemas/Other"}\n        - {properties: {size: {}}}\n',
    )
    path = tmp_path / "pets.yaml"
    path.write_text(text)
    contract = load_contract(path)
    lines = texts(contract, message("/pets/1", PET | {"tag": 1, "no": 2}))
    assert [text for text in lines if "unknown" in text] == ["warning /no unknown-field"]
