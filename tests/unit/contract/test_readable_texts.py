"""Readable texts of generated data: by property name and format, always within the schema."""

import random
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.contract.readable_texts import SampleMode, sample_named_text
from understudy.contract.sampling import sample_valid

TEXT = {"type": "string"}


def draw(name: str, schema: dict[str, Any] | None = None, *, seed: int = 0, **mode: Any) -> str:
    """Return a text for a property; readable unless another mode is given."""
    chosen = mode.get("mode", SampleMode.READABLE)
    draws = random.Random(seed)  # noqa: S311 - data, not secrets
    return sample_named_text(draws, name, schema or TEXT, chosen)


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("email", "@example.com"),
        ("customerEmail", "@example.com"),
        ("customer_emails", "@example.com"),
        ("CONTACT-EMAIL", "@example.com"),
        ("homepageURL", "https://example.com/"),
        ("phoneNumber", "+1-202-555-"),
        ("name", " "),
        ("serverHost", ".example.com"),
    ],
)
def test_name_of_a_property_determines_its_text(name: str, part: str) -> None:
    """Parts of names count in every spelling, and in the plural."""
    assert part in draw(name)


@pytest.mark.parametrize("name", ["", "x", "___", "quux", "x" * 10_000])
def test_name_that_says_nothing_has_a_plain_text(name: str) -> None:
    """The text is that of the schema's keywords."""
    assert draw(name) == draw(name, mode=SampleMode.PLAIN)


@given(
    name=st.sampled_from(["city", "email", "name", "description", "countryCode", "tags"]),
    bounds=st.tuples(st.integers(0, 30), st.integers(0, 30)).map(sorted),
    seed=st.integers(0, 50),
)
def test_readable_text_has_the_length_of_the_schema(
    name: str, bounds: list[int], seed: int
) -> None:
    """A readable text that is too short or too long is not used."""
    schema = {"minLength": bounds[0], "maxLength": bounds[1]}
    assert bounds[0] <= len(draw(name, schema, seed=seed)) <= bounds[1]


def test_pattern_and_format_come_before_the_name() -> None:
    """What the schema says about a text counts more than its name."""
    assert draw("city", {"pattern": "^[0-9]{3}$"}).isdigit()
    assert draw("city", {"format": "email"}) == "user@example.com"


def test_dynamic_formats_vary_and_are_valid() -> None:
    """Each draw gives another text of the format."""
    moments, ids, emails = (
        {draw("x", {"format": name}, seed=seed, mode=SampleMode.DYNAMIC) for seed in range(5)}
        for name in ("date-time", "uuid", "email")
    )
    assert len(moments) == len(ids) == len(emails) == 5
    assert all(datetime.fromisoformat(moment).tzinfo for moment in moments)
    assert all(str(UUID(text)) == text for text in ids)


def test_dynamic_data_ignores_examples_of_the_schema() -> None:
    """Examples and defaults are used otherwise; constants and enumerations always."""
    schema = {
        "type": "object",
        "properties": {
            "city": {"type": "string", "example": "Atlantis"},
            "size": {"type": "integer", "default": 10_000, "maximum": 100_000},
            "kind": {"const": "pet"},
        },
    }
    contract = SimpleNamespace(document={})
    static = sample_valid(contract, schema, None, mode=SampleMode.READABLE)
    dynamic = sample_valid(contract, schema, None, mode=SampleMode.DYNAMIC)
    assert static == {"city": "Atlantis", "size": 10_000, "kind": "pet"}
    assert isinstance(dynamic, dict)
    assert list(dynamic) == ["city", "size", "kind"]
    assert dynamic["kind"] == "pet"
    assert dynamic["city"] != "Atlantis"
    assert dynamic["size"] != 10_000
