"""What a rule can see of one call."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from understudy.contract import Operation
from understudy.messages import JsonError, Request, parse_json

NO_VALUES: Final[Mapping[str, str]] = {}
"""No names, no values."""
NOT_JSON: Final = object()
"""Stands for a body that is no JSON."""


class CallView:
    """One request, taken apart when somebody looks at a part."""

    __slots__ = ("_json", "_query", "account", "facts", "operation", "path", "request", "status")

    def __init__(
        self,
        request: Request,
        operation: str,
        path: Mapping[str, str],
        facts: "CallContext | None" = None,
    ) -> None:
        self.request = request
        self.operation = operation
        """The operationId, or empty."""
        self.path = path
        """The decoded path variables."""
        self.facts = facts
        """None when a journal is searched."""
        self.status = 0
        """Of the answer, when a journal is searched."""
        self.account = ""
        self._query: dict[str, list[str]] | None = None
        self._json: Any = None

    @property
    def query(self) -> Mapping[str, list[str]]:
        """The decoded query parameters: each name with all of its values."""
        if self._query is None:
            query: dict[str, list[str]] = {}
            for name, value in self.request.query_pairs():
                query.setdefault(name, []).append(value)
            self._query = query
        return self._query

    def header(self, name: str) -> list[str]:
        """Give the values of a header field; its name is found in any case."""
        wanted = name.casefold()
        return [value for key, value in self.request.headers if key.casefold() == wanted]

    @property
    def text(self) -> str:
        """The body as a text."""
        return self.request.body.decode("utf-8", "replace")

    @property
    def json(self) -> Any:
        """The JSON value in the body, or NO_JSON."""
        if self._json is None:
            try:
                self._json = (parse_json(self.request.body),)
            except JsonError:
                self._json = (NOT_JSON,)
        return self._json[0]

    def with_path_variables(self, captured: Mapping[str, str]) -> "CallView":
        """Give the same call with more path variables: those that a rule's own path names."""
        other = CallView(self.request, self.operation, {**self.path, **captured}, self.facts)
        other._query, other._json = self._query, self._json
        other.status, other.account = self.status, self.account
        return other


def _nothing(task: int, subtask: int | None) -> None:
    return None


@dataclass(frozen=True, slots=True)
class CallContext:
    """What a rule can see of one call, and of the world that it is made in."""

    request: Request
    operation: Operation | None
    path: Mapping[str, str]
    """The raw path variables, decoded, in the order of the path."""
    parameters: Mapping[str, Any]
    """The parameters, as the contract decodes them."""
    now: datetime
    """The world's moment."""
    start: datetime
    """When the world began."""
    world: str
    seed: int
    call_number: int
    """The number of the call in its world."""
    status_of: Callable[[int, int | None], str | None] = _nothing
    """Gives the status of a task, or of one of its subtasks, by id; None when there is none."""
    _sights: list[CallView] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def view(self) -> CallView:
        """The request, taken apart as far as somebody has looked."""
        if not self._sights:
            operation = "" if self.operation is None else self.operation.id
            self._sights.append(CallView(self.request, operation, self.path, self))
        return self._sights[0]
