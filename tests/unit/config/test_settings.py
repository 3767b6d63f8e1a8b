"""The settings of a stub, and the overlays that they select."""

import json
import re
from pathlib import Path

import pytest

from understudy.config import Settings, resolve_overlays
from understudy.contract import load_contract
from understudy.errors import InputError


def overlay_names(settings: Settings) -> list[str]:
    return [path.name for path in resolve_overlays(settings)]


def test_documented_dialect_needs_no_overlay() -> None:
    """The contract has the documented names itself."""
    assert resolve_overlays(Settings()) == ()


def test_overlay_of_the_dialect_comes_first() -> None:
    """Other overlays can change what it sets."""
    settings = Settings(dialect="observed", overlays=(Path("mine.yaml"), Path("english")))
    assert overlay_names(settings) == ["observed.yaml", "mine.yaml", "english.yaml"]


def test_overlay_with_suffix_or_folder_is_a_path() -> None:
    """Such a value is not the name of a shipped overlay, whether or not the file exists."""
    paths = (Path("english.yaml"), Path("my/english"))
    assert resolve_overlays(Settings(overlays=paths)) == paths


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            Settings(dialect="observd"),
            'unknown dialect "observd". Expected documented or observed.',
        ),
        (Settings(overlays=(Path("engish"),)), 'unknown overlay "engish". Expected english, gaps'),
    ],
)
def test_unknown_dialect_and_overlay_are_reported(settings: Settings, message: str) -> None:
    """The error has the expected names and the nearest one."""
    with pytest.raises(InputError) as caught:
        resolve_overlays(settings)
    assert message in str(caught.value)
    assert "Did you mean" in str(caught.value)


@pytest.mark.parametrize("dialect", ["documented", "observed"])
def test_english_overlay_translates_every_text(dialect: str) -> None:
    """In either dialect every summary and description is in English."""
    contract = load_contract(
        overlays=resolve_overlays(Settings(dialect=dialect, overlays=(Path("english"),)))
    )
    text = json.dumps(contract.document, ensure_ascii=False)
    assert re.findall("[\u3400-\u9fff]+", text) == []
    assert contract.title == "Task management"


def test_observed_dialect_renames_properties() -> None:
    """Each renamed property has its documented name beside it; nothing else changes."""
    contract = load_contract(overlays=resolve_overlays(Settings(dialect="observed")))
    schemas = contract.document["components"]["schemas"]
    renamed = {
        (schema, name): part["x-documented-as"]
        for schema, definition in schemas.items()
        for name, part in definition.get("properties", {}).items()
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


def test_connections_are_at_least_one() -> None:
    """Otherwise the server would answer no call."""
    with pytest.raises(InputError, match=r"connections is 0\. Expected at least 1"):
        Settings(connections=0)


@pytest.mark.parametrize("speed", [0.0, -1.0, 1e9, float("nan"), float("inf")])
def test_speed_has_limits(speed: float) -> None:
    """NaN is out of range, too."""
    with pytest.raises(InputError, match="Expected a number from"):
        Settings(speed=speed)
