"""The schema of a body with its validators and samples, and the walk to a location of a value."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from understudy.contract.corruption.locations import Location, Step
from understudy.contract.sampling import HIDDEN_IN_RESPONSES, sample, sample_valid
from understudy.contract.schema.keywords import Schema
from understudy.contract.schema.merge import drop_keywords
from understudy.contract.schema.validator import SchemaError, Validator, compile_validator
from understudy.messages import Json

Token = str | int
"""One step of a pointer: the name of a member, or the index of an item."""
_FIXED_VALUES = ("const", "default", "example", "examples")
"""Keywords that give a sample its value, of whatever type."""
_TYPES: dict[str, type] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "null": type(None),
}
_BUILD_EMPTY: dict[str, Callable[[], Json]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": int,
    "boolean": bool,
}
"""Builds an empty value of each type, where no sample of the schema has the type."""


class IdentityKey:
    """A key for a value that cannot be hashed: it equals only a key for the very same value."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, IdentityKey) and other.value is self.value


@dataclass(frozen=True, slots=True, eq=False)
class CorruptionContext:
    """The schema of a body, with validators and samples of its parts.

    Operations that answer by the same schema share it.
    """

    document: Json
    """The contract's document, in which references are resolved."""
    schema: Schema
    _validators: dict[tuple[int, ...], tuple[tuple[Schema, ...], Validator]] = field(
        default_factory=dict, repr=False
    )
    """By the identities of the schemas, which are kept too: so an identity stays theirs."""

    def find_errors(self, schemas: tuple[Schema, ...], value: Json) -> list[SchemaError]:
        """Return the errors of a value that several schemas validate."""
        return list(self.validator_of(schemas).iter_errors(value))

    def validator_of(self, schemas: tuple[Schema, ...]) -> Validator:
        """Return the validator of several schemas together, compiled once."""
        key = tuple(map(id, schemas))
        if key not in self._validators:
            validator = compile_validator(
                _combine(schemas), document=self.document, hidden=HIDDEN_IN_RESPONSES
            )
            self._validators[key] = (schemas, validator)
        _, validator = self._validators[key]
        return validator

    def build_sample(self, location: Location, seed: int, type_name: str = "") -> Any:
        """Build a valid value for a location; with `type_name`, a value of this type.

        Where constants and examples of the schema have another type, they are left out.
        """
        schemas = location.schemas
        value: Json = sample_valid(
            self,
            _combine(schemas),
            self.validator_of(schemas),
            seed=seed,
            hidden=HIDDEN_IN_RESPONSES,
        )
        if not type_name or is_json_type(value, type_name):
            return value
        bare = [drop_keywords(node, *_FIXED_VALUES) for node in location.nodes]
        schema: Schema = {"allOf": [{"type": type_name}, *bare]}
        value = sample(self, schema, seed=seed, hidden=HIDDEN_IN_RESPONSES)
        if is_json_type(value, type_name):
            return value
        return _BUILD_EMPTY[type_name]()

    def build_item(self, location: Location, seed: int) -> Json:
        """Build an item for an array, valid at any index behind the heads."""
        items = location.keyword_values("items")
        schema: Schema = {}
        if items:
            schema = {"allOf": items}
        item: Json = sample(self, schema, seed=seed, hidden=HIDDEN_IN_RESPONSES)
        return item


def is_json_type(value: object, type_name: str) -> bool:
    """Return whether a JSON value has a type of JSON Schema."""
    match type_name:
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case _:
            return isinstance(value, _TYPES[type_name])


def _combine(schemas: tuple[Schema, ...]) -> Schema:
    # One schema stays as it is: its samples may come from its own examples.
    if len(schemas) == 1:
        return schemas[0]
    return {"allOf": list(schemas)}


class ValueWalk:
    """A walk through a value from one location to the next.

    What is missing on the way is put there, from samples. Containers on the way are copied: the
    value itself does not change.
    """

    def __init__(self, context: CorruptionContext, value: Json, seed: int) -> None:
        self._context = context
        self._seed = seed
        # The value is in a list of one, so that the root can be replaced like any other part.
        self._root_holder: list[Json] = [value]
        self._container: Any = self._root_holder
        self._key: Token = 0
        self.tokens: list[Token] = []
        """The tokens of the way so far."""

    @property
    def root(self) -> Json:
        """The whole value, with what was put there so far."""
        return self._root_holder[0]

    def reach(self, locations: list[Location]) -> None:
        """Walk down the locations, the first of which is where the walk is."""
        for location in locations[1:]:
            self._step_into(location)

    def _step_into(self, location: Location) -> None:
        """Walk to a location directly inside of the current one.

        A value of the wrong type is replaced by a sample of the right one, a value that is not of
        an alternative by a sample of the alternative.
        """
        value = self._container[self._key]
        if location.step is Step.BRANCH:
            if self._context.find_errors(location.schemas, value):
                self._container[self._key] = self._context.build_sample(location, self._seed)
            return
        is_array = location.step in (Step.ITEM, Step.HEAD)
        type_name = "object"
        if is_array:
            type_name = "array"
        if location.parent is not None and not is_json_type(value, type_name):
            value = self._context.build_sample(location.parent, self._seed, type_name)
        token: Token
        if is_array:
            items = list(value)
            token = self._find_item(location, items)
            self._descend(items, token)
        else:
            members = dict(value)
            token = self._find_member(location, members)
            self._descend(members, token)

    def _descend(self, container: list[Json] | dict[str, Json], token: Token) -> None:
        """Put the copy of a container into the value, and go on inside of it."""
        self._container[self._key] = container
        self._container = container
        self._key = token
        self.tokens.append(token)

    def _find_item(self, location: Location, items: list[Json]) -> int:
        """Return the index of the item to walk to; add items until there is one.

        Items behind the heads (`prefixItems`) are alike; the seed selects among them.
        """
        heads: list[list[Schema]] = []
        if location.parent is not None:
            heads = location.parent.keyword_values("prefixItems")
        first = max(map(len, heads), default=0)
        if location.step is Step.HEAD:
            first = int(location.key)
        for index in range(len(items), first):
            schemas = [head[index] for head in heads if index < len(head)]
            items.append(sample(self._context, {"allOf": schemas}, seed=self._seed))
        if len(items) <= first:
            items.append(self._context.build_sample(location, self._seed))
        if location.step is Step.HEAD:
            return first
        return first + self._seed % (len(items) - first)

    def _find_member(self, location: Location, members: dict[str, Json]) -> str:
        """Return the name of the member to walk to; add the member where it is missing."""
        name = str(location.key)
        if location.step is not Step.MEMBER:
            name = location.pick_name(members)
        if name not in members:
            members[name] = self._context.build_sample(location, self._seed)
        return name


def value_at(value: Any, tokens: list[Token]) -> Any:
    """Return the part of a value that tokens lead to."""
    for token in tokens:
        value = value[token]
    return value


def replace_at(value: Any, tokens: list[Token], part: Json) -> Json:
    """Return a copy of a value with another part; what is not on the way there is shared."""
    if not tokens:
        return part
    first, *rest = tokens
    changed = value.copy()  # of a dict or a list: the container alone
    changed[first] = replace_at(value[first], rest, part)
    copied: Json = changed
    return copied
