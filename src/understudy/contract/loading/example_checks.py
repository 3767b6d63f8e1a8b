"""Checks of the examples of a compiled contract: does each obey its own schema?"""

from collections.abc import Iterator

from understudy.contract.document.pointers import child_pointer
from understudy.contract.operation.compiled_contract import Contract, Operation, ResponseSpec
from understudy.contract.schema.validator import SchemaError
from understudy.errors import Problem
from understudy.messages import ContentKind, content_kind

_CHECKED_KINDS = (ContentKind.JSON, ContentKind.TEXT)


def check_examples(contract: Contract) -> Iterator[Problem]:
    """Yield a problem for each example of a response that breaks its own schema.

    Such an example is served all the same.
    """
    for operation in contract.operations.values():
        for status, spec in operation.responses.items():
            for offer in spec.alternatives or (spec,):
                for name, error in _iter_errors(offer):
                    yield _describe(contract, operation, status, offer, name, error)


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
    media = child_pointer(spec.pointer, "content", spec.media_type)
    where = f"{media}/example" if name == "example" else child_pointer(media, "examples", name)
    at = error.pointer or "/"
    message = (
        f"{operation.id}: the example {name} of {status} breaks its schema: {at}: {error.message}"
    )
    return Problem("invalid-example", message, contract.place(where))
