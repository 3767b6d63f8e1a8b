"""Settings as people tell them in code: texts for paths, one for several, lists for tuples; what is neither is told."""

from pathlib import Path
from typing import Any

import pytest

from understudy import create_app
from understudy.config import Settings
from understudy.errors import InputError


def test_texts_are_paths_and_one_is_several() -> None:
    """None and an empty text are what was not told."""
    told: dict[str, Any] = {
        "contract": "a.yaml",
        "overlays": "b.yaml",
        "scenarios": "",
        "scenario": None,
    }
    settings = Settings(**told, allow_hosts=["a.example"], cors_origins="https://a.example")  # type: ignore[arg-type]
    assert (settings.contract, settings.overlays) == (Path("a.yaml"), (Path("b.yaml"),))
    assert (settings.scenarios, settings.scenario) == (None, "")
    assert (settings.allow_hosts, settings.cors_origins) == (("a.example",), ("https://a.example",))


@pytest.mark.parametrize(
    "hosts", [["stub.example"], ("stub.example",), {"stub.example"}, "stub.example"], ids=str
)
def test_hosts_are_allowed_however_they_are_told(hosts: Any) -> None:
    """Each call looks at them."""
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
def test_what_is_no_path_is_told(name: str) -> None:
    """By the name of the setting."""
    with pytest.raises(InputError, match=rf"the setting {name} is 5\. Expected a string or path"):
        create_app(**{name: 5})
