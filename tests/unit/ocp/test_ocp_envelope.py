"""The envelope, the error catalogue and the language of its messages."""

from datetime import UTC, datetime

import pytest

from understudy.messages import Json, Request
from understudy.ocp import (
    CATALOGUE,
    NO_DATA,
    ErrorKind,
    OcpError,
    correct_envelope,
    error_envelope,
    language_of,
    success_envelope,
)

NOW = datetime(2021, 8, 25, 15, 9, 31, 740000, UTC)

# Status, code and beginning of the English message, from the documents of the error table.
KNOWN_TEXTS = {
    ErrorKind.ILLEGAL_VALUE: (400, 1001, "You must specify a valid value for {0}."),
    ErrorKind.UNKNOWN_SORT_FIELD: (400, 1011, "The sort field {0} is not supported."),
    ErrorKind.NOT_AUTHENTICATED: (401, 3000, ""),
    ErrorKind.NOT_AUTHORIZED: (
        403,
        3100,
        "You are not authorized to perform the corresponding operations.",
    ),
    ErrorKind.PATH_NOT_FOUND: (404, 0, ""),
    ErrorKind.TASK_NOT_FOUND: (404, 4001, "The task {0} does not exist."),
    ErrorKind.WRONG_STATE: (
        400,
        4007,
        "The operation is not allowed because the task {0} is in {1} state.",
    ),
    ErrorKind.ROLLBACK_PROHIBITED: (400, 4009, "The task {0} cannot be rolled back."),
    ErrorKind.SKIP_PROHIBITED: (400, 4010, "The subtask {0} cannot be skipped."),
    ErrorKind.METHOD_NOT_SUPPORTED: (405, 1008, "The method is not supported."),
    ErrorKind.THROTTLED: (429, 0, ""),
    ErrorKind.UNEXPECTED: (500, 1999, "An unknown error occurred."),
}


@pytest.mark.parametrize("kind", ErrorKind)
def test_catalogue_has_the_known_texts(kind: ErrorKind) -> None:
    """Every kind has its status, its code, and messages with the same parameters."""
    status, code, beginning = KNOWN_TEXTS[kind]
    text = CATALOGUE[kind]
    assert (status, code) == (text.status, text.code)
    assert text.english.startswith(beginning)
    assert text.english.endswith(".")
    assert text.chinese.endswith("。")
    assert [m in text.english for m in ("{0}", "{1}")] == [
        m in text.chinese for m in ("{0}", "{1}")
    ]


def test_success_envelope() -> None:
    """`data` comes first, then the documented fields, with the status of the response."""
    body = success_envelope(
        {"log": ""}, now=NOW, duration_ms=3, status=200, trace_id="0" * 16, server="10.0.0.1:8080"
    )
    assert body == {
        "data": {"log": ""},
        "successful": True,
        "timestamp": "2021-08-25T15:09:31.74+00:00",
        "duration": 3,
        "status": 200,
        "traceId": "0000000000000000",
        "server": "10.0.0.1:8080",
    }
    assert next(iter(body)) == "data"


def test_envelope_without_data() -> None:
    """An operation without data leaves `data` out."""
    assert "data" not in success_envelope(
        NO_DATA, now=NOW, duration_ms=0, status=200, trace_id="", server=""
    )


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("en-US", "The operation is not allowed because the task 7 is in RUNNING state."),
        ("zh-CN", "任务 7 处于 RUNNING 状态，不允许执行该操作。"),
    ],
)
def test_error_envelope(language: str, message: str) -> None:
    """An error has no `data`.

    `status` is the HTTP status, the message is in the client's language.
    """
    refusal = OcpError(ErrorKind.WRONG_STATE, ("7", "RUNNING"))
    body = error_envelope(
        refusal, language=language, now=NOW, duration_ms=3, trace_id="0" * 16, server="s"
    )
    assert {"code": 4007, "message": message} == body["error"]
    assert (body["successful"], body["status"]) == (False, 400)
    assert "data" not in body


def test_braces_in_a_parameter_stay() -> None:
    """A parameter that looks like `{0}` is not replaced again."""
    assert "task {1} is in x state" in str(OcpError(ErrorKind.WRONG_STATE, ("{1}", "x")))


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("", "en-US"),
        ("zh-CN", "zh-CN"),
        ("zh", "zh-CN"),
        ("ZH-hans-cn", "zh-CN"),
        ("en-US", "en-US"),
        ("en;q=0.5, zh;q=0.8", "zh-CN"),
        ("zh;q=0.5, en;q=0.8", "en-US"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("fr, zh;q=0.1", "zh-CN"),
        ("fr", "en-US"),
        ("zh;q=0", "en-US"),
        ("zh;q=nonsense", "en-US"),
        ("*", "en-US"),
        (",;,", "en-US"),
    ],
)
def test_language_of_a_request(accept: str, language: str) -> None:
    """Quality values count; unknown and broken entries are ignored; English is the default."""
    assert language == language_of(Request.of("GET", "/", headers=[("Accept-Language", accept)]))


def test_languages_of_several_fields_are_one_list() -> None:
    """The best one may be in any of the fields (RFC 9110, 5.3)."""
    fields = [("Accept-Language", "fr, en;q=0.5"), ("accept-language", "zh")]
    assert language_of(Request.of("GET", "/", headers=fields)) == "zh-CN"


@pytest.mark.parametrize(("status", "successful"), [(200, True), (404, False)])
def test_generated_envelope_has_its_status(status: int, successful: bool) -> None:
    """Members that the data does not have are not added; a text or a list stays as it is."""
    data: dict[str, Json] = {
        "data": {"status": "x"},
        "successful": None,
        "status": 7,
        "duration": 5,
    }
    corrected = correct_envelope(data, status)
    assert corrected == {**data, "successful": successful, "status": status}
    assert correct_envelope({"data": 1}, status) == {"data": 1}
    assert correct_envelope([1], status) == [1]
