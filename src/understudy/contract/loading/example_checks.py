"""Checks of the examples of a compiled contract: does each obey its own schema?"""

from collections.abc import Iterator

from understudy.contract.document.pointers import child_pointer
from understudy.contract.operation.compiled_contract import Contract, Operation, ResponseSpec
from understudy.contract.schema.validator import SchemaError
from understudy.contract.schema.value_shapes import ValueShape
from understudy.errors import Problem
from understudy.messages import ContentKind, Json, content_kind

_CHECKED_KINDS = (ContentKind.JSON, ContentKind.TEXT)


def check_examples(contract: Contract, *, has_write_only: bool) -> Iterator[Problem]:
    """Yield a problem for each example of a response that breaks its own schema.

    So does one for each example with properties that are `writeOnly`: a server does not send them.
    They are looked for with `has_write_only` only: most documents have none. Such an example is
    served all the same.
    """
    for operation in contract.operations.values():
        for status, spec in operation.responses.items():
            for offer in spec.alternatives or (spec,):
                for name, error in _iter_errors(offer):
                    yield _describe(contract, operation, status, offer, name, error)
                if has_write_only:
                    for name, pointer in _iter_write_only(contract, offer):
                        message = (
                            f"{operation.id}: the example {name} of {status} has a property that "
                            f"is writeOnly: {pointer}"
                        )
                        place = contract.place(_example_pointer(offer, name))
                        expected = "no such property in a response"
                        yield Problem("write-only-example", message, place, expected)


def _iter_write_only(contract: Contract, spec: ResponseSpec) -> Iterator[tuple[str, str]]:
    """Yield the name of each example with a property that is `writeOnly`, and its first place."""
    if spec.schema is None or content_kind(spec.content_type) is not ContentKind.JSON:
        return
    shape = ValueShape((spec.schema,), contract.document)
    for name, example in spec.examples.items():
        pointer = next(_find_write_only(example, shape, ""), None)
        if pointer is not None:
            yield name, pointer


def _find_write_only(value: Json, shape: ValueShape, place: str) -> Iterator[str]:
    """Yield the pointer of each member of a value whose schemas are `writeOnly`."""
    if isinstance(value, dict):
        for name, member in value.items():
            part = shape.member(name)
            where = child_pointer(place, name)
            if part.has_flag("writeOnly"):
                yield where
            else:
                yield from _find_write_only(member, part, where)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _find_write_only(item, shape.item(index), child_pointer(place, index))


def _example_pointer(spec: ResponseSpec, name: str) -> str:
    media = child_pointer(spec.pointer, "content", spec.media_type)
    return f"{media}/example" if name == "example" else child_pointer(media, "examples", name)


def _iter_errors(spec: ResponseSpec) -> Iterator[tuple[str, SchemaError]]:
    """Yield the first error of each example of a media type, with the example's name.

    The examples of sequences and forms are texts or data, as they are sent: they are not checked.
    """
    if spec.body is None or content_kind(spec.content_type) not in _CHECKED_KINDS:
        return
    body_validator = spec.body.media.get(spec.media_type.lower())
    if body_validator is None or body_validator.validator is None:
        return
    for name, example in spec.examples.items():
        error = next(body_validator.validator.iter_errors(example), None)
        if error is not None:
            yield name, error


def _describe(
    contract: Contract,
    operation: Operation,
    status: str,
    spec: ResponseSpec,
    name: str,
    error: SchemaError,
) -> Problem:
    where = _example_pointer(spec, name)
    at = error.pointer or "/"
    message = (
        f"{operation.id}: the example {name} of {status} breaks its schema: {at}: {error.message}"
    )
    return Problem("invalid-example", message, contract.place(where))
