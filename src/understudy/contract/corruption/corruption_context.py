"""What a corruption stands on: a documented response of an operation, valid samples of it, and the way to a place."""

from dataclasses import dataclass, field
from typing import Any

from understudy.contract.corruption.locations import Location, Step
from understudy.contract.sampling import sample
from understudy.contract.schema.merge import drop_keywords
from understudy.contract.schema.validator import SchemaError, Validator, compile_validator

_TAKEN = ("const", "default", "example", "examples")


class IdentityKey:
    """A key for a value that cannot be hashed: equal for the very same one."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, IdentityKey) and other.value is self.value


@dataclass(frozen=True, slots=True, eq=False)
class CorruptionContext:
    """The schema of a body, whichever operations have it: what obeys it, and what does not."""

    document: Any
    schema: Any
    _validators: dict[tuple[int, ...], tuple[Any, Validator]] = field(
        default_factory=dict, repr=False
    )

    def find_errors(self, schemas: tuple[Any, ...], value: Any) -> list[SchemaError]:
        """Give everything that is wrong with a value that several schemas are held against."""
        key = tuple(map(id, schemas))
        if key not in self._validators:
            schema = schemas[0] if len(schemas) == 1 else {"allOf": list(schemas)}
            made = compile_validator(schema, document=self.document, hidden="writeOnly")
            self._validators[key] = (
                schemas,
                made,
            )  # the schemas too: an identity is theirs while they live
        return list(self._validators[key][1].iter_errors(value))

    def build_sample(self, spot: Location, seed: int, kind: str = "") -> Any:
        """Give a value for a place; with `kind`, one of this type."""
        value = sample(self, _whole(spot.schemas), seed=seed)
        if not kind or is_json_type(value, kind):
            return value
        bare = [drop_keywords(node, *_TAKEN) for node in spot.nodes]
        value = sample(self, {"allOf": [{"type": kind}, *bare]}, seed=seed)
        return value if is_json_type(value, kind) else _PLAIN[kind]()

    def build_item(self, spot: Location, seed: int) -> Any:
        """Give an item for an array, of the kind that may come in any number."""
        return sample(
            self,
            {"allOf": spot.keyword_values("items")} if spot.keyword_values("items") else {},
            seed=seed,
        )


def is_json_type(value: Any, kind: str) -> bool:
    """Whether a JSON value is of a type."""
    match kind:
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case _:
            return isinstance(value, _TYPES[kind])


_TYPES: dict[str, type] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "null": type(None),
}
_PLAIN: dict[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": int,
    "boolean": bool,
}


def _whole(schemas: tuple[Any, ...]) -> Any:
    return schemas[0] if len(schemas) == 1 else {"allOf": list(schemas)}


class ValueWalk:
    """A value on which one place after the other is reached; what is missing on the way is put there.

    What is on the way is copied: the value that was given stays as it is.
    """

    def __init__(self, ground: CorruptionContext, value: Any, seed: int) -> None:
        self._ground = ground
        self._seed = seed
        self._box: list[Any] = [value]
        self._holder: Any = self._box
        self._key: Any = 0
        self.tokens: list[str | int] = []
        """Where the place is by now."""

    @property
    def root(self) -> Any:
        """The whole value as it is by now."""
        return self._box[0]

    def reach(self, line: list[Location]) -> None:
        """Go down along the places, the first of which is where the value is."""
        for spot in line[1:]:
            self._step(spot)

    def _step(self, spot: Location) -> None:
        value = self._holder[self._key]
        if spot.step is Step.BRANCH:
            if self._ground.find_errors(spot.schemas, value):
                self._put(self._ground.build_sample(spot, self._seed))
            return
        assert spot.parent is not None  # noqa: S101 - only the body itself has none
        kind = "array" if spot.step in (Step.ITEM, Step.HEAD) else "object"
        if not is_json_type(value, kind):
            value = self._ground.build_sample(spot.parent, self._seed, kind)
        value = self._put(list(value) if kind == "array" else dict(value))
        token = self._item(spot, value) if kind == "array" else self._member(spot, value)
        self._holder, self._key = value, token
        self.tokens.append(token)

    def _put(self, value: Any) -> Any:
        self._holder[self._key] = value
        return value

    def _item(self, spot: Location, value: list[Any]) -> int:
        heads = (
            [node["prefixItems"] for node in spot.parent.nodes if "prefixItems" in node]
            if spot.parent
            else []
        )
        first = (
            max((len(parts) for parts in heads), default=0)
            if spot.step is Step.ITEM
            else int(spot.key)
        )
        for index in range(len(value), first):
            parts = [given[index] for given in heads if index < len(given)]
            value.append(sample(self._ground, {"allOf": parts}, seed=self._seed))
        if len(value) <= first:
            value.append(self._ground.build_sample(spot, self._seed))
        return first + (self._seed % (len(value) - first) if spot.step is Step.ITEM else 0)

    def _member(self, spot: Location, value: dict[str, Any]) -> str:
        name = str(spot.key) if spot.step is Step.MEMBER else spot.pick_name(value)
        if name not in value:
            value[name] = self._ground.build_sample(spot, self._seed)
        return name


def value_at(value: Any, tokens: list[str | int]) -> Any:
    """Give the part of a value that tokens lead to."""
    for token in tokens:
        value = value[token]
    return value


def replace_at(value: Any, tokens: list[str | int], part: Any) -> Any:
    """Give a copy of a value with another part; what is not on the way there is shared."""
    if not tokens:
        return part
    made: Any = dict(value) if isinstance(value, dict) else list(value)
    made[tokens[0]] = replace_at(value[tokens[0]], tokens[1:], part)
    return made
