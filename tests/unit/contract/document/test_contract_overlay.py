"""Overlays: what they change, the places of what they add, and the problems they have."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract_builders import VALUES, collect_problems, load_data, make_document
from understudy.contract import load_contract
from understudy.contract.document.overlay import apply_overlay, overlay_tree, parse_overlay_actions
from understudy.contract.document.source_tree import Tree
from understudy.errors import InputError, Place
from understudy.source import Source, read_yaml

HEAD = "overlay: 1.0.0\ninfo: {title: T, version: 1.0.0}\nactions:\n"


def make_overlay(actions: str) -> Source:
    return read_yaml(Path("o.yaml"), text=HEAD + actions)


def problems(text: str, data: Any = None) -> list[str]:
    with pytest.raises(InputError) as caught:
        apply_overlay(data or {}, read_yaml(Path("o.yaml"), text=text))
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("data", "actions", "expected"),
    [
        ({"a": {"b": 1}}, "- {target: $.a, update: {c: 2}}", {"a": {"b": 1, "c": 2}}),
        (
            {"a": {"b": {"c": 1}}},
            "- {target: $, update: {a: {b: {d: 2}}}}",
            {"a": {"b": {"c": 1, "d": 2}}},
        ),
        ({"a": [1, 2]}, "- {target: $, update: {a: [3]}}", {"a": [1, 2, 3]}),
        ({"a": 1}, "- {target: $, update: {a: 2}}", {"a": 2}),
        ({"a": {"b": 1}}, "- {target: $, update: {a: [1]}}", {"a": [1]}),
        ({"a": [1]}, "- {target: $, update: {a: {b: 1}}}", {"a": {"b": 1}}),
        ({"a": {}}, "- {target: $, update: {a: null}}", {"a": None}),
        ({"a": [1]}, "- {target: $.a, update: 2}", {"a": [1, 2]}),
        ({"a": [1]}, "- {target: $.a, update: {b: 1}}", {"a": [1, {"b": 1}]}),
        ({"a": [1]}, "- {target: $.a, update: [2]}", {"a": [1, [2]]}),
        ({"a": 1, "b": 2}, "- {target: $.a, remove: true}", {"b": 2}),
        ({"a": [1, 2, 3, 4]}, "- {target: '$.a[0,2,-1]', remove: true}", {"a": [2]}),
        ({"a": [1, [2, 3], 4]}, "- {target: '$..[1]', remove: true}", {"a": [1, 4]}),
        ({"a": {"x": {"x": 1}}, "x": 2}, "- {target: $..x, remove: true}", {"a": {}}),
        (
            {"a": ["p", "q", "r"]},
            "- {target: \"$.a[?@=='p', ?@=='r']\", remove: true}",
            {"a": ["q"]},
        ),
        (
            {"a": [{"n": 1}, {"n": 2}]},
            "- {target: '$.a[?@.n==2]', update: {m: 3}}",
            {"a": [{"n": 1}, {"n": 2, "m": 3}]},
        ),
        (
            {"a": [{"n": 1}, {"n": 2}, {"n": 3}]},
            "- {target: '$.a[?@.n<2 || @.n>2]', update: {m: 0}}\n"
            "- {target: '$.a[?!@.m]', update: {m: 1}}\n"
            "- {target: '$.a[:2]', update: {k: 2}}",
            {"a": [{"n": 1, "m": 0, "k": 2}, {"n": 2, "m": 1, "k": 2}, {"n": 3, "m": 0}]},
        ),
        (
            {"get": {"tags": ["a", "b"]}, "put": {"tags": []}},
            "- {target: '$[?length(@.tags)>1]', remove: true}",
            {"put": {"tags": []}},
        ),
        ({"a": 1}, "- {target: $.b, x-optional: true, remove: true}", {"a": 1}),
        (
            {"a": {}},
            "- {target: $.a, update: {b: {}}}\n- {target: $.a.b, update: {c: 1}}",
            {"a": {"b": {"c": 1}}},
        ),
        ({"a": {"b": {"c": {}}}}, "- {target: '$..*', update: {b: 1}}", {"a": {"b": 1}}),
    ],
)
def test_action_changes_the_document(data: Any, actions: str, expected: Any) -> None:
    """Mappings are merged by key, lists are concatenated, other values are replaced.

    The update of a list is appended to it; `remove` removes every selected node.
    """
    assert apply_overlay(data, make_overlay(actions)) == expected


def test_original_data_is_not_changed() -> None:
    """The result shares no container with it."""
    data = {"a": {"b": [1]}, "c": [{}]}
    result = apply_overlay(
        data,
        make_overlay("- {target: $.a, update: {b: [2]}}\n- {target: '$.c[0]', update: {d: 1}}"),
    )
    assert data == {"a": {"b": [1]}, "c": [{}]}
    assert result == {"a": {"b": [1, 2]}, "c": [{"d": 1}]}


def test_yaml_aliases_are_not_shared(tmp_path: Path) -> None:
    """A node that YAML aliases share is changed at the selected location only."""
    base = read_yaml(Path("b.yaml"), text="a: &x {n: 1}\nb: *x\nc: {}\nd: {}")
    text = (
        "- {target: $.a, update: {m: 2}}\n"
        '- {target: \'$["c", "d"]\', update: {e: &y {}, f: *y}}\n'
        "- {target: $.c.e, update: {g: 1}}"
    )
    result = overlay_tree(Tree.of(base), make_overlay(text)).data
    assert result == {
        "a": {"n": 1, "m": 2},
        "b": {"n": 1},
        "c": {"e": {"g": 1}, "f": {}},
        "d": {"e": {}, "f": {}},
    }
    assert base.data == {"a": {"n": 1}, "b": {"n": 1}, "c": {}, "d": {}}


def test_each_node_has_the_place_where_it_was_written() -> None:
    """A node that an overlay wrote has the overlay's line; every other one the document's."""
    base = read_yaml(Path("b.yaml"), text="a:\n  n: 1\n  o: 2\nl:\n  - x\n  - y\n  - {z: 1}\n")
    text = (
        "- target: $.a\n  update:\n    n: 9\n    p: {q: [1]}\n"
        "- {target: '$.l[0]', remove: true}\n"
        "- {target: $.l, update: w}\n"
    )
    tree = overlay_tree(
        overlay_tree(Tree.of(base), make_overlay(text)),
        make_overlay("- {target: $, update: {new: 1}}"),
    )
    expected = {
        "": Place("b.yaml", 1, 1),
        "/a/o": Place("b.yaml", 3, 6),
        "/a/n": Place("o.yaml", 6, 8),
        "/a/p/q/0": Place("o.yaml", 7, 13),
        "/l/0": Place("b.yaml", 6, 5),
        "/l/1/z": Place("b.yaml", 7, 9),
        "/l/2": Place("o.yaml", 9, 25),
        "/new": Place("o.yaml", 4, 29),
        "/a/gone": Place("b.yaml", 2, 3),
    }
    assert {pointer: tree.place(pointer) for pointer in expected} == expected
    assert tree.place("/a/n", key=True) == Place("o.yaml", 6, 5)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "- {target: $.paths}",
            'o.yaml:1:1: not an overlay. Expected a mapping with "overlay: 1.0.0" and "actions".',
        ),
        (
            "overlay: 2.0.0\nactions: [{target: $, update: {}}]",
            'o.yaml:1:10: unsupported overlay version "2.0.0". Expected "1.0.0".',
        ),
        (
            "overlay: 1.0.0\nactions: []",
            "o.yaml:2:10: missing actions. Expected a list of at least one action.",
        ),
        (
            "overlay: 1.0.0\nactoins: []",
            'o.yaml:2:1: unknown key "actoins". Did you mean "actions"?',
        ),
        (
            HEAD + "- 5",
            "o.yaml:4:3: not an action. Expected a mapping with target and update or remove.",
        ),
        (
            HEAD + "- {update: {}}",
            'o.yaml:4:3: missing target of the action. Expected "target: $…" (a JSONPath).',
        ),
        (
            HEAD + "- {target: $, updaet: {}, update: {}}",
            'o.yaml:4:15: unknown key "updaet". Did you mean "update"?',
        ),
        (
            HEAD + "- {target: $, update: {}, remove: true}",
            (
                'o.yaml:4:3: the action has both or neither of "update" and "remove: true". '
                "Expected exactly one of them."
            ),
        ),
        (
            HEAD + "- {target: $.a, remove: false}",
            (
                'o.yaml:4:3: the action has both or neither of "update" and "remove: true". '
                "Expected exactly one of them."
            ),
        ),
        (
            HEAD + "- {target: $, remove: yes, update: {}}",
            'o.yaml:4:23: invalid "remove". Expected true or false.',
        ),
        (
            HEAD + "- {target: $, x-decides: one, update: {}}",
            'o.yaml:4:26: invalid "x-decides". Expected a list of texts.',
        ),
        (
            HEAD + "- {target: $, x-optional: 1, update: {}}",
            'o.yaml:4:27: invalid "x-optional". Expected true or false.',
        ),
        (
            HEAD + "- {target: '$.a[', update: {}}",
            (
                "o.yaml:4:12: invalid JSONPath at column 5 of the target: unexpected end of query. "
                "Expected a JSONPath (RFC 9535) such as $.paths['/x'].get."
            ),
        ),
        (
            HEAD + '- {target: "$.paths[?lenght(@)>1]", update: {}}',
            (
                "o.yaml:4:12: invalid JSONPath at column 10 of the target: function 'lenght' is "
                "not defined. Expected a JSONPath (RFC 9535) such as $.paths['/x'].get."
            ),
        ),
        (
            HEAD + "- {target: \"$[?match('b', 'b{99999}')]\", update: {}}",
            (
                "o.yaml:4:12: the target $[?match('b', 'b{99999}')] cannot be evaluated: the "
                "pattern repeats a part 99999 times; 10000 are the most. "
                "Expected a JSONPath (RFC 9535) such as $.paths['/x'].get."
            ),
        ),
        (
            HEAD + "- {target: $.pahts, update: {}}",
            (
                'o.yaml:4:12: the target $.pahts selects nothing. Did you mean "paths"? Set '
                '"x-optional: true" if the target may be missing.'
            ),
        ),
        (
            HEAD + "- {target: $.paths.x.gte, remove: true}",
            (
                'o.yaml:4:12: the target $.paths.x.gte selects nothing. Did you mean "get"? '
                'Set "x-optional: true" if the target may be missing.'
            ),
        ),
        (
            HEAD + "- {target: $, remove: true}",
            "o.yaml:4:3: the action must not remove the whole document.",
        ),
        (
            HEAD + "- {target: $.n, update: {}}",
            (
                "o.yaml:4:12: the target $.n selects a single value, which cannot be merged "
                "with. Expected a mapping or a list as the target."
            ),
        ),
        (
            HEAD + "- {target: $.paths, update: 5}",
            (
                "o.yaml:4:29: the target $.paths selects a mapping, but the update is not a "
                "mapping. Expected a mapping."
            ),
        ),
    ],
)
def test_invalid_overlay_is_reported(text: str, expected: str) -> None:
    """A problem has its place, what is wrong, what was expected, and the nearest name."""
    assert expected in problems(text, {"paths": {"x": {"get": {}}}, "n": 1})


def test_all_problems_are_reported_at_once() -> None:
    """First the problems of the file; without any, the targets that select nothing."""
    shape = problems(
        HEAD + "- {target: x, update: {}}\n- {update: {}}\n- {target: $, remoev: true}"
    )
    assert [text.split(": ")[0] for text in shape] == [
        "o.yaml:4:12",
        "o.yaml:5:3",
        "o.yaml:6:3",
        "o.yaml:6:15",
    ]
    missed = problems(
        HEAD
        + "- {target: $.x, update: {}}\n"
        + "- {target: $, update: {a: 1}}\n"
        + "- {target: $.y, remove: true}"
    )
    assert [text.split(": ")[0] for text in missed] == ["o.yaml:4:12", "o.yaml:6:12"]


def test_actions_are_parsed() -> None:
    """An action has the rules that it decides, for the ledger."""
    [action] = parse_overlay_actions(
        make_overlay("- {target: $.a, description: ' why ', update: 1, x-decides: [rule]}")
    )
    assert (
        action.target,
        action.description,
        action.removes,
        action.update,
        action.optional,
        action.decides,
    ) == (
        "$.a",
        "why",
        False,
        1,
        False,
        ("rule",),
    )
    assert (action.pointer, action.place) == ("/actions/0", Place("o.yaml", 4, 3))


def test_shipped_overlays_apply(root: Path) -> None:
    """`gaps` applies to the derived document, the others to the contract."""
    overlays = {path.stem: path for path in (root / "docs/api/overlays").glob("*.yaml")}
    assert {"gaps", "observed"} <= set(overlays)
    for name in sorted(set(overlays) - {"gaps"}):
        assert (
            load_contract(overlays=[overlays[name]]).operations.keys()
            == load_contract().operations.keys()
        )
    gaps = parse_overlay_actions(read_yaml(overlays["gaps"]))
    assert all(action.description for action in gaps)


def test_observed_overlay_renames_fields(root: Path) -> None:
    """Examples are renamed too, without a warning; a new property has the overlay's place."""
    contract = load_contract(overlays=[root / "docs/api/overlays/observed.yaml"])
    properties = contract.document["components"]["schemas"]["SubtaskInstance"]["properties"]
    assert properties["parallelIdx"]["x-documented-as"] == "paralleIdx"
    assert "paralleIdx" not in properties
    assert contract.warnings == ()
    place = contract.place("/components/schemas/SubtaskInstance/properties/parallelIdx/type")
    assert Path(place.file).name == "observed.yaml"


def test_problem_caused_by_an_overlay_has_its_line(tmp_path: Path) -> None:
    """The place is in the overlay, not in the document below it."""
    (tmp_path / "o.yaml").write_text(HEAD + "- {target: $.paths.*.get, update: {operationId: 5}}")
    with pytest.raises(InputError, match=r"o\.yaml:4:49: operationId is not a text"):
        load_data(make_document(), tmp_path, overlays=[tmp_path / "o.yaml"], strict=True)


_TARGETS = st.sampled_from(
    ["$", "$.a", "$.*", "$..*", "$.a[0]", "$..a", "$[?@.a]", "$.a['b','c']", "$..[0]", "$..[?@==1]"]
)


@given(VALUES, st.lists(st.tuples(_TARGETS, VALUES | st.just(...)), min_size=1, max_size=4))
def test_any_overlay_applies_or_is_reported(data: Any, actions: list[tuple[str, Any]]) -> None:
    """No other error is raised, and each node of the result has a place."""
    nodes = [
        {"target": t, **({"remove": True} if value is ... else {"update": value})}
        for t, value in actions
    ]
    source = Source("o.yaml", {"overlay": "1.0.0", "actions": nodes}, {})
    trees: list[Tree] = []
    problems = collect_problems(
        lambda: trees.append(overlay_tree(Tree.of(Source("b.yaml", data, {})), source))
    )
    assert all(problem.place for problem in problems)
    for tree in trees:
        assert {tree.place(pointer).file for pointer in _list_pointers(tree.data)} <= {
            "b.yaml",
            "o.yaml",
        }


def _list_pointers(node: Any, at: str = "") -> list[str]:
    parts = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    below = [(str(key).replace("~", "~0").replace("/", "~1"), part) for key, part in parts]
    return [
        at,
        *(pointer for key, part in below for pointer in _list_pointers(part, f"{at}/{key}")),
    ]
