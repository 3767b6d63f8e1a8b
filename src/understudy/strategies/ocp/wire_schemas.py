"""The schemas of OCP's values in a contract, and how canonical data is rendered to their names."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from understudy.contract import Contract, render
from understudy.contract.document.pointers import follow_refs
from understudy.contract.expansion.constraints import Requirement
from understudy.contract.schema.keywords import Schema
from understudy.errors import nearest_name
from understudy.messages import Json
from understudy.strategies.schema.edge_cases import EdgeCases
from understudy.strategies.schema.general_edges import Edge
from understudy.strategies.schema.invalid_values import InvalidValues
from understudy.strategies.schema.schema_values import SchemaValues

_HIDDEN = "writeOnly"
"""Properties with this keyword are left out: all of these values are sent by the server."""


@dataclass(frozen=True, slots=True)
class WireSchema:
    """The schema of one kind of value in one contract."""

    contract: Contract
    schema: Schema

    def render(self, value: Any) -> Any:
        """Return canonical data with the names of the contract."""
        return render(self.contract, self.schema, value)

    def schema_values(self) -> st.SearchStrategy[Json]:
        """Return any values that the schema allows, whether or not they obey the domain."""
        return SchemaValues(self.contract.document, _HIDDEN).values(Requirement(self.schema))

    def invalid_values(self, valid: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        """Return values that violate one rule each."""
        return InvalidValues(self.contract.document, self.schema, _HIDDEN).from_valid(valid)

    def edge_cases(
        self, valid: st.SearchStrategy[Any], unchanged: frozenset[str] = frozenset()
    ) -> st.SearchStrategy[Edge]:
        """Return valid values with one edge each. Members named in `unchanged` stay as they are."""
        edge_cases = EdgeCases(self.contract.document, self.schema, _HIDDEN)
        return edge_cases.from_valid(valid, unchanged)


def find_wire_schema(contract: Contract, operation: str, status: int, *path: str) -> WireSchema:
    """Return the schema of an operation's response, or of the member at a path of names in it.

    Raises ValueError for an operation, a status or a member that the contract does not have.

    `path` leads from the body to the member: `"data"` for what an envelope carries.
    """
    known = contract.operations.get(operation)
    if known is None:
        raise unknown_operation(contract, operation)
    schema = known.response_schema(status)
    if schema is None:
        documented = ", ".join(known.responses)
        raise ValueError(
            f"{operation} documents no body for the status {status}; it documents {documented}"
        )
    for name in path:
        target, _ = follow_refs(contract.document, schema, "")
        if name not in target.get("properties", {}):
            raise ValueError(f"the response of {operation} has no member {name}")
        schema = target["properties"][name]
    return WireSchema(contract, schema)


def unknown_operation(contract: Contract, operation: str) -> ValueError:
    """Return the error for an operationId that a contract does not have, with the nearest name."""
    nearest = nearest_name(operation, contract.operations)
    hint = f'. Did you mean "{nearest}"?' if nearest else ""
    return ValueError(f'the contract has no operation "{operation}"{hint}')


def strategy_for_mode(
    wire: WireSchema,
    mode: str,
    valid: st.SearchStrategy[Any],
    edges: Callable[[], st.SearchStrategy[Edge]],
) -> st.SearchStrategy[Any]:
    """Return valid values as they are, edge cases without their class, or invalid values.

    `edges` is called for mode `edge` only, since to build the strategy takes time.
    """
    if mode == "edge":
        return edges().map(lambda edge: edge.value)
    if mode == "invalid":
        return wire.invalid_values(valid)
    return valid
