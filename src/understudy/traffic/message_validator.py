"""Validates messages against a contract: each difference becomes a finding."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from understudy.contract import Contract, Match, NoMethod, Operation, ResponseSpec, Violation
from understudy.contract.document.pointers import child_pointer
from understudy.contract.schema.descriptions import abbreviate_json
from understudy.errors import nearest_name
from understudy.messages import Json, Response, is_json
from understudy.traffic.finding import Finding, Origin, Severity, build_finding
from understudy.traffic.operation_lookup import find_route
from understudy.traffic.traffic_message import Message
from understudy.traffic.unknown_fields import FieldFinder, UnknownField
from understudy.traffic.wire_names import WireName, load_wire_names

_REDACTED = "<redacted:"
"""The start of a value that a journal has instead of a secret: it breaks no rule."""
_BODYLESS_STATUS = (204, 205, 304)
_MISSING = "the field "
"""The start of what a violation of `required` expects."""


@dataclass(frozen=True, slots=True)
class Validated:
    """A message after its validation."""

    operation: str
    """The operationId; empty when no operation of the contract fits."""
    findings: tuple[Finding, ...] = ()
    """Errors first, in the order of request and response."""
    is_foreign: bool = False
    """Whether the message belongs to another service: it was not validated."""


@dataclass(frozen=True, slots=True)
class _Context:
    """What the findings of one message have in common."""

    origin: Origin
    operation: Operation


@dataclass(frozen=True, slots=True)
class _Target:
    """The operation that a message belongs to."""

    operation: Operation
    path_values: Mapping[str, str]


class MessageValidator:
    """Validates messages of one contract. Safe for several threads, each with messages of its own.

    A validator remembers the schemas that it has read, so use the same for many messages.
    """

    def __init__(self, contract: Contract, *, names_unknown_fields: bool = True) -> None:
        """`names_unknown_fields`: fields that the contract does not know become warnings."""
        self.contract = contract
        self._fields = FieldFinder(contract.document) if names_unknown_fields else None
        self._wire_names: Mapping[str, WireName] = load_wire_names(contract)

    def validate(self, message: Message) -> Validated:
        """Validate a message, its request too where the message has one."""
        target = self._find_operation(message)
        if not isinstance(target, _Target):
            return target
        operation = target.operation
        context = _Context(message.origin(operation.id), operation)
        findings = [
            *self._validate_request(message, target.path_values, context),
            *self._validate_response(message, context),
        ]
        findings.sort(key=lambda finding: finding.severity is Severity.WARNING)
        return Validated(operation.id, tuple(findings))

    # Which operation

    def _find_operation(self, message: Message) -> _Target | Validated:
        """Return the operation of a message with the values of its path, or that there is none."""
        request, operations = message.request, self.contract.operations
        if request is None:
            return _Target(operations[message.operation], {})
        looked_up = find_route(self.contract, request, with_prefix=not message.is_foreign)
        route = looked_up.result
        if isinstance(route, Match):
            return _Target(route.operation, route.path_values)
        if message.operation in operations:
            return _Target(operations[message.operation], {})
        if message.is_foreign and not isinstance(route, NoMethod):
            return Validated("", is_foreign=True)
        if request.method == "OPTIONS":
            return Validated("")  # A preflight of a browser; few contracts document it.
        return Validated("", (self._no_operation(message, route),))

    def _no_operation(self, message: Message, route: object) -> Finding:
        """Return the finding of a message that no operation of the contract fits."""
        origin = message.origin("")
        if isinstance(route, NoMethod):
            expected = f"one of the methods {', '.join(route.allowed)}"
            text = f"method: no operation has this method; expected {expected}"
            place, nearest = "method", ""
        else:
            place, expected = "path", "a path of the contract"
            nearest = getattr(route, "nearest", "")
            text = "path: no operation has this path"
            if nearest:
                text += f'. Did you mean "{nearest}"?'
        return Finding(
            severity=Severity.WARNING,
            side="request",
            place=place,
            rule="no-operation",
            text=f"{text} [no-operation]",
            origin=origin,
            expected=expected,
            nearest=nearest,
        )

    # The request

    def _validate_request(
        self, message: Message, path_values: Mapping[str, str], context: _Context
    ) -> Iterator[Finding]:
        request = message.request
        if request is None:
            return
        decoded = context.operation.decode(path_values, request)
        for violation in decoded.violations:
            if not _is_redacted(violation) and _is_known(violation, message):
                yield self._finding(violation, context, "request")
        for note in decoded.notes:
            nearest = ""
            if note.is_unknown_query:
                names, _ = context.operation.known_query_names
                nearest = nearest_name(note.place.removeprefix("query."), names)
            yield self._finding(
                note, context, "request", severity=Severity.WARNING, nearest=nearest
            )

    # The response

    def _validate_response(self, message: Message, context: _Context) -> Iterator[Finding]:
        response = message.response
        violations = context.operation.validate_response(response)
        violations = tuple(part for part in violations if _has_field(part, message))
        if not self._has_body(message):
            violations = tuple(part for part in violations if _is_about_head(part))
            yield from (self._finding(part, context, "response") for part in violations)
            return
        unknown = self._find_unknown_fields(context.operation, response)
        merged, violations, unknown = self._merge_names(violations, unknown, context)
        yield from merged
        for violation in violations:
            yield self._finding(violation, context, "response")
        for field in unknown:
            yield self._unknown_field(field, context)

    def _has_body(self, message: Message) -> bool:
        """Return whether the body of the response is known, and one may be there."""
        is_head = message.request is not None and message.request.method == "HEAD"
        is_empty = message.response.status in _BODYLESS_STATUS and not message.response.body
        return message.has_body and not is_head and not is_empty

    def _find_unknown_fields(self, operation: Operation, response: Response) -> list[UnknownField]:
        """Return the fields of a JSON body that its schema does not know."""
        spec = operation.response_spec(response.status)
        if self._fields is None or spec is None or spec.body is None:
            return []
        content_type = response.headers.get("Content-Type")
        if spec.body.find_validator(content_type) is None or not is_json(content_type):
            return []
        spec = _choose_alternative(spec, content_type)
        if spec.schema is None:
            return []
        try:
            value = response.json()
        except ValueError:
            return []  # A violation says that it is not JSON.
        pointer = child_pointer(spec.pointer, "content", spec.media_type, "schema")
        return self._fields.find(value, spec.schema, pointer)

    def _merge_names(
        self,
        violations: Iterable[Violation],
        unknown: Iterable[UnknownField],
        context: _Context,
    ) -> tuple[list[Finding], tuple[Violation, ...], list[UnknownField]]:
        """Make one finding of a missing field and of the unknown one that is there instead."""
        merged: list[Finding] = []
        rest: list[Violation] = []
        remaining = list(unknown)
        for violation in violations:
            field = self._find_substitute(violation, remaining)
            if field is None:
                rest.append(violation)
                continue
            remaining.remove(field)
            merged.append(self._wrong_name(violation, field, context))
        return merged, tuple(rest), remaining

    def _find_substitute(
        self, violation: Violation, unknown: list[UnknownField]
    ) -> UnknownField | None:
        """Return the unknown field that stands for a missing one: its wire name, or a near name."""
        if violation.rule != "required" or not violation.expected.startswith(_MISSING):
            return None
        name = violation.expected.removeprefix(_MISSING)
        place = "" if violation.place == "body" else violation.place
        siblings = {field.name: field for field in unknown if field.place == place}
        wire = self._wire_names.get(name)
        if wire is not None and wire.name in siblings:
            return siblings[wire.name]
        return siblings.get(nearest_name(name, siblings))

    def _wrong_name(self, violation: Violation, field: UnknownField, context: _Context) -> Finding:
        """Return the finding of a field that has another name than the documented one."""
        name = violation.expected.removeprefix(_MISSING)
        finding = self._finding(violation, context, "response")
        wire = self._wire_names.get(name)
        where = f"{finding.pointer}, {finding.source}" if finding.source else finding.pointer
        place = child_pointer(field.place, field.name)
        text = f"{place}: this name is not documented; expected the name {name}"
        rule = "name"
        if wire is not None and wire.name == field.name:
            rule = "wire-name"
            text += f", as --dialect observed has it; see {wire.doubt} in the ledger"
        return replace(
            finding,
            place=place,
            rule=rule,
            value=field.name,
            nearest=name,
            text=f"{text} [{rule}] ({where})",
        )

    def _unknown_field(self, field: UnknownField, context: _Context) -> Finding:
        """Return the warning about a field that the contract does not know."""
        nearest = nearest_name(field.name, field.known)
        place = child_pointer(field.place, field.name)
        value = abbreviate_json(field.value)
        source = str(self.contract.place(field.pointer))
        text = f"{place}: {value}; the contract has no such field"
        if nearest:
            text += f'. Did you mean "{nearest}"?'
        return Finding(
            severity=Severity.WARNING,
            side="response",
            place=place,
            rule="unknown-field",
            text=f"{text} [unknown-field] ({field.pointer})",
            origin=context.origin,
            value=field.value if not isinstance(field.value, dict | list) else None,
            expected="a field of the contract",
            nearest=nearest,
            pointer=field.pointer,
            source=source,
        )

    def _finding(
        self,
        violation: Violation,
        context: _Context,
        side: str,
        *,
        severity: Severity = Severity.ERROR,
        nearest: str = "",
    ) -> Finding:
        return build_finding(
            violation,
            context.origin,
            side,
            severity=severity,
            nearest=nearest,
            source=violation.source or str(self.contract.place(violation.pointer)),
        )


def _choose_alternative(spec: ResponseSpec, content_type: str) -> ResponseSpec:
    """Return the documented response with the media type of a content type."""
    body = spec.body
    if body is None or not spec.alternatives:
        return spec
    validator = body.find_validator(content_type)
    for alternative in spec.alternatives:
        if validator is not None and alternative.media_type == validator.media_type:
            return alternative
    return spec


def _is_about_head(violation: Violation) -> bool:
    """Return whether a violation is about status or header fields, not about the body.

    A message without its body often lacks the fields that describe the body too.
    """
    if violation.rule == "content-type":
        return False
    return violation.place == "status" or violation.place.startswith("header.")


def _has_field(violation: Violation, message: Message) -> bool:
    """Return whether the input has the header field of a response that a violation is about."""
    if violation.place.lower() == "header.set-cookie" and violation.rule == "required":
        return message.has_head and message.has_cookies
    return message.has_head or not violation.place.startswith("header.")


def _is_known(violation: Violation, message: Message) -> bool:
    """Return whether the input has the part of a request that a violation is about."""
    location = violation.place.partition(".")[0]
    if location == "cookie" and violation.rule == "required":
        return message.has_request_head and message.has_cookies
    if location == "header":
        return message.has_request_head
    return message.has_request_body or not violation.place.startswith("body")


def _is_redacted(violation: Violation) -> bool:
    value: Json = violation.value
    return isinstance(value, str) and value.startswith(_REDACTED)
