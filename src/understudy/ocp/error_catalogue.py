"""The error catalogue of the task module: HTTP status, code and message in both languages.

Source: OCP's public table of error codes; the documents of the task module list none.
"""

import re
from dataclasses import dataclass, replace
from enum import Enum
from http import HTTPStatus

CHINESE, ENGLISH = "zh-CN", "en-US"
"""The languages of messages, as tags of `Accept-Language`."""


class ErrorKind(Enum):
    """The kinds of errors; the comments name the parameters of their messages."""

    ILLEGAL_VALUE = "illegal-value"
    """Parameter: the name."""
    UNKNOWN_SORT_FIELD = "unknown-sort-field"
    """Parameter: the field."""
    NOT_AUTHENTICATED = "not-authenticated"
    NOT_AUTHORIZED = "not-authorised"
    PATH_NOT_FOUND = "path-not-found"
    """Parameter: the path."""
    TASK_NOT_FOUND = "task-not-found"
    """Parameter: the id of the missing task or subtask."""
    WRONG_STATE = "wrong-state"
    """Parameters: the id acted on, and its status or the operation that forbids the command."""
    ROLLBACK_PROHIBITED = "rollback-prohibited"
    """Parameter: the task's id."""
    SKIP_PROHIBITED = "skip-prohibited"
    """Parameter: the subtask's id. In the catalogue only: the engine never raises it."""
    METHOD_NOT_SUPPORTED = "method-not-supported"
    THROTTLED = "throttled"
    UNEXPECTED = "unexpected"


@dataclass(frozen=True, slots=True)
class ErrorText:
    """An entry of the catalogue. `{0}` and `{1}` stand for the error's parameters."""

    status: int
    """The HTTP status."""
    code: int
    """OCP's own code; 0 where OCP has none."""
    english: str
    chinese: str


CATALOGUE: dict[ErrorKind, ErrorText] = {
    ErrorKind.ILLEGAL_VALUE: ErrorText(
        400,
        1001,
        "You must specify a valid value for {0}. Check the parameter and try again.",
        "参数 {0} 的取值不合法，请检查后重试。",
    ),
    ErrorKind.UNKNOWN_SORT_FIELD: ErrorText(
        400, 1011, "The sort field {0} is not supported.", "不支持按字段 {0} 排序。"
    ),
    # OCP's table shows no codes for these two; the codes are our choice. A path that does
    # not exist has the code 0 (none), as 429 has.
    ErrorKind.NOT_AUTHENTICATED: ErrorText(
        401,
        3000,
        "You are not authenticated. Log on and try again.",
        "用户未认证，请登录后重试。",
    ),
    ErrorKind.NOT_AUTHORIZED: ErrorText(
        403,
        3100,
        "You are not authorized to perform the corresponding operations. "
        "Ask an administrator for the permission.",
        "没有执行该操作的权限，请联系管理员授权。",
    ),
    ErrorKind.PATH_NOT_FOUND: ErrorText(
        404, 0, "The path {0} does not exist.", "路径 {0} 不存在。"
    ),
    ErrorKind.TASK_NOT_FOUND: ErrorText(
        404, 4001, "The task {0} does not exist.", "任务 {0} 不存在。"
    ),
    ErrorKind.WRONG_STATE: ErrorText(
        400,
        4007,
        "The operation is not allowed because the task {0} is in {1} state.",
        "任务 {0} 处于 {1} 状态，不允许执行该操作。",
    ),
    ErrorKind.ROLLBACK_PROHIBITED: ErrorText(
        400, 4009, "The task {0} cannot be rolled back.", "任务 {0} 不允许回滚。"
    ),
    ErrorKind.SKIP_PROHIBITED: ErrorText(
        400, 4010, "The subtask {0} cannot be skipped.", "子任务 {0} 不允许跳过。"
    ),
    ErrorKind.METHOD_NOT_SUPPORTED: ErrorText(
        405, 1008, "The method is not supported.", "不支持该请求方法。"
    ),
    ErrorKind.THROTTLED: ErrorText(
        429, 0, "Too many requests. Try again later.", "请求过于频繁，请稍后重试。"
    ),
    ErrorKind.UNEXPECTED: ErrorText(
        500,
        1999,
        "An unknown error occurred. Contact the administrator.",
        "发生未知错误，请联系管理员。",
    ),
}
"""Every kind of error with its entry."""


class OcpError(Exception):
    """An error of the service: its kind, and the parameters of its message."""

    def __init__(
        self, kind: ErrorKind, params: tuple[str, ...] = (), *, entry: ErrorText | None = None
    ) -> None:
        super().__init__(kind, params)
        self.kind = kind
        self.params = params
        self._entry = entry

    @property
    def entry(self) -> ErrorText:
        """The entry of the catalogue, or the entry that replaces it."""
        return self._entry or CATALOGUE[self.kind]

    def message(self, language: str = ENGLISH) -> str:
        """Return the message in a language: `zh-CN` is Chinese, any other is English."""
        template = self.entry.chinese if language == CHINESE else self.entry.english
        # Not str.format: a parameter may hold braces of its own, or be missing.
        return re.sub(r"\{([0-9])\}", self._replace_mark, template)

    def _replace_mark(self, mark: re.Match[str]) -> str:
        number = int(mark.group(1))
        return self.params[number] if number < len(self.params) else mark.group()

    def __str__(self) -> str:
        return self.message()


def build_error(code: int, params: tuple[str, ...] = (), *, message: str = "") -> OcpError:
    """Build the error of a code: one of OCP's, else the first one with this HTTP status.

    `message` replaces the catalogue's. A status that OCP does not use gets HTTP's own phrase
    and the code 0. Raises ValueError when `code` is neither a code of OCP nor an HTTP status
    from 400 to 599.
    """
    kind = _find_kind(code)
    if kind is None and not 400 <= code <= 599:
        raise ValueError(f"{code} is neither an OCP error code nor an HTTP status from 400 to 599")
    if kind is None:
        phrase = _status_phrase(code)
        entry = ErrorText(code, 0, phrase, phrase)
    else:
        entry = CATALOGUE[kind]
    if message:
        # Without parameters, a `{0}` in the user's message stays as it is.
        entry, params = replace(entry, english=message, chinese=message), ()
    return OcpError(kind or ErrorKind.UNEXPECTED, params, entry=entry)


def _find_kind(code: int) -> ErrorKind | None:
    """Return the kind with a code of OCP, else the first one with an HTTP status."""
    for kind, entry in CATALOGUE.items():
        if entry.code == code:
            return kind
    for kind, entry in CATALOGUE.items():
        if entry.status == code:
            return kind
    return None


def _status_phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"
