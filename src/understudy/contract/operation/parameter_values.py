"""The values of parameters: texts, converted to the types that a schema allows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from math import isfinite
from typing import TypeAlias

from understudy.contract.operation.parameter_model import Parameter
from understudy.contract.operation.parameter_styles import (
    Part,
    RawTexts,
    RepeatedError,
    StyleError,
    iter_parts,
)
from understudy.contract.schema.value_shapes import ValueShape
from understudy.contract.schema.value_types import TypeNames
from understudy.messages import Json, parse_json

Scalar: TypeAlias = str | int | float | bool | None

_CONTAINERS = ("array", "object")
# Python limits the conversion of longer texts to integers.
_INTEGER = re.compile(r"-?[0-9]{1,4300}", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?", re.ASCII)
_INDEX = re.compile(r"[0-9]{1,9}", re.ASCII)


def iter_values(parameter: Parameter, texts: RawTexts) -> Iterator[Json]:
    """Yield the values that the texts of a parameter can stand for, the most likely first.

    A text that has none of the schema's types stands for itself. Raises EncodingError; StyleError
    and RepeatedError if there is no value at all; JsonError for `content` that is not JSON.
    """
    if parameter.media_type:
        yield from _iter_contents(parameter, texts)
        return
    wrong: StyleError | RepeatedError | None = None
    has_value = False
    for kind in _list_kinds(parameter, texts):
        shape = parameter.shape
        try:
            for part in iter_parts(parameter, kind, texts):
                for value in _iter_conversions(part, shape, kind):
                    has_value = True
                    yield value
        except (StyleError, RepeatedError) as error:
            wrong = wrong or error
    if wrong is not None and not has_value:
        raise wrong


def _iter_contents(parameter: Parameter, texts: RawTexts) -> Iterator[Json]:
    """Yield the value of a text that a media type describes. Only JSON is parsed."""
    for part in iter_parts(parameter, "scalar", texts):
        if isinstance(part, str):
            yield parse_json(part) if "json" in parameter.media_type else part


def _list_kinds(parameter: Parameter, texts: RawTexts) -> list[str]:
    """Return the kinds of values that texts can stand for, in the order of the schema's types."""
    if isinstance(texts, dict):
        return ["object"]
    kinds: list[str] = []
    for name in parameter.types or ("string",):
        kind = name if name in _CONTAINERS else "scalar"
        if kind in kinds or (kind == "object" and parameter.sends_members):
            continue
        # Several texts are an array, or nothing at all.
        if kind == "array" or len(texts) == 1:
            kinds.append(kind)
    return kinds or ["scalar"]


def _iter_conversions(part: Part, shape: ValueShape, kind: str) -> Iterator[Json]:
    """Yield the values that parts can stand for: each of a text's types is tried first in turn."""
    for rotation in count():
        conversion = _Conversion(rotation)
        if kind == "scalar" and isinstance(part, str):
            scalars = tuple(name for name in shape.types if name not in _CONTAINERS)
            yield conversion.convert_text(part, scalars)
        else:
            yield conversion.convert(part, shape)
        if rotation + 1 >= conversion.most_types:
            return


@dataclass(slots=True)
class _Conversion:
    """One attempt to convert parts; the types of each text are rotated by a number."""

    rotation: int
    most_types: int = 1
    """The largest number of types that a text could have."""

    def convert(self, part: Part, shape: ValueShape) -> Json:
        """Return the value of a part. Raises RepeatedError."""
        match part:
            case dict():
                if "array" in shape.types and all(_INDEX.fullmatch(name) for name in part):
                    return self._convert_indexed(part, shape)
                return {name: self.convert(item, shape.member(name)) for name, item in part.items()}
            case list():
                if shape.types and "array" not in shape.types:
                    raise RepeatedError
                return [self.convert(item, shape.item(index)) for index, item in enumerate(part)]
            case str():
                if "array" in shape.types and set(shape.types) <= {"array", "object", "null"}:
                    return [self.convert(part, shape.item(0))]
                return self.convert_text(part, shape.types)

    def _convert_indexed(self, part: dict[str, Part], shape: ValueShape) -> Json:
        """Return the array of `[0]=a` and `[1]=b`, in the order of the indexes."""
        items = sorted(part.items(), key=lambda pair: int(pair[0]))
        return [self.convert(item, shape.item(index)) for index, (_, item) in enumerate(items)]

    def convert_text(self, text: str, types: TypeNames) -> Scalar:
        """Return a text as the first of the types that it fits; itself when it fits none."""
        self.most_types = max(self.most_types, len(types))
        start = self.rotation % len(types) if types else 0
        return parse_text(text, types[start:] + types[:start])


def parse_text(text: str, types: TypeNames) -> Scalar:
    """Return a text as the first of some types that it fits; itself when it fits none."""
    for name in types:
        match name:
            case "integer" if _INTEGER.fullmatch(text):
                return int(text)
            case "number" if _INTEGER.fullmatch(text):
                return int(text)
            case "number" if _NUMBER.fullmatch(text) and isfinite(float(text)):
                return float(text)
            case "boolean" if text in ("true", "false"):
                return text == "true"
            case "null" if text in ("", "null"):
                return None
            case "string":
                return text
            case _:
                # The text does not fit: the next type is tried.
                pass
    return text
