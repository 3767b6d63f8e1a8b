"""Messages, HAR files and journals for the tests of validation."""

import json
from pathlib import Path
from typing import Any

from understudy.contract import Contract, load_contract
from understudy.messages import Headers, Request, Response
from understudy.traffic.finding import Finding
from understudy.traffic.message_validator import MessageValidator
from understudy.traffic.traffic_message import Message

PETS = """\
openapi: 3.1.0
info: {title: Pets, version: "1"}
servers: [{url: "https://pets.example/v1"}]
paths:
  /pets:
    get:
      operationId: listPets
      parameters:
        - {name: limit, in: query, schema: {type: integer, maximum: 100}, example: 10}
        - {name: page, in: query, schema: {type: integer, minimum: 1}}
      responses:
        "200":
          description: Pets.
          content:
            application/json:
              schema: {type: array, items: {$ref: "#/components/schemas/Pet"}}
    post:
      operationId: createPet
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}
      responses:
        "201":
          description: Created.
          content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}
  /pets/{petId}:
    parameters: [{name: petId, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: getPet
      responses:
        "200":
          description: A pet.
          headers: {X-Rate: {required: true, schema: {type: integer}}}
          content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}
        "404": {description: No such pet.}
    delete:
      operationId: deletePet
      responses:
        "204": {description: Deleted.}
components:
  schemas:
    Pet:
      type: object
      required: [id, name]
      properties:
        id: {type: integer}
        name: {type: string}
        status: {enum: [available, sold]}
        colour: {type: string}
        parent: {$ref: "#/components/schemas/Pet"}
        labels: {type: object, additionalProperties: {type: string}}
"""
HOST = "https://pets.example"


def pets_contract(folder: Path) -> Contract:
    """Write the contract of pets into a folder, and load it."""
    path = folder / "pets.yaml"
    path.write_text(PETS, encoding="utf-8")
    return load_contract(path)


def message(
    target: str,
    body: object,
    *,
    method: str = "GET",
    status: int = 200,
    content_type: str = "application/json",
    headers: dict[str, str] | None = None,
    sent: object = None,
    **options: Any,
) -> Message:
    """Return a message; a body that is not bytes is JSON."""
    fields = {"Content-Type": content_type, "X-Rate": "1", **(headers or {})}
    request = Request.of(
        method,
        target,
        headers=[("Content-Type", "application/json")] if sent is not None else [],
        body=b"" if sent is None else json.dumps(sent).encode(),
    )
    response = Response(status, Headers.of(fields.items()), encode(body))
    return Message(response, request, **options)


def encode(body: object) -> bytes:
    """Return bytes as they are, nothing for None, and JSON for everything else."""
    if body is None:
        return b""
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def texts(contract: Contract, *messages: Message) -> list[str]:
    """Return the findings of messages as `severity place rule`, of all of them in order."""
    validator = MessageValidator(contract)
    findings = [finding for each in messages for finding in validator.validate(each).findings]
    return [summarize(finding) for finding in findings]


def summarize(finding: Finding) -> str:
    return f"{finding.severity.value} {finding.place} {finding.rule}"


def har_entry(
    target: str,
    body: object = None,
    *,
    method: str = "GET",
    status: int = 200,
    host: str = HOST,
    content: dict[str, Any] | None = None,
    post_data: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return one entry of a HAR file, as Chromium writes it."""
    text = "" if body is None else encode(body).decode()
    request: dict[str, Any] = {
        "method": method,
        "url": f"{host}{target}",
        "headers": [{"name": ":authority", "value": "pets.example"}],
    }
    if post_data is not None:
        request["postData"] = post_data
        request["headers"].append({"name": "content-type", "value": post_data["mimeType"]})
    return {
        "request": request,
        "response": {
            "status": status,
            "headers": [
                {"name": "content-encoding", "value": "gzip"},
                {"name": "content-type", "value": "application/json"},
                {"name": "x-rate", "value": "1"},
            ],
            "content": content or {"mimeType": "application/json", "size": len(text), "text": text},
        },
    }


def har(*entries: dict[str, Any]) -> bytes:
    """Return a HAR file."""
    log = {"version": "1.2", "creator": {"name": "test", "version": "1"}, "entries": entries}
    return json.dumps({"log": log}).encode()
