"""A value that a schema allows: the contract's own examples first, else made up, the same for the same seed."""

import random
from typing import TYPE_CHECKING, Any

from understudy.contract.pointers import follow

if TYPE_CHECKING:
    from understudy.contract.model import Contract

_MAX_DEPTH = 8
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
_INT_BOUNDS = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}


def sample(contract: "Contract", schema: Any, *, seed: int = 0) -> Any:
    """Give a value that validates, for schemas of the common keywords. The same seed gives the same value.

    `const`, `default`, `example` and `examples` are taken as they are; optional properties are there, but for those in
    which the schema contains itself.
    """
    return _Sampler(contract.document, random.Random(seed)).make(schema, 0)  # noqa: S311 - data, not secrets


class _Sampler:
    def __init__(self, document: Any, dice: random.Random) -> None:
        self._document = document
        self._dice = dice

    def make(self, schema: Any, depth: int) -> Any:
        if not isinstance(schema, dict):
            return {}
        schema, _ = follow(self._document, schema, "")
        for keyword in ("const", "example", "default"):
            if keyword in schema:
                return schema[keyword]
        if isinstance(schema.get("examples"), list) and schema["examples"]:
            return schema["examples"][0]
        if schema.get("enum"):
            return self._dice.choice(schema["enum"])
        if "allOf" in schema:
            return self._typed(self._merged(schema), depth)
        for keyword in ("oneOf", "anyOf"):
            if schema.get(keyword):
                return self.make({**schema[keyword][0], **_without(schema, keyword)}, depth + 1)
        return self._typed(schema, depth)

    def _merged(self, schema: dict[str, Any]) -> dict[str, Any]:
        whole = _without(schema, "allOf")
        for part in schema["allOf"]:
            other, _ = follow(self._document, part, "")
            inner = self._merged(other) if "allOf" in other else other
            properties = {**whole.get("properties", {}), **inner.get("properties", {})}
            required = [*whole.get("required", []), *inner.get("required", [])]
            whole = {**inner, **whole, "properties": properties, "required": required}
        return whole if whole["properties"] else _without(whole, "properties", "required")

    def _typed(self, schema: dict[str, Any], depth: int) -> Any:
        kind = schema.get("type") or (
            "object" if "properties" in schema else "array" if "items" in schema else "string"
        )
        match kind[0] if isinstance(kind, list) else kind:
            case "object":
                return self._object(schema, depth)
            case "array":
                return self._array(schema, depth)
            case "integer":
                return self._integer(schema)
            case "number":
                return self._number(schema)
            case "boolean":
                return self._dice.random() < 0.5
            case "null":
                return None
            case _:
                return self._text(schema)

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        required = schema.get("required", [])
        properties = schema.get("properties", {})
        names = [name for name in properties if name in required or depth < _MAX_DEPTH]
        made = {name: self.make(properties[name], depth + 1) for name in names}
        return made | {name: None for name in required if name not in made}

    def _array(self, schema: dict[str, Any], depth: int) -> list[Any]:
        least = schema.get("minItems", 0)
        wanted = max(least, 1 if depth < _MAX_DEPTH // 2 else 0)
        count = min(wanted, schema.get("maxItems", wanted))
        return [self.make(schema.get("items", {"type": "string"}), depth + 1) for _ in range(count)]

    def _integer(self, schema: dict[str, Any]) -> int:
        low, high = _INT_BOUNDS.get(schema.get("format", ""), (None, None))
        low, high = schema.get("minimum", low), schema.get("maximum", high)
        if "exclusiveMinimum" in schema:
            low = schema["exclusiveMinimum"] + 1
        if "exclusiveMaximum" in schema:
            high = schema["exclusiveMaximum"] - 1
        step = schema.get("multipleOf", 1)
        first = max(1, -(-low // step)) * step if low is not None and low > 0 else step
        if high is not None and first > high:
            first = (high // step) * step
        room = 100 if high is None else max(0, min(100, (high - first) // step))
        return int(first + step * self._dice.randint(0, int(room)))

    def _number(self, schema: dict[str, Any]) -> float:
        low = schema.get("minimum", schema.get("exclusiveMinimum"))
        high = schema.get("maximum", schema.get("exclusiveMaximum"))
        if low is not None:
            return float(low) + 1 if high is None else (float(low) + float(high)) / 2
        if high is not None:
            return float(high) - 1
        return float(schema["multipleOf"]) if "multipleOf" in schema else round(self._dice.uniform(0, 100), 2)

    def _text(self, schema: dict[str, Any]) -> str:
        form = schema.get("format", "")
        if form == "uuid":
            return f"{self._dice.getrandbits(32):08x}-0000-4000-8000-{self._dice.getrandbits(48):012x}"
        text = _TEXTS.get(form) or f"text-{self._dice.randrange(1000)}"
        text = text.ljust(schema.get("minLength", 0), "x")
        return text[: schema.get("maxLength", len(text))]


def _without(schema: dict[str, Any], *keywords: str) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key not in keywords}
