"""Payloads from a schema: valid, edge cases, or invalid."""

from typing import Any

from hypothesis import strategies as st

from understudy.contract import Contract, compile_validator
from understudy.contract.expansion.constraints import Requirement
from understudy.contract.schema.anchors import copy_without_named_references
from understudy.strategies.schema.edge_cases import EdgeCases
from understudy.strategies.schema.impossible import name_impossible
from understudy.strategies.schema.invalid_values import InvalidValues
from understudy.strategies.schema.schema_values import SchemaValues
from understudy.strategies.strategy_options import Mode, check_mode


def payloads_from_schema(
    schema: Any, *, contract: Contract | None = None, mode: Mode = "valid", hidden: str = ""
) -> st.SearchStrategy[Any]:
    """Return JSON values that are valid for a JSON Schema (2020-12).

    `$ref` is resolved in the contract, else in the schema itself. Schemas may contain themselves.
    With mode `edge` each value is valid and shows one of the edges that its schema allows; with
    `invalid` each is an Invalid, which violates one rule. `hidden` is `readOnly` for what a client
    sends, `writeOnly` for what a server sends: properties with this keyword are left out.

    Values are built for every keyword: alternatives are written out and conditions solved, so that
    hardly a draw is rejected. Filtered are only patterns that need more than a few thousand states,
    and the opposite of `unevaluated…`. The validator has the last word on each value. The strategy
    is empty for a schema that no value satisfies, or only values that are too large, and in mode
    `invalid` for one that no value violates. A test that draws from an empty strategy fails with
    Hypothesis' Unsatisfiable, which names the schema that no value satisfies.

    Raises InputError for a `$ref` that is not local or leads nowhere, ValueError for an unknown
    mode.
    """
    check_mode(mode)
    if contract is None:
        schema = copy_without_named_references(schema)
    document = contract.document if contract else schema
    compile_validator(schema, document=document)  # raises for a wrong reference
    values = SchemaValues(document, hidden)
    valid = values.values(Requirement(schema))
    match mode:
        case "valid" | "edge" if valid.is_empty:
            return name_impossible(valid, values, schema)
        case "edge":
            edge_cases = EdgeCases(document, schema, hidden, schema_alone=True)
            return edge_cases.from_any_schema(valid).map(lambda edge: edge.value)
        case "invalid":
            return InvalidValues(document, schema, hidden).from_any_schema(valid)
        case _:
            return valid
