"""The service of a contract without rules of its own: examples answer, else generated data."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Any

from understudy.contract import (
    STATUSES_WITHOUT_CONTENT,
    Contract,
    NoMethod,
    NoPath,
    Operation,
    Violation,
    accept_of,
    choose_media_type,
    choose_or_first,
    not_acceptable,
)
from understudy.messages import Json, Request
from understudy.replay.answers.challenges import add_challenges
from understudy.replay.answers.documented_answers import DocumentedAnswers
from understudy.replay.answers.response_choice import (
    ChosenResponse,
    choose_error,
    choose_success,
)
from understudy.replay.answers.violation_problem import (
    PROBLEM_TYPE,
    build_problem,
    build_violation_problem,
    find_kind,
)
from understudy.replay.service import (
    ApiError,
    Author,
    Call,
    CommandRecord,
    Decision,
    ResponseMeta,
    UnrenderedResponse,
)

_FIRST_ERROR = 400
"""From this status on, a response is sent even in a media type that the client does not accept."""

_LAST_STATUS = 599
"""A larger code is not an HTTP status: no response is documented for it, not even `default`."""


class ExampleService:
    """Answers any contract with the example or a sample of the first documented success.

    It is a `Service[None]`: it has no model, and remembers nothing. The reason of its errors is
    a problem document, or a response of the contract.
    """

    has_own_errors = False

    def __init__(self, contract: Contract, *, is_dynamic: bool = False, auth: bool = True) -> None:
        self._contract = contract
        self._is_dynamic = is_dynamic
        self._auth = auth
        self._answers = DocumentedAnswers(contract)

    def world_of(self, request: Request) -> str:
        """Return no world: credentials mean nothing here."""
        return ""

    def authenticate(self, request: Request, wall: datetime) -> str:
        """Accept every caller: a contract does not say which keys are valid."""
        return ""

    def authorize(self, account: str, operation: Operation) -> None:
        """Accept every call."""

    def find_missing_credentials(
        self, operation: Operation, request: Request
    ) -> tuple[Violation, ...]:
        """Return the violation of a request without credentials; nothing with `--auth off`."""
        if not self._auth or operation.security is None:
            return ()
        return operation.security.find_violations(request)

    def no_route_error(self, route: NoPath | NoMethod) -> ApiError:
        """Build the error for an unknown path (404) or method (405)."""
        if isinstance(route, NoMethod):
            detail = f"{route.path} allows {', '.join(route.allowed)}"
            return _problem_error("method-not-allowed", 405, "Method not allowed", detail)
        nearest = f' Did you mean "{route.nearest}"?' if route.nearest else ""
        detail = f"{route.path} is not in the contract.{nearest}"
        return _problem_error("no-such-path", 404, "No such path", detail)

    def raise_for_violations(
        self, operation: Operation, violations: tuple[Violation, ...], *, accept: str = ""
    ) -> None:
        """Raise the contract's own error for violations, else one with a problem document.

        The status depends on the kind of the violations: 422 for parameters and bodies.
        """
        kind = find_kind(violations)
        chosen = choose_error(operation.responses, kind.statuses, uses_default=kind.uses_default)
        if chosen is not None:
            spec = choose_or_first(chosen.spec, accept)
            response = self._answers.find(spec, chosen.status, seed=0)
            raise ApiError(add_challenges(response, operation))
        response = _problem_response(build_violation_problem(violations))
        if kind.slug == "unsupported-media-type" and operation.body is not None:
            # RFC 9110, section 15.5.16: the field Accept names what would have been read.
            fields = (("Accept", ", ".join(operation.body.media)),)
            response = replace(response, headers=fields)
        raise ApiError(add_challenges(response, operation))

    def rate_limit_error(self) -> ApiError:
        """Build the error 429."""
        detail = "The calls of this window are used up."
        return _problem_error("too-many-requests", 429, "Too many requests", detail)

    def build_error(
        self,
        code: int,
        message: str,
        operation: Operation | None,
        values: Mapping[str, Any],
        *,
        accept: str = "",
    ) -> ApiError:
        """Build the documented response of an HTTP status, else a problem document."""
        if not 400 <= code <= 599:
            raise ValueError(f"{code} is not an HTTP status from 400 to 599")
        spec = operation.response_spec(code) if operation and not message else None
        if spec is not None:
            return ApiError(self._answers.find(choose_or_first(spec, accept), code, seed=0))
        return _problem_error("requested-error", code, _status_phrase(code), message)

    def documented_response(
        self,
        operation: Operation,
        status: int | None,
        *,
        seed: int,
        is_dynamic: bool,
        accept: str = "",
    ) -> UnrenderedResponse | None:
        """Return the documented response of a status with its example or generated data.

        Raises ApiError (406) for a client that accepts none of its media types.
        """
        chosen = choose_success(operation.responses)
        if status is not None:
            spec = operation.response_spec(status) if status <= _LAST_STATUS else None
            chosen = None if spec is None else ChosenResponse(spec, status)
        if chosen is None:
            return None
        spec = choose_media_type(chosen.spec, accept)
        if spec is None and chosen.status >= _FIRST_ERROR:
            spec = choose_or_first(chosen.spec, accept)
        if spec is None:
            self.raise_for_violations(operation, (not_acceptable(chosen.spec, accept),))
            return None
        if chosen.status in STATUSES_WITHOUT_CONTENT:
            fields = self._answers.header_fields(spec, seed=seed)
            return UnrenderedResponse(chosen.status, headers=fields, author=Author.SAMPLE)
        if is_dynamic:
            return self._answers.generate(spec, chosen.status, seed=seed, is_dynamic=True)
        return self._answers.find(spec, chosen.status, seed=seed)

    def status_of(self, model: None, task: int, subtask: int | None) -> None:
        """Return None: there are no tasks."""

    def observe(self, model: None, values: Mapping[str, Any]) -> None:
        """Return None: there is no state."""

    def start(self, moment: datetime) -> None:
        """Return None as the model."""

    def advance(self, model: None, now: datetime, max_events: int | None = None) -> None:
        """Return None as the model."""

    def apply_command(self, model: None, command: CommandRecord) -> None:
        """Return None as the model."""

    def fold(self, model: None, before: None) -> dict[str, Json]:
        """Return nothing: there is no state to save."""
        return {}

    def unfold(self, model: None, checkpoint: object) -> None:
        """Return None as the model."""

    def is_current(self, model: None, now: datetime) -> bool:
        """Return True: nothing happens by itself."""
        return True

    def version_of(
        self, model: None, operation: Operation, values: Mapping[str, Any]
    ) -> tuple[object, ...] | None:
        """Return the service itself: an operation has one answer, whatever its parameters.

        None if each call gets other data.
        """
        return None if self._is_dynamic else (self,)

    def relevant_parameters(
        self, operation: Operation, values: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Return nothing: no parameter changes an answer."""
        return {}

    def content_of(
        self,
        model: None,
        operation: Operation,
        values: Mapping[str, Any],
        *,
        is_quick: bool = False,
    ) -> None:
        """Return None: the version never changes."""

    def meta_values(self, meta: ResponseMeta) -> tuple[Json, ...]:
        """Return nothing: the contract has no envelope."""
        return ()

    def decide(self, model: None, call: Call) -> Decision:
        """Answer with the first success: its first example, else a sample of its schema."""
        response = self.documented_response(
            call.operation,
            None,
            seed=call.seed,
            is_dynamic=call.is_dynamic,
            accept=accept_of(call.request.headers),
        )
        return Decision(response or UnrenderedResponse(200, author=Author.SAMPLE))

    def success_response(self, decision: Decision, meta: ResponseMeta) -> UnrenderedResponse:
        """Return the decided response; the contract has no envelope."""
        response: UnrenderedResponse = decision.data
        return response

    def complete_sample(self, body: Json | bytes, status: int) -> Json | bytes:
        """Return the data as it is: the contract alone describes it."""
        return body

    def error_response(
        self, reason: dict[str, Json] | UnrenderedResponse, request: Request, meta: ResponseMeta
    ) -> UnrenderedResponse:
        """Return the documented response of an error, else a problem document (RFC 9457)."""
        if isinstance(reason, UnrenderedResponse):
            return reason
        return _problem_response(reason)

    def example_calls(self, model: None) -> Iterator[tuple[Operation, dict[str, Any]]]:
        """Yield every operation that a client can read without knowing an id."""
        for operation in self._contract.operations.values():
            if operation.method == "GET" and "{" not in operation.path:
                yield operation, {}


def _problem_response(problem: dict[str, Json]) -> UnrenderedResponse:
    status = int(str(problem["status"]))
    return UnrenderedResponse(status, problem, media_type=PROBLEM_TYPE, author=Author.TOOL)


def _problem_error(slug: str, status: int, title: str, detail: str) -> ApiError:
    """Build an error whose reason is a problem document."""
    return ApiError(build_problem(slug, status, title, detail))


def _status_phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"
