"""Values for schemas: every keyword of JSON Schema 2020-12, made for the schema rather than filtered by it."""

from collections.abc import Iterable, Iterator
from typing import Any

from hypothesis import strategies as st

from understudy.contract import Validator, compile_validator
from understudy.strategies.schema.arrays import arrays, can_build_array
from understudy.strategies.schema.branches import Expander
from understudy.strategies.schema.constraints import Branch, Requirement, Requirements, json_key
from understudy.strategies.schema.numbers import fractions, integers
from understudy.strategies.schema.objects import can_build_object, objects
from understudy.strategies.schema.strings import JSON_CHARACTERS, strings

_DEEPEST = 12
"""A schema that nests deeper is taken for one that contains itself."""
_MORE_DEPTH = 5
"""How much deeper than it has to be a value of such a schema is nested."""
_FAIL_DEPTH = 40
_ORDER = ("null", "boolean", "integer", "fraction", "string", "array", "object")

_SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(JSON_CHARACTERS, max_size=12)
)
_ANY = (
    _SCALARS
    | st.lists(_SCALARS, max_size=3)
    | st.dictionaries(
        st.text(JSON_CHARACTERS, max_size=8), _SCALARS | st.lists(_SCALARS, max_size=2), max_size=3
    )
)


class SchemaValues:
    """Makes strategies for the schemas of one document. What was made once is kept.

    `hidden` is `readOnly` for what a client sends and `writeOnly` for what a server sends: such a property is left out.
    """

    def __init__(self, document: Any, hidden: str = "") -> None:
        self._document = document
        self._hidden = hidden
        self._expander = Expander(document, hidden)
        self._branches: dict[Any, tuple[Branch, ...]] = {}
        self._known: dict[Any, bool] = {}
        self._strategies: dict[Any, st.SearchStrategy[Any]] = {}
        self._reaches: dict[Any, int] = {}
        self._validators: dict[Any, Validator] = {}
        self._kept: list[Any] = []

    def values(self, *atoms: Requirement) -> st.SearchStrategy[Any]:
        """Give values that obey every atom; nothing when there are none."""
        least = next(
            (depth for depth in range(_FAIL_DEPTH) if self.is_satisfiable(atoms, depth)), None
        )
        if least is None:
            return st.nothing()
        reach = self._reach(atoms, _DEEPEST)
        return self.strategy_for(atoms, reach if reach < _DEEPEST else least + _MORE_DEPTH)

    def strategy_for(self, goal: Requirements, depth: int) -> st.SearchStrategy[Any]:
        """Give values that obey a goal and are nested at most so deep."""
        if not goal:
            return _ANY if depth > 1 else _SCALARS
        key = (_key(goal), depth)
        if key not in self._strategies:
            parts = [part for part in self._parts(goal, depth) if not part.is_empty]
            self._strategies[key] = st.one_of(parts) if len(parts) != 1 else parts[0]
        return self._strategies[key]

    def is_satisfiable(self, goal: Requirements, depth: int) -> bool:
        """Whether there is a value that obeys a goal and is nested at most so deep."""
        if not goal:
            return True
        key = (_key(goal), depth)
        if key not in self._known:
            self._known[key] = False  # a value that needs itself has no end
            self._known[key] = any(
                self._can_be(goal, branch, depth) for branch in self.branches_of(goal)
            )
        return self._known[key]

    def list_values(self, goal: Requirements) -> list[Any] | None:
        """Give the values that obey a goal, where they are few; else None."""
        branches = self.branches_of(goal)
        if not goal or any(branch.allowed is None for branch in branches):
            return None
        return [value for branch in branches for value in self._listed(goal, branch)]

    def satisfies(self, goal: Iterable[Requirement], value: Any) -> bool:
        """Whether a value obeys a goal."""
        return all(self._validator(atom).is_valid(value) is atom.holds for atom in goal)

    def branches_of(self, goal: Requirements) -> tuple[Branch, ...]:
        """Give the alternatives of a goal."""
        key = _key(goal)
        if key not in self._branches:
            self._kept.append(goal)  # the identities of its schemas are its key
            self._branches[key] = self._expander.expand_all(goal)
        return self._branches[key]

    def _validator(self, atom: Requirement) -> Validator:
        key = atom.key[0]
        if key not in self._validators:
            self._kept.append(atom.schema)
            self._validators[key] = compile_validator(
                atom.schema, document=self._document, hidden=self._hidden
            )
        return self._validators[key]

    def _can_be(self, goal: Requirements, branch: Branch, depth: int) -> bool:
        if branch.allowed is not None:
            return bool(self._values(goal, branch))
        if branch.kinds - {"array", "object"}:
            return any(not part.is_empty for part in _scalars(branch))
        return ("array" in branch.kinds and can_build_array(self, branch.array, depth)) or (
            "object" in branch.kinds and can_build_object(self, branch.object, depth)
        )

    def _values(self, goal: Requirements, branch: Branch) -> list[Any]:
        values = branch.allowed or ()
        return [
            value
            for value in values
            if (len(goal) == 1 and branch.is_plain) or self.satisfies(goal, value)
        ]

    def _parts(self, goal: Requirements, depth: int) -> Iterator[st.SearchStrategy[Any]]:
        listed = [
            value for branch in self.branches_of(goal) for value in self._listed(goal, branch)
        ]
        if listed:
            yield st.sampled_from(list({json_key(value): value for value in listed}.values()))
        for branch in self.branches_of(goal):
            if branch.allowed is None:
                for part in self._made(branch, depth):
                    yield (
                        part
                        if branch.exact
                        else part.filter(lambda value: self.satisfies(goal, value))
                    )

    def _listed(self, goal: Requirements, branch: Branch) -> Iterator[Any]:
        if branch.allowed is not None:
            yield from self._values(goal, branch)

    def _made(self, branch: Branch, depth: int) -> Iterator[st.SearchStrategy[Any]]:
        yield from _scalars(branch)
        never = {json_key(value) for value in branch.excluded}
        made: list[st.SearchStrategy[Any]] = []
        if "array" in branch.kinds:
            made.append(arrays(self, branch.array, depth))
        if "object" in branch.kinds:
            made.append(objects(self, branch.object, depth))
        for part in made:
            yield part.filter(lambda value: json_key(value) not in never) if never else part

    def _reach(self, goal: Requirements, limit: int) -> int:
        """Give how deep the values of a goal can be nested, as far as a limit."""
        if not goal or not limit:
            return 2 if not goal else 0
        key = (_key(goal), limit)
        if (
            key not in self._reaches
        ):  # the alternatives of a schema that contains itself meet again and again
            inner = (part for branch in self.branches_of(goal) for part in _inside(branch))
            self._reaches[key] = max(
                (1 + self._reach(part, limit - 1) for part in inner), default=0
            )
        return self._reaches[key]


def _key(goal: Requirements) -> Any:
    return tuple(sorted((str(atom.key[0]), atom.holds) for atom in goal))


def _inside(branch: Branch) -> Iterator[Requirements]:
    """Give what is asked of the values inside of an array or object."""
    if branch.allowed is not None:
        return
    if "array" in branch.kinds:
        yield from (
            branch.array.requirements_at(index) for index in range(branch.array.prefix_length + 1)
        )
        yield from ((rule.requirement,) for rule in branch.array.contains)
    if "object" in branch.kinds:
        for group in branch.object.groups:
            rest = [] if group.rest is None else [group.rest]
            yield from (
                (atom,)
                for atom in (*group.named.values(), *(atom for _, atom in group.patterns), *rest)
            )
        yield from (
            (some.value,) for some in branch.object.needed_members if some.value is not None
        )
        if not branch.object.groups:
            yield ()


def _scalars(branch: Branch) -> Iterator[st.SearchStrategy[Any]]:
    never = {json_key(value) for value in branch.excluded}
    for kind in _ORDER:
        if kind not in branch.kinds:
            continue
        match kind:
            case "null":
                yield st.none() if None not in never else st.nothing()
            case "boolean":
                values = [value for value in (False, True) if (bool, value) not in never]
                yield (
                    st.sampled_from(values)
                    if len(values) == 1
                    else st.booleans()
                    if values
                    else st.nothing()
                )
            case "integer":
                yield integers(branch.number, branch.excluded)
            case "fraction":
                yield fractions(branch.number, branch.excluded)
            case "string":
                found = strings(branch.string)
                yield found.filter(lambda text: text not in never) if never else found
