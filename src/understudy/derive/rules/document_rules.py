"""Rules about operations and whole documents: what is told twice, leads nowhere, or is not told at all."""

from __future__ import annotations

import re
from collections.abc import Iterator

from understudy.derive.facts.derivation_model import Doubt
from understudy.derive.facts.doubt_catalogue import make_doubt
from understudy.derive.facts.facts import DocumentFacts, Field, Kind, Origin, Reference, Structure
from understudy.derive.facts.names import to_camel_case, to_singular
from understudy.derive.lexicon.labels import fold
from understudy.derive.lexicon.vocabulary import PAGING_PARAMETERS, SORTING_PARAMETERS
from understudy.derive.openapi.openapi_document import VERSION, find_version
from understudy.derive.openapi.parameter_placement import find_required_parameter, locate_parameters
from understudy.derive.reader.example_values import is_described_as_time
from understudy.derive.reader.shown_values import find_json_error
from understudy.derive.rules.rule_context import (
    Rule,
    RuleContext,
    iter_documents_with_operations,
    locate_response,
)


def no_operation(case: RuleContext) -> Iterator[Doubt]:
    """A document without any operation."""
    for document in case.facts.documents:
        if not document.operations:
            what = "No method and path stand anywhere in this document."
            yield make_doubt(
                "no-operation", Origin(document.file, 1), what, "The contract gets no path from it."
            )


def told_twice(case: RuleContext) -> Iterator[Doubt]:
    """Two operations of one method and path, two of one name, two structures of one name with different fields."""
    for operation, first in case.names.duplicates:
        what = f"{operation.method} {operation.path} is told already: {first.origin}."
        yield make_doubt("duplicate-operation", operation.origin, what, "The first counts.")
    for operation, name in case.names.collisions:
        what = f"Its method and path make the operationId of another operation; this one is {name}."
        yield make_doubt("operation-id-collision", operation.origin, what, "A number is added.")
    for structure, other in case.names.conflicts:
        what = f'"{structure.name}" is told with other fields: {other.origin}.'
        decision = f"Both are kept; this one is {case.names.component_name(structure)}."
        yield make_doubt("structure-told-twice", structure.origin, what, decision)


def unresolved_reference(case: RuleContext) -> Iterator[Doubt]:
    """Words that reuse what no section of that title tells; an operation without any response."""
    for document in case.facts.documents:
        for reference in document.references:
            if case.lookup.find_operation(reference) is None:
                yield _lost(reference, "The structure of that name is used if there is one.")
    seen: set[Origin] = set()
    for operation in case.facts.operations:
        if operation.response is None and case.lookup.find_common_response(operation):
            continue
        if operation.response is None:
            what = f"The response of {operation.method} {operation.path} is not told."
            yield make_doubt(
                "response-not-told",
                operation.origin,
                what,
                "Any response of status 200 is allowed.",
            )
        elif isinstance(operation.response, Reference) and operation.response.origin not in seen:
            seen.add(operation.response.origin)
            if (
                case.lookup.find_response(operation) is None
                and case.lookup.find_text_response(operation) is None
            ):
                yield _lost(operation.response, "Any response of status 200 is allowed.")


def _lost(reference: Reference, decision: str) -> Doubt:
    what = f'"{reference.text[:80]}" leads to nothing that is told.'
    return make_doubt("unresolved-reference", reference.origin, what, decision)


def parameters(case: RuleContext) -> Iterator[Doubt]:
    """Parameters that need another, are arrays, sort, or do not tell where they go."""
    for operation, structure in case.iter_requests():
        told = locate_parameters(operation)
        siblings, places = (
            [field for field, _ in told],
            {field.origin: place for field, place in told},
        )
        for field in structure.fields:
            place = places.get(field.origin, "")
            yield from _needs(field, siblings)
            if place == "query" and field.type.kind is Kind.ARRAY:
                what = f'How the array "{field.name}" is written into a query is not told.'
                decision = (
                    "It is sent as one comma-joined value; a repeated parameter is accepted too."
                )
                yield make_doubt("array-serialization-not-told", field.origin, what, decision)
            if place == "query" and fold(field.name) in SORTING_PARAMETERS and not field.prose.enum:
                what = f'Which fields and directions "{field.name}" takes is not told; the example is {field.example}.'
                yield make_doubt(
                    "sort-grammar-not-told", field.origin, what, "Any text is allowed."
                )
            if place == "body" and not field.location:
                what = f'Where "{field.name}" is sent is not told.'
                yield make_doubt(
                    "parameter-location-not-told",
                    field.origin,
                    what,
                    "It is a member of a JSON body.",
                )


def _needs(field: Field, siblings: list[Field]) -> Iterator[Doubt]:
    if not field.prose.requires:
        return
    needed = find_required_parameter(field, siblings)
    if needed:
        what = f'Only prose says that "{field.name}" needs "{needed}".'
        yield make_doubt(
            "requirement-in-prose",
            field.origin,
            what,
            "It is kept as x-requires: reported, never refused.",
        )
    else:
        what = f'"{field.name}" needs {field.prose.requires}, which no parameter is called.'
        yield make_doubt("unresolved-requirement", field.origin, what, "The need is left out.")


def filter_not_shown(case: RuleContext) -> Iterator[Doubt]:
    """A parameter that filters a list by what no field of its items shows."""
    for operation, _ in case.names.operations:
        items = _items(case, case.lookup.find_response(operation))
        if operation.method != "GET" or operation.path.endswith("}") or items is None:
            continue
        fields, section, name = items
        shown = {fold(word) for word in _shown(case, fields, section, "", 3)}
        for field, place in locate_parameters(operation):
            plain = fold(field.name)
            if (
                place == "query"
                and not {plain, fold(to_singular(field.name))} & shown
                and plain not in PAGING_PARAMETERS
                and plain not in SORTING_PARAMETERS
            ):
                what = f'The list is filtered by "{field.name}", which no field of {name or "its items"} shows.'
                yield make_doubt(
                    "filter-not-shown",
                    field.origin,
                    what,
                    "The parameter is kept; nothing shows its effect.",
                )


def _items(
    case: RuleContext, envelope: Structure | None
) -> tuple[tuple[Field, ...], int, str] | None:
    """Give the fields of a list's items, their section and name: the first array of objects within the response."""
    if envelope is None:
        return None
    if envelope.root:
        return _inside(case, Field("", envelope.root, envelope.origin), envelope.section)
    return _listed(case, envelope.fields, envelope.section, 3)


def _inside(
    case: RuleContext, field: Field, section: int
) -> tuple[tuple[Field, ...], int, str] | None:
    """Give the fields that a field's value or items have, with their section and the structure's name."""
    found = case.lookup.find_for_field(field, section)
    if found.structure:
        return found.structure.fields, found.structure.section, found.structure.name
    fields = (field.type.item or field.type).fields
    return (fields, section, "") if fields else None


def _listed(
    case: RuleContext, fields: tuple[Field, ...], section: int, depth: int
) -> tuple[tuple[Field, ...], int, str] | None:
    for field in fields:
        found = _inside(case, field, section)
        if found is None:
            continue
        if field.type.kind is Kind.ARRAY:
            return found
        is_one_thing = any(
            fold(inner.name) == "id" for inner in found[0]
        )  # its arrays are its own, no page of a list
        if depth and not is_one_thing and (inner := _listed(case, found[0], found[1], depth - 1)):
            return inner
    return None


def _shown(
    case: RuleContext, fields: tuple[Field, ...], section: int, prefix: str, depth: int
) -> Iterator[str]:
    """Give the names of fields, and of those inside them with the outer name in front: `clusterId`."""
    for field in fields:
        name = to_camel_case(prefix, field.name) if prefix else field.name
        yield name
        inner = _inside(case, field, section)
        if inner and depth and field.type.kind is not Kind.ARRAY:
            yield from _shown(case, inner[0], inner[1], name, depth - 1)


def sketches(case: RuleContext) -> Iterator[Doubt]:
    """A sketch of a structure that is not JSON, or tells a member only by a text that may describe it or be one."""
    for document in case.facts.documents:
        for sketch in document.sketches:
            error = find_json_error(sketch.text)
            if error:
                line = Origin(sketch.origin.file, sketch.origin.line + error.line - 1)
                what = f"The sketch is marked as JSON or looks like it, and is not: {error.reason}."
                yield make_doubt(
                    "sketch-not-json",
                    line,
                    what,
                    "Its words are read as types and names of structures.",
                )
            for name, origin in sketch.texts:
                what = f'"{name}" is told by a text that may describe its value or be one.'
                yield make_doubt("sketch-text-is-prose", origin, what, "It is a text so described.")


_ERRORS = re.compile(
    r"错误(?:码|响应|返回|信息)|异常(?:响应|返回)|失败(?:响应|返回)|(?i:error (?:code|response)|errors?$)"
)
_STATUS = re.compile(r"(?i:(?:status|HTTP|状态码?)\D{0,6}[1-5]\d\d\b)")
_MEDIA = re.compile(r"(?i:content-type|application/|text/plain|媒体类型|JSON 格式|JSON格式)")
_LOGIN = re.compile(r"鉴权|认证|登录|令牌|(?i:authenticat|api key|token|basic auth)")
_TIMES = re.compile(r"(?i:ISO ?8601|RFC ?3339|yyyy|unix ?time|时间戳格式|时间格式)")
_MARKS_PROMISED = re.compile(
    r"标[注记出明](?!为).{0,8}(?:问题|错误|疑问)"
    r"|(?i:problems? (?:are|is) marked|marks? (?:the |any )?(?:problem|issue))"
)
_MARK = re.compile(
    r"^\W*(?:问题|疑问|注意|警告|待确认|存疑|勘误|(?i:note|warning|problem|issue|todo|fixme))\s*\d*\s*[:：\]】）)]|⚠|❗|❓"
)


def _says(document: DocumentFacts, pattern: re.Pattern[str]) -> bool:
    return any(pattern.search(statement.text) for statement in document.statements)


def not_told(case: RuleContext) -> Iterator[Doubt]:
    """What a whole document leaves out: errors, statuses, the media type, authentication, its version."""
    for document, first in iter_documents_with_operations(case):
        line = locate_response(first)
        if not _says(document, _ERRORS):
            what = "No response for an error is told, here or for any operation."
            yield make_doubt(
                "error-responses-not-told",
                line,
                what,
                "Only successful responses are in the contract.",
            )
        described = (
            field.description
            for field, _ in case.iter_fields()
            if field.origin.file == document.file
        )
        if not _says(document, _STATUS) and not any(_STATUS.search(text) for text in described):
            what = "Which HTTP status an answer has is not told, here or for any operation."
            yield make_doubt("http-status-not-told", line, what, "Success is 200.")
        if not _says(document, _MEDIA):
            what = "The media type of the bodies is not told."
            yield make_doubt("media-type-not-told", line, what, "It is application/json.")
        if not _says(document, _LOGIN):
            what = "How a client tells who it is is not told."
            yield make_doubt(
                "authentication-not-told",
                first.origin,
                what,
                "The contract names no security scheme.",
            )
        if not find_version(document):
            what = "No version of the API is told."
            yield make_doubt(
                "version-not-told", document.title_origin, what, f'The version is "{VERSION}".'
            )


def presence(case: RuleContext) -> Iterator[Doubt]:
    """A document whose tables of responses do not say which fields are always there: once, at the first table."""
    told: set[str] = set()
    for structure, _ in sorted(case.iter_responses(), key=lambda pair: pair[0].origin):
        if not structure.has_required_column and structure.origin.file not in told:
            told.add(structure.origin.file)
            what = "Which fields of a response are always there is not told, here or for any structure."
            yield make_doubt(
                "presence-not-told", structure.origin, what, "Each documented field is required."
            )


def time_format(case: RuleContext) -> Iterator[Doubt]:
    """A document with times whose form it does not tell: once, at the first."""
    told = {document.file for document in case.facts.documents if _says(document, _TIMES)}
    fields = sorted((field for field, _ in case.iter_fields()), key=lambda field: field.origin)
    told |= {field.origin.file for field in fields if _TIMES.search(field.description)}
    for field in fields:
        is_time = field.type.format == "date-time" or is_described_as_time(field)
        if is_time and field.example is None and field.origin.file not in told:
            told.add(field.origin.file)
            what = f'How a time such as "{field.name}" is written is not told.'
            yield make_doubt(
                "time-format-not-told", field.origin, what, "It is a date-time of RFC 3339."
            )


def promised_marks(case: RuleContext) -> Iterator[Doubt]:
    """A promise to mark the problems that were found, in a document that marks none."""
    for document in case.facts.documents:
        promises = [
            statement for statement in document.statements if _MARKS_PROMISED.search(statement.text)
        ]
        others = [statement for statement in document.statements if statement not in promises]
        if promises and not any(_MARK.search(statement.text) for statement in others):
            what = "The document says that it marks the problems that were found, and marks none."
            yield make_doubt(
                "promised-marks-missing", promises[0].origin, what, "This ledger lists them."
            )


DOCUMENT_RULES: tuple[Rule, ...] = (
    no_operation,
    told_twice,
    unresolved_reference,
    parameters,
    filter_not_shown,
    sketches,
    not_told,
    presence,
    time_format,
    promised_marks,
)
