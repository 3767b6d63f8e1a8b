"""Changes of one operation: parameters, bodies, responses, security."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from understudy.compare.change import Change, Impact, Side, Subject
from understudy.compare.schema_changes import SchemaComparison
from understudy.contract import Contract, Operation, Parameter, ResponseSpec
from understudy.contract.document.pointers import PointerError, child_pointer, resolve_pointer
from understudy.contract.operation.body_validation import Body

_Key = tuple[str, str]


def compare_operations(
    old_contract: Contract, new_contract: Contract, old: Operation, new: Operation
) -> Iterator[Change]:
    """Yield all changes of an operation that both contracts have."""
    subject = Subject(
        old_contract,
        new_contract,
        operation=f"{new.method} {new.path}",
        place="",
        side=Side.REQUEST,
        old=old.pointer,
        new=new.pointer,
    )
    yield from _compare_identity(subject, old, new)
    yield from _compare_parameters(subject, old, new)
    yield from _compare_request_body(subject, old.body, new.body)
    yield from _compare_responses(replace(subject, side=Side.RESPONSE), old, new)
    yield from _compare_security(subject, old, new)


def _compare_identity(subject: Subject, old: Operation, new: Operation) -> Iterator[Change]:
    if old.id != new.id:
        text = f"the operationId was {old.id}, is {new.id}"
        yield subject.change(Impact.DANGEROUS, "operation-id-changed", text)
    was, is_now = (_is_deprecated(each) for each in (old, new))
    if is_now and not was:
        yield subject.change(Impact.DANGEROUS, "operation-deprecated", "it is deprecated now")


def _is_deprecated(operation: Operation) -> bool:
    try:
        node = resolve_pointer(operation.document, operation.pointer)
    except PointerError:
        return False
    return isinstance(node, dict) and node.get("deprecated") is True


# Parameters


def _compare_parameters(subject: Subject, old: Operation, new: Operation) -> Iterator[Change]:
    before, after = _by_key(old), _by_key(new)
    for key, parameter in before.items():
        part = replace(subject, place=parameter.place, old=parameter.pointer)
        if key in after:
            yield from _compare_parameter(part, parameter, after[key])
        else:
            text = "the parameter was removed"
            yield part.change(Impact.DANGEROUS, "request-parameter-removed", text)
    for key, parameter in after.items():
        if key not in before:
            part = replace(subject, place=parameter.place, new=parameter.pointer)
            impact = Impact.BREAKING if parameter.required else Impact.HARMLESS
            kind = "required" if parameter.required else "optional"
            text = f"a new {kind} parameter"
            yield part.change(impact, "request-parameter-added", text)


def _by_key(operation: Operation) -> dict[_Key, Parameter]:
    """Return parameters by location and name; the names of path variables are of no importance."""
    keys: dict[_Key, Parameter] = {}
    for parameter in operation.parameters:
        name = parameter.name
        if parameter.location == "path":
            name = str(operation.path.find(f"{{{name}}}"))
        elif parameter.location == "header":
            name = name.lower()
        keys[parameter.location, name] = parameter
    return keys


def _compare_parameter(subject: Subject, old: Parameter, new: Parameter) -> Iterator[Change]:
    subject = replace(subject, new=new.pointer)
    if old.required != new.required:
        impact = Impact.BREAKING if new.required else Impact.HARMLESS
        kind = "required" if new.required else "optional"
        rule = f"request-parameter-{kind}"
        yield subject.change(impact, rule, f"the parameter is {kind} now")
    styles = [(each.style, each.explode, each.media_type) for each in (old, new)]
    if styles[0] != styles[1]:
        text = f"it was sent as {_style(old)}, is sent as {_style(new)}"
        yield subject.change(Impact.BREAKING, "request-parameter-style-changed", text)
    schema = replace(subject, old=old.schema_pointer, new=new.schema_pointer)
    yield from SchemaComparison().compare(schema, old.schema, new.schema)


def _style(parameter: Parameter) -> str:
    return parameter.media_type or f"{parameter.style}, explode {str(parameter.explode).lower()}"


# Bodies


def _compare_request_body(subject: Subject, old: Body | None, new: Body | None) -> Iterator[Change]:
    subject = replace(subject, place="request body")
    if old is None or new is None:
        if old is not None:
            part = replace(subject, old=old.pointer)
            yield part.change(Impact.DANGEROUS, "request-body-removed", "there is no body any more")
        if new is not None:
            part = replace(subject, new=new.pointer)
            impact = Impact.BREAKING if new.required else Impact.HARMLESS
            kind = "required" if new.required else "optional"
            yield part.change(impact, "request-body-added", f"a new {kind} body")
        return
    subject = replace(subject, old=old.pointer, new=new.pointer)
    if old.required != new.required:
        impact = Impact.BREAKING if new.required else Impact.HARMLESS
        kind = "required" if new.required else "optional"
        yield subject.change(impact, f"request-body-{kind}", f"the body is {kind} now")
    yield from _compare_media(subject, old, new)


def _compare_media(subject: Subject, old: Body, new: Body) -> Iterator[Change]:
    """Yield the changes of the media types of a body, and of their schemas."""
    for name, before in old.media.items():
        part = replace(subject, old=before.pointer)
        after = new.media.get(name)
        if after is None:
            text = f"the media type {name} was removed"
            yield part.change(Impact.BREAKING, f"{subject.side.value}-media-type-removed", text)
            continue
        schema = replace(
            part,
            old=child_pointer(before.pointer, "schema"),
            new=child_pointer(after.pointer, "schema"),
        )
        yield from SchemaComparison().compare(
            schema,
            _node(subject.old_contract, schema.old),
            _node(subject.new_contract, schema.new),
        )
    for name, after in new.media.items():
        if name not in old.media:
            part = replace(subject, new=after.pointer)
            text = f"the media type {name} was added"
            yield part.change(Impact.HARMLESS, f"{subject.side.value}-media-type-added", text)


def _node(contract: Contract, pointer: str) -> object:
    """Return the schema at a pointer; without one, any value is allowed."""
    try:
        return resolve_pointer(contract.document, pointer)
    except PointerError:
        return {}


# Responses


def _compare_responses(subject: Subject, old: Operation, new: Operation) -> Iterator[Change]:
    for status, before in old.responses.items():
        part = replace(subject, place=f"response {status}", old=before.pointer)
        after = new.responses.get(status)
        if after is None:
            impact = Impact.BREAKING if status.startswith("2") else Impact.DANGEROUS
            text = f"the status {status} was removed"
            yield part.change(impact, "response-status-removed", text)
        else:
            yield from _compare_response(replace(part, new=after.pointer), before, after)
    for status, after in new.responses.items():
        if status not in old.responses:
            part = replace(subject, place=f"response {status}", new=after.pointer)
            impact = Impact.DANGEROUS if status.startswith("2") else Impact.HARMLESS
            text = f"the status {status} was added"
            yield part.change(impact, "response-status-added", text)


def _compare_response(subject: Subject, old: ResponseSpec, new: ResponseSpec) -> Iterator[Change]:
    if old.body is not None and new.body is not None:
        yield from _compare_media(subject, old.body, new.body)
    elif old.body is not None:
        text = "the body was removed"
        yield subject.change(Impact.BREAKING, "response-body-removed", text)
    elif new.body is not None:
        yield subject.change(Impact.HARMLESS, "response-body-added", "a new body")
    yield from _compare_headers(subject, old, new)


def _compare_headers(subject: Subject, old: ResponseSpec, new: ResponseSpec) -> Iterator[Change]:
    before = {header.name.lower(): header for header in old.headers}
    after = {header.name.lower(): header for header in new.headers}
    for name, header in before.items():
        part = replace(subject, place=f"{subject.place} header {header.name}", old=header.pointer)
        other = after.get(name)
        if other is None:
            impact = Impact.BREAKING if header.required else Impact.DANGEROUS
            yield part.change(impact, "response-header-removed", "the header field was removed")
            continue
        part = replace(part, new=other.pointer)
        if header.required and not other.required:
            text = "the header field is optional now"
            yield part.change(Impact.BREAKING, "response-header-optional", text)
        schema = replace(part, old=header.schema_pointer, new=other.schema_pointer)
        yield from SchemaComparison().compare(schema, header.schema, other.schema)
    for name, header in after.items():
        if name not in before:
            place = f"{subject.place} header {header.name}"
            part = replace(subject, place=place, new=header.pointer)
            yield part.change(Impact.HARMLESS, "response-header-added", "a new header field")


# Security


def _compare_security(subject: Subject, old: Operation, new: Operation) -> Iterator[Change]:
    before, after = _alternatives(old), _alternatives(new)
    if before == after:
        return
    subject = replace(subject, place="security")
    was, is_now = _describe(before), _describe(after)
    text = f"the credentials were {was}, are {is_now}"
    # Each way in which a client may authenticate today has to be enough tomorrow.
    is_enough = all(any(new_way <= way for new_way in after) for way in before)
    impact = Impact.HARMLESS if is_enough else Impact.BREAKING
    yield subject.change(impact, "security-changed", text)


def _alternatives(operation: Operation) -> frozenset[frozenset[str]]:
    """Return the sets of schemes of which one is enough; an empty set stands for none at all."""
    try:
        node = resolve_pointer(operation.document, operation.pointer)
    except PointerError:
        node = {}
    requirements = node.get("security", operation.document.get("security"))
    if not isinstance(requirements, list) or not requirements:
        return frozenset([frozenset()])
    parts: list[frozenset[str]] = []
    for requirement in requirements:
        if isinstance(requirement, Mapping):
            names = [f"{name}:{scope}" for name in requirement for scope in requirement[name] or ()]
            parts.append(frozenset([*requirement, *names]))
    return frozenset(parts)


def _describe(alternatives: frozenset[frozenset[str]]) -> str:
    texts = [" and ".join(sorted(way)) or "none" for way in alternatives]
    return " or ".join(sorted(texts))
