"""Parsers of methods and paths."""

import pytest

from understudy.derive.markdown.endpoints import Endpoint, find_endpoint


@pytest.mark.parametrize(
    ("text", "anywhere", "endpoint"),
    [
        ("GET /a", False, ("GET", "/a")),
        ("`GET /a/{id}`", False, ("GET", "/a/{id}")),
        ("POST: /a", False, ("POST", "/a")),
        ("**DELETE /a**", False, ("DELETE", "/a")),
        ("GET /a。", False, ("GET", "/a")),
        ("看 GET /a", False, None),
        ("查询 GET /a 的用法", True, ("GET", "/a")),
        ("TARGET /a", True, None),
        ("get /a", False, ("GET", "/a")),
        ("get /", False, None),
        ("GET https://host:80/a/:id?x=1", False, ("GET", "/a/{id}", "x=1")),
        ("/a/<id> (POST)", False, ("POST", "/a/{id}")),
        ("[PUT] /a", False, ("PUT", "/a")),
        ("get /a 的用法", True, None),
        ("GET a", False, None),
        ("GET", False, None),
        ("", True, None),
    ],
)
def test_a_text_may_be_an_endpoint(
    text: str, anywhere: bool, endpoint: tuple[str, ...] | None
) -> None:
    """With `anywhere`, an endpoint inside of a text counts too."""
    assert find_endpoint(text, anywhere=anywhere) == (Endpoint(*endpoint) if endpoint else None)
