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


def test_missing_file_is_reported_with_the_nearest(tmp_path: Path) -> None:
    """The problem names the missing file and the nearest existing one."""
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
def test_invalid_yaml_is_reported_with_its_place(
    tmp_path: Path, raw: bytes, expected: tuple[int, int, str]
) -> None:
    """The problem is the first thing that cannot be read."""
    path = tmp_path / "x.yaml"
    path.write_bytes(raw)
    with pytest.raises(InputError) as caught:
        load_scenario(path)
    [only] = caught.value.problems
    assert only.place is not None
    assert (only.place.line, only.place.column, only.slug) == expected


def test_folder_is_reported(tmp_path: Path) -> None:
    """The error says that the path is a folder."""
    with pytest.raises(InputError, match="this is a folder"):
        load_scenario(tmp_path)


def places_of(text: str) -> list[Place | None]:
    """The places of a file's problems; when it has none, its tasks are checked to be possible."""
    try:
        loaded = load(text, contract())
    except InputError as error:
        return [problem.place for problem in error.problems]
    assert [
        c for task in loaded.tasks_at_start(START).values() for c in find_contradictions(task)
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
    return [path, *(node for key, part in inner for node in nodes_of(part, (*path, key)))]


# A few tasks are enough to hold every key; the whole file for each example would take minutes.
SMALL = {
    **DEMO,
    "tasks": [task for task in DEMO["tasks"] if task["id"] in (1001, 35000312, 35000320, 35000326)],
}
PATHS = nodes_of(SMALL)


@settings(max_examples=80)
@given(st.lists(st.tuples(st.sampled_from(PATHS), JSON), min_size=1, max_size=3))
def test_changed_nodes_load_or_have_placed_problems(
    changes: list[tuple[tuple[Any, ...], Any]],
) -> None:
    """The demo with any replaced nodes loads with possible tasks, or every problem has its place."""
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
def test_cut_files_load_or_have_placed_problems(data: st.DataObject) -> None:
    """A prefix of a shipped file loads, or every problem has its place."""
    raw = data.draw(st.sampled_from(SHIPPED)).read_text("utf-8")
    assert all(
        place and place.line for place in places_of(raw[: data.draw(st.integers(0, len(raw)))])
    )


@settings(max_examples=60)
@given(JSON)
def test_any_json_loads_or_has_placed_problems(value: Any) -> None:
    """This includes values that have nothing in common with a scenario."""
    assert all(place and place.line for place in places_of(json.dumps(value)))


def test_aliased_list_is_cleaned_per_place() -> None:
    """A value that is wrong in one place and right in the other is removed from one place only."""
    long = "a" * 80
    reported = problems(
        f"{HEAD}accounts: {{{long}: {{permissions: &l [{{subtasks: [{{id: x}}]}}]}}}}\ntasks: *l"
    )
    assert [line.partition(": ")[2].partition(".")[0] for line in reported] == [
        'item 1 of "permissions" is a mapping',
        '"id" is "x"',
    ]


def test_aliases_of_one_task_are_duplicates() -> None:
    """Two tasks of one anchor have the same id, which is reported."""
    assert "duplicate task id 5" in problem(f"{HEAD}tasks: [&t {{id: 5}}, *t]")


def test_broken_subtask_is_reported_once() -> None:
    """The other subtasks keep their positions."""
    reported = problems(f"{HEAD}tasks: [{{subtasks: [5, {{id: 2}}, {{id: 3, after: [4]}}]}}]")
    assert [line.split(":")[1] for line in reported] == ["21 bad-value", "49 unknown-subtask"]


@pytest.mark.timeout(10)
def test_many_subtasks_are_parsed_in_linear_time() -> None:
    """The timeout of this test is the promise."""
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


def test_incomplete_world_section_is_reported() -> None:
    """Each missing key is a problem."""
    reported = problems(f"{HEAD}world: {{turns: 0, clock: {{}}}}\n")
    assert len(reported) == 9
    assert [
        text for text in reported if "missing-key: " in text and 'missing key "scenario"' in text
    ] != []
