"""How the OCP's values stand on the wire of a contract: which schema each has, and how it is rendered."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from understudy.contract import Contract, render
from understudy.contract.document.pointers import follow_refs
from understudy.errors import nearest_name
from understudy.strategies.schema.constraints import Requirement
from understudy.strategies.schema.edge_cases import Edge, EdgeCases
from understudy.strategies.schema.invalid_values import InvalidValues
from understudy.strategies.schema.schema_values import SchemaValues


@dataclass(frozen=True, slots=True)
class WireSchema:
    """One kind of value in one contract."""

    contract: Contract
    schema: Any

    def render(self, value: Any) -> Any:
        """Give canonical data with the contract's names."""
        return render(self.contract, self.schema, value)

    def schema_values(self) -> st.SearchStrategy[Any]:
        """Give whatever the schema allows."""
        return SchemaValues(self.contract.document, "writeOnly").values(Requirement(self.schema))

    def invalid_values(self, valid: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        """Give values that break one rule each."""
        return InvalidValues(self.contract.document, self.schema, "writeOnly").from_valid(valid)

    def edge_cases(
        self, valid: st.SearchStrategy[Any], leaving: frozenset[str] = frozenset()
    ) -> st.SearchStrategy[Edge]:
        """Give valid values with one edge each."""
        return EdgeCases(self.contract.document, self.schema, "writeOnly").from_valid(
            valid, leaving
        )


def find_wire_schema(contract: Contract, operation: str, status: int, *path: str) -> WireSchema:
    """Give the schema of an operation's response, or of a member of it. Raises ValueError where there is none."""
    found = contract.operations.get(operation)
    if found is None:
        near = nearest_name(operation, contract.operations)
        raise ValueError(
            f'the contract has no operation "{operation}"'
            + (f'; did you mean "{near}"?' if near else "")
        )
    schema = found.response_schema(status)
    if schema is None:
        documented = ", ".join(found.responses)
        raise ValueError(
            f"{operation} documents no body for the status {status}; it documents {documented}"
        )
    for name in path:
        told, _ = follow_refs(contract.document, schema, "")
        if name not in told.get("properties", {}):
            raise ValueError(f"the answer of {operation} has no {name}")
        schema = told["properties"][name]
    return WireSchema(contract, schema)


def strategy_for_mode(
    wire: WireSchema,
    mode: str,
    valid: st.SearchStrategy[Any],
    edges: Callable[[], st.SearchStrategy[Edge]],
) -> st.SearchStrategy[Any]:
    """Give valid values as they are, edges, or invalid ones."""
    if mode == "edge":
        return edges().map(lambda edge: edge.value)
    return wire.invalid_values(valid) if mode == "invalid" else valid
