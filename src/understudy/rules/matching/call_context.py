"""What rules can see of one call: the request in parts, and the world that the call is made in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from understudy.contract import Operation
from understudy.messages import Json, JsonError, Request, parse_json

NO_VALUES: Final[Mapping[str, str]] = {}
"""The empty mapping of names to values: one object, so that no call makes its own."""
NOT_JSON: Final = object()
"""Stands for the JSON value of a body that is not JSON."""


class CallView:
    """One request, of which each part is decoded when a condition first asks for it."""

    __slots__ = ("_json", "_query", "account", "context", "operation", "path", "request", "status")

    def __init__(
        self,
        request: Request,
        operation: str,
        path: Mapping[str, str],
        context: CallContext | None = None,
    ) -> None:
        self.request = request
        self.operation = operation
        """The operationId; empty when the call has no operation."""
        self.path = path
        """The decoded path variables, in the order of the path."""
        self.context = context
        """None in a search of a journal: there is no world in it."""
        self.status = 0
        """The status of the response, in a search of a journal."""
        self.account = ""
        """The account of the caller, in a search of a journal."""
        self._query: dict[str, list[str]] | None = None
        self._json: tuple[Any] | None = None

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
        """Return the values of a header field; the case of its name does not matter."""
        folded = name.casefold()
        return [value for key, value in self.request.headers if key.casefold() == folded]

    @property
    def text(self) -> str:
        """The body as a text; bytes that are not UTF-8 become U+FFFD."""
        return self.request.body.decode("utf-8", "replace")

    @property
    def json(self) -> Any:
        """The JSON value in the body, or NOT_JSON."""
        # A tuple of one holds the value, since None is a JSON value too.
        if self._json is None:
            try:
                self._json = (parse_json(self.request.body),)
            except JsonError:
                self._json = (NOT_JSON,)
        return self._json[0]

    def with_path_variables(self, captured: Mapping[str, str]) -> CallView:
        """Return the same call with the path variables that a rule's own pattern names."""
        view = CallView(self.request, self.operation, {**self.path, **captured}, self.context)
        # What is decoded already is shared: each rule of a world gets a view of its own.
        view._query = self._query
        view._json = self._json
        view.status = self.status
        view.account = self.account
        return view

    def require_context(self) -> CallContext:
        """Return the context of the call. Raise RuntimeError in a search of a journal."""
        if self.context is None:
            # The parser reports conditions on the world in a search, so this is a bug of ours.
            raise RuntimeError("a search of a journal cannot check a condition on the world")
        return self.context


def _no_status(task: int, subtask: int | None) -> None:
    """Return no status: the default of a world without tasks."""


@dataclass(frozen=True, slots=True)
class CallContext:
    """What a rule can see of one call, and of the world that it is made in."""

    request: Request
    operation: Operation | None
    """None when the contract has no route for the call."""
    path: Mapping[str, str]
    """The path variables, decoded but not yet parsed, in the order of the path."""
    parameters: Mapping[str, Json]
    """The parameters by name, as the contract decodes them."""
    now: datetime
    """The moment of the world's clock."""
    start: datetime
    """The moment at which the world began."""
    world: str
    """The name of the world."""
    seed: int
    """The world's seed, from which every random value comes."""
    call_number: int
    """The number of the call in its world, counted from 1."""
    status_of: Callable[[int, int | None], str | None] = _no_status
    """Returns the status of a task, or of one of its subtasks, by their ids; None if unknown."""
    _views: list[CallView] = field(default_factory=list, init=False, repr=False, compare=False)
    """The view once it is made: a list, since the fields of a frozen value cannot change."""

    @property
    def view(self) -> CallView:
        """The request in parts; the same object each time."""
        if not self._views:
            operation = "" if self.operation is None else self.operation.id
            self._views.append(CallView(self.request, operation, self.path, self))
        return self._views[0]


def parse_path_id(path: Mapping[str, str], position: int) -> int | None:
    """Return the id in the path variable at a position, or None when it is missing or not an id."""
    texts = list(path.values())
    if position >= len(texts):
        return None
    text = texts[position]
    # Below 20 digits: an id of 64 bits has 19 at most, and `int` of a long text takes its time.
    if text.isascii() and text.isdigit() and len(text) < 20:
        return int(text)
    return None
