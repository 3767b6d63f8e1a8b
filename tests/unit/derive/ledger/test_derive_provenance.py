"""Which lines a node of the contract came from."""

from typing import Any

import pytest

from derive_builders import CLEAN, derive_text
from understudy.derive import Document, Trace, explain
from understudy.errors import InputError

TEXT = "\n".join(f"  line {number} " for number in range(1, 21))
DOCUMENTS = [Document("a.md", TEXT), Document("b.md", "first\r\nsecond")]
OPERATION = {
    "operationId": "listBooks",
    "x-source": "a.md:3",
    "parameters": [
        {"name": "page", "schema": {"type": "integer"}, "x-source": "a.md:5"},
        {"name": "size", "schema": {"type": "integer"}, "x-source": "a.md:6"},
    ],
    "responses": {
        "200": {
            "content": {"j": {"schema": {"$ref": "#/components/schemas/Book"}}},
            "x-source": "a.md:8",
        }
    },
}
BOOK = {
    "x-source": "a.md:10",
    "properties": {
        "id": {"type": "integer", "x-source": "a.md:12"},
        "tags": {"items": {"$ref": "#/components/schemas/T~1g"}, "x-source": "a.md:13"},
        "self": {"$ref": "#/components/schemas/Book"},
        "odd": {"x-source": "a.md:99"},
        "other": {"x-source": "b.md:2"},
    },
}
CONTRACT: dict[str, Any] = {
    "info": {"title": "Books", "x-source": "a.md:1"},
    "paths": {"/api/books": {"get": OPERATION}, "/api/none": {"summary": "x", "post": {}}},
    "components": {
        "schemas": {
            "Book": BOOK,
            "T/g": {"x-source": "a.md:15"},
            "Loop": {"$ref": "#/components/schemas/Loop"},
        }
    },
    "tags": [],
}
GET = "/paths/~1api~1books/get"
SCHEMA = f"{GET}/responses/200/content/j/schema"


def lines(pointer: str) -> list[int]:
    return [trace.line for trace in explain(CONTRACT, pointer, DOCUMENTS)]


def problem(pointer: str) -> str:
    with pytest.raises(InputError) as caught:
        explain(CONTRACT, pointer, DOCUMENTS)
    return str(caught.value)


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [
        (GET, [3, 5, 6, 8]),
        (f"{GET}/parameters/1", [6, 3]),
        (f"{GET}/parameters/1/schema/type", [6, 3]),
        ("/components/schemas/Book", [10, 12, 13, 99, 2]),
        ("/components/schemas/Book/properties/id", [12, 10]),
        ("/paths", [3, 5, 6, 8]),
        ("/tags", []),
    ],
)
def test_lines_in_their_order(pointer: str, expected: list[int]) -> None:
    """The node's own, then those around it, then those of what is in it."""
    assert lines(pointer) == expected


def test_a_reference_leads_on() -> None:
    """A node that is a `$ref` is explained by its target too."""
    assert lines(SCHEMA) == [8, 3, 10, 12, 13, 99, 2]
    assert lines("/components/schemas/Book/properties/tags/items") == [13, 10, 15]
    assert lines("/components/schemas/Loop") == []


def test_a_pointer_may_lead_through_a_reference() -> None:
    """As the answer of an operation does."""
    assert lines(f"{SCHEMA}/properties/id") == [12, 10, 8, 3]


def test_the_text_of_the_line_is_told() -> None:
    """Of the document that the line is of, without the white space around it."""
    traces = explain(CONTRACT, "/components/schemas/Book/properties/other", DOCUMENTS)
    assert traces == (Trace("b.md", 2, "second"), Trace("a.md", 10, "line 10"))


def test_a_line_that_no_document_has_is_said() -> None:
    """An overlay may have written any `x-source`."""
    [trace, _] = explain(CONTRACT, "/components/schemas/Book/properties/odd", DOCUMENTS)
    assert trace == Trace("a.md", 99, "(not a line of these documents)")


@pytest.mark.parametrize("pointer", ["listBooks", f"#{GET}", "#/paths/%7E1api~1books/get"])
def test_other_ways_to_name_a_node(pointer: str) -> None:
    """An operationId alone, and a fragment with its percent-encoding."""
    assert lines(pointer) == lines(GET)


def test_what_an_overlay_made_is_told_by_the_overlay() -> None:
    """Its action takes the place of the document's line, once however many nodes it made."""
    action = Trace("gaps.yaml", 12, "Why.")
    made = {"/components/schemas/Book/properties/id", "/components/schemas/Book/properties/id/type"}
    pointer = "/components/schemas/Book/properties/id"
    found = explain(CONTRACT, pointer, DOCUMENTS, lambda at: action if at in made else None)
    assert found == (action, Trace("a.md", 10, "line 10"))


@pytest.mark.parametrize(
    ("pointer", "message"),
    [
        (
            "/components/schemas/Bok",
            'as far as "/components/schemas", which has no "Bok". Did you mean "/components/sc',
        ),
        ("/path", 'the pointer leads as far as "/", which has no "path". Did you mean "/paths"?'),
        ("/paths/api/books/get", 'which has no "api". Did you mean "/paths/~1api~1books/get"?'),
        ("/paths//api/books/get/x", 'Did you mean "/paths/~1api~1books/get/x"?'),
        ("/tags/0", 'has no "0". Expected nothing: the list is empty.'),
        (f"{GET}/parameters/2", 'has no "2". Expected an index below 2.'),
        (f"{GET}/parameters/01", 'has no "01". Expected an index below 2.'),
        (f"{GET}/operationId/x", "Expected the pointer to end here."),
        ("/info/zzzz", "Expected one of title, x-source."),
        ("/components/schemas/Loop/x", "Expected one of $ref."),
        ("listBoks", 'there is no operation "listBoks" in the contract. Did you mean "listBooks"?'),
        ("zzzz", "Give an operationId or a JSON pointer such as /info."),
    ],
)
def test_what_names_nothing(pointer: str, message: str) -> None:
    """How far it leads, and the nearest name there."""
    told = problem(pointer)
    assert (message in told, told) == (True, told)


def test_the_keys_of_a_large_object_are_not_all_named() -> None:
    """The first are."""
    contract: dict[str, Any] = {"paths": {f"/p{number}": {} for number in range(20)}}
    with pytest.raises(InputError, match=r"Expected one of /p0, .*/p7 and 12 more\."):
        explain(contract, "/paths/zzzzzzzzz", [])


def test_each_line_of_a_derived_contract_is_one_of_the_document() -> None:
    """Whatever node is asked for."""
    document = Document("small.md", CLEAN)
    traces = explain(derive_text(CLEAN).contract, "", [document])
    assert len(traces) > 10
    assert [
        trace for trace in traces if trace.text != CLEAN.split("\n")[trace.line - 1].strip()
    ] == []
