"""Rules about whole documents: what a document leaves out, and promises that it does not keep.

An omission is reported once per document, at the first line that it concerns: a ledger with one
entry for every operation would hide the other doubts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from understudy.derive.facts.derivation_model import Doubt
from understudy.derive.facts.doubt_catalogue import make_doubt
from understudy.derive.facts.facts import DocumentFacts, Field, Operation, Origin, Sketch
from understudy.derive.openapi.openapi_document import VERSION, find_version
from understudy.derive.reader.example_values import is_described_as_time
from understudy.derive.reader.shown_values import find_json_error
from understudy.derive.rules.rule_context import (
    Rule,
    RuleContext,
    iter_documents_with_operations,
    locate_response,
)

# Each pattern matches a line of prose that answers the question of its rule.
_ERROR_RESPONSES = re.compile(
    r"错误(?:码|响应|返回|信息)|异常(?:响应|返回)|失败(?:响应|返回)"
    r"|(?i:error (?:code|response)|errors?$)"
)
_HTTP_STATUS = re.compile(r"(?i:(?:status|HTTP|状态码?)\D{0,6}[1-5]\d\d\b)")
_MEDIA_TYPE = re.compile(r"(?i:content-type|application/|text/plain|媒体类型|JSON 格式|JSON格式)")
_AUTHENTICATION = re.compile(r"鉴权|认证|登录|令牌|(?i:authenticat|api key|token|basic auth)")
_TIME_FORMAT = re.compile(r"(?i:ISO ?8601|RFC ?3339|yyyy|unix ?time|时间戳格式|时间格式)")

# 标明为 ("marked as …") describes a value and promises nothing.
_PROMISE_OF_MARKS = re.compile(
    r"标[注记出明](?!为).{0,8}(?:问题|错误|疑问)"
    r"|(?i:problems? (?:are|is) marked|marks? (?:the |any )?(?:problem|issue))"
)
_MARK = re.compile(
    r"^\W*(?:问题|疑问|注意|警告|待确认|存疑|勘误|(?i:note|warning|problem|issue|todo|fixme))"
    r"\s*\d*\s*[:：\]】）)]|⚠|❗|❓"
)


def _contains(document: DocumentFacts, pattern: re.Pattern[str]) -> bool:
    """Return whether any line of prose matches a pattern."""
    return any(pattern.search(statement.text) for statement in document.statements)


def check_operations(context: RuleContext) -> Iterator[Doubt]:
    """Report a document without any operation, at its first line."""
    for document in context.facts.documents:
        if document.operations:
            continue
        yield make_doubt(
            "no-operation",
            Origin(document.file, 1),
            "The document contains no method with a path.",
            "The contract gets no path from it.",
        )


def check_omissions(context: RuleContext) -> Iterator[Doubt]:
    """Report what a document does not say about any of its operations.

    Authentication is reported at the first operation, the version at the title.
    """
    for document, operation in iter_documents_with_operations(context):
        yield from _check_responses(document, operation)
        yield from _check_status(context, document, operation)
        if not _contains(document, _AUTHENTICATION):
            yield make_doubt(
                "authentication-not-told",
                operation.origin,
                "The document does not say how a client authenticates.",
                "The contract names no security scheme.",
            )
        if not find_version(document):
            # OpenAPI 3.1, Info Object: `version` is required.
            yield make_doubt(
                "version-not-told",
                document.title_origin,
                "The document gives no version of the API.",
                f'The version is "{VERSION}".',
            )


def _check_responses(document: DocumentFacts, operation: Operation) -> Iterator[Doubt]:
    """Report missing error responses and media types, at the first response.

    Source: OpenAPI 3.1, Responses Object: known errors should be documented.
    """
    origin = locate_response(operation)
    if not _contains(document, _ERROR_RESPONSES):
        yield make_doubt(
            "error-responses-not-told",
            origin,
            "The document defines no error response for any operation.",
            "The contract has successful responses only.",
        )
    if not _contains(document, _MEDIA_TYPE):
        yield make_doubt(
            "media-type-not-told",
            origin,
            "The document does not name the media type of the bodies.",
            "It is application/json.",
        )


def _check_status(
    context: RuleContext, document: DocumentFacts, operation: Operation
) -> Iterator[Doubt]:
    """Report missing HTTP statuses; the description of a field may give one too."""
    if _contains(document, _HTTP_STATUS):
        return
    for field, _ in context.iter_fields():
        if field.origin.file == document.file and _HTTP_STATUS.search(field.description):
            return
    yield make_doubt(
        "http-status-not-told",
        locate_response(operation),
        "The document does not give the HTTP status of any response.",
        "Success is 200.",
    )


def check_presence(context: RuleContext) -> Iterator[Doubt]:
    """Report a document whose response tables do not say which fields are always present.

    The doubt is at the first table without a column such as 必选.
    """
    reported: set[str] = set()
    responses = sorted(context.iter_responses(), key=lambda pair: pair[0].origin)
    for structure, _ in responses:
        file = structure.origin.file
        if structure.has_required_column or file in reported:
            continue
        reported.add(file)
        yield make_doubt(
            "presence-not-told",
            structure.origin,
            "The document does not say which response fields are always present.",
            "Each documented field is required.",
        )


def check_time_format(context: RuleContext) -> Iterator[Doubt]:
    """Report a document that does not give the format of its times, at the first of them.

    The format may be given in prose, in the description of any field, or by an example.
    """
    fields = sorted((field for field, _ in context.iter_fields()), key=lambda each: each.origin)
    done = set()
    for document in context.facts.documents:
        if _contains(document, _TIME_FORMAT):
            done.add(document.file)
    for field in fields:
        if _TIME_FORMAT.search(field.description):
            done.add(field.origin.file)
    for field in fields:
        file = field.origin.file
        # An example shows the format.
        if file in done or field.example is not None or not _is_time(field):
            continue
        done.add(file)
        yield make_doubt(
            "time-format-not-told",
            field.origin,
            f'The document does not give the format of times such as "{field.name}".',
            "Times are date-times of RFC 3339.",
        )


def _is_time(field: Field) -> bool:
    """Return whether a field is a time by its type or by its description."""
    return field.type.format == "date-time" or is_described_as_time(field)


def check_sketches(context: RuleContext) -> Iterator[Doubt]:
    """Report code blocks that are not JSON, and texts in them that may be descriptions.

    Only code blocks that describe a structure are checked; `example_rules` checks examples.
    """
    for document in context.facts.documents:
        for sketch in document.sketches:
            yield from _check_json(sketch)
            yield from _check_texts(sketch)


def _check_json(sketch: Sketch) -> Iterator[Doubt]:
    """Report a code block such as `{"size": Integer}`, at the line of the first error."""
    error = find_json_error(sketch.text)
    if error is None:
        return
    # The lines of an error count from 1 at the first line of the block.
    line = sketch.origin.line + error.line - 1
    yield make_doubt(
        "sketch-not-json",
        Origin(sketch.origin.file, line),
        f"The code block is marked as JSON or begins like JSON, but is not: {error.reason}.",
        "Its words are read as types and names of structures.",
    )


def _check_texts(sketch: Sketch) -> Iterator[Doubt]:
    """Report members such as `"size": "每页的大小"`: the text describes a value, or is one."""
    for name, origin in sketch.texts:
        yield make_doubt(
            "sketch-text-is-prose",
            origin,
            f'The text of "{name}" may describe the value or be an example of it.',
            "It is a string with this text as its description.",
        )


def check_promised_marks(context: RuleContext) -> Iterator[Doubt]:
    """Report a document that promises to mark its problems and marks none.

    Example: 本文标注发现的问题, and no line that begins with 问题：, 注意：, ⚠ or the like.
    """
    for document in context.facts.documents:
        promises = []
        has_mark = False
        for statement in document.statements:
            # The promise itself often contains the word of a mark.
            if _PROMISE_OF_MARKS.search(statement.text):
                promises.append(statement.origin)
            elif _MARK.search(statement.text):
                has_mark = True
        if promises and not has_mark:
            yield make_doubt(
                "promised-marks-missing",
                promises[0],
                "The document says that it marks the problems found, but it marks none.",
                "This ledger lists them.",
            )


DOCUMENT_RULES: tuple[Rule, ...] = (
    check_operations,
    check_omissions,
    check_presence,
    check_time_format,
    check_sketches,
    check_promised_marks,
)
"""All rules of this module."""
