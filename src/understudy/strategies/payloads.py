"""Payloads from a schema: valid, with an edge, or broken."""

from typing import Any

from hypothesis import strategies as st

from understudy.contract import Contract, compile_validator
from understudy.contract.schema.anchors import copy_without_named_references
from understudy.strategies.schema.constraints import Requirement
from understudy.strategies.schema.edge_cases import EdgeCases
from understudy.strategies.schema.invalid_values import InvalidValues
from understudy.strategies.schema.schema_values import SchemaValues
from understudy.strategies.strategy_options import Mode, check_mode


def payloads_from_schema(
    schema: Any, *, contract: Contract | None = None, mode: Mode = "valid", hidden: str = ""
) -> st.SearchStrategy[Any]:
    """Give JSON values that are valid for a JSON Schema (2020-12). `$ref` is looked up in the contract, else in itself.

    Every keyword is built: alternatives are spelt out and conditions solved, so that hardly a draw is thrown away.
    What is left to filtering is what no machine of a few thousand states can do in a pattern, and the contrary of
    `unevaluated…`. Schemas that contain themselves end. With mode `edge` each value is valid and has one of the edges
    that its schema lets it have; with `invalid` each is an Invalid, which breaks one rule. `hidden` is `readOnly` for
    what a client sends, `writeOnly` for what a server sends: properties that say so are left out. Nothing can be drawn
    from a schema that no value obeys, nor an invalid value for one that no value breaks. Raises InputError for a `$ref`
    that is not local or names nothing, ValueError for another mode.
    """
    check_mode(mode)
    if contract is None:
        schema = copy_without_named_references(schema)
    document = contract.document if contract else schema
    compile_validator(schema, document=document)  # tells what is wrong with a reference
    valid = SchemaValues(document, hidden).values(Requirement(schema))
    if mode == "edge":
        return (
            EdgeCases(document, schema, hidden, plain=True)
            .from_any_schema(valid)
            .map(lambda edge: edge.value)
        )
    return (
        InvalidValues(document, schema, hidden).from_any_schema(valid)
        if mode == "invalid"
        else valid
    )
