"""Rules about operations: duplicates, references, responses and parameters.

The rule about filters of lists is in `filter_rules`.
"""

from __future__ import annotations

from collections.abc import Iterator

from understudy.derive.facts.derivation_model import Doubt
from understudy.derive.facts.doubt_catalogue import make_doubt
from understudy.derive.facts.facts import Field, Kind, Operation, Origin, Reference
from understudy.derive.lexicon.labels import fold
from understudy.derive.lexicon.vocabulary import SORTING_PARAMETERS
from understudy.derive.openapi.naming import Names
from understudy.derive.openapi.parameter_placement import (
    find_required_parameter,
    locate_parameters,
)
from understudy.derive.rules.rule_context import Rule, RuleContext

_MAX_QUOTED = 80
"""Characters of a reference that the ledger quotes."""
_ANY_RESPONSE = "Any response with status 200 is allowed."


def check_duplicates(context: RuleContext) -> Iterator[Doubt]:
    """Report operations and structures that are defined twice, and operationIds that collide.

    Several documents may define the same operation; `assign_names` decides which one is used.
    """
    yield from _check_operations(context.names)
    yield from _check_structures(context.names)


def _check_operations(names: Names) -> Iterator[Doubt]:
    """Report operations with the method and path, or with the operationId, of another one.

    Source: OpenAPI 3.1, Operation Object: an operationId is unique among all operations.
    """
    for operation, first in names.duplicates:
        yield make_doubt(
            "duplicate-operation",
            operation.origin,
            f"{operation.method} {operation.path} is already defined: {first.origin}.",
            "The first definition is used.",
        )
    for operation, operation_id in names.collisions:
        yield make_doubt(
            "operation-id-collision",
            operation.origin,
            "Method and path give the operationId of another operation.",
            f"A number is added: {operation_id}.",
        )


def _check_structures(names: Names) -> Iterator[Doubt]:
    """Report structures that have the name of an earlier one and other fields.

    A structure that is repeated with the same fields contradicts nothing.
    """
    for structure, first in names.conflicts:
        yield make_doubt(
            "structure-told-twice",
            structure.origin,
            f'"{structure.name}" is already defined with other fields: {first.origin}.',
            f"The contract has both; this one is {names.component_name(structure)}.",
        )


def check_references(context: RuleContext) -> Iterator[Doubt]:
    """Report a reference to a title that no section has.

    Example: 与 **查询房间** 中的结构一致 in a document without a section 查询房间.
    """
    for document in context.facts.documents:
        for reference in document.references:
            if context.lookup.find_operation(reference) is None:
                yield _report_reference(
                    reference, "The structure of that name is used if there is one."
                )


def check_responses(context: RuleContext) -> Iterator[Doubt]:
    """Report an operation without a response, or with a reference that leads to none.

    References may form a loop: A returns what B returns, and B returns what A returns.
    """
    seen: set[Origin] = set()
    for operation in context.facts.operations:
        response = operation.response
        if response is None:
            yield from _check_missing_response(context, operation)
        elif isinstance(response, Reference) and response.origin not in seen:
            # Two operations of one section share the reference: it is reported once.
            seen.add(response.origin)
            if not _leads_to_response(context, operation):
                yield _report_reference(response, _ANY_RESPONSE)


def _check_missing_response(context: RuleContext, operation: Operation) -> Iterator[Doubt]:
    """Report an operation for which no response is documented at all."""
    # With a common response, the rule `common-response-used` reports the operation.
    if context.lookup.find_common_response(operation):
        return
    yield make_doubt(
        "response-not-told",
        operation.origin,
        f"The response of {operation.method} {operation.path} is not documented.",
        _ANY_RESPONSE,
    )


def _leads_to_response(context: RuleContext, operation: Operation) -> bool:
    """Return whether the references of an operation end at a structure or a text."""
    lookup = context.lookup
    if lookup.find_response(operation) is not None:
        return True
    return lookup.find_text_response(operation) is not None


def _report_reference(reference: Reference, decision: str) -> Doubt:
    """Return the doubt about a reference, at the line that contains it."""
    return make_doubt(
        "unresolved-reference",
        reference.origin,
        f'"{reference.text[:_MAX_QUOTED]}" refers to an unknown section or structure.',
        decision,
    )


def check_parameters(context: RuleContext) -> Iterator[Doubt]:
    """Report parameters that require another, are arrays, sort, or have no documented location.

    Source: OpenAPI 3.1, Parameter Object: `in` is required, and `style` describes arrays. The
    requirement of another parameter has no keyword: `x-requires` is an extension.
    """
    for operation, structure in context.iter_requests():
        located = locate_parameters(operation)
        siblings = [field for field, _ in located]
        locations = {field.origin: location for field, location in located}
        for field in structure.fields:
            yield from _check_requirement(field, siblings)
            # A field without a location repeats an earlier one of the same name.
            location = locations.get(field.origin, "")
            if location == "query":
                yield from _check_query_parameter(field)
            elif location == "body":
                yield from _check_body_parameter(field)


def _check_requirement(field: Field, siblings: list[Field]) -> Iterator[Doubt]:
    """Report a parameter that requires another one by its description: 需配合集群ID."""
    if not field.prose.requires:
        return
    required = find_required_parameter(field, siblings)
    if required:
        yield make_doubt(
            "requirement-in-prose",
            field.origin,
            f'Only the description says that "{field.name}" requires "{required}".',
            "The contract has it as x-requires: a violation is reported, not rejected.",
        )
    else:
        yield make_doubt(
            "unresolved-requirement",
            field.origin,
            f'"{field.name}" requires {field.prose.requires}, but no parameter has that name.',
            "The requirement is left out.",
        )


def _check_query_parameter(field: Field) -> Iterator[Doubt]:
    """Report an array without a documented serialization, and a sort parameter without a grammar.

    Source: OpenAPI 3.1, Parameter Object, Style Values: a query may contain an array in many ways.
    """
    if field.type.kind is Kind.ARRAY:
        yield make_doubt(
            "array-serialization-not-told",
            field.origin,
            f'The document does not say how a query contains the array "{field.name}".',
            "It is sent as one comma-joined value; a repeated parameter is accepted too.",
        )
    # A list of values is the grammar.
    if fold(field.name) in SORTING_PARAMETERS and not field.prose.enum:
        yield make_doubt(
            "sort-grammar-not-told",
            field.origin,
            f'The document does not say which fields and directions "{field.name}" accepts; '
            f"the example is {field.example}.",
            "Any text is allowed.",
        )


def _check_body_parameter(field: Field) -> Iterator[Doubt]:
    """Report a parameter that is in the body only because of the operation's method.

    Without a location, parameters of POST, PUT and PATCH are in the body.
    """
    if field.location:
        return
    yield make_doubt(
        "parameter-location-not-told",
        field.origin,
        f'The document does not say where "{field.name}" is sent.',
        "It is a member of a JSON body.",
    )


OPERATION_RULES: tuple[Rule, ...] = (
    check_duplicates,
    check_references,
    check_responses,
    check_parameters,
)
"""All rules of this module."""
