"""The lines that a node of the contract came from."""

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


def explain_lines(pointer: str) -> list[int]:
    return [trace.line for trace in explain(CONTRACT, pointer, DOCUMENTS)]


def read_problem(pointer: str) -> str:
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
def test_lines_are_ordered(pointer: str, expected: list[int]) -> None:
    """The node's own line comes first, then those of its ancestors, then those inside it."""
    assert explain_lines(pointer) == expected


def test_reference_is_followed() -> None:
    """The lines of a `$ref` include those of its target."""
    assert explain_lines(SCHEMA) == [8, 3, 10, 12, 13, 99, 2]
    assert explain_lines("/components/schemas/Book/properties/tags/items") == [13, 10, 15]
    assert explain_lines("/components/schemas/Loop") == []


def test_pointer_may_lead_through_a_reference() -> None:
    """The response of an operation refers to its schema."""
    assert explain_lines(f"{SCHEMA}/properties/id") == [12, 10, 8, 3]


def test_trace_has_the_text_of_its_line() -> None:
    """The text is that of the line's own document, without surrounding white space."""
    traces = explain(CONTRACT, "/components/schemas/Book/properties/other", DOCUMENTS)
    assert traces == (Trace("b.md", 2, "second"), Trace("a.md", 10, "line 10"))


def test_line_outside_the_documents_is_marked() -> None:
    """An overlay may have written any `x-source`."""
    [trace, _] = explain(CONTRACT, "/components/schemas/Book/properties/odd", DOCUMENTS)
    assert trace == Trace("a.md", 99, "(not a line of these documents)")


@pytest.mark.parametrize("pointer", ["listBooks", f"#{GET}", "#/paths/%7E1api~1books/get"])
def test_node_may_be_named_by_operation_id_or_fragment(pointer: str) -> None:
    """A fragment may be percent-encoded."""
    assert explain_lines(pointer) == explain_lines(GET)


def test_overlay_action_replaces_the_line() -> None:
    """An action is listed once, however many nodes it made."""
    action = Trace("gaps.yaml", 12, "Why.")
    pointer = "/components/schemas/Book/properties/id"
    from_overlay = {pointer, f"{pointer}/type"}
    traces = explain(
        CONTRACT, pointer, DOCUMENTS, lambda at: action if at in from_overlay else None
    )
    assert traces == (action, Trace("a.md", 10, "line 10"))


@pytest.mark.parametrize(
    ("pointer", "message"),
    [
        (
            "/components/schemas/Bok",
            '"/components/schemas" has no member "Bok". Did you mean "/components/schemas/Book"?',
        ),
        ("/path", '"/" has no member "path". Did you mean "/paths"?'),
        ("/paths/api/books/get", 'has no member "api". Did you mean "/paths/~1api~1books/get"?'),
        ("/paths//api/books/get/x", 'Did you mean "/paths/~1api~1books/get/x"?'),
        ("/tags/0", 'has no member "0". Expected no index: the list is empty.'),
        (f"{GET}/parameters/2", 'has no member "2". Expected an index below 2.'),
        (f"{GET}/parameters/01", 'has no member "01". Expected an index below 2.'),
        (f"{GET}/operationId/x", "Expected the pointer to end here."),
        ("/info/zzzz", "Expected one of title, x-source."),
        ("/components/schemas/Loop/x", "Expected one of $ref."),
        ("listBoks", 'unknown operation "listBoks". Did you mean "listBooks"?'),
        ("zzzz", "Use an operationId or a JSON pointer such as /info."),
    ],
)
def test_unknown_node_is_reported(pointer: str, message: str) -> None:
    """The problem says how far the pointer leads, and has the nearest name there."""
    problem = read_problem(pointer)
    assert (message in problem, problem) == (True, problem)


def test_problem_lists_the_first_keys_only() -> None:
    """An object may have hundreds of keys."""
    contract: dict[str, Any] = {"paths": {f"/p{number}": {} for number in range(20)}}
    with pytest.raises(InputError, match=r"Expected one of /p0, .*/p7 and 12 more\."):
        explain(contract, "/paths/zzzzzzzzz", [])


def test_derived_contract_has_lines_of_the_document_only() -> None:
    """Each trace has the text of the line that it names."""
    document = Document("small.md", CLEAN)
    traces = explain(derive_text(CLEAN).contract, "", [document])
    assert len(traces) > 10
    assert [
        trace for trace in traces if trace.text != CLEAN.split("\n")[trace.line - 1].strip()
    ] == []
