"""Overlays: what they change, where what they wrote stands, and what they refuse."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract_builders import VALUES, document, loaded, refusal
from understudy.contract import load_contract
from understudy.contract.document.overlay import apply_overlay, overlay_tree, parse_overlay_actions
from understudy.contract.document.source_tree import Tree
from understudy.errors import InputError, Place
from understudy.source import Source, read_yaml

HEAD = "overlay: 1.0.0\ninfo: {title: T, version: 1.0.0}\nactions:\n"


def overlay(actions: str) -> Source:
    return read_yaml(Path("o.yaml"), text=HEAD + actions)


def problems(text: str, data: Any = None) -> list[str]:
    with pytest.raises(InputError) as caught:
        apply_overlay(data or {}, read_yaml(Path("o.yaml"), text=text))
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("data", "actions", "expected"),
    [
        ({"a": {"b": 1}}, "- {target: $.a, update: {c: 2}}", {"a": {"b": 1, "c": 2}}),
        ({"a": {"b": {"c": 1}}}, "- {target: $, update: {a: {b: {d: 2}}}}", {"a": {"b": {"c": 1, "d": 2}}}),
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
        ({"a": ["p", "q", "r"]}, "- {target: \"$.a[?@=='p', ?@=='r']\", remove: true}", {"a": ["q"]}),
        ({"a": [{"n": 1}, {"n": 2}]}, "- {target: '$.a[?@.n==2]', update: {m: 3}}", {"a": [{"n": 1}, {"n": 2, "m": 3}]}),
        ({"a": 1}, "- {target: $.b, x-optional: true, remove: true}", {"a": 1}),
        ({"a": {}}, "- {target: $.a, update: {b: {}}}\n- {target: $.a.b, update: {c: 1}}", {"a": {"b": {"c": 1}}}),
        ({"a": {"b": {"c": {}}}}, "- {target: '$..*', update: {b: 1}}", {"a": {"b": 1}}),
    ],
)  # fmt: skip
def test_actions(data: Any, actions: str, expected: Any) -> None:
    """Objects are merged by key, lists joined, all else replaced; an array gets an entry; removing takes all at once."""
    assert apply_overlay(data, overlay(actions)) == expected


def test_the_data_given_stays_as_it_is() -> None:
    """Nothing of it is changed or shared."""
    data = {"a": {"b": [1]}, "c": [{}]}
    made = apply_overlay(
        data, overlay("- {target: $.a, update: {b: [2]}}\n- {target: '$.c[0]', update: {d: 1}}")
    )
    assert data == {"a": {"b": [1]}, "c": [{}]}
    assert made == {"a": {"b": [1, 2]}, "c": [{"d": 1}]}


def test_what_one_alias_names_is_changed_in_one_place_only(tmp_path: Path) -> None:
    """Neither the document's aliases nor the overlay's share what is merged into one of them."""
    base = read_yaml(Path("b.yaml"), text="a: &x {n: 1}\nb: *x\nc: {}\nd: {}")
    text = '- {target: $.a, update: {m: 2}}\n- {target: \'$["c", "d"]\', update: {e: &y {}, f: *y}}\n- {target: $.c.e, update: {g: 1}}'
    made = overlay_tree(Tree.of(base), overlay(text)).data
    assert made == {
        "a": {"n": 1, "m": 2},
        "b": {"n": 1},
        "c": {"e": {"g": 1}, "f": {}},
        "d": {"e": {}, "f": {}},
    }
    assert base.data == {"a": {"n": 1}, "b": {"n": 1}, "c": {}, "d": {}}


def test_each_node_knows_who_wrote_it() -> None:
    """The overlay's line for what it wrote, also a single value in an object of the document; else the document's."""
    base = read_yaml(Path("b.yaml"), text="a:\n  n: 1\n  o: 2\nl:\n  - x\n  - y\n  - {z: 1}\n")
    text = "- target: $.a\n  update:\n    n: 9\n    p: {q: [1]}\n- {target: '$.l[0]', remove: true}\n- {target: $.l, update: w}\n"
    tree = overlay_tree(
        overlay_tree(Tree.of(base), overlay(text)), overlay("- {target: $, update: {new: 1}}")
    )
    expected = {
        "": Place("b.yaml", 1, 1), "/a/o": Place("b.yaml", 3, 6), "/a/n": Place("o.yaml", 6, 8),
        "/a/p/q/0": Place("o.yaml", 7, 13), "/l/0": Place("b.yaml", 6, 5), "/l/1/z": Place("b.yaml", 7, 9),
        "/l/2": Place("o.yaml", 9, 25), "/new": Place("o.yaml", 4, 29), "/a/gone": Place("b.yaml", 2, 3),
    }  # fmt: skip
    assert {pointer: tree.place(pointer) for pointer in expected} == expected
    assert tree.place("/a/n", key=True) == Place("o.yaml", 6, 5)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- {target: $.paths}", 'o.yaml:1:1: this is no overlay. Expected a mapping with "overlay: 1.0.0" and "actions".'),
        ("overlay: 2.0.0\nactions: [{target: $, update: {}}]", 'o.yaml:1:10: the overlay\'s version is "2.0.0". Expected "1.0.0".'),
        ("overlay: 1.0.0\nactions: []", "o.yaml:2:10: the overlay has no actions. Expected a list of at least one action."),
        ("overlay: 1.0.0\nactoins: []", 'o.yaml:2:1: there is no key "actoins" here. Did you mean "actions"?'),
        (HEAD + "- 5", "o.yaml:4:3: this is no action. Expected a mapping with target and update or remove."),
        (HEAD + "- {update: {}}", 'o.yaml:4:3: this action has no target. Expected "target: $…" (a JSONPath).'),
        (HEAD + "- {target: $, updaet: {}, update: {}}", 'o.yaml:4:15: there is no key "updaet" here. Did you mean "update"?'),
        (HEAD + "- {target: $, update: {}, remove: true}", 'o.yaml:4:3: this action says both or neither of what it does. Expected "update" or "remove: true".'),
        (HEAD + "- {target: $.a, remove: false}", 'o.yaml:4:3: this action says both or neither of what it does. Expected "update" or "remove: true".'),
        (HEAD + "- {target: $, remove: yes, update: {}}", 'o.yaml:4:23: "remove" does not fit. Expected true or false.'),
        (HEAD + "- {target: $, x-decides: one, update: {}}", 'o.yaml:4:26: "x-decides" does not fit. Expected a list of texts.'),
        (HEAD + "- {target: $, x-optional: 1, update: {}}", 'o.yaml:4:27: "x-optional" does not fit. Expected true or false.'),
        (HEAD + "- {target: '$.a[', update: {}}", "o.yaml:4:12: the target is no path that is understood: the end stands where a quoted name, an index, * or ? should (column 5 of the target). Expected a JSONPath such as $.paths['/x'].get."),
        (HEAD + "- {target: $.pahts, update: {}}", 'o.yaml:4:12: the target $.pahts selects nothing. Did you mean "paths"? Say x-optional: true when it may be missing.'),
        (HEAD + "- {target: $.paths.x.gte, remove: true}", 'o.yaml:4:12: the target $.paths.x.gte selects nothing. Did you mean "get"? Say x-optional: true when it may be missing.'),
        (HEAD + "- {target: $, remove: true}", "o.yaml:4:3: this action removes the whole document."),
        (HEAD + "- {target: $.n, update: {}}", "o.yaml:4:12: the target $.n selects a single value, which cannot be merged with. Expected a mapping or a list as the target."),
        (HEAD + "- {target: $.paths, update: 5}", "o.yaml:4:29: the target $.paths selects a mapping, and the update is none. Expected a mapping."),
    ],
)  # fmt: skip
def test_what_is_refused(text: str, expected: str) -> None:
    """Each refusal says what, where, what was expected, and the nearest name."""
    assert expected in problems(text, {"paths": {"x": {"get": {}}}, "n": 1})


def test_everything_is_told_at_once() -> None:
    """First all that is wrong with the file, then all that does not fit the document."""
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
        + "- {target: $.x, update: {}}\n- {target: $, update: {a: 1}}\n- {target: $.y, remove: true}"
    )
    assert [text.split(": ")[0] for text in missed] == ["o.yaml:4:12", "o.yaml:6:12"]


def test_actions_can_be_read() -> None:
    """With what they decide, for the ledger."""
    [action] = parse_overlay_actions(
        overlay("- {target: $.a, description: ' why ', update: 1, x-decides: [rule]}")
    )
    assert (action.target, action.description, action.removes, action.update, action.optional, action.decides) == (
        "$.a", "why", False, 1, False, ("rule",),
    )  # fmt: skip
    assert (action.pointer, action.place) == ("/actions/0", Place("o.yaml", 4, 3))


def test_the_shipped_overlays_apply(root: Path) -> None:
    """Each to what it is made for: `gaps` to what was derived, the others to the contract."""
    overlays = {path.stem: path for path in (root / "docs/api/overlays").glob("*.yaml")}
    assert {"gaps", "observed"} <= set(overlays)
    for name in sorted(set(overlays) - {"gaps"}):
        assert (
            load_contract(overlays=[overlays[name]]).operations.keys()
            == load_contract().operations.keys()
        )
    gaps = parse_overlay_actions(read_yaml(overlays["gaps"]))
    assert all(action.description for action in gaps)


def test_the_observed_names(root: Path) -> None:
    """Renamed, with the examples, and without a warning; the place of a new property is in the overlay."""
    contract = load_contract(overlays=[root / "docs/api/overlays/observed.yaml"])
    properties = contract.document["components"]["schemas"]["SubtaskInstance"]["properties"]
    assert properties["parallelIdx"]["x-documented-as"] == "paralleIdx"
    assert "paralleIdx" not in properties
    assert contract.warnings == ()
    place = contract.place("/components/schemas/SubtaskInstance/properties/parallelIdx/type")
    assert Path(place.file).name == "observed.yaml"


def test_a_contract_that_an_overlay_breaks_is_told_with_the_overlays_line(tmp_path: Path) -> None:
    """Not with that of the document below it."""
    (tmp_path / "o.yaml").write_text(HEAD + "- {target: $.paths.*.get, update: {operationId: 5}}")
    with pytest.raises(InputError, match=r"o\.yaml:4:49: the operationId is no text"):
        loaded(document(), tmp_path, overlays=[tmp_path / "o.yaml"])


_TARGETS = st.sampled_from(
    ["$", "$.a", "$.*", "$..*", "$.a[0]", "$..a", "$[?@.a]", "$.a['b','c']", "$..[0]", "$..[?@==1]"]
)


@given(VALUES, st.lists(st.tuples(_TARGETS, VALUES | st.just(...)), min_size=1, max_size=4))
def test_an_overlay_applies_or_is_refused(data: Any, actions: list[tuple[str, Any]]) -> None:
    """Nothing else happens, whatever it says; and each node still has a place."""
    told = [
        {"target": t, **({"remove": True} if value is ... else {"update": value})}
        for t, value in actions
    ]
    source = Source("o.yaml", {"overlay": "1.0.0", "actions": told}, {})
    trees: list[Tree] = []
    refused = refusal(
        lambda: trees.append(overlay_tree(Tree.of(Source("b.yaml", data, {})), source))
    )
    assert all(problem.place for problem in refused)
    for tree in trees:
        assert {tree.place(pointer).file for pointer in _pointers(tree.data)} <= {
            "b.yaml",
            "o.yaml",
        }


def _pointers(node: Any, at: str = "") -> list[str]:
    parts = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    below = [(str(key).replace("~", "~0").replace("/", "~1"), part) for key, part in parts]
    return [at, *(pointer for key, part in below for pointer in _pointers(part, f"{at}/{key}"))]
