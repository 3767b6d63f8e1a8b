"""Random JSON Schemas (2020-12) by a seed: every keyword, often several that affect one another."""

import random
from collections.abc import Callable
from typing import Any

NAMES = ("a", "b", "c", "xa", "0", "~/")
PATTERNS = (r"^\d+$", "^a", "b$", r"\w", "[^a-c]", "^$", "^x-", r"^[a-c]{2,4}$", r"^\p{L}+$", ".")
_TYPES = ("null", "boolean", "object", "array", "number", "string", "integer")
ANNOTATED_FORMATS = ("email", "no-such-format")
"""Formats that no validator asserts, unless it is asked to."""
_FORMATS = ("int32", "int64", "date", "date-time", "uuid", *ANNOTATED_FORMATS)
_NUMBERS = (-1, 0, 0.1, 0.3, 0.7, 1, 1.5, 2, 7, 1e3, 2**53 + 1)
_STEPS = (1, 2, 0.1, 0.01, 0.5, 3, 1.0, 7)
_CONSTANTS: tuple[Any, ...] = (
    *(None, True, False, 0, 1, 1.0, 0.3, "", "a", "ab", "7", "é"),
    *([], [1], ["a", "b"], {}, {"a": 1}, {"a": None, "b": [2]}),
)


class RandomSchemas:
    """Draws schemas. References lead to the names of `definitions`, below a prefix."""

    def __init__(
        self,
        draws: random.Random,
        definitions: tuple[str, ...] = (),
        *,
        prefix: str = "#/$defs/",
        formats: tuple[str, ...] = _FORMATS,
    ) -> None:
        self._draws = draws
        self._definitions = definitions
        self._prefix = prefix
        self.formats = formats
        self._keywords = _keyword_makers(self, bool(definitions))

    @property
    def keywords(self) -> frozenset[str]:
        """The keywords that schemas are drawn of."""
        return frozenset(self._keywords)

    def schema(self, depth: int = 3) -> Any:
        """Return a schema of at most `depth` levels of subschemas."""
        draws = self._draws
        if depth == 0 or draws.random() < 0.15:
            return self._leaf()
        schema: dict[str, Any] = {}
        if draws.random() < 0.4:
            schema["type"] = draws.choice(("object", "object", "array", "string", "number"))
        for keyword in draws.sample(sorted(self._keywords), draws.randint(1, 4)):
            schema[keyword] = self._keywords[keyword](depth - 1)
        if draws.random() < 0.1:
            closing = draws.choice(("unevaluatedProperties", "unevaluatedItems"))
            schema[closing] = draws.choice((False, False, self.schema(depth - 1)))
        return schema

    def _leaf(self) -> Any:
        draws = self._draws
        shape = draws.random()
        if shape < 0.15:
            return True
        if shape < 0.2:
            return False
        if shape < 0.3 and self._definitions:
            return {"$ref": self.reference()}
        if shape < 0.6:
            return {"type": draws.choice(_TYPES)}
        keyword = draws.choice(("const", "enum", "minimum", "maxLength", "required", "pattern"))
        return {keyword: self._keywords[keyword](0)}

    def several(self, depth: int) -> list[Any]:
        """Return one to three schemas."""
        return [self.schema(depth) for _ in range(self._draws.randint(1, 3))]

    def schemas_by_name(self, depth: int, names: tuple[str, ...] = NAMES) -> dict[str, Any]:
        """Return schemas by name, one to three."""
        chosen = self._draws.sample(names, self._draws.randint(1, 3))
        return {name: self.schema(depth) for name in chosen}

    def names(self) -> list[str]:
        """Return one to three names, each once."""
        return self._draws.sample(NAMES, self._draws.randint(1, 3))

    def choose(self, values: tuple[Any, ...]) -> Any:
        """Return one of some values."""
        return self._draws.choice(values)

    def reference(self) -> str:
        """Return a reference to one of the definitions."""
        return f"{self._prefix}{self._draws.choice(self._definitions)}"


def _keyword_makers(drawn: RandomSchemas, has_definitions: bool) -> dict[str, Callable[[int], Any]]:
    """Return by keyword what draws its value; a depth says how deep its subschemas may go."""

    def count(_: int) -> int:
        return int(drawn.choose((0, 1, 1, 2, 3)))

    def number(_: int) -> Any:
        return drawn.choose(_NUMBERS)

    def several_types(_: int) -> Any:
        return drawn.choose((*_TYPES, ["object", "null"], ["string", "number"], ["array"]))

    makers: dict[str, Callable[[int], Any]] = {
        **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), count),
        **dict.fromkeys(("minProperties", "maxProperties", "minContains", "maxContains"), count),
        **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), number),
        **dict.fromkeys(("additionalProperties", "items", "contains"), drawn.schema),
        **dict.fromkeys(("not", "if", "then", "else", "propertyNames"), drawn.schema),
        **dict.fromkeys(("unevaluatedProperties", "unevaluatedItems"), drawn.schema),
        **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), drawn.several),
        **dict.fromkeys(("properties", "dependentSchemas"), drawn.schemas_by_name),
        "type": several_types,
        "const": lambda _: drawn.choose(_CONSTANTS),
        "enum": lambda _: [drawn.choose(_CONSTANTS) for _ in range(3)],
        "multipleOf": lambda _: drawn.choose(_STEPS),
        "pattern": lambda _: drawn.choose(PATTERNS),
        "format": lambda _: drawn.choose(drawn.formats),
        "uniqueItems": lambda _: drawn.choose((True, False)),
        "required": lambda _: drawn.names(),
        "dependentRequired": lambda _: {drawn.choose(NAMES): drawn.names()},
        "patternProperties": lambda depth: drawn.schemas_by_name(depth, PATTERNS),
    }
    if has_definitions:
        makers["$ref"] = lambda _: drawn.reference()
    return makers
