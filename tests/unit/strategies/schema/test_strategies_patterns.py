"""Texts for patterns, formats and lengths together: they are generated, and hardly a draw is rejected."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from pattern_cases import REAL, SEVERAL
from understudy.contract import compile_validator
from understudy.contract.schema.formats import obeys_format
from understudy.regexgen import matches
from understudy.regexgen.format_patterns import FORMAT_PATTERNS
from understudy.strategies import payloads_from_schema

MANY = settings(
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    database=None,
    deadline=None,
    derandomize=True,
)
SMALLEST = settings(phases=[Phase.generate, Phase.shrink], database=None, deadline=None)


@pytest.fixture(params=[50, pytest.param(300, marks=pytest.mark.slow)])
def draws(request: pytest.FixtureRequest) -> int:
    """Return how many values are drawn."""
    return int(request.param)


def draw_many(strategy: st.SearchStrategy[Any], draws: int) -> tuple[list[Any], int]:
    """Draw many values; return them, and how many draws were rejected."""
    values: list[Any] = []
    counts: Counter[str] = Counter()

    @settings(MANY, max_examples=draws)
    @given(data=st.data())
    def draw(data: st.DataObject) -> None:
        try:
            values.append(data.draw(strategy))
        finally:
            counts[data.conjecture_data.status.name] += 1

    draw()
    return values, counts["INVALID"]


@pytest.mark.parametrize("pattern", REAL.values(), ids=list(REAL))
def test_texts_match_their_pattern(pattern: str, draws: int) -> None:
    """Each text has a match, for Python and for the contract; no draw is rejected."""
    texts, rejected = draw_many(payloads_from_schema({"type": "string", "pattern": pattern}), draws)
    assert [text for text in texts if not matches(pattern, text)] == []
    assert rejected <= max(1, draws / 100)


@pytest.mark.parametrize("pattern", REAL.values(), ids=list(REAL))
def test_invalid_texts_do_not_match_their_pattern(pattern: str, draws: int) -> None:
    """An invalid value has no match, or is not a text; no draw is rejected."""
    values, rejected = draw_many(
        payloads_from_schema({"type": "string", "pattern": pattern}, mode="invalid"), draws
    )
    texts = [invalid.value for invalid in values if invalid.rule == "pattern"]
    assert [text for text in texts if matches(pattern, text)] == []
    assert (bool(texts), rejected <= max(1, draws / 100)) == (True, True)


@pytest.mark.parametrize("schema", SEVERAL, ids=str)
def test_several_rules_are_satisfied_together(schema: dict[str, Any], draws: int) -> None:
    """Patterns, their opposites, formats and lengths hold at once; no draw is rejected."""
    schema = {"type": "string", **schema}
    texts, rejected = draw_many(payloads_from_schema(schema), draws)
    validator = compile_validator(
        schema, backend="jsonschema"
    )  # for the other one, `.` matches some line ends
    assert [text for text in texts if not validator.is_valid(text)] == []
    assert rejected <= max(1, draws / 100)


@pytest.mark.parametrize("schema", SEVERAL, ids=str)
def test_several_rules_are_violated_one_by_one(schema: dict[str, Any], draws: int) -> None:
    """No draw is rejected in the mode `invalid` either."""
    schema = {"type": "string", **schema}
    values, rejected = draw_many(payloads_from_schema(schema, mode="invalid"), draws)
    validator = compile_validator(schema)
    assert [invalid for invalid in values if validator.is_valid(invalid.value)] == []
    assert rejected <= max(1, draws / 100)


@pytest.mark.parametrize("name", ["date", "date-time", "uuid"])
def test_pattern_of_an_asserted_format_describes_the_format(name: str) -> None:
    """Texts of the pattern have the format."""
    texts, _ = draw_many(
        payloads_from_schema({"type": "string", "pattern": FORMAT_PATTERNS[name]}), 100
    )
    assert [text for text in texts if not obeys_format(text, name)] == []


def test_pattern_of_dates_knows_the_days_of_months() -> None:
    """Of all days that can be written, it matches those that exist."""
    days = [
        f"{year:04}-{month:02}-{day:02}"
        for year in (0, 1900, 2000, 2023, 2024)
        for month in range(14)
        for day in range(33)
    ]
    assert [day for day in days if matches(FORMAT_PATTERNS["date"], day)] == [
        day for day in days if obeys_format(day, "date")
    ]


@pytest.mark.parametrize(
    ("schema", "smallest"),
    [
        ({"pattern": r"^(?=.*[A-Z])(?=.*[a-z])(?=.*\d).{8,32}$"}, "000000Aa"),
        ({"pattern": "^(?=.*[0-9])[a-z0-9]{4,}$"}, "0000"),
        ({"pattern": "^[a-z]+-[0-9]+$"}, "a-0"),
        ({"format": "date", "pattern": "^20"}, "2000-01-01"),
        ({"allOf": [{"pattern": "^[a-z]+"}, {"pattern": "[0-9]"}, {"pattern": "x.*y"}]}, "x0y"),
        ({"pattern": "foo"}, "foo"),
    ],
)
def test_texts_shrink_to_short_and_simple_texts(schema: dict[str, Any], smallest: str) -> None:
    """The smallest text is among the shortest, of the first letters."""
    assert (
        find(
            payloads_from_schema({"type": "string", **schema}), lambda text: True, settings=SMALLEST
        )
        == smallest
    )


def test_text_shrinks_within_its_pattern() -> None:
    """The letters that a failure needs remain, the others are removed."""
    smallest = find(
        payloads_from_schema({"type": "string", "pattern": "^[a-z]{1,40}[0-9]*$"}),
        lambda text: "q" in text and "7" in text,
        settings=SMALLEST,
    )
    assert smallest == "q7"


def test_greatest_length_is_drawn() -> None:
    """Most texts are short, but some have the greatest length."""
    texts, _ = draw_many(
        payloads_from_schema(
            {"type": "string", "pattern": "^[a-z0-9-]+$", "minLength": 3, "maxLength": 63}
        ),
        300,
    )
    lengths = Counter(map(len, texts))
    assert (lengths[63] > 6, len(lengths) > 10) == (True, True)


@pytest.mark.parametrize(
    "schema",
    [
        {"allOf": [{"pattern": "^[a-z]+$"}, {"pattern": "^[0-9]+$"}]},
        {"pattern": "^(?=a)(?=b)"},
        {"pattern": "^(?=.{8,})[a-z]+$", "maxLength": 7},
        {"format": "date", "pattern": "^[a-z]"},
        {"format": "date", "pattern": "^2023-02-29$"},
        {"pattern": "^a$", "not": {"pattern": "a"}},
        {"pattern": "^(?:.{10})+$", "minLength": 11, "maxLength": 19},
    ],
)
def test_contradictory_rules_have_no_texts(schema: dict[str, Any]) -> None:
    """That is known before anything is drawn."""
    assert payloads_from_schema({"type": "string", **schema}).is_empty


@pytest.mark.parametrize("pattern", [r"^(\w{3})\1$", "^[a-z]{5001}$", r"^(?:a|(?=b))*b$"])
def test_unsupported_patterns_are_filtered(pattern: str) -> None:
    """Back references to many words, thousands of letters, and repeated lookarounds are filtered."""
    strategy = payloads_from_schema({"type": "string", "pattern": pattern})
    assert not strategy.is_empty
