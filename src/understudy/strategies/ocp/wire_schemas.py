"""How the OCP's values stand on the wire of a contract: which schema each has, and how it is rendered."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from understudy.contract import Contract, render
from understudy.contract.document.pointers import follow
from understudy.errors import nearest_name
from understudy.strategies.schema.constraints import Atom
from understudy.strategies.schema.edge_cases import Edge, Edges
from understudy.strategies.schema.invalid_values import Breaker
from understudy.strategies.schema.schema_values import Payloads


@dataclass(frozen=True, slots=True)
class Wire:
    """One kind of value in one contract."""

    contract: Contract
    schema: Any

    def render(self, value: Any) -> Any:
        """Give canonical data with the contract's names."""
        return render(self.contract, self.schema, value)

    def free(self) -> st.SearchStrategy[Any]:
        """Give whatever the schema allows."""
        return Payloads(self.contract.document, "writeOnly").payloads(Atom(self.schema))

    def invalid(self, valid: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        """Give values that break one rule each."""
        return Breaker(self.contract.document, self.schema, "writeOnly").invalid(valid)

    def edges(
        self, valid: st.SearchStrategy[Any], leaving: frozenset[str] = frozenset()
    ) -> st.SearchStrategy[Edge]:
        """Give valid values with one edge each."""
        return Edges(self.contract.document, self.schema, "writeOnly").edges(valid, leaving)


def wire_of(contract: Contract, operation: str, status: int, *path: str) -> Wire:
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
        told, _ = follow(contract.document, schema, "")
        if name not in told.get("properties", {}):
            raise ValueError(f"the answer of {operation} has no {name}")
        schema = told["properties"][name]
    return Wire(contract, schema)


def in_mode(
    wire: Wire,
    mode: str,
    valid: st.SearchStrategy[Any],
    edges: Callable[[], st.SearchStrategy[Edge]],
) -> st.SearchStrategy[Any]:
    """Give valid values as they are, edges, or invalid ones."""
    if mode == "edge":
        return edges().map(lambda edge: edge.value)
    return wire.invalid(valid) if mode == "invalid" else valid
