"""Files that are broken in any way: an InputError with places comes out, never anything else."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenario_builders import HEAD, SHIPPED, START, contract, load, problem, problems
from understudy.errors import InputError, Place
from understudy.ocp import find_contradictions
from understudy.resources import resource_path
from understudy.scenario import load_scenario
from understudy.source import read_yaml

DEMO = read_yaml(resource_path("scenarios") / "demo.yaml").data
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from([2**63, 1.5, 1.0, 10**400])
    | st.sampled_from(
        [
            "",
            "1s",
            "-1s",
            "never",
            "FAILED",
            "RUNNING",
            "meta",
            "²",
            "a:b",
            "SUCCESSFUL",
            "-2h",
            "\x00",
        ]
    )
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "name", "state", "at", "after", "runs", "²", "5", "a/b~"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)


def test_a_missing_file_names_the_nearest(tmp_path: Path) -> None:
    """The file that was asked for, and the one that is there."""
    (tmp_path / "upgrade.yaml").write_text(HEAD)
    with pytest.raises(InputError) as caught:
        load_scenario(tmp_path / "upgrad.yaml")
    [missing] = caught.value.problems
    assert (missing.slug, missing.nearest) == ("no-such-file", "upgrade.yaml")
    assert missing.place == Place(str(tmp_path / "upgrad.yaml"))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"understudy: 1\nname: \xff", (2, 7, "not-utf-8")),
        (b"understudy: 1\nname: [", (3, 1, "not-yaml")),
        (b"understudy: 1\nunderstudy: 1", (2, 1, "duplicate-key")),
        (b"understudy: 1\nname: !!python/none x", (2, 7, "yaml-tag")),
        (b"understudy: 1\nname: *x", (2, 7, "unknown-alias")),
        (b"understudy: 1\n---\nname: x", (2, 1, "several-documents")),
        (b"\x00\x01\x02", (1, 1, "not-yaml")),
        (b"understudy: 1\ntasks: " + b"[" * 200, (2, 107, "too-deep")),
    ],
)
def test_what_is_no_yaml(tmp_path: Path, raw: bytes, expected: tuple[int, int, str]) -> None:
    """The first thing that cannot be read, with its place."""
    path = tmp_path / "x.yaml"
    path.write_bytes(raw)
    with pytest.raises(InputError) as caught:
        load_scenario(path)
    [only] = caught.value.problems
    assert only.place is not None
    assert (only.place.line, only.place.column, only.slug) == expected


def test_a_folder_is_no_scenario(tmp_path: Path) -> None:
    """Told as what it is."""
    with pytest.raises(InputError, match="this is a folder"):
        load_scenario(tmp_path)


def places_of(text: str) -> list[Place | None]:
    """The places of a file's problems; when it has none, its tasks are found to be possible."""
    try:
        found = load(text, contract())
    except InputError as error:
        return [problem.place for problem in error.problems]
    assert [
        c for task in found.tasks_at_start(START).values() for c in find_contradictions(task)
    ] == []
    return []


def nodes_of(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all nodes."""
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [path, *(found for key, part in inner for found in nodes_of(part, (*path, key)))]


# A few tasks are enough to hold every key; the whole file for each example would take minutes.
SMALL = {
    **DEMO,
    "tasks": [task for task in DEMO["tasks"] if task["id"] in (1001, 35000312, 35000320, 35000326)],
}
PATHS = nodes_of(SMALL)


@settings(max_examples=80)
@given(st.lists(st.tuples(st.sampled_from(PATHS), JSON), min_size=1, max_size=3))
def test_any_node_may_be_anything(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    """Nodes of the demo replaced by any JSON: it loads and its tasks can be, or every problem has its place."""
    data: Any = {"": deepcopy(SMALL)}
    for path, value in changes:
        node = data
        try:
            for key in ("", *path)[:-1]:
                node = node[key]
            node[("", *path)[-1]] = deepcopy(value)
        except (LookupError, TypeError):
            pass  # an earlier change took the node away
    columns = [place.column if place else 0 for place in places_of(json.dumps(data[""]))]
    assert (columns, min(columns, default=1) >= 1) == (sorted(columns), True)


@settings(max_examples=40)
@given(st.data())
def test_any_prefix_of_a_file(data: st.DataObject) -> None:
    """A file that was cut off anywhere is read or refused."""
    raw = data.draw(st.sampled_from(SHIPPED)).read_text("utf-8")
    assert all(
        place and place.line for place in places_of(raw[: data.draw(st.integers(0, len(raw)))])
    )


@settings(max_examples=60)
@given(JSON)
def test_any_value_is_a_file(value: Any) -> None:
    """Also one that has nothing of a scenario."""
    assert all(place and place.line for place in places_of(json.dumps(value)))


def test_one_list_behind_two_keys() -> None:
    """What is broken in one place and not in the other is cut out of one place only."""
    long = "a" * 80
    found = problems(
        f"{HEAD}accounts: {{{long}: {{permissions: &l [{{subtasks: [{{id: x}}]}}]}}}}\ntasks: *l"
    )
    assert [line.partition(": ")[2].partition(".")[0] for line in found] == [
        'item 1 of "permissions" is a mapping',
        '"id" is "x"',
    ]


def test_aliases_of_one_task_have_one_id() -> None:
    """Two tasks out of one anchor have the same ids, and that is told."""
    assert "duplicate task id 5" in problem(f"{HEAD}tasks: [&t {{id: 5}}, *t]")


def test_what_is_broken_makes_no_further_noise() -> None:
    """A subtask that is no mapping is told once; the others keep their places."""
    found = problems(f"{HEAD}tasks: [{{subtasks: [5, {{id: 2}}, {{id: 3, after: [4]}}]}}]")
    assert [line.split(":")[1] for line in found] == ["21 bad-value", "49 unknown-subtask"]


@pytest.mark.timeout(10)
def test_a_task_of_many_subtasks_is_read_in_time() -> None:
    """Reading is linear: the test's time limit is the promise."""
    chain = [
        {"id": number, "after": [number - 1] if number > 1 else []} for number in range(1, 2001)
    ]
    task = (
        load(json.dumps({"understudy": 1, "tasks": [{"state": "SUCCESSFUL", "subtasks": chain}]}))
        .plans[0]
        .task
    )
    assert (len(task.subtasks), task.subtasks[-1].upstreams, task.subtasks[0].downstreams) == (
        2000,
        (1999,),
        (2,),
    )


def test_an_exported_world_that_lacks_something_is_told() -> None:
    """Key by key, like anything else that is missing."""
    found = problems(f"{HEAD}world: {{turns: 0, clock: {{}}}}\n")
    assert len(found) == 9
    assert [
        text for text in found if "missing-key: " in text and 'missing key "scenario"' in text
    ] != []
