"""The part of SARIF 2.1.0 that this project writes, as a JSON Schema."""

from typing import Any

TEXT = {
    "type": "object",
    "required": ["text"],
    "additionalProperties": False,
    "properties": {"text": {"type": "string"}},
}
LEVEL = {"enum": ["none", "note", "warning", "error"]}


def strict(required: list[str], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": required,
        "additionalProperties": False,
        "properties": properties,
    }


def array_of(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


RULE = strict(
    ["id"],
    id={"type": "string"},
    shortDescription=TEXT,
    defaultConfiguration=strict([], level=LEVEL),
)
DRIVER = strict(
    ["name"],
    name={"type": "string"},
    version={"type": "string"},
    rules=array_of(RULE) | {"uniqueItems": True},
)
ARTIFACT = strict([], uri={"type": "string", "pattern": r"^[!-~]+$"})
REGION = strict([], startLine={"type": "integer", "minimum": 1})
LOCATION = strict(
    [],
    physicalLocation=strict([], artifactLocation=ARTIFACT, region=REGION),
    logicalLocations=array_of(strict([], fullyQualifiedName={"type": "string"})),
)
SUPPRESSION = strict(
    ["kind"],
    kind={"enum": ["inSource", "external"]},
    status={"enum": ["accepted", "underReview", "rejected"]},
    justification={"type": "string"},
)
RESULT = strict(
    ["message"],
    ruleId={"type": "string"},
    ruleIndex={"type": "integer", "minimum": 0},
    level=LEVEL,
    message=TEXT,
    locations=array_of(LOCATION),
    suppressions=array_of(SUPPRESSION) | {"uniqueItems": True},
    partialFingerprints={"type": "object", "additionalProperties": {"type": "string"}},
    occurrenceCount={"type": "integer", "minimum": 1},
    baselineState={"enum": ["new", "unchanged", "updated", "absent"]},
)
RUN = strict(
    ["tool"],
    tool=strict(["driver"], driver=DRIVER),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    results=array_of(RESULT),
)
SARIF = strict(
    ["version", "runs"],
    **{"$schema": {"type": "string"}, "version": {"const": "2.1.0"}, "runs": array_of(RUN)},
)
"""The part of SARIF 2.1.0 that this project writes: its members, types and closed sets."""
