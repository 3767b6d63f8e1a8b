"""Graphs in layers: determinism, order, few crossings; drawings."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.graph import Node, lay_out
from understudy.graph.drawings import draw_svg, write_mermaid, write_text
from understudy.graph.layout import count_crossings

DIAMOND = [
    Node(1, "Prepare", "SUCCESSFUL"),
    Node(2, "Zone 1", "RUNNING", after=(1,)),
    Node(3, "Zone <2>", "FAILED", "RETRY", after=(1,)),
    Node(4, "Finish", "PENDING", after=(2, 3, 1)),
]


def test_layers_are_those_of_the_longest_path() -> None:
    """An edge that a longer path implies is left out."""
    layout = lay_out(DIAMOND)
    assert [[node.id for node in layer] for layer in layout.layers] == [[1], [2, 3], [4]]
    assert layout.edges == ((1, 2), (1, 3), (2, 4), (3, 4))
    assert (layout.width, layout.places[3]) == (2, (1, 1))


def test_crossings_are_avoided() -> None:
    """Two chains that cross in the order of the file do not cross in the layout."""
    nodes = [Node(1, "a"), Node(2, "b"), Node(3, "c", after=(2,)), Node(4, "d", after=(1,))]
    layout = lay_out(nodes)
    order = [[node.id for node in layer] for layer in layout.layers]
    assert count_crossings([[1, 2], [3, 4]], layout.edges) == 1
    assert count_crossings(order, layout.edges) == 0


@given(
    st.lists(st.lists(st.integers(0, 30), max_size=3), max_size=30).map(
        lambda rows: [
            Node(number, f"n{number}", after=tuple(each for each in row if each < number))
            for number, row in enumerate(rows)
        ]
    )
)
def test_every_node_comes_after_its_befores(nodes: list[Node]) -> None:
    """Each node is there once, below all that it comes after; the layout is the same again."""
    layout = lay_out(nodes)
    places = layout.places
    assert sorted(places) == [node.id for node in nodes]
    assert all(places[start][0] < places[end][0] for start, end in layout.edges)
    for node in nodes:
        assert all(places[other][0] < places[node.id][0] for other in node.after)
    assert lay_out(nodes) == layout


def test_wrong_graphs_are_reported() -> None:
    """A cycle, and two nodes with one id; what is not there is ignored."""
    with pytest.raises(ValueError, match="in a cycle"):
        lay_out([Node(1, "a", after=(2,)), Node(2, "b", after=(1,))])
    with pytest.raises(ValueError, match="the same id"):
        lay_out([Node(1, "a"), Node(1, "b")])
    assert lay_out([Node(1, "a", after=(9,))]).edges == ()
    assert lay_out([]).layers == ()


def test_svg_is_well_formed_and_escaped() -> None:
    """Names are text; each node has its status in its shape, not in its colour alone."""
    svg = draw_svg(lay_out(DIAMOND), "Task <7>")
    root = ElementTree.fromstring(svg)  # noqa: S314 - our own
    texts = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts == [
        *("✓ Prepare", "SUCCESSFUL", "▶ Zone 1", "RUNNING"),
        *("✗ Zone <2>", "FAILED RETRY", "… Finish", "PENDING"),
    ]
    assert "style" not in svg
    assert draw_svg(lay_out([]), "Nothing").endswith("</title></svg>")


def test_mermaid_escapes_what_is_syntax() -> None:
    """Quotes and brackets of a name are entities."""
    text = write_mermaid(lay_out([Node(1, 'a "b" [c]', "FAILED"), Node(2, "步骤", after=(1,))]))
    assert text == (
        "flowchart TD\n"
        '    n1["✗ a #34;b#34; #91;c#93;"]:::bad\n'
        '    n2["#63; 步骤"]:::waiting\n'
        "    n1 --> n2\n"
    )


def test_text_has_a_line_for_each_node() -> None:
    """With layer, sign, id, status, name, and what it comes after."""
    assert write_text(lay_out(DIAMOND)) == (
        "  1  ✓ 1  SUCCESSFUL  Prepare\n"
        "  2  ▶ 2  RUNNING     Zone 1  after 1\n"
        "  2  ✗ 3  FAILED     RETRY  Zone <2>  after 1\n"
        "  3  … 4  PENDING     Finish  after 2, 3\n"
    )


def test_large_graphs_are_laid_out_quickly() -> None:
    """200 subtasks, each after up to five others."""
    nodes = [
        Node(number, f"step {number}", after=tuple(range(max(0, number - 7), number, 2)))
        for number in range(200)
    ]
    svg = draw_svg(lay_out(nodes), "large")
    assert len(re.findall(r"<rect", svg)) == 200
