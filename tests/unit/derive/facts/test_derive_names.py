"""Names: parts of identifiers, singular and plural, and operationIds."""

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


@pytest.mark.parametrize(
    ("identifier", "parts"),
    [
        ("obClusterId", ["ob", "Cluster", "Id"]),
        ("SYS_ONCE", ["SYS", "ONCE"]),
        ("HTTPServer", ["HTTP", "Server"]),
        ("a1b", ["a", "b"]),
        ("", []),
        ("集群", []),
    ],
)
def test_identifiers_split_at_capitals_digits_and_signs(identifier: str, parts: list[str]) -> None:
    """Chinese characters are signs."""
    assert split_identifier(identifier) == parts


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
def test_the_last_part_of_a_name_decides_its_number(word: str, plural: bool) -> None:
    """The form of the part decides, with exceptions for common words."""
    assert is_plural(word) is plural


@pytest.mark.parametrize(
    ("word", "singular"),
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
def test_a_plural_becomes_a_singular(word: str, singular: str) -> None:
    """A name that is not a plural stays as it is."""
    assert to_singular(word) == singular


def test_texts_join_to_the_names_of_types_and_members() -> None:
    """Signs and spaces separate the parts."""
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


def test_repeated_names_get_a_number() -> None:
    """No number makes a name that is taken."""
    assert make_distinct(["id", "id", "id2", "id", "x"]) == ["id", "id2", "id22", "id3", "x"]


def test_path_parameters_are_the_names_in_braces() -> None:
    """They keep their order."""
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
def test_operation_ids_come_from_method_and_path(method: str, path: str, name: str) -> None:
    """Nothing else of the document takes part."""
    assert make_operation_id(method, path) == name
