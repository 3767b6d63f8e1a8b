"""The error catalogue of the task module: HTTP status, code and message in both languages."""

import re
from dataclasses import dataclass, replace
from enum import Enum
from http import HTTPStatus

CHINESE, ENGLISH = "zh-CN", "en-US"


class ErrorKind(Enum):
    """Why a request is refused."""

    ILLEGAL_VALUE = "illegal-value"
    """Parameter: the name."""
    UNKNOWN_SORT_FIELD = "unknown-sort-field"
    """Parameter: the field."""
    NOT_AUTHENTICATED = "not-authenticated"
    NOT_AUTHORIZED = "not-authorised"
    PATH_NOT_FOUND = "path-not-found"
    """Parameter: the path."""
    TASK_NOT_FOUND = "task-not-found"
    """Parameter: the id of the task or subtask that is missing."""
    WRONG_STATE = "wrong-state"
    """Parameters: the id acted on, and its status, or the operation that forbids it."""
    ROLLBACK_PROHIBITED = "rollback-prohibited"
    """Parameter: the task's id."""
    SKIP_PROHIBITED = "skip-prohibited"
    """Parameter: the subtask's id. In the catalogue only: the engine never says it."""
    METHOD_NOT_SUPPORTED = "method-not-supported"
    THROTTLED = "throttled"
    UNEXPECTED = "unexpected"


@dataclass(frozen=True, slots=True)
class ErrorText:
    """What the wire says of one kind of error. `{0}` and `{1}` stand for the refusal's parameters."""

    status: int
    code: int
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
    # The real table shows no code for these two: our choice. For a path that does not exist, 0 says "none", as for 429.
    ErrorKind.NOT_AUTHENTICATED: ErrorText(
        401, 3000, "You are not authenticated. Log on and try again.", "用户未认证，请登录后重试。"
    ),
    ErrorKind.NOT_AUTHORIZED: ErrorText(
        403,
        3100,
        "You are not authorized to perform the corresponding operations. Ask an administrator for the permission.",
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


class OcpError(Exception):
    """The service says no: a kind of error and what fills its sentence."""

    def __init__(
        self, kind: ErrorKind, params: tuple[str, ...] = (), *, entry: ErrorText | None = None
    ) -> None:
        super().__init__(kind, params)
        self.kind = kind
        self.params = params
        self._told = entry

    @property
    def entry(self) -> ErrorText:
        """The entry of the catalogue, or what was told instead of it."""
        return self._told or CATALOGUE[self.kind]

    def message(self, language: str = ENGLISH) -> str:
        """Give the sentence in a language."""
        template = self.entry.chinese if language == CHINESE else self.entry.english
        # Not str.format: a parameter may hold braces of its own, or be missing.
        return re.sub(r"\{([0-9])\}", self._filled, template)

    def _filled(self, mark: re.Match[str]) -> str:
        number = int(mark.group(1))
        return self.params[number] if number < len(self.params) else mark.group()

    def __str__(self) -> str:
        return self.message()


def build_error(code: int, params: tuple[str, ...] = (), *, message: str = "") -> OcpError:
    """Give the refusal with a code of OCP's, else the first one with a status of HTTP; `message` replaces its sentence.

    For a status of which OCP says nothing, HTTP's own phrase is the sentence and the code is 0. Raises ValueError for
    what is neither a code nor a status of 400 and above.
    """
    kind = next((kind for kind, text in CATALOGUE.items() if text.code == code), None) or next(
        (kind for kind, text in CATALOGUE.items() if text.status == code), None
    )
    if kind is None and not 400 <= code <= 599:
        raise ValueError(f"{code} is neither a code of OCP nor a status of HTTP from 400 to 599")
    text = CATALOGUE[kind] if kind else ErrorText(code, 0, _phrase(code), _phrase(code))
    if message:
        # Without parameters, what looks like one in the message stays as told.
        text, params = replace(text, english=message, chinese=message), ()
    return OcpError(kind or ErrorKind.UNEXPECTED, params, entry=text)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"
