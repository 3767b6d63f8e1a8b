"""Settings as users write them: strings for paths, one value for several, lists for tuples."""

from pathlib import Path
from typing import Any

import pytest

from understudy import create_app
from understudy.config import Settings, UnknownQuery, ValidateRequest
from understudy.errors import InputError


def test_strings_are_converted() -> None:
    """A string becomes a path, one value a tuple; None and an empty string are the default."""
    values: dict[str, Any] = {
        "contract": "a.yaml",
        "overlays": "b.yaml",
        "scenarios": "",
        "scenario": None,
    }
    values |= {"allow_hosts": ["a.example"], "cors_origins": "https://a.example"}
    settings = Settings(**values)
    assert (settings.contract, settings.overlays) == (Path("a.yaml"), (Path("b.yaml"),))
    assert (settings.scenarios, settings.scenario) == (None, "")
    assert (settings.allow_hosts, settings.cors_origins) == (("a.example",), ("https://a.example",))


def test_choices_are_converted() -> None:
    """A choice can be given by its value."""
    values: dict[str, Any] = {"validate_request": "off", "unknown_query": "enforce"}
    settings = Settings(**values)
    assert settings.validate_request is ValidateRequest.OFF
    assert settings.unknown_query is UnknownQuery.ENFORCE


@pytest.mark.parametrize("name", ["validate_request", "unknown_query"])
def test_unknown_choice_is_reported(name: str) -> None:
    """The error lists the choices."""
    with pytest.raises(
        InputError, match=rf"the setting {name} is 'never'\. Expected one of .*report"
    ):
        create_app(**{name: "never"})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "hosts", [["stub.example"], ("stub.example",), {"stub.example"}, "stub.example"], ids=str
)
def test_allowed_hosts_accept_any_collection(hosts: Any) -> None:
    """A list, tuple, set or string of hosts allows calls to them only."""
    client = create_app(allow_hosts=hosts, auth=False).test_client()
    assert (
        client.get("/api/v2/tasks/instances?size=1", headers={"Host": "stub.example"}).status_code
        == 200
    )
    assert (
        client.get("/api/v2/tasks/instances?size=1", headers={"Host": "other.example"}).status_code
        == 421
    )


@pytest.mark.parametrize("name", ["contract", "scenarios", "overlays", "allow_hosts"])
def test_value_of_a_wrong_type_is_reported(name: str) -> None:
    """The error has the name of the setting."""
    with pytest.raises(InputError, match=rf"the setting {name} is 5\. Expected a string or path"):
        create_app(**{name: 5})  # type: ignore[arg-type]


def test_origins_need_cors() -> None:
    """Origins that may call are a contradiction if no fields of CORS are sent."""
    with pytest.raises(InputError, match="cors is off"):
        Settings(cors=False, cors_origins=("https://app.example.com",))
