"""Strategies for schemas that no value satisfies: empty, with an error that names the schema."""

from typing import Any, NoReturn

from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable

from understudy.contract.expansion.constraints import Requirement
from understudy.contract.expansion.schema_solver import SchemaSolver
from understudy.contract.loading.endless_schemas import iter_needed_parts
from understudy.contract.loading.impossible_schemas import find_contradiction
from understudy.contract.schema.keywords import Schema


class ImpossibleValues(st.SearchStrategy[Any]):
    """An empty strategy. A test that draws from it alone fails with a reason."""

    def __init__(self, reason: str) -> None:
        super().__init__()
        self._reason = reason

    def __repr__(self) -> str:
        return f"impossible({self._reason!r})"

    def calc_is_empty(self, recur: object) -> bool:
        """Return that there are no values: `one_of` leaves the strategy out."""
        return True

    def do_validate(self) -> None:
        """Raise Unsatisfiable: Hypothesis calls it before it draws."""
        self._fail()

    def do_draw(self, data: object) -> NoReturn:
        """Raise Unsatisfiable."""
        self._fail()

    def _fail(self) -> NoReturn:
        raise Unsatisfiable(self._reason)


def name_impossible(
    drawn: st.SearchStrategy[Any], solver: SchemaSolver, schema: Schema, pointer: str = ""
) -> st.SearchStrategy[Any]:
    """Return a strategy for a schema as it is; one with a reason instead if it is empty.

    `pointer` is where the schema is in the document.
    """
    if not drawn.is_empty:
        return drawn
    return ImpossibleValues(describe_impossible(solver, schema, pointer))


def describe_impossible(solver: SchemaSolver, schema: Schema, pointer: str) -> str:
    """Return a sentence that names the innermost schema that a value needs and no value has."""
    part: Any = schema
    where = pointer
    seen: set[str] = set()
    while where not in seen:
        seen.add(where)
        for needed, below, _ in iter_needed_parts(solver.document, part, where):
            is_schema = isinstance(needed, dict | bool)
            if is_schema and solver.find_min_depth((Requirement(needed),)) is None:
                part, where = needed, below
                break
        else:
            break
    else:
        return f"no value satisfies the schema {where or '/'}: it requires itself"
    reason = find_contradiction(solver.document, part) if isinstance(part, dict) else "it is false"
    text = f"no value satisfies the schema {where or '/'}"
    return f"{text}: {reason}" if reason else text
