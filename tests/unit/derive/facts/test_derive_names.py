"""Names, spelling and written values."""

from typing import Any

import pytest

from understudy.derive.facts.names import (
    find_path_parameters,
    is_plural,
    make_distinct,
    make_operation_id,
    split_identifier,
    to_camel_case,
    to_pascal_case,
    to_singular,
)
from understudy.derive.lexicon.cell_parser import read_type
from understudy.derive.lexicon.spelling import SpellChecker, is_single_typo
from understudy.derive.lexicon.word_lists import ENGLISH_LEXICON, ENTITY_NOUNS, MEASURE_NOUNS
from understudy.derive.reader.example_values import ValueMismatch, read_value


@pytest.mark.parametrize(
    ("identifier", "pieces"),
    [
        ("obClusterId", ["ob", "Cluster", "Id"]),
        ("SYS_ONCE", ["SYS", "ONCE"]),
        ("HTTPServer", ["HTTP", "Server"]),
        ("a1b", ["a", "b"]),
        ("", []),
        ("集群", []),
    ],
)
def test_parts(identifier: str, pieces: list[str]) -> None:
    """An identifier is parted at humps, digits and signs."""
    assert split_identifier(identifier) == pieces


@pytest.mark.parametrize(
    ("word", "plural"),
    [
        ("tasks", True),
        ("upstreams", True),
        ("data", True),
        ("hostList", True),
        ("children", True),
        ("status", False),
        ("address", False),
        ("downstream", False),
        ("analysis", False),
        ("taskStatus", False),
        ("", False),
    ],
)
def test_plurals(word: str, plural: bool) -> None:
    """The last part decides, by its form."""
    assert is_plural(word) is plural


@pytest.mark.parametrize(
    ("word", "one"),
    [
        ("instances", "instance"),
        ("policies", "policy"),
        ("classes", "class"),
        ("boxes", "box"),
        ("branches", "branch"),
        ("status", "status"),
        ("data", "data"),
        ("subtasks", "subtask"),
        ("task", "task"),
    ],
)
def test_singulars(word: str, one: str) -> None:
    """The singular of a plural; what is none stays."""
    assert to_singular(word) == one


def test_joined_names() -> None:
    """Words join as a type's and as a member's name; signs part them."""
    assert (
        to_pascal_case("get task", "log-line"),
        to_camel_case("get task", "Log"),
        to_pascal_case(""),
        to_camel_case(),
    ) == (
        "GetTaskLogLine",
        "getTaskLog",
        "",
        "",
    )


def test_distinct_names() -> None:
    """A number behind each that stood before, and no number that is taken."""
    assert make_distinct(["id", "id", "id2", "id", "x"]) == ["id", "id2", "id22", "id3", "x"]


def test_path_parameters() -> None:
    """The names in braces, in order."""
    assert find_path_parameters("/a/{b}/c/{d}.{e}") == ["b", "d", "e"]


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/api/v2/tasks/instances", "listTaskInstances"),
        ("GET", "/api/v2/tasks/instances/{taskInstanceId}", "getTaskInstance"),
        ("POST", "/api/v2/tasks/instances/{taskInstanceId}/retry", "retryTask"),
        ("GET", "/tasks/{taskId}/subtasks/{subtaskId}/log", "getSubtaskLog"),
        ("GET", "/v1/orders", "listOrders"),
        ("POST", "/v1/orders", "createOrder"),
        ("GET", "/v1/orders/{id}", "getOrder"),
        ("PUT", "/v1/orders/{id}", "replaceOrder"),
        ("PATCH", "/v1/orders/{orderId}", "updateOrder"),
        ("DELETE", "/v1/orders/{orderId}", "deleteOrder"),
        ("GET", "/v1/orders/{orderId}/items", "listOrderItems"),
        ("POST", "/v1/orders/{orderId}/items", "createOrderItem"),
        ("POST", "/v1/orders/{orderId}", "updateOrder"),
        ("POST", "/v1/hosts/batchCreate", "batchHostCreate"),
        ("GET", "/", "get"),
        ("POST", "/", "post"),
    ],
)
def test_operation_ids(method: str, path: str, name: str) -> None:
    """Made of method and path alone."""
    assert make_operation_id(method, path) == name


@pytest.mark.parametrize(
    ("word", "other", "slip"),
    [
        ("onece", "once", True),
        ("paralle", "parallel", True),
        ("recieve", "receive", True),
        ("cluster", "clustre", True),
        ("status", "statue", True),
        ("once", "once", False),
        ("abc", "cba", False),
        ("ab", "abcd", False),
        ("", "a", True),
        ("abcd", "badc", False),
    ],
)
def test_one_slip(word: str, other: str, slip: bool) -> None:
    """One letter out, in, changed, or two neighbours swapped; the same both ways."""
    assert (is_single_typo(word, other), is_single_typo(other, word)) == (slip, slip)


@pytest.mark.parametrize(
    ("identifier", "correct"),
    [
        ("SYS_ONECE", "SYS_ONCE"),
        ("paralleIdx", "parallelIdx"),
        ("recieveTime", "receiveTime"),
        ("clustreName", "clusterName"),
        ("RecordRecor", "RecordRecord"),
        ("prohibitRollback", "prohibitRollback"),
        ("traceId", "traceId"),
        ("idx", "idx"),
        ("canceling", "canceling"),
        ("modified", "modified"),
        ("springBootVersion", "springBootVersion"),
        ("集群", "集群"),
    ],
)
def test_spelling(identifier: str, correct: str) -> None:
    """A part one slip from a word is corrected in its own case; a right one, an abbreviation and a form stay."""
    assert SpellChecker([identifier]).correct(identifier) == correct


def test_a_word_of_the_trade() -> None:
    """What three identifiers share is a word, and what is a slip from it is one."""
    speller = SpellChecker(["quuxa", "quuxaId", "quuxaName", "qouxaSize"])
    assert [speller.correct(name) for name in ("quuxaId", "qouxaSize")] == ["quuxaId", "quuxaSize"]


def test_the_lexicon_is_in_order() -> None:
    """Words are lower-case letters; of two nouns the longer one comes before that which it contains."""
    assert [word for word in ENGLISH_LEXICON if not word.isalpha() or not word.islower()] == []
    for nouns in (ENTITY_NOUNS, MEASURE_NOUNS):
        names = [noun for noun, _ in nouns]
        assert [(a, b) for at, a in enumerate(names) for b in names[at + 1 :] if a in b] == []


@pytest.mark.parametrize(
    ("text", "type", "value"),
    [
        ('"Prepare host"', "String", "Prepare host"),
        ("Beijing", "String", "Beijing"),
        ("100", "String", "100"),
        ("1000", "Long", 1000),
        ('["A", "B"]', "StringArray", ["A", "B"]),
        ("true", "Boolean", True),
        ("`5`", "Integer", 5),
        ("1.5", "Double", 1.5),
        ("[1]", "Array<Long>", [1]),
        ('{"a": 1}', "Object", {"a": 1}),
    ],
)
def test_written_values(text: str, type: str, value: Any) -> None:
    """A value as the type wants it."""
    assert read_value(text, read_type(type)) == value


@pytest.mark.parametrize(
    ("text", "type", "why"),
    [
        ("abc", "Long", "it is not JSON"),
        ("1.5", "Long", "it is a number"),
        ("true", "Integer", "it is a boolean"),
        ("2147483648", "Integer", "it is beyond int32"),
        ('["a"]', "Array<Long>", "it is a text"),
        ("1", "Array", "it is an integer"),
        ("abc", "Task", "the type is not known"),
        ("1e999", "Double", "too large"),
        ("[" * 200, "Array", "nested deeper"),
        ("null", "Long", "it is null"),
        ("{}", "Boolean", "it is an object"),
    ],
)
def test_values_that_do_not_fit(text: str, type: str, why: str) -> None:
    """The text of a misfit says why."""
    with pytest.raises(ValueMismatch, match=why):
        read_value(text, read_type(type))
