"""Finding and loading scenarios, and the digests that distinguish them."""

from datetime import timedelta
from pathlib import Path

import pytest

from scenario_builders import HEAD, SHIPPED, START, load, scenario
from understudy.errors import InputError
from understudy.scenario import find_scenario, load_scenario


def test_shipped_scenario_is_found_by_name() -> None:
    """Each shipped file is found by its stem."""
    assert [find_scenario(path.stem) for path in SHIPPED] == SHIPPED


@pytest.mark.parametrize(
    "path", ["mine.yaml", "mine.yml", "mine.json", "folder/mine", "folder\\mine", "./demo"]
)
def test_endings_and_slashes_make_a_path(path: str) -> None:
    """The file need not exist."""
    assert find_scenario(path) == Path(path)


@pytest.mark.parametrize(
    ("name", "near"), [("dmeo", "demo"), ("Demo", "demo"), ("zzz", ""), ("", "")]
)
def test_unknown_scenario_is_reported_with_the_nearest(name: str, near: str) -> None:
    """The problem lists all shipped names."""
    with pytest.raises(InputError) as caught:
        find_scenario(name)
    [problem] = caught.value.problems
    assert (problem.slug, problem.nearest, problem.place) == ("no-such-scenario", near, None)
    assert f'unknown scenario "{name}"' in problem.message
    assert all(path.stem in problem.expected for path in SHIPPED)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_scenario_has_the_name_of_its_file(path: Path) -> None:
    """The name in the file is the stem."""
    assert load_scenario(path).name == path.stem


def test_one_line_is_a_scenario() -> None:
    """It has the account admin, a real clock, and no tasks."""
    empty = load(HEAD)
    assert (empty.name, empty.description, empty.seed, empty.plans) == ("x", "", 0, ())
    assert [(a.name, a.password, set(a.permissions)) for a in empty.accounts.values()] == [
        ("admin", "admin", {"ADMIN"})
    ]


@pytest.mark.parametrize(
    "same",
    [
        "understudy: 1   # comment\n\nname:   a\nseed: 0",
        '{"understudy": 1, "name": "a", "seed": 0}',
        "understudy: 1\nname: 'a'\nseed: 0x0\n",
    ],
)
def test_digest_ignores_comments_and_layout(same: str) -> None:
    """Equal data have equal digests."""
    assert load(same).digest == load("understudy: 1\nname: a\nseed: 0\n").digest


@pytest.mark.parametrize(
    "text", ["understudy: 1\nname: b\nseed: 0\n", "understudy: 1\nname: a\n", "understudy: 1"]
)
def test_digest_changes_with_the_data(text: str) -> None:
    """Different data have different digests."""
    assert load(text).digest != load("understudy: 1\nname: a\nseed: 0\n").digest


def test_worlds_with_the_same_start_have_equal_tasks() -> None:
    """Tasks of another start are different."""
    minute_old = scenario({"id": 7, "at": "-1m"})
    assert minute_old.tasks_at_start(START) == minute_old.tasks_at_start(START)
    assert minute_old.tasks_at_start(START) != minute_old.tasks_at_start(
        START + timedelta(seconds=1)
    )


def test_tasks_have_the_order_of_the_file() -> None:
    """Tasks that have not started are left out."""
    minute_old = scenario({"id": 9, "at": "-1m"}, {"id": 5, "at": "1s"}, {"id": 7})
    assert list(minute_old.tasks_at_start(START)) == [9, 7]


def test_repr_does_not_show_secrets() -> None:
    """The repr of a scenario has neither passwords nor secret keys."""
    shown = scenario(
        accounts={"a": {"password": "hidden1", "accessKey": "ak", "secretKey": "hidden2"}}
    )
    assert "hidden" not in repr(shown)
