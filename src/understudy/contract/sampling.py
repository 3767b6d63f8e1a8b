"""Samples: values that a schema allows, the same for the same seed.

The contract's own examples come first; other values are generated. Hypothesis, which the package
`strategies` builds on, is not needed at run time.
"""

import random
from collections.abc import Hashable, Iterator
from typing import TYPE_CHECKING, Any, Protocol

from understudy.contract.document.pointers import JsonObject, follow_refs, ref_target
from understudy.contract.expansion.json_kinds import json_key
from understudy.contract.map_members import MAX_SIZE, is_map, list_additional_names
from understudy.contract.readable_texts import SampleMode, sample_named_text
from understudy.contract.scalar_samples import sample_integer, sample_number
from understudy.contract.schema.discriminators import (
    list_subtypes,
    pin_alternative,
    pin_reference,
)
from understudy.contract.schema.keywords import generated_values
from understudy.contract.schema.merge import (
    drop_keywords,
    follow_plain_refs,
    merge_schemas,
    split_all_of,
)
from understudy.messages import Json

if TYPE_CHECKING:
    from understudy.contract.operation.compiled_contract import ResponseSpec
    from understudy.contract.schema.validator import Validator

_MAX_DEPTH = 16
"""How many schemas deep a sample goes; below that, an empty object stands for any value."""
_MAX_MERGES = 64
"""How many alternatives are chosen inside of one another."""
_ATTEMPTS = 32
"""How many samples are tried until one is valid."""
_MAX_NODES = 2000
"""How many values a sample has before optional parts are left out."""
HIDDEN_IN_RESPONSES = "writeOnly"
"""The keyword of the properties that a response does not have."""
_MAX_ALL_NODES = 50_000
"""How many values a sample has before required parts are left out too: it is not valid then."""
_OPTIONAL_LEFT_OUT = 0.3
"""How often a later attempt leaves out an optional part."""
_EXAMPLE_IGNORED = 0.5
"""How often a later attempt ignores a schema's own example."""


class HasDocument(Protocol):
    """A part of a document that knows the whole: a contract, an operation."""

    @property
    def document(self) -> Any:
        """The document as plain data."""
        ...


def sample(
    contract: HasDocument, schema: object, *, seed: int = 0, attempt: int = 0, hidden: str = ""
) -> Any:
    """Return a value for a schema: valid for the common keywords, and readable.

    The same seed gives the same value. `const`, `default`, `example` and `examples` are used as
    they are. Optional properties are included, except where the schema contains itself. The first
    alternative is used, and named as its `discriminator` requires; `not` and `if` are ignored:
    `sample_valid` is the function that obeys every keyword. With a later attempt, alternatives,
    optional properties and lengths are drawn at random. `hidden` is `readOnly` or `writeOnly`: a
    property with this keyword is left out.
    """
    return _make_sampler(contract, seed, attempt, hidden).sample(schema)


def _make_sampler(
    contract: HasDocument,
    seed: int,
    attempt: int,
    hidden: str,
    mode: SampleMode = SampleMode.PLAIN,
) -> "_Sampler":
    """Return what samples with the draws of a seed and an attempt."""
    full_seed: str | int = seed
    if attempt:
        full_seed = f"{seed}/{attempt}"
    draws = random.Random(full_seed)  # noqa: S311 - data, not secrets
    # Readable texts, or examples that are left out, may be the reason why no sample is valid.
    if attempt >= _ATTEMPTS // 2:
        mode = SampleMode.PLAIN
    return _Sampler(contract.document, draws, varied=attempt > 0, hidden=hidden, mode=mode)


def sample_body(
    contract: HasDocument, spec: "ResponseSpec", *, seed: int = 0, is_dynamic: bool = False
) -> Any:
    """Return a sample body of a documented response, valid for every keyword of its schema.

    Where no value is found that is valid, it is the first sample. `is_dynamic`: the schema's
    examples and defaults are not used.
    """
    mode = SampleMode.DYNAMIC if is_dynamic else SampleMode.READABLE
    validator: Validator | None = None
    if spec.body is not None:
        body_validator = spec.body.media.get(spec.media_type.lower())
        if body_validator is not None:
            validator = body_validator.validator
    return sample_valid(
        contract, spec.schema, validator, seed=seed, hidden=HIDDEN_IN_RESPONSES, mode=mode
    )


def sample_valid(
    contract: HasDocument,
    schema: object,
    validator: "Validator | None",
    *,
    seed: int = 0,
    hidden: str = "",
    mode: SampleMode = SampleMode.PLAIN,
) -> Json:
    """Return the first of some samples that is valid, else a value that is built by all keywords.

    When no valid value is found, it is the first sample: a schema may have no valid value, or only
    values that are too large.
    """
    values: list[Json] = []
    for attempt in range(_ATTEMPTS):
        sampler = _make_sampler(contract, seed, attempt, hidden, mode)
        value: Json = sampler.sample(schema)
        if validator is None or validator.is_valid(value):
            return value
        values.append(value)
        if sampler.is_exhausted:
            return values[0]
    for value in _build_value(contract.document, schema, seed, hidden):
        if validator is None or validator.is_valid(value):
            return value
    return values[0]


def _build_value(document: Any, schema: Any, seed: int, hidden: str) -> Iterator[Json]:
    """Yield a value built by the alternatives of a schema, or nothing."""
    # Imported late: most schemas do without, and the import takes its time.
    from understudy.contract.expansion.constraints import Requirement
    from understudy.contract.expansion.value_builder import NoValueError, ValueBuilder

    builder = ValueBuilder(document, hidden)
    draws = random.Random(f"{seed}/built")  # noqa: S311 - data, not secrets
    try:
        yield builder.build(Requirement(schema), draws)
    except (NoValueError, RecursionError):
        return


class _Sampler:
    """Generates one value.

    The order of the random draws is a promise: the same seed gives the same value in every release.
    """

    def __init__(
        self,
        document: object,
        draws: random.Random,
        *,
        varied: bool,
        hidden: str,
        mode: SampleMode,
    ) -> None:
        self._document = document
        self._draws = draws
        self._varied = varied
        self._hidden = hidden
        self._mode = mode
        self._name = ""
        """The name of the property whose value is being sampled; empty outside of objects."""
        self._nodes = 0
        self._merges = 0
        """How many alternatives are being sampled inside of one another."""
        self._open: list[int] = []
        """The identities of the schemas that are being sampled, the outermost first."""

    @property
    def is_exhausted(self) -> bool:
        """Whether the sample has so many values that the rest is left out, required or not."""
        return self._nodes > _MAX_ALL_NODES

    def sample(self, schema: object) -> Json:
        """Return a value for a schema; an empty object where the schemas are nested too deeply."""
        target, _ = follow_plain_refs(self._document, schema)
        if target is False:
            # No value is valid.
            return None
        is_too_deep = len(self._open) > _MAX_DEPTH or self.is_exhausted
        if not isinstance(target, dict) or is_too_deep:
            return {}
        self._nodes += 1
        self._open.append(id(target))
        value = self._sample_named(schema, target)
        self._open.pop()
        return value

    def _sample_named(self, schema: object, target: JsonObject) -> Json:
        """Return a value for the target of a schema, with the name that a discriminator requires.

        Of a schema that others inherit from, the first of these is used.
        """
        if ref_target(schema) is None:
            return self._sample_keywords(target)
        subtypes = list_subtypes(self._document, schema)
        if subtypes:
            subtype = self._choose(subtypes)
            pin = pin_reference(self._document, subtype)
            return self._sample_merged([subtype, pin])
        pin = pin_reference(self._document, schema)
        if pin is None:
            return self._sample_keywords(target)
        return self._sample_merged([target, pin])

    def _sample_keywords(self, schema: JsonObject) -> Json:
        """Return a value for a schema by the first keyword that determines one."""
        for constant in self._iter_constants(schema):
            return constant
        values = generated_values(schema)
        if values:
            return self._draws.choice(values)
        if "allOf" in schema or "$ref" in schema:
            return self._sample_merged(split_all_of(schema))
        for keyword in ("oneOf", "anyOf"):
            if keyword in schema:
                alternative = self._choose(schema[keyword])
                pin = pin_alternative(self._document, schema, alternative)
                others = drop_keywords(schema, keyword, "discriminator")
                return self._sample_merged([others, alternative, pin])
        return self._sample_by_type(schema)

    def _sample_merged(self, parts: list[object]) -> Json:
        """Return a value for several schemas that apply to it together.

        An empty object stands for a value whose alternatives lead to one another without end.
        """
        if self._merges > _MAX_MERGES:
            return {}
        self._merges += 1
        merged = merge_schemas(parts, self._document)
        value = self._sample_keywords(merged)
        self._merges -= 1
        return value

    def _iter_constants(self, schema: JsonObject) -> Iterator[Json]:
        """Yield the schema's `const`, or else its own examples.

        A later attempt may ignore examples: they may be the reason why the first is not valid.
        """
        if "const" in schema:
            yield schema["const"]
            return
        if self._mode is SampleMode.DYNAMIC:
            return
        if self._varied and self._draws.random() < _EXAMPLE_IGNORED:
            return
        for keyword in ("example", "default"):
            if keyword in schema:
                yield schema[keyword]
        if isinstance(schema.get("examples"), list):
            yield from schema["examples"]

    def _choose(self, alternatives: list[Any]) -> Any:
        if self._varied:
            return self._draws.choice(alternatives)
        return alternatives[0]

    def _sample_by_type(self, schema: JsonObject) -> Json:
        name = schema.get("type") or _implied_type(schema)
        if isinstance(name, list):
            name = self._choose(name)
        match name:
            case "object":
                return self._sample_object(schema)
            case "array":
                return self._sample_array(schema)
            case "integer":
                return sample_integer(self._draws, schema)
            case "number":
                return sample_number(self._draws, schema)
            case "boolean":
                return self._draws.random() < 0.5
            case "null":
                return None
            case _:
                return sample_named_text(self._draws, self._name, schema, self._mode)

    def _includes_optional(self, schema: object) -> bool:
        """Return whether an optional part is included.

        A part that is not allowed or would never end is not, nor any after too many values.
        """
        target, _ = follow_refs(self._document, schema, "")
        if self._varied and self._draws.random() < _OPTIONAL_LEFT_OUT:
            return False
        is_endless = id(target) in self._open
        if target is False or is_endless:
            return False
        return self._nodes < _MAX_NODES

    def _is_hidden(self, schema: object) -> bool:
        """Return whether a property belongs to the other direction of the message."""
        if not self._hidden:
            return False
        target, _ = follow_refs(self._document, schema, "")
        return isinstance(target, dict) and target.get(self._hidden) is True

    def _sample_object(self, schema: JsonObject) -> JsonObject:
        """Return an object: documented properties in order, then names it needs besides."""
        required = schema.get("required", [])
        properties = schema.get("properties", {})
        included: list[str] = []
        for name, part in properties.items():
            if self._is_hidden(part):
                continue
            if name in required or self._includes_optional(part):
                included.append(name)
        value: JsonObject = {}
        limit = schema.get("maxProperties")
        for name in included[:limit]:
            value[name] = self._sample_member(name, properties[name])
        additional = schema.get("additionalProperties", {"type": "string"})
        names = list_additional_names(schema, value)
        # A map is better shown with a member, as an array is with an item.
        if is_map(schema) and not value and not names and self._includes_optional(additional):
            names = ["key"]
        for name in names:
            if self._is_hidden(properties.get(name)):
                continue
            value[name] = self._sample_member(name, additional)
        return value

    def _sample_member(self, name: str, schema: object) -> Json:
        """Return a value for a property of an object."""
        outer, self._name = self._name, name
        value = self.sample(schema)
        self._name = outer
        return value

    def _sample_array(self, schema: JsonObject) -> list[Json]:
        """Return an array: first the items of `prefixItems`, then one of `contains`."""
        prefix = schema.get("prefixItems", [])
        items = schema.get("items", {"type": "string"})
        length = self._array_length(schema, prefix, items)
        wanted = min(length, schema.get("maxItems", length))
        value: list[Json] = []
        keys: set[Hashable] = set()
        # Items that must differ may need more attempts than there are items.
        for attempt in range(4 * length):
            if len(value) == wanted:
                break
            if len(value) < len(prefix):
                part = prefix[len(value)]
            elif attempt == 0:
                part = schema.get("contains", items)
            else:
                part = items
            item = self.sample(part)
            if not schema.get("uniqueItems") or json_key(item) not in keys:
                value.append(item)
                keys.add(json_key(item))
        return value

    def _array_length(self, schema: JsonObject, prefix: list[object], items: object) -> int:
        """Return how many items an array gets, before `maxItems` is applied."""
        lengths = [len(prefix), schema.get("minItems", 0)]
        if "contains" in schema:
            lengths.append(schema.get("minContains", 1))
        allows_items = items is not False
        if allows_items and self._includes_optional(items):
            lengths.append(1)
        length = int(max(lengths))
        if self._varied and allows_items:
            length += self._draws.randrange(3)
        return length if length <= MAX_SIZE else 1


def _implied_type(schema: JsonObject) -> str:
    """Return the type of a schema that names none: a text where nothing implies another."""
    if "properties" in schema or "required" in schema:
        return "object"
    if "items" in schema:
        return "array"
    return "string"
