"""A scenario from the cache is the one that its file gives."""

from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from understudy.contract import Contract, load_cached_contract
from understudy.disk_cache import DiskCache
from understudy.errors import InputError
from understudy.resources import resource_path
from understudy.scenario import Scenario, load_scenario

SHIPPED = sorted(path.stem for path in resource_path("scenarios").glob("*.yaml"))
START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
TEXT = """understudy: 1
seed: 7.0
accounts: {admin: {password: admin, permissions: [TASK_MANAGER]}}
tasks:
  - {id: 5, name: First, subtasks: [{id: 51, name: Step, runs: [{takes: 3s}]}]}
replies:
  - {name: broken, when: {operation: getTaskInstance}, reply: {error: 404}, times: 2}
"""


@pytest.fixture
def cache(tmp_path: Path) -> DiskCache:
    folder = tmp_path / "cache"
    folder.mkdir(mode=0o700)
    return DiskCache(folder)


@pytest.fixture
def contract(cache: DiskCache) -> Contract:
    return load_cached_contract(cache=cache)


def describe(scenario: Scenario) -> dict[str, Any]:
    """Return all that a scenario has; rules by their texts, since each object is its own."""
    described = {field.name: getattr(scenario, field.name) for field in fields(scenario)}
    rules = described.pop("script")
    described["replies"] = [(rule.name, rule.label) for rule in rules.replies]
    described["faults"] = [(rule.name, rule.label) for rule in rules.faults]
    described["tasks"] = list(scenario.build_task_store(START).tasks.items())
    return described


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_scenario_is_the_same(cache: DiskCache, contract: Contract, name: str) -> None:
    """Cold and warm."""
    path = resource_path("scenarios") / f"{name}.yaml"
    expected = describe(load_scenario(path, contract=contract))
    for _ in range(2):
        assert describe(load_scenario(path, contract=contract, cache=cache)) == expected


def test_numbers_are_the_same(cache: DiskCache, contract: Contract, tmp_path: Path) -> None:
    """JSON Schema takes 7.0 for an integer; the digest is that of the data as written."""
    path = tmp_path / "scenario.yaml"
    path.write_text(TEXT)
    cold = load_scenario(path, contract=contract, cache=cache)
    warm = load_scenario(path, contract=contract, cache=cache)
    assert (warm.seed, type(warm.seed), warm.digest) == (7, int, cold.digest)
    assert repr(warm.data) == repr(cold.data)


def test_changed_scenario_is_checked(cache: DiskCache, contract: Contract, tmp_path: Path) -> None:
    """A broken file is reported with its places each time, and a repaired one loads."""
    path = tmp_path / "scenario.yaml"
    path.write_text(TEXT)
    load_scenario(path, contract=contract, cache=cache)
    path.write_text(TEXT.replace("takes: 3s", "takes: soon").replace("seed: 7.0", "sed: 7"))
    texts = []
    for choice in (None, cache, cache):
        with pytest.raises(InputError) as caught:
            load_scenario(path, contract=contract, cache=choice)
        texts.append(str(caught.value))
    assert f"{path}:2:1: unknown key" in texts[0]
    assert texts[1:] == texts[:1] * 2
    path.write_text(TEXT.replace("First", "Second"))
    [plan] = load_scenario(path, contract=contract, cache=cache).plans
    assert plan.task.name == "Second"


def test_entry_belongs_to_one_contract(
    cache: DiskCache, contract: Contract, tmp_path: Path
) -> None:
    """A scenario that passed the checks of one contract is checked against another one."""
    path = tmp_path / "scenario.yaml"
    path.write_text(TEXT)
    load_scenario(path, contract=contract, cache=cache)
    text = resource_path("openapi.yaml").read_text()
    other_path = tmp_path / "other.yaml"
    other_path.write_text(text.replace("operationId: getTaskInstance\n", "operationId: getIt\n"))
    other = load_cached_contract(other_path, cache=cache)
    with pytest.raises(InputError, match="getTaskInstance"):
        load_scenario(path, contract=other, cache=cache)


def test_uploaded_text_is_not_cached(cache: DiskCache, contract: Contract) -> None:
    """It has no file, so the cache could not notice a change."""
    before = sorted(cache.folder.iterdir())
    load_scenario(Path("uploaded.yaml"), contract=contract, text=TEXT, cache=cache)
    assert sorted(cache.folder.iterdir()) == before
