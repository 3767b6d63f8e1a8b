"""A value that a schema allows: the contract's own examples first, else made up, the same for the same seed."""

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
_ATTEMPTS = 32
_MAX_NODES = 2000
"""After so many values, only what a schema requires is made."""
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
_LENGTHS = 12
"""Of so many lengths, the shortest ones, are the texts for a pattern."""
_CANDIDATES = (
    "a",
    "A",
    "1",
    "abc",
    "ABC",
    "123",
    "a1",
    "a-1",
    "a_1",
    "1.0",
    *_TEXTS.values(),
    "",
    "-",
    "/",
    "id",
)


class HasDocument(Protocol):
    """What belongs to a document: a contract, an operation."""

    @property
    def document(self) -> Any:
        """The document as plain data."""
        ...


def sample(contract: HasDocument, schema: Any, *, seed: int = 0, attempt: int = 0) -> Any:
    """Give a value that validates, for schemas of the common keywords. The same seed gives the same value.

    `const`, `default`, `example` and `examples` are taken as they are; optional properties are there, but for those in
    which the schema contains itself. Of alternatives, the first is taken; `not` and `if` are left out.
    A later attempt is another value, in which alternatives, optional properties and lengths are as the dice fall.
    """
    dice = random.Random(f"{seed}/{attempt}" if attempt else seed)  # noqa: S311 - data, not secrets
    return _Sampler(contract.document, dice, varied=attempt > 0).make(schema)


def sample_body(contract: HasDocument, spec: "ResponseSpec", *, seed: int = 0) -> Any:
    """Give a body for a documented response: the first of some samples that validates, else the first of all."""
    judge = spec.body.media.get(spec.media_type) if spec.body is not None else None
    return _fitting(contract, spec.schema, judge.validator if judge is not None else None, seed)


def sample_fields(contract: HasDocument, spec: "ResponseSpec") -> tuple[tuple[str, str], ...]:
    """Give the header fields that a documented response cannot be without, and their values."""
    needed = (header for header in spec.headers if header.required)
    return tuple((header.name, _shown(_of_header(contract, header))) for header in needed)


def _of_header(contract: HasDocument, header: "Parameter") -> Any:
    return (
        header.example
        if header.example is not None
        else _fitting(contract, header.schema, header.validator, 0)
    )


def _fitting(contract: HasDocument, schema: Any, validator: "Validator | None", seed: int) -> Any:
    first = sample(contract, schema, seed=seed)
    if validator is None or validator.is_valid(first):
        return first
    others = (
        sample(contract, schema, seed=seed, attempt=attempt) for attempt in range(1, _ATTEMPTS)
    )
    return next(filter(validator.is_valid, others), first)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(map(_shown, value))
    return value if isinstance(value, str) else dump_json(value).decode()


class _Sampler:
    def __init__(self, document: Any, dice: random.Random, *, varied: bool) -> None:
        self._document = document
        self._dice = dice
        self._varied = varied
        self._nodes = 0
        self._open: list[int] = []
        """The identities of the schemas that a value is being made for."""

    def make(self, schema: Any) -> Any:
        schema, _ = follow_refs(self._document, schema, "")
        if not isinstance(schema, dict) or len(self._open) > _MAX_DEPTH:
            return None if schema is False else {}
        self._nodes += 1
        self._open.append(id(schema))
        made = self._made(schema)
        self._open.pop()
        return made

    def _made(self, schema: dict[str, Any]) -> Any:
        if "const" in schema:
            return schema["const"]
        for example in self._examples(schema):
            return example
        if schema.get("enum"):
            return self._dice.choice(schema["enum"])
        if "allOf" in schema:
            return self._made(
                merge_schemas([drop_keywords(schema, "allOf"), *schema["allOf"]], self._document)
            )
        for keyword in ("oneOf", "anyOf"):
            if keyword in schema:
                part = self._one_of(schema[keyword])
                return self._made(
                    merge_schemas([drop_keywords(schema, keyword), part], self._document)
                )
        return self._typed(schema)

    def _examples(self, schema: dict[str, Any]) -> Iterator[Any]:
        """Give what the schema shows; in later attempts it may be what is wrong with it."""
        if self._varied and self._dice.random() < 0.5:
            return
        yield from (schema[keyword] for keyword in ("example", "default") if keyword in schema)
        if isinstance(schema.get("examples"), list):
            yield from schema["examples"]

    def _one_of(self, several: list[Any]) -> Any:
        return self._dice.choice(several) if self._varied else several[0]

    def _typed(self, schema: dict[str, Any]) -> Any:
        kind = schema.get("type") or _implied(schema)
        match self._one_of(kind) if isinstance(kind, list) else kind:
            case "object":
                return self._object(schema)
            case "array":
                return self._array(schema)
            case "integer":
                step = Fraction(repr(schema.get("multipleOf", 1)))
                return self._multiple(schema, Fraction(step.numerator))
            case "number":
                return self._number(schema)
            case "boolean":
                return self._dice.random() < 0.5
            case "null":
                return None
            case _:
                return self._text(schema)

    def _is_wanted(self, schema: Any) -> bool:
        """Whether an optional part is made: not for ever, and not what cannot be."""
        told, _ = follow_refs(self._document, schema, "")
        if self._varied and self._dice.random() < 0.3:
            return False
        return told is not False and id(told) not in self._open and self._nodes < _MAX_NODES

    def _object(self, schema: dict[str, Any]) -> dict[str, Any]:
        required, properties = schema.get("required", []), schema.get("properties", {})
        wanted = [
            name for name, part in properties.items() if name in required or self._is_wanted(part)
        ]
        made = {name: self.make(properties[name]) for name in wanted[: schema.get("maxProperties")]}
        rest = [name for name in required if name not in made]
        rest += [
            f"field{number}"
            for number in range(schema.get("minProperties", 0) - len(made) - len(rest))
        ]
        return made | {
            name: self.make(schema.get("additionalProperties", {"type": "string"})) for name in rest
        }

    def _array(self, schema: dict[str, Any]) -> list[Any]:
        heads = schema.get("prefixItems", [])
        items = schema.get("items", {"type": "string"})
        least = max(
            schema.get("minItems", 0), schema.get("minContains", 1) if "contains" in schema else 0
        )
        wanted = max(least, 1 if items is not False and self._is_wanted(items) else 0, len(heads))
        if self._varied and items is not False:
            wanted += self._dice.randrange(3)
        made: list[Any] = []
        for number in range(4 * wanted):
            if len(made) == min(wanted, schema.get("maxItems", wanted)):
                break
            part = (
                heads[len(made)]
                if len(made) < len(heads)
                else schema.get("contains", items)
                if number == 0
                else items
            )
            item = self.make(part)
            if not schema.get("uniqueItems") or item not in made:
                made.append(item)
        return made

    def _multiple(self, schema: dict[str, Any], step: Fraction) -> float:
        """Give a multiple of a step within the bounds: a small one above zero where there is one."""
        low, high = _bounds(schema)
        first = None if low is None else ceil(low / step)
        last = None if high is None else floor(high / step)
        if (
            first is not None
            and "exclusiveMinimum" in schema
            and first * step <= schema["exclusiveMinimum"]
        ):
            first += 1
        if (
            last is not None
            and "exclusiveMaximum" in schema
            and last * step >= schema["exclusiveMaximum"]
        ):
            last -= 1
        if first is None or (first < 1 and (last is None or last >= 1)):
            first = 1 if last is None or last >= 1 else last - 100
        last = first + 100 if last is None else min(last, first + 100)
        value = step * self._dice.randint(first, max(first, last))
        return int(value) if value.denominator == 1 else float(value)

    def _number(self, schema: dict[str, Any]) -> float:
        if "multipleOf" in schema:
            return self._multiple(schema, Fraction(repr(schema["multipleOf"])))
        low, high = _bounds(schema)
        if low is not None:
            return float(low + 1 if high is None else (low + high) / 2)
        return round(self._dice.uniform(0, 100), 2) if high is None else float(high - 1)

    def _text(self, schema: dict[str, Any]) -> str:
        form = schema.get("format", "")
        if form == "uuid":
            return (
                f"{self._dice.getrandbits(32):08x}-0000-4000-8000-{self._dice.getrandbits(48):012x}"
            )
        text = _TEXTS.get(form) or f"text-{self._dice.randrange(1000)}"
        text = text.ljust(int(schema.get("minLength", 0)), "x")[
            : int(schema.get("maxLength", len(text) + 10**6))
        ]
        patterns = (
            [schema["pattern"], *schema.get(EXTRA_PATTERNS, ())] if "pattern" in schema else []
        )
        if all(matches(pattern, text) for pattern in patterns):
            return text
        return self._matching(schema, patterns, form) or text

    def _matching(self, schema: dict[str, Any], patterns: list[str], form: str) -> str:
        """Give a text for patterns, obeying the format beside them if that can be; empty when there is none."""
        least, most = int(schema.get("minLength", 0)), schema.get("maxLength")
        fitting = (
            text
            for text in _CANDIDATES
            if least <= len(text) and (most is None or len(text) <= most)
        )
        plain = next(
            (text for text in fitting if all(matches(pattern, text) for pattern in patterns)), None
        )
        if plain is not None and not form:
            return plain
        shapes = [FORMAT_PATTERNS[form]] if form in FORMAT_PATTERNS else []
        for told in dict.fromkeys(((*patterns, *shapes), (*patterns,))):
            found = solve_patterns(told, (), least, None if most is None else int(most))
            if found is not None and found.texts is not None:
                length = self._dice.choice(found.texts.lengths[:_LENGTHS])
                return found.texts.generate(
                    "".join(chr(ord(FIRST_CODE) + self._dice.randrange(256)) for _ in range(length))
                )
        return plain or ""


def _implied(schema: dict[str, Any]) -> str:
    if "properties" in schema or "required" in schema:
        return "object"
    return "array" if "items" in schema else "string"


def _bounds(schema: dict[str, Any]) -> tuple[Fraction | None, Fraction | None]:
    least, most = INT_BOUNDS.get(schema.get("format", ""), (None, None))
    lows = [
        bound
        for bound in (least, schema.get("minimum"), schema.get("exclusiveMinimum"))
        if bound is not None
    ]
    highs = [
        bound
        for bound in (most, schema.get("maximum"), schema.get("exclusiveMaximum"))
        if bound is not None
    ]
    return (Fraction(max(lows)) if lows else None), (Fraction(min(highs)) if highs else None)
