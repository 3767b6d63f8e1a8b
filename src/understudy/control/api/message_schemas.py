"""The shapes of what the control API takes and gives, as JSON Schema: the components of its document."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from understudy.control.api.route import Schema, schema_ref
from understudy.rules.faults.fault_profiles import PROFILES
from understudy.scenario.format_schema import scenario_schema

NAME: Schema = {
    "type": "string",
    "pattern": r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$",
    "description": "a letter or digit, then up to 99 letters, digits, dots, underscores or hyphens",
}
TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": "boolean"}
TIME: Schema = {"type": "string", "format": "date-time"}
OBJECT: Schema = {"type": "object"}
TEXTS: Schema = {"type": "array", "items": TEXT}
TASK_STATUSES = ("RUNNING", "FAILED", "SUCCESSFUL")
SUBTASK_STATUSES = ("PENDING", "READY", "RUNNING", "CANCELING", "FAILED", "SUCCESSFUL")
_WAIT = r"^([0-9]{1,5}ms|[0-5]?[0-9]{1,2}(\.[0-9]{1,3})?s|600s|[0-9](\.[0-9]{1,2})?m|10m)$"


def object_schema(*required: str, **properties: Schema) -> Schema:
    """Give the schema of an object: first the names that have to be there, or none for all of them."""
    return {"type": "object", "required": list(required or properties), "properties": properties}


def closed_object_schema(*required: str, **properties: Schema) -> Schema:
    """Give the schema of an object that a call carries: other names are refused."""
    told = {"required": list(required)} if required else {}
    return {"type": "object", **told, "additionalProperties": False, "properties": properties}


def nullable(schema: Schema) -> Schema:
    """Give a schema that takes null as well; in one piece where that can be, so that errors say what is expected."""
    if isinstance(schema.get("type"), str):
        return {**schema, "type": [schema["type"], "null"]}
    if "enum" in schema:
        return {**schema, "enum": [*schema["enum"], None]}
    return {"anyOf": [schema, {"type": "null"}]}


def with_description(schema: Schema, description: str) -> Schema:
    """Give a schema with what it is for."""
    return {**schema, "description": description}


_ERROR = object_schema(
    "message",
    slug=with_description(TEXT, "What kind: a keyword of JSON Schema, or a problem of a scenario."),
    message=TEXT,
    where=with_description(TEXT, "A parameter (`query.limit`), or a place in the body or file."),
    line=COUNT,
    column=COUNT,
    expected=TEXT,
    nearest=with_description(TEXT, "The known name that is most like it."),
    hint=TEXT,
)
_BREACH = object_schema(
    of={"enum": ["request", "response"]},
    place=with_description(
        TEXT, "Where in the message: `query.size`, or a JSON pointer into the body."
    ),
    rule=with_description(
        TEXT, "The rule that was broken: a keyword of JSON Schema, `unknown`, `status`, …"
    ),
    text=with_description(TEXT, "All that is known of it, in one line."),
    source=with_description(TEXT, "The documents' line that says so; empty when none is known."),
)
_MESSAGE = object_schema(
    "headers", headers={"type": "array", "items": TEXTS}, body=TEXT, bodyBase64=TEXT
)
_NEXT = nullable(with_description(TIME, "When something happens next, on the world's clock."))
_SUBTASK = object_schema(
    id=COUNT,
    name=TEXT,
    status={"enum": list(SUBTASK_STATUSES)},
    operation=TEXT,
    after={"type": "array", "items": COUNT},
    played=with_description(COUNT, "How many executions have begun."),
    runsLeft=with_description(
        COUNT, "How many planned executions have not been played; the last one repeats for ever."
    ),
)
_TASK = object_schema(
    "id",
    "name",
    "status",
    "next",
    id=COUNT,
    name=TEXT,
    status=with_description({"enum": [*TASK_STATUSES, None]}, "null: it has not begun."),
    operation=TEXT,
    next=_NEXT,
    subtasks={"type": "array", "items": _SUBTASK},
)
_ROW = object_schema(field=TEXT, wanted=TEXT, found=TEXT, matches=FLAG)

_COUNTS: Schema = {"type": "object", "additionalProperties": COUNT}
_SUMS = {"covered": COUNT, "total": COUNT, "ratio": {"type": "number", "minimum": 0, "maximum": 1}}
_OWN: Mapping[str, Schema] = {
    "Problem": object_schema(
        "type",
        "title",
        "status",
        "detail",
        type=with_description(TEXT, "`urn:understudy:problem:` and a slug that stays."),
        title=TEXT,
        status=COUNT,
        detail=TEXT,
        errors={"type": "array", "items": _ERROR},
    ),
    "Exchange": object_schema(
        number=COUNT,
        world=TEXT,
        at=TIME,
        operation=with_description(
            TEXT, "The operationId; empty when no operation has such a path and method."
        ),
        account=TEXT,
        violations={"type": "array", "items": _BREACH},
        trace=with_description(OBJECT, "How the answer came about."),
        request={**_MESSAGE, "required": ["method", "target", "path", "headers"]},
        response={**_MESSAGE, "required": ["status", "headers"]},
    ),
    "NearMiss": object_schema(
        number=with_description(COUNT, "Of the exchange."),
        method=TEXT,
        target=TEXT,
        differing=with_description(COUNT, "How many rows do not match."),
        rows={"type": "array", "items": _ROW},
    ),
    "Finding": object_schema(
        "kind",
        "text",
        kind=with_description({"enum": ["violation", "unmatched", "unused"]}, "What kind."),
        text=with_description(TEXT, "What is wrong, in one line."),
        number=with_description(COUNT, "Of the exchange."),
        at=TIME,
        operation=TEXT,
        call=with_description(TEXT, "Method and target."),
        status=with_description(COUNT, "Of the answer."),
        place=TEXT,
        rule=with_description(TEXT, "The rule of the contract, or the name of the reply."),
        source=TEXT,
        curl=with_description(TEXT, "A line that repeats the call, secrets taken out."),
    ),
    "Account": object_schema(
        name=TEXT, password=TEXT, permissions=TEXTS, accessKey=TEXT, secretKey=TEXT
    ),
    "Unmatched": object_schema(
        "number",
        "method",
        "target",
        "status",
        number=COUNT,
        method=TEXT,
        target=TEXT,
        status=COUNT,
        nearestPath=with_description(TEXT, "The path of the contract that is most like it."),
        allowed=with_description(TEXTS, "The methods of the path, when only the method was wrong."),
        closest=with_description(
            OBJECT, "The scripted reply that came nearest, with the rows that differ."
        ),
    ),
    "Explanation": object_schema(
        number=COUNT,
        world=TEXT,
        scenario=TEXT,
        at=TIME,
        clock=OBJECT,
        operation=TEXT,
        summary=TEXT,
        sources=with_description(TEXTS, "The lines of the documents that it rests on."),
        matched=with_description(
            TEXT,
            "What answered: a rule by its name, `service`, `refusal`, `preference`, `fault` or `tool`.",
        ),
        faults={"type": "array"},
        preferences=OBJECT,
        revision=with_description({"type": "array", "items": COUNT}, "Before and after it."),
        before={},
        after={},
        violations=TEXTS,
        closest=nullable(OBJECT),
        curl=with_description(TEXT, "A line that repeats it, secrets taken out."),
    ),
    "Scenario": object_schema(
        name=TEXT,
        origin={"enum": ["shipped", "folder", "file", "uploaded"]},
        description=TEXT,
        active=with_description(FLAG, "Whether the world plays it."),
    ),
    "World": object_schema(
        name=TEXT,
        scenario=TEXT,
        clock=TIME,
        revision=with_description(COUNT, "How many commands have changed it."),
        exchanges=COUNT,
        dropped=with_description(COUNT, "How many exchanges the journal has dropped."),
        lastUsed=nullable(TIME),
    ),
    "Clock": object_schema(
        now=TIME,
        start=with_description(TIME, "Where it was when the world began."),
        mode={"enum": ["real", "virtual", "per-call"]},
        speed={"type": "number"},
        step=with_description(
            {"type": "number"}, "Seconds per call, of a clock that moves per call."
        ),
    ),
    "Task": _TASK,
    "Rule": object_schema(
        **{
            "name": TEXT,
            "from": {"enum": ["added", "scenario"]},
            "seen": nullable(
                with_description(
                    COUNT, "The calls that it was meant for; null when nobody has to count."
                )
            ),
            "used": nullable(
                with_description(
                    COUNT, "How often it answered or struck; null when nobody has to count."
                )
            ),
            "rule": with_description(OBJECT, "As it was told."),
        }
    ),
    "Settings": object_schema(
        validateRequest={"enum": ["enforce", "report", "off"]}, errors=FLAG, corrupt=TEXTS
    ),
    "Snapshot": object_schema(name=TEXT, at=TIME, revision=COUNT, bytes=COUNT),
    "Coverage": object_schema(
        understudyCoverage=with_description({"const": 1}, "The version of this form."),
        contract=with_description(TEXT, "Its title and version."),
        exchanges=with_description(COUNT, "How many were looked at."),
        **_SUMS,
        unknown=with_description(_COUNTS, "What could not be looked at."),
        sections={"type": "array", "items": schema_ref("CoverageSection")},
    ),
    "CoverageSection": object_schema(
        name=TEXT,
        **_SUMS,
        beside=with_description(
            _COUNTS,
            "What was seen that is no item: jumps over states, statuses that are not documented.",
        ),
        items={"type": "array", "items": schema_ref("CoverageItem")},
    ),
    "CoverageItem": object_schema(
        *("group", "name", "count"),
        group=with_description(TEXT, "What it belongs to; empty for an operation itself."),
        name=TEXT,
        count=with_description(COUNT, "In how many exchanges it was seen; 0: it is missing."),
        ids=with_description(_COUNTS, "Of a corruption: those of its kind that were served."),
    ),
}

_REWRITTEN = {"replyRule": "ReplyRule", "faultRule": "FaultRule", "task": "AddedTask"}


def component_name(definition: str) -> str:
    """Give the name that a `$defs` of the scenario format has among the shapes: `when` is `scenario.when`."""
    return _REWRITTEN.get(definition, f"scenario.{definition}")


def _moved(node: Any) -> Any:
    """Copy a schema of the scenario format so that its references lead to the shapes."""
    if isinstance(node, list):
        return [_moved(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {key: _target(value) if key == "$ref" else _moved(value) for key, value in node.items()}


def _target(reference: str) -> str:
    return str(schema_ref(component_name(reference.removeprefix("#/$defs/")))["$ref"])


def _used(definitions: Mapping[str, Any], names: list[str]) -> Iterator[str]:
    """Give definitions and all that they refer to, each once."""
    seen: set[str] = set()
    while names:
        name = names.pop()
        if name not in seen:
            seen.add(name)
            yield name
            names += [found.removeprefix("#/$defs/") for found in _references(definitions[name])]


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for item in node:
            yield from _references(item)


@cache
def message_schemas() -> Mapping[str, Schema]:
    """Give every shape by its name: our own, and of the scenario format the rules with all that they refer to."""
    definitions = scenario_schema()["$defs"]
    rules = {
        component_name(name): _moved(definitions[name])
        for name in _used(definitions, ["replyRule", "faultRule", "task"])
    }
    when = rules[component_name("when")]["properties"]
    asked = {key: when[key] for key in ("operation", "request", "path", "query", "headers", "body")}
    status = {
        "anyOf": [
            {"type": "integer", "minimum": 100, "maximum": 599},
            {"type": "string", "pattern": "^[1-5]xx$"},
        ]
    }
    search = {
        **asked,
        "status": with_description(
            {"anyOf": [*status["anyOf"], {"type": "array", "minItems": 1, "items": status}]},
            "a status such as 404, a class such as 4xx, or a list of them",
        ),
        "account": with_description(schema_ref(component_name("matcher")), "Who asked."),
    }
    wait = {
        "count": with_description(
            {"type": "integer", "minimum": 1, "maximum": 10_000, "default": 1},
            "How many calls have to match.",
        ),
        "timeout": {
            "type": "string",
            "pattern": _WAIT,
            "default": "10s",
            "description": "how long to wait, at most 600s: a duration such as 300ms, 10s or 1.5m",
            "examples": ["100ms", "10s"],
        },
    }
    fault = rules["FaultRule"]
    profile = {
        "type": "object",
        "required": ["profile"],
        "additionalProperties": False,
        "properties": {
            **{k: v for k, v in fault["properties"].items() if k != "fault"},
            "profile": {"enum": list(PROFILES)},
        },
    }
    return {
        **_OWN,
        "Criteria": closed_object_schema(**search),
        "Wait": closed_object_schema(**search, **wait),
        "AddedFault": {"anyOf": [schema_ref("FaultRule"), profile]},
        **rules,
    }
