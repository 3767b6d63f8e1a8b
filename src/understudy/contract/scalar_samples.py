"""Samples of numbers and texts: values within the bounds, patterns and formats of a schema.

Every function draws in a fixed order: the same seed gives the same value.
"""

import random
from fractions import Fraction
from math import ceil, floor

from understudy.contract.document.pointers import JsonObject
from understudy.contract.expansion.json_kinds import as_written
from understudy.contract.schema.formats import INT_BOUNDS
from understudy.contract.schema.merge import EXTRA_PATTERNS
from understudy.regexgen import matches, solve_patterns
from understudy.regexgen.format_patterns import FORMAT_PATTERNS
from understudy.regexgen.generator import FIRST_CODE, TextGenerator

_MULTIPLES = 100
"""Among how many multiples within the bounds a number is drawn."""
_CHOICES = 256
"""Among how many characters each position of a text for a pattern is drawn."""
_PATTERN_LENGTHS = 12
"""Among how many of the shortest lengths a text for a pattern is drawn."""
_MAX_LENGTH = 100_000
"""A text that has to be longer is not made so long: none is valid, but it is small."""
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
_SIMPLE_TEXTS = ("a", "A", "1", "abc", "ABC", "123", "a1", "a-1", "a_1", "1.0")
_SHORT_TEXTS = ("", "-", "/", "id")
_CANDIDATES = (*_SIMPLE_TEXTS, *_TEXTS.values(), *_SHORT_TEXTS)
"""Readable texts that are tried for a pattern before one is generated."""

_Bounds = tuple[Fraction | None, Fraction | None]
"""The lowest and the highest value, None where unbounded."""
_Multiples = tuple[int | None, int | None]
"""The first and the last factor of a step, None where unbounded."""


def sample_integer(draws: random.Random, schema: JsonObject) -> float:
    """Return an integer within the bounds: a small one above zero where possible."""
    step = as_written(schema.get("multipleOf", 1))
    # The integers among the multiples of a/b, in lowest terms, are the multiples of a.
    return _sample_multiple(draws, schema, Fraction(step.numerator))


def sample_number(draws: random.Random, schema: JsonObject) -> float:
    """Return a number within the bounds.

    Between two bounds it is the middle, beside one bound the number next to it: such values are
    valid for exclusive bounds too.
    """
    if "multipleOf" in schema:
        step = as_written(schema["multipleOf"])
        return _sample_multiple(draws, schema, step)
    low, high = _find_bounds(schema)
    if low is not None and high is not None:
        return _to_number((low + high) / 2)
    if low is not None:
        return _to_number(low + 1)
    if high is not None:
        return _to_number(high - 1)
    return round(draws.uniform(0, 100), 2)


def _to_number(value: Fraction) -> float:
    """Return a number as a double; as an integer where it is too large for one."""
    try:
        return float(value)
    except OverflowError:
        return floor(value)


def _sample_multiple(draws: random.Random, schema: JsonObject, step: Fraction) -> float:
    """Return a drawn multiple of a step, as an integer where it is one."""
    first, last = _choose_multiples(schema, step)
    # Bounds without a multiple between them: the first one beyond is as good as any.
    factor = draws.randint(first, max(first, last))
    value = step * factor
    return int(value) if value.denominator == 1 else _to_number(value)


def _choose_multiples(schema: JsonObject, step: Fraction) -> tuple[int, int]:
    """Return the first and the last multiple of a step to draw from, positive where possible."""
    first, last = _find_multiples(schema, step)
    start = _choose_start(first, last)
    end = start + _MULTIPLES
    if last is not None:
        end = min(last, end)
    return start, end


def _choose_start(first: int | None, last: int | None) -> int:
    """Return the first multiple to draw from; positive, where the bounds allow that."""
    if last is None or last >= 1:
        return 1 if first is None else max(first, 1)
    # Only values up to zero are allowed.
    return last - _MULTIPLES if first is None else first


def _find_multiples(schema: JsonObject, step: Fraction) -> _Multiples:
    """Return the first and the last multiple of a step within the bounds."""
    low, high = _find_bounds(schema)
    first = None if low is None else ceil(low / step)
    last = None if high is None else floor(high / step)
    if first is not None:
        above = _to_fraction(schema.get("exclusiveMinimum"))
        if above is not None and first * step <= above:
            first += 1
    if last is not None:
        below = _to_fraction(schema.get("exclusiveMaximum"))
        if below is not None and last * step >= below:
            last -= 1
    return first, last


def _find_bounds(schema: JsonObject) -> _Bounds:
    """Return the bounds of a numeric schema. An exclusive bound counts like an inclusive one."""
    lows: list[float] = []
    highs: list[float] = []
    bounds = INT_BOUNDS.get(schema.get("format", ""))
    if bounds is not None:
        lowest, highest = bounds
        lows.append(lowest)
        highs.append(highest)
    for keyword in ("minimum", "exclusiveMinimum"):
        if keyword in schema:
            lows.append(schema[keyword])
    for keyword in ("maximum", "exclusiveMaximum"):
        if keyword in schema:
            highs.append(schema[keyword])
    low = max(lows, default=None)
    high = min(highs, default=None)
    return _to_fraction(low), _to_fraction(high)


def _to_fraction(bound: float | None) -> Fraction | None:
    return None if bound is None else as_written(bound)


def sample_text(draws: random.Random, schema: JsonObject) -> str:
    """Return a text with the format, the length and the patterns of a schema.

    Where no text has all of them, it is one that has some.
    """
    format_name = schema.get("format", "")
    if format_name == "uuid":
        head = draws.getrandbits(32)
        tail = draws.getrandbits(48)
        return f"{head:08x}-0000-4000-8000-{tail:012x}"
    text = _TEXTS.get(format_name, "")
    if not text:
        text = f"text-{draws.randrange(1000)}"
    shortest, longest = _length_bounds(schema)
    text = text.ljust(shortest, "x")
    text = text[:longest]
    patterns = _list_patterns(schema)
    if _matches_all(patterns, text):
        return text
    matching = _find_readable_text(patterns, shortest, longest)
    if matching is None or format_name:
        generated = _sample_matching_text(draws, schema, patterns)
        if generated is not None:
            matching = generated
    return matching or text


def _length_bounds(schema: JsonObject) -> tuple[int, int | None]:
    """Return the shortest and the longest length of a text; None where unbounded."""
    shortest = schema.get("minLength", 0)
    longest = schema.get("maxLength")
    # A length may be written as 5.0 (JSON Schema 2020-12, core, section 4.2.3).
    if shortest > _MAX_LENGTH:
        shortest = 0
    return int(shortest), None if longest is None else int(longest)


def _list_patterns(schema: JsonObject) -> list[str]:
    """Return the patterns that a text must match; a merged schema can have several."""
    if "pattern" not in schema:
        return []
    extra_patterns = schema.get(EXTRA_PATTERNS, [])
    return [schema["pattern"], *extra_patterns]


def _matches_all(patterns: list[str], text: str) -> bool:
    return all(matches(pattern, text) for pattern in patterns)


def _find_readable_text(patterns: list[str], shortest: int, longest: int | None) -> str | None:
    """Return the first candidate of the length that matches every pattern, or None."""
    for text in _CANDIDATES:
        is_short_enough = longest is None or len(text) <= longest
        if len(text) < shortest or not is_short_enough:
            continue
        if _matches_all(patterns, text):
            return text
    return None


def _sample_matching_text(
    draws: random.Random, schema: JsonObject, patterns: list[str]
) -> str | None:
    """Return a generated text that matches every pattern, with the format where both can be.

    None when no text matches.
    """
    shortest, longest = _length_bounds(schema)
    attempts = [tuple(patterns)]
    format_name = schema.get("format", "")
    if format_name in FORMAT_PATTERNS:
        with_format = (*patterns, FORMAT_PATTERNS[format_name])
        attempts.insert(0, with_format)
    for wanted in attempts:
        solution = solve_patterns(wanted, (), shortest, longest)
        if solution is not None and solution.texts is not None:
            return generate_text(draws, solution.texts)
    return None


def generate_text(draws: random.Random, generator: TextGenerator) -> str:
    """Return a text of a drawn length, each character drawn among the possible ones."""
    lengths = generator.lengths[:_PATTERN_LENGTHS]
    length = draws.choice(lengths)
    first_code = ord(FIRST_CODE)
    choices: list[str] = []
    for _ in range(length):
        code = first_code + draws.randrange(_CHOICES)
        choices.append(chr(code))
    return generator.generate("".join(choices))
