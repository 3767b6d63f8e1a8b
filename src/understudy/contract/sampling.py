"""Samples: values that a schema allows, the same for the same seed.

The contract's own examples come first; other values are generated. Hypothesis, which the package
`strategies` builds on, is not needed at run time.
"""

import random
from collections.abc import Iterator
from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING, Any, Protocol

from understudy.contract.document.pointers import follow_refs
from understudy.contract.schema.formats import INT_BOUNDS
from understudy.contract.schema.merge import EXTRA_PATTERNS, drop_keywords, merge_schemas
from understudy.messages import dump_json
from understudy.regexgen import matches, solve_patterns
from understudy.regexgen.format_patterns import FORMAT_PATTERNS
from understudy.regexgen.generator import FIRST_CODE

if TYPE_CHECKING:
    from understudy.contract.operation.compiled_contract import ResponseSpec
    from understudy.contract.operation.parameters import Parameter
    from understudy.contract.schema.validator import Validator

_MAX_DEPTH = 16
"""How many schemas deep a sample goes; below that, an empty object stands for any value."""
_ATTEMPTS = 32
"""How many samples are tried until one is valid."""
_MAX_NODES = 2000
"""How many values a sample has before optional parts are left out."""
_OPTIONAL_LEFT_OUT = 0.3
"""How often a later attempt leaves out an optional part."""
_EXAMPLE_IGNORED = 0.5
"""How often a later attempt ignores a schema's own example."""
_MULTIPLES = 100
"""Among how many multiples within the bounds a number is drawn."""
_TEXTS = {
    "date-time": "2021-08-25T15:09:31+08:00",
    "date": "2021-08-25",
    "time": "15:09:31+08:00",
    "email": "user@example.com",
    "uri": "https://example.com/",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "byte": "dW5kZXJzdHVkeQ==",
}
"""By format: a text that has it."""
_PATTERN_LENGTHS = 12
"""Among how many of the shortest lengths a text for a pattern is drawn."""
_CANDIDATES = (
    *("a", "A", "1", "abc", "ABC", "123", "a1", "a-1", "a_1", "1.0"),
    *(*_TEXTS.values(), "", "-", "/", "id"),
)
"""Readable texts that are tried for a pattern before one is generated."""


class HasDocument(Protocol):
    """A part of a document that knows the whole: a contract, an operation."""

    @property
    def document(self) -> Any:
        """The document as plain data."""
        ...


def sample(contract: HasDocument, schema: Any, *, seed: int = 0, attempt: int = 0) -> Any:
    """Return a value that is valid for a schema of the common keywords.

    The same seed gives the same value. `const`, `default`, `example` and `examples` are used as they
    are. Optional properties are included, except those in which the schema contains itself. The
    first alternative is used; `not` and `if` are ignored. With a later attempt, alternatives,
    optional properties and lengths are drawn at random.
    """
    seed_text: str | int = f"{seed}/{attempt}" if attempt else seed
    draws = random.Random(seed_text)  # noqa: S311 - data, not secrets
    return _Sampler(contract.document, draws, varied=attempt > 0).sample(schema)


def sample_body(contract: HasDocument, spec: "ResponseSpec", *, seed: int = 0) -> Any:
    """Return a sample body of a documented response.

    It is the first of some samples that is valid, or the first of all when none is.
    """
    body_validator = spec.body.media.get(spec.media_type) if spec.body is not None else None
    validator = body_validator.validator if body_validator is not None else None
    return _first_valid_sample(contract, spec.schema, validator, seed)


def sample_fields(contract: HasDocument, spec: "ResponseSpec") -> tuple[tuple[str, str], ...]:
    """Return the required header fields of a documented response with sample values."""
    fields: list[tuple[str, str]] = []
    for header in spec.headers:
        if header.required:
            fields.append((header.name, _header_text(_sample_header(contract, header))))
    return tuple(fields)


def _sample_header(contract: HasDocument, header: "Parameter") -> Any:
    if header.example is not None:
        return header.example
    return _first_valid_sample(contract, header.schema, header.validator, 0)


def _first_valid_sample(
    contract: HasDocument, schema: Any, validator: "Validator | None", seed: int
) -> Any:
    first = sample(contract, schema, seed=seed)
    if validator is None or validator.is_valid(first):
        return first
    for attempt in range(1, _ATTEMPTS):
        value = sample(contract, schema, seed=seed, attempt=attempt)
        if validator.is_valid(value):
            return value
    return first


def _header_text(value: Any) -> str:
    """Return a value as a header field carries it: the style `simple` of OpenAPI 3.1."""
    if isinstance(value, list):
        return ",".join(map(_header_text, value))
    return value if isinstance(value, str) else dump_json(value).decode()


class _Sampler:
    """Generates one value.

    The order of the random draws is a promise: the same seed gives the same value in every release.
    """

    def __init__(self, document: Any, draws: random.Random, *, varied: bool) -> None:
        self._document = document
        self._draws = draws
        self._varied = varied
        self._nodes = 0
        self._open: list[int] = []
        """The identities of the schemas that a value is being generated for, the outermost first."""

    def sample(self, schema: Any) -> Any:
        schema, _ = follow_refs(self._document, schema, "")
        if not isinstance(schema, dict) or len(self._open) > _MAX_DEPTH:
            return None if schema is False else {}
        self._nodes += 1
        self._open.append(id(schema))
        value = self._sample_object_schema(schema)
        self._open.pop()
        return value

    def _sample_object_schema(self, schema: dict[str, Any]) -> Any:
        if "const" in schema:
            return schema["const"]
        for example in self._iter_examples(schema):
            return example
        if schema.get("enum"):
            return self._draws.choice(schema["enum"])
        if "allOf" in schema:
            parts = [drop_keywords(schema, "allOf"), *schema["allOf"]]
            return self._sample_object_schema(merge_schemas(parts, self._document))
        for keyword in ("oneOf", "anyOf"):
            if keyword in schema:
                parts = [drop_keywords(schema, keyword), self._choose(schema[keyword])]
                return self._sample_object_schema(merge_schemas(parts, self._document))
        return self._sample_by_type(schema)

    def _iter_examples(self, schema: dict[str, Any]) -> Iterator[Any]:
        """Yield the schema's own examples.

        A later attempt may ignore them: they may be the reason why the first one is not valid.
        """
        if self._varied and self._draws.random() < _EXAMPLE_IGNORED:
            return
        for keyword in ("example", "default"):
            if keyword in schema:
                yield schema[keyword]
        if isinstance(schema.get("examples"), list):
            yield from schema["examples"]

    def _choose(self, alternatives: list[Any]) -> Any:
        return self._draws.choice(alternatives) if self._varied else alternatives[0]

    def _sample_by_type(self, schema: dict[str, Any]) -> Any:
        types = schema.get("type") or _implied_type(schema)
        match self._choose(types) if isinstance(types, list) else types:
            case "object":
                return self._sample_object(schema)
            case "array":
                return self._sample_array(schema)
            case "integer":
                step = Fraction(repr(schema.get("multipleOf", 1)))
                # The integers among the multiples of a/b are, in lowest terms, multiples of a.
                return self._sample_multiple(schema, Fraction(step.numerator))
            case "number":
                return self._sample_number(schema)
            case "boolean":
                return self._draws.random() < 0.5
            case "null":
                return None
            case _:
                return self._sample_text(schema)

    def _includes_optional(self, schema: Any) -> bool:
        """Return whether an optional part is included.

        A part that is not allowed or would never end is not, nor any after too many values.
        """
        target, _ = follow_refs(self._document, schema, "")
        if self._varied and self._draws.random() < _OPTIONAL_LEFT_OUT:
            return False
        is_endless = id(target) in self._open
        return target is not False and not is_endless and self._nodes < _MAX_NODES

    def _sample_object(self, schema: dict[str, Any]) -> dict[str, Any]:
        required = schema.get("required", [])
        properties = schema.get("properties", {})
        included: list[str] = []
        for name, part in properties.items():
            if name in required or self._includes_optional(part):
                included.append(name)
        value: dict[str, Any] = {}
        for name in included[: schema.get("maxProperties")]:
            value[name] = self.sample(properties[name])
        additional = schema.get("additionalProperties", {"type": "string"})
        for name in _additional_names(schema, value):
            value[name] = self.sample(additional)
        return value

    def _sample_array(self, schema: dict[str, Any]) -> list[Any]:
        prefix = schema.get("prefixItems", [])
        items = schema.get("items", {"type": "string"})
        length = self._array_length(schema, prefix, items)
        value: list[Any] = []
        # Items that must differ may need more attempts than there are items.
        for attempt in range(4 * length):
            if len(value) == min(length, schema.get("maxItems", length)):
                break
            if len(value) < len(prefix):
                part = prefix[len(value)]
            elif attempt == 0:
                part = schema.get("contains", items)
            else:
                part = items
            item = self.sample(part)
            if not schema.get("uniqueItems") or item not in value:
                value.append(item)
        return value

    def _array_length(self, schema: dict[str, Any], prefix: list[Any], items: Any) -> int:
        """Return how many items an array gets, before `maxItems` is applied."""
        matching = schema.get("minContains", 1) if "contains" in schema else 0
        wanted = 1 if items is not False and self._includes_optional(items) else 0
        length = int(max(schema.get("minItems", 0), matching, wanted, len(prefix)))
        if self._varied and items is not False:
            length += self._draws.randrange(3)
        return length

    def _sample_multiple(self, schema: dict[str, Any], step: Fraction) -> float:
        """Return a multiple of a step within the bounds: a small one above zero where possible."""
        first, last = _multiple_range(schema, step)
        allows_positive = last is None or last >= 1
        if first is None or (first < 1 and allows_positive):
            first = 1 if last is None or last >= 1 else last - _MULTIPLES
        end = first + _MULTIPLES
        if last is not None:
            end = min(last, end)
        value = step * self._draws.randint(first, max(first, end))
        return int(value) if value.denominator == 1 else float(value)

    def _sample_number(self, schema: dict[str, Any]) -> float:
        if "multipleOf" in schema:
            return self._sample_multiple(schema, Fraction(repr(schema["multipleOf"])))
        low, high = _bounds(schema)
        if low is not None:
            return float(low + 1 if high is None else (low + high) / 2)
        if high is not None:
            return float(high - 1)
        return round(self._draws.uniform(0, 100), 2)

    def _sample_text(self, schema: dict[str, Any]) -> str:
        format_name = schema.get("format", "")
        if format_name == "uuid":
            head = self._draws.getrandbits(32)
            tail = self._draws.getrandbits(48)
            return f"{head:08x}-0000-4000-8000-{tail:012x}"
        text = _TEXTS.get(format_name) or f"text-{self._draws.randrange(1000)}"
        text = text.ljust(int(schema.get("minLength", 0)), "x")
        if "maxLength" in schema:
            text = text[: int(schema["maxLength"])]
        patterns: list[str] = []
        if "pattern" in schema:
            patterns = [schema["pattern"], *schema.get(EXTRA_PATTERNS, ())]
        if all(matches(pattern, text) for pattern in patterns):
            return text
        return self._sample_matching_text(schema, patterns, format_name) or text

    def _sample_matching_text(
        self, schema: dict[str, Any], patterns: list[str], format_name: str
    ) -> str:
        """Return a text that matches every pattern, and has the format where both are possible.

        Empty when no text matches, or none was found.
        """
        shortest = int(schema.get("minLength", 0))
        longest = int(schema["maxLength"]) if "maxLength" in schema else None
        readable = _find_readable_text(patterns, shortest, longest)
        if readable is not None and not format_name:
            return readable
        format_patterns = [FORMAT_PATTERNS[format_name]] if format_name in FORMAT_PATTERNS else []
        for wanted in dict.fromkeys([(*patterns, *format_patterns), tuple(patterns)]):
            solution = solve_patterns(wanted, (), shortest, longest)
            if solution is not None and solution.texts is not None:
                length = self._draws.choice(solution.texts.lengths[:_PATTERN_LENGTHS])
                choices = [chr(ord(FIRST_CODE) + self._draws.randrange(256)) for _ in range(length)]
                return solution.texts.generate("".join(choices))
        return readable or ""


def _additional_names(schema: dict[str, Any], value: dict[str, Any]) -> list[str]:
    """Return the names that an object needs beside its documented properties."""
    names = [name for name in schema.get("required", []) if name not in value]
    missing = schema.get("minProperties", 0) - len(value) - len(names)
    names += [f"field{number}" for number in range(missing)]
    return names


def _multiple_range(schema: dict[str, Any], step: Fraction) -> tuple[int | None, int | None]:
    """Return the first and the last multiple of a step within the bounds; None where unbounded."""
    low, high = _bounds(schema)
    first = None if low is None else ceil(low / step)
    last = None if high is None else floor(high / step)
    above = schema.get("exclusiveMinimum")
    if first is not None and above is not None and first * step <= above:
        first += 1
    below = schema.get("exclusiveMaximum")
    if last is not None and below is not None and last * step >= below:
        last -= 1
    return first, last


def _find_readable_text(patterns: list[str], shortest: int, longest: int | None) -> str | None:
    for text in _CANDIDATES:
        is_short_enough = longest is None or len(text) <= longest
        if len(text) < shortest or not is_short_enough:
            continue
        if all(matches(pattern, text) for pattern in patterns):
            return text
    return None


def _implied_type(schema: dict[str, Any]) -> str:
    if "properties" in schema or "required" in schema:
        return "object"
    return "array" if "items" in schema else "string"


def _bounds(schema: dict[str, Any]) -> tuple[Fraction | None, Fraction | None]:
    """Return the lowest and the highest value that a numeric schema allows, None where unbounded.

    An exclusive bound is returned like an inclusive one.
    """
    lowest, highest = INT_BOUNDS.get(schema.get("format", ""), (None, None))
    lows = [lowest, schema.get("minimum"), schema.get("exclusiveMinimum")]
    highs = [highest, schema.get("maximum"), schema.get("exclusiveMaximum")]
    known_lows = [bound for bound in lows if bound is not None]
    known_highs = [bound for bound in highs if bound is not None]
    low = Fraction(max(known_lows)) if known_lows else None
    high = Fraction(min(known_highs)) if known_highs else None
    return low, high
