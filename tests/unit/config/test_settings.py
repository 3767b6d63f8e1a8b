"""The settings of a stub: which overlays they mean."""

import json
import re
from pathlib import Path

import pytest

from understudy.config import Settings, resolve_overlays
from understudy.contract import load_contract
from understudy.errors import InputError


def names(settings: Settings) -> list[str]:
    return [path.name for path in resolve_overlays(settings)]


def test_the_documented_dialect_needs_no_overlay() -> None:
    """The contract speaks it as it is."""
    assert resolve_overlays(Settings()) == ()


def test_the_dialects_overlay_comes_first() -> None:
    """So that another one can change what it says."""
    settings = Settings(dialect="observed", overlays=(Path("mine.yaml"), Path("english")))
    assert names(settings) == ["observed.yaml", "mine.yaml", "english.yaml"]


def test_a_path_is_a_path() -> None:
    """What has a suffix or a folder is no shipped overlay's name, whether or not the file is there."""
    given = (Path("english.yaml"), Path("my/english"))
    assert resolve_overlays(Settings(overlays=given)) == given


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (Settings(dialect="observd"), 'unknown dialect "observd". Expected documented or observed.'),
        (Settings(overlays=(Path("engish"),)), 'unknown overlay "engish". Expected english, gaps'),
    ],
)  # fmt: skip
def test_unknown_names_are_told_with_the_nearest(settings: Settings, message: str) -> None:
    """Both for dialects and for overlays."""
    with pytest.raises(InputError) as caught:
        resolve_overlays(settings)
    assert message in str(caught.value)
    assert "Did you mean" in str(caught.value)


@pytest.mark.parametrize("dialect", ["documented", "observed"])
def test_english_leaves_no_chinese(dialect: str) -> None:
    """In either dialect every summary and description is told in English."""
    contract = load_contract(
        overlays=resolve_overlays(Settings(dialect=dialect, overlays=(Path("english"),)))
    )
    text = json.dumps(contract.document, ensure_ascii=False)
    assert re.findall("[\u3400-\u9fff]+", text) == []
    assert contract.title == "Task management"


def test_the_observed_dialect_has_the_wires_names() -> None:
    """Each renamed property keeps the documented name beside it; nothing else changes."""
    contract = load_contract(overlays=resolve_overlays(Settings(dialect="observed")))
    schemas = contract.document["components"]["schemas"]
    renamed = {
        (schema, name): part["x-documented-as"]
        for schema, told in schemas.items()
        for name, part in told.get("properties", {}).items()
        if "x-documented-as" in part
    }
    assert renamed == {
        ("SubtaskInstance", "parallelIdx"): "paralleIdx",
        ("SubtaskInstance", "downstreams"): "downstream",
        ("Tenant", "obTenantId"): "obClusterId",
    }
    for (schema, name), documented in renamed.items():
        assert documented not in schemas[schema]["properties"]
        assert (name in schemas[schema]["required"], documented in schemas[schema]["required"]) == (
            True,
            False,
        )


@pytest.mark.parametrize("speed", [0.0, -1.0, 1e9, float("nan"), float("inf")])
def test_a_speed_has_bounds(speed: float) -> None:
    """NaN is not within them."""
    with pytest.raises(InputError, match="Expected a number from"):
        Settings(speed=speed)
