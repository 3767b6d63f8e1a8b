"""Finding and loading scenarios, and what tells two of them apart."""

from datetime import timedelta
from pathlib import Path

import pytest

from scenario_builders import HEAD, SHIPPED, START, load, scenario
from understudy.errors import InputError
from understudy.scenario import find_scenario, load_scenario


def test_a_shipped_scenario_is_found_by_its_name() -> None:
    """Each shipped file answers to its name."""
    assert [find_scenario(path.stem) for path in SHIPPED] == SHIPPED


@pytest.mark.parametrize(
    "path", ["mine.yaml", "mine.yml", "mine.json", "folder/mine", "folder\\mine", "./demo"]
)
def test_what_looks_like_a_path_is_one(path: str) -> None:
    """An ending or a slash makes a path, whether the file is there or not."""
    assert find_scenario(path) == Path(path)


@pytest.mark.parametrize(
    ("name", "near"), [("dmeo", "demo"), ("Demo", "demo"), ("zzz", ""), ("", "")]
)
def test_the_nearest_name_is_offered(name: str, near: str) -> None:
    """A slip in a name is answered with the names there are."""
    with pytest.raises(InputError) as caught:
        find_scenario(name)
    [problem] = caught.value.problems
    assert (problem.slug, problem.nearest, problem.place) == ("no-such-scenario", near, None)
    assert f'unknown scenario "{name}"' in problem.message
    assert all(path.stem in problem.expected for path in SHIPPED)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_scenario_is_named_like_its_file(path: Path) -> None:
    """What is asked for is what is told."""
    assert load_scenario(path).name == path.stem


def test_a_short_file_is_useful() -> None:
    """One line is a scenario: the account admin, a real clock, no tasks."""
    empty = load(HEAD)
    assert (empty.name, empty.description, empty.seed, empty.plans) == ("x", "", 0, ())
    assert [(a.name, a.password, a.permissions) for a in empty.accounts.values()] == [
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
def test_the_digest_does_not_see_comments_and_layout(same: str) -> None:
    """Equal data, equal digest."""
    assert load(same).digest == load("understudy: 1\nname: a\nseed: 0\n").digest


@pytest.mark.parametrize(
    "other", ["understudy: 1\nname: b\nseed: 0\n", "understudy: 1\nname: a\n", "understudy: 1"]
)
def test_the_digest_sees_the_data(other: str) -> None:
    """Other data, another digest."""
    assert load(other).digest != load("understudy: 1\nname: a\nseed: 0\n").digest


def test_worlds_that_start_together_have_the_same_tasks() -> None:
    """Tasks are values: equal at one moment, and told from those of another."""
    one = scenario({"id": 7, "at": "-1m"})
    assert one.tasks_at_start(START) == one.tasks_at_start(START)
    assert one.tasks_at_start(START) != one.tasks_at_start(START + timedelta(seconds=1))


def test_tasks_keep_the_order_of_the_file() -> None:
    """By id, in the order of the file; what has not begun is not there."""
    one = scenario({"id": 9, "at": "-1m"}, {"id": 5, "at": "1s"}, {"id": 7})
    assert list(one.tasks_at_start(START)) == [9, 7]


def test_an_account_does_not_show_its_secrets() -> None:
    """The representation of a scenario holds neither passwords nor secret keys."""
    told = scenario(
        accounts={"a": {"password": "hidden1", "accessKey": "ak", "secretKey": "hidden2"}}
    )
    assert "hidden" not in repr(told)
