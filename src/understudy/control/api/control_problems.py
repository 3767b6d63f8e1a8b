"""Problems of the control API, as problem documents (RFC 9457).

Each kind has a stable slug, a status and a title. `route_table` lists the slugs of each route.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from understudy.contract import Violation
from understudy.contract.schema.descriptions import abbreviate_json
from understudy.errors import Problem, nearest_name
from understudy.messages import Headers, Response, dump_json
from understudy.scenario.format_schema import follow_pointer

PROBLEM = "application/problem+json"
_MAX_NAME = 100
"""Longer names of a call are cut in error texts."""
_MAX_ERRORS = 100
"""Errors that a problem lists."""
_MISSING_FIELD = "the field "
"""The start of `expected` in a violation of `required`; the name follows."""


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """One kind of problem."""

    status: int
    title: str
    when: str
    """When the problem occurs, for the guide and the OpenAPI document."""


KINDS: Mapping[str, ProblemKind] = {
    # 400 and 401, 403: the call itself is wrong, or its sender may not call.
    "bad-request": ProblemKind(
        400, "The call is not as documented", "A parameter or body is not as documented."
    ),
    "bad-scenario": ProblemKind(
        400, "The scenario has problems", "The uploaded scenario has problems."
    ),
    "bad-world-name": ProblemKind(
        400, "Invalid world name", "The path or user name contains an invalid world name."
    ),
    "token-needed": ProblemKind(
        401, "The control API requires its token", "The token is missing or wrong."
    ),
    "foreign-origin": ProblemKind(
        403, "Calls from other sites are not allowed", "A page of another site calls."
    ),
    # 404 and 405: the call names something unknown; `detail` suggests the nearest name.
    "no-such-route": ProblemKind(
        404, "The control API has no such route", "The path is not a route of the control API."
    ),
    "no-such-request": ProblemKind(
        404, "No such exchange", "The journal has no exchange with this number."
    ),
    "no-such-rule": ProblemKind(404, "No such rule", "No reply, or no fault, has this name."),
    "no-such-scenario": ProblemKind(404, "No such scenario", "No scenario has this name."),
    "no-such-snapshot": ProblemKind(
        404, "No such snapshot", "The world has no snapshot with this name."
    ),
    "no-such-task": ProblemKind(
        404, "No such task", "The world has no task, or the task no subtask, with this id."
    ),
    "no-tasks": ProblemKind(
        404, "This contract has no tasks", "The service of the contract is not `ocp`."
    ),
    "method-not-allowed": ProblemKind(
        405, "The route does not support the method", "`Allow` lists the methods."
    ),
    # 409: the call is correct, but not possible in the present state (RFC 9110, 15.5.10).
    "broken-scenario": ProblemKind(
        409, "The scenario has problems", "The scenario to be used has problems."
    ),
    "clock-backwards": ProblemKind(
        409, "A clock moves forward only", "The clock would be set to an earlier time."
    ),
    "clock-at-its-end": ProblemKind(
        409, "The clock cannot go that far", "The clock would go beyond the year 9000."
    ),
    "journal-truncated": ProblemKind(
        409,
        "The journal has dropped exchanges",
        "A count would be wrong because exchanges were dropped. Clear the journal.",
    ),
    "name-taken": ProblemKind(
        409, "The name is taken", "Another reply, fault or scenario has this name."
    ),
    "no-authority": ProblemKind(
        409,
        "The server makes no certificates",
        "It was started without `--tls`, or with a certificate of its own.",
    ),
    "nothing-to-come": ProblemKind(
        409, "The task has no next event", "The task to step has ended, or never ends."
    ),
    "other-scenario": ProblemKind(
        409, "The snapshot belongs to another scenario", "The world uses another scenario now."
    ),
    "scenario-rule": ProblemKind(
        409, "The rule belongs to the scenario", "A rule of the scenario cannot be removed."
    ),
    "snapshots-full": ProblemKind(
        409, "No room for the snapshot", "The limits are 100 per world and 64 MiB in all."
    ),
    "too-many-events": ProblemKind(
        409,
        "The clock cannot move so far at once",
        "Tasks would have more than 500 000 events. Move the clock in smaller steps.",
    ),
    "too-many-rules": ProblemKind(
        409, "No room for another rule", "1000 rules were added to the world."
    ),
    "too-many-scenarios": ProblemKind(
        409,
        "No room for another scenario",
        "The limits are 1000 uploaded scenarios and 64 MiB in all.",
    ),
    # 410: a late call must not create the world again by accident.
    "world-closed": ProblemKind(
        410, "The world is closed", "Its test has ended. Reset the world to use it again."
    ),
    "world-evicted": ProblemKind(
        410, "The world was evicted", "Another world took its place. Reset the world to use it."
    ),
    # 413 to 421: limits and checks before a call is routed; 421 protects against DNS rebinding.
    "request-entity-too-large": ProblemKind(
        413, "The body is too large", "The body has more than 10 MiB, also when it is decoded."
    ),
    "target-too-long": ProblemKind(
        414, "The request target is too long", "Path and query have more than 8 KiB."
    ),
    "unsupported-media-type": ProblemKind(
        415,
        "Unsupported content type",
        "The content type is not one of the documented types, or the content coding is unknown.",
    ),
    "host-not-allowed": ProblemKind(
        421, "The host is not allowed", "The name in `Host` was not allowed."
    ),
    # 500 and 503: 503 is temporary, and has `Retry-After` if the time is known.
    "internal": ProblemKind(
        500, "Internal error", "This is a defect of understudy; the log has the traceback."
    ),
    "no-thread-left": ProblemKind(
        503, "Too many calls are waiting", "Half of the threads wait. Try again in a second."
    ),
    "too-many-worlds": ProblemKind(
        503, "No room for another world", "All worlds were used recently."
    ),
}
"""Kinds by slug, in the order of their statuses."""


@dataclass(frozen=True, slots=True)
class ControlProblem(Exception):  # noqa: N818 - named for the RFC 9457 problem that it becomes
    """An error of a call, which becomes a problem document."""

    slug: str
    detail: str
    errors: tuple[Mapping[str, object], ...] = ()
    """The individual errors, if there are several; see `_ErrorRecord`."""
    headers: tuple[tuple[str, str], ...] = ()
    """More header fields of the response."""

    def to_response(self) -> Response:
        """Return the problem document (RFC 9457, 3.1); `errors` is an extension member (3.2)."""
        kind = KINDS[self.slug]
        body: dict[str, object] = {
            "type": f"urn:understudy:problem:{self.slug}",
            "title": kind.title,
            "status": kind.status,
            "detail": self.detail,
        }
        if self.errors:
            body["errors"] = list(self.errors)
        headers = Headers.of([("Content-Type", PROBLEM), *self.headers])
        return Response(kind.status, headers, dump_json(body))


def from_problems(slug: str, problems: Iterable[Problem]) -> ControlProblem:
    """Return the problem of an input, with the first of its problems in `errors`."""
    all_problems = tuple(problems)
    listed = all_problems[:_MAX_ERRORS]
    lines = [str(problem) for problem in listed]
    if len(all_problems) > len(listed):
        lines.append(f"{len(all_problems) - len(listed)} more problems are not listed.")
    detail = "\n".join(lines)
    errors = tuple(describe_problem(problem) for problem in listed)
    return ControlProblem(slug, detail, errors)


def describe_problem(problem: Problem) -> dict[str, object]:
    """Return a problem as JSON data.

    The keys are `slug` and `message`, then those with a value of `where`, `line`, `column`,
    `expected`, `nearest` and `hint`.
    """
    record: dict[str, object] = {"slug": problem.slug, "message": f"{problem.message}."}
    details: dict[str, object] = {}
    if problem.place:
        details["where"] = problem.place.file
        details["line"] = problem.place.line
        details["column"] = problem.place.column
    details["expected"] = problem.expected
    details["nearest"] = problem.nearest
    details["hint"] = problem.hint
    record.update((key, value) for key, value in details.items() if value)
    return record


@dataclass(frozen=True, slots=True)
class _Error:
    """One error of a call: an entry of `errors`, and a line of `detail`."""

    slug: str
    message: str
    where: str
    expected: str = ""
    nearest: str = ""

    def to_record(self) -> dict[str, object]:
        """Return the error as JSON data; empty values are left out."""
        record: dict[str, object] = {
            "slug": self.slug,
            "message": f"{self.message}.",
            "where": self.where,
        }
        if self.expected:
            record["expected"] = self.expected
        if self.nearest:
            record["nearest"] = self.nearest
        return record

    def __str__(self) -> str:
        text = f"{self.where}: {self.message}."
        if self.expected:
            text += f" Expected {self.expected}."
        if self.nearest:
            text += f' Did you mean "{self.nearest}"?'
        return text


def from_violations(violations: Iterable[Violation], document: Any) -> ControlProblem:
    """Return the problem of a call that breaks the OpenAPI document of the control API."""
    errors = [error for violation in violations for error in _errors(violation, document)]
    del errors[_MAX_ERRORS:]
    detail = "\n".join(str(error) for error in errors)
    return ControlProblem("bad-request", detail, tuple(error.to_record() for error in errors))


def _errors(violation: Violation, document: Any) -> Iterator[_Error]:
    """Yield the errors of a violation: one, or one for each unknown member of an object."""
    schema = follow_pointer(document, violation.pointer.rpartition("/")[0])
    match violation.rule:
        case "additionalProperties" if isinstance(violation.value, dict):
            yield from _unknown_members(violation, violation.value, schema["properties"])
        case "unknown":
            name = violation.place.partition(".")[2]
            message = f'unknown parameter "{name[:_MAX_NAME]}"'
            yield _Error("unknown-key", message, violation.place, violation.expected)
        case "required" if violation.expected.startswith(_MISSING_FIELD):
            name = violation.expected.removeprefix(_MISSING_FIELD)
            yield _Error("required", f'missing key "{name}"', violation.place)
        case _:
            yield _value_error(violation, schema)


def _unknown_members(
    violation: Violation, value: Mapping[str, object], properties: Mapping[str, object]
) -> Iterator[_Error]:
    """Yield an error for each member of an object that the schema does not have."""
    unknown = (name for name in value if name not in properties)
    for name in islice(unknown, _MAX_ERRORS):
        nearest = nearest_name(name[:_MAX_NAME], properties)
        expected = "" if nearest else f"one of {', '.join(properties)}"
        message = f'unknown key "{name[:_MAX_NAME]}"'
        yield _Error("unknown-key", message, violation.place, expected, nearest)


def _value_error(violation: Violation, schema: Mapping[str, Any]) -> _Error:
    """Return the error of a wrong or missing value."""
    rule, value, expected = violation.rule, violation.value, violation.expected
    if rule in ("pattern", "anyOf"):
        # A description reads better than a regular expression or a list of alternatives.
        expected = schema.get("description", expected)
    message = "missing value" if value is None else f"invalid value {abbreviate_json(value)}"
    nearest = ""
    if rule == "enum" and isinstance(value, str):
        names = [name for name in schema["enum"] if isinstance(name, str)]
        nearest = nearest_name(value[:_MAX_NAME], names)
    return _Error(rule, message, violation.place, expected, nearest)
