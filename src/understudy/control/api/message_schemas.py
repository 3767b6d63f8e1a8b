"""The shapes of what the control API takes and gives, as JSON Schema: the components of its document."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from understudy.control.api.route import Schema, ref
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


def shape(*required: str, **properties: Schema) -> Schema:
    """Give the schema of an object: first the names that have to be there, or none for all of them."""
    return {"type": "object", "required": list(required or properties), "properties": properties}


def closed(*required: str, **properties: Schema) -> Schema:
    """Give the schema of an object that a call carries: other names are refused."""
    told = {"required": list(required)} if required else {}
    return {"type": "object", **told, "additionalProperties": False, "properties": properties}


def maybe(schema: Schema) -> Schema:
    """Give a schema that takes null as well; in one piece where that can be, so that errors say what is expected."""
    if isinstance(schema.get("type"), str):
        return {**schema, "type": [schema["type"], "null"]}
    if "enum" in schema:
        return {**schema, "enum": [*schema["enum"], None]}
    return {"anyOf": [schema, {"type": "null"}]}


def told(schema: Schema, description: str) -> Schema:
    """Give a schema with what it is for."""
    return {**schema, "description": description}


_ERROR = shape(
    "message",
    slug=told(TEXT, "What kind: a keyword of JSON Schema, or a problem of a scenario."),
    message=TEXT,
    where=told(TEXT, "A parameter (`query.limit`), or a place in the body or file."),
    line=COUNT,
    column=COUNT,
    expected=TEXT,
    nearest=told(TEXT, "The known name that is most like it."),
    hint=TEXT,
)
_BREACH = shape(
    of={"enum": ["request", "response"]},
    place=told(TEXT, "Where in the message: `query.size`, or a JSON pointer into the body."),
    rule=told(TEXT, "The rule that was broken: a keyword of JSON Schema, `unknown`, `status`, …"),
    text=told(TEXT, "All that is known of it, in one line."),
    source=told(TEXT, "The documents' line that says so; empty when none is known."),
)
_MESSAGE = shape("headers", headers={"type": "array", "items": TEXTS}, body=TEXT, bodyBase64=TEXT)
_NEXT = maybe(told(TIME, "When something happens next, on the world's clock."))
_SUBTASK = shape(
    id=COUNT,
    name=TEXT,
    status={"enum": list(SUBTASK_STATUSES)},
    operation=TEXT,
    after={"type": "array", "items": COUNT},
    played=told(COUNT, "How many executions have begun."),
    runsLeft=told(
        COUNT, "How many planned executions have not been played; the last one repeats for ever."
    ),
)
_TASK = shape(
    "id",
    "name",
    "status",
    "next",
    id=COUNT,
    name=TEXT,
    status=told({"enum": [*TASK_STATUSES, None]}, "null: it has not begun."),
    operation=TEXT,
    next=_NEXT,
    subtasks={"type": "array", "items": _SUBTASK},
)
_ROW = shape(field=TEXT, wanted=TEXT, found=TEXT, matches=FLAG)

_COUNTS: Schema = {"type": "object", "additionalProperties": COUNT}
_SUMS = {"covered": COUNT, "total": COUNT, "ratio": {"type": "number", "minimum": 0, "maximum": 1}}
_OWN: Mapping[str, Schema] = {
    "Problem": shape(
        "type",
        "title",
        "status",
        "detail",
        type=told(TEXT, "`urn:understudy:problem:` and a slug that stays."),
        title=TEXT,
        status=COUNT,
        detail=TEXT,
        errors={"type": "array", "items": _ERROR},
    ),
    "Exchange": shape(
        number=COUNT,
        world=TEXT,
        at=TIME,
        operation=told(
            TEXT, "The operationId; empty when no operation has such a path and method."
        ),
        account=TEXT,
        violations={"type": "array", "items": _BREACH},
        trace=told(OBJECT, "How the answer came about."),
        request={**_MESSAGE, "required": ["method", "target", "path", "headers"]},
        response={**_MESSAGE, "required": ["status", "headers"]},
    ),
    "NearMiss": shape(
        number=told(COUNT, "Of the exchange."),
        method=TEXT,
        target=TEXT,
        differing=told(COUNT, "How many rows do not match."),
        rows={"type": "array", "items": _ROW},
    ),
    "Finding": shape(
        "kind",
        "text",
        kind=told({"enum": ["violation", "unmatched", "unused"]}, "What kind."),
        text=told(TEXT, "What is wrong, in one line."),
        number=told(COUNT, "Of the exchange."),
        at=TIME,
        operation=TEXT,
        call=told(TEXT, "Method and target."),
        status=told(COUNT, "Of the answer."),
        place=TEXT,
        rule=told(TEXT, "The rule of the contract, or the name of the reply."),
        source=TEXT,
        curl=told(TEXT, "A line that repeats the call, secrets taken out."),
    ),
    "Account": shape(name=TEXT, password=TEXT, permissions=TEXTS, accessKey=TEXT, secretKey=TEXT),
    "Unmatched": shape(
        "number",
        "method",
        "target",
        "status",
        number=COUNT,
        method=TEXT,
        target=TEXT,
        status=COUNT,
        nearestPath=told(TEXT, "The path of the contract that is most like it."),
        allowed=told(TEXTS, "The methods of the path, when only the method was wrong."),
        closest=told(OBJECT, "The scripted reply that came nearest, with the rows that differ."),
    ),
    "Explanation": shape(
        number=COUNT,
        world=TEXT,
        scenario=TEXT,
        at=TIME,
        clock=OBJECT,
        operation=TEXT,
        summary=TEXT,
        sources=told(TEXTS, "The lines of the documents that it rests on."),
        matched=told(
            TEXT,
            "What answered: a rule by its name, `service`, `refusal`, `preference`, `fault` or `tool`.",
        ),
        faults={"type": "array"},
        preferences=OBJECT,
        revision=told({"type": "array", "items": COUNT}, "Before and after it."),
        before={},
        after={},
        violations=TEXTS,
        closest=maybe(OBJECT),
        curl=told(TEXT, "A line that repeats it, secrets taken out."),
    ),
    "Scenario": shape(
        name=TEXT,
        origin={"enum": ["shipped", "folder", "file", "uploaded"]},
        description=TEXT,
        active=told(FLAG, "Whether the world plays it."),
    ),
    "World": shape(
        name=TEXT,
        scenario=TEXT,
        clock=TIME,
        revision=told(COUNT, "How many commands have changed it."),
        exchanges=COUNT,
        dropped=told(COUNT, "How many exchanges the journal has dropped."),
        lastUsed=maybe(TIME),
    ),
    "Clock": shape(
        now=TIME,
        start=told(TIME, "Where it was when the world began."),
        mode={"enum": ["real", "virtual", "per-call"]},
        speed={"type": "number"},
        step=told({"type": "number"}, "Seconds per call, of a clock that moves per call."),
    ),
    "Task": _TASK,
    "Rule": shape(
        **{
            "name": TEXT,
            "from": {"enum": ["added", "scenario"]},
            "seen": maybe(
                told(COUNT, "The calls that it was meant for; null when nobody has to count.")
            ),
            "used": maybe(
                told(COUNT, "How often it answered or struck; null when nobody has to count.")
            ),
            "rule": told(OBJECT, "As it was told."),
        }
    ),
    "Settings": shape(
        validateRequest={"enum": ["enforce", "report", "off"]}, errors=FLAG, corrupt=TEXTS
    ),
    "Snapshot": shape(name=TEXT, at=TIME, revision=COUNT, bytes=COUNT),
    "Coverage": shape(
        understudyCoverage=told({"const": 1}, "The version of this form."),
        contract=told(TEXT, "Its title and version."),
        exchanges=told(COUNT, "How many were looked at."),
        **_SUMS,
        unknown=told(_COUNTS, "What could not be looked at."),
        sections={"type": "array", "items": ref("CoverageSection")},
    ),
    "CoverageSection": shape(
        name=TEXT,
        **_SUMS,
        beside=told(
            _COUNTS,
            "What was seen that is no item: jumps over states, statuses that are not documented.",
        ),
        items={"type": "array", "items": ref("CoverageItem")},
    ),
    "CoverageItem": shape(
        *("group", "name", "count"),
        group=told(TEXT, "What it belongs to; empty for an operation itself."),
        name=TEXT,
        count=told(COUNT, "In how many exchanges it was seen; 0: it is missing."),
        ids=told(_COUNTS, "Of a corruption: those of its kind that were served."),
    ),
}

_REWRITTEN = {"replyRule": "ReplyRule", "faultRule": "FaultRule", "task": "AddedTask"}


def name_of(definition: str) -> str:
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
    return str(ref(name_of(reference.removeprefix("#/$defs/")))["$ref"])


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
def shapes() -> Mapping[str, Schema]:
    """Give every shape by its name: our own, and of the scenario format the rules with all that they refer to."""
    definitions = scenario_schema()["$defs"]
    rules = {
        name_of(name): _moved(definitions[name])
        for name in _used(definitions, ["replyRule", "faultRule", "task"])
    }
    when = rules[name_of("when")]["properties"]
    asked = {key: when[key] for key in ("operation", "request", "path", "query", "headers", "body")}
    status = {
        "anyOf": [
            {"type": "integer", "minimum": 100, "maximum": 599},
            {"type": "string", "pattern": "^[1-5]xx$"},
        ]
    }
    search = {
        **asked,
        "status": told(
            {"anyOf": [*status["anyOf"], {"type": "array", "minItems": 1, "items": status}]},
            "a status such as 404, a class such as 4xx, or a list of them",
        ),
        "account": told(ref(name_of("matcher")), "Who asked."),
    }
    wait = {
        "count": told(
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
        "Criteria": closed(**search),
        "Wait": closed(**search, **wait),
        "AddedFault": {"anyOf": [ref("FaultRule"), profile]},
        **rules,
    }
