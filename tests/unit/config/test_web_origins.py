"""Web origins that users write: what is accepted, and what the error says about the others."""

import pytest

from understudy.config import Settings, is_web_origin, normalise_origin
from understudy.errors import InputError


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:3000",
        "https://app.example.com",
        "HTTPS://App.example.com:443",
        "http://[::1]:5173",
        "http://10.0.0.5",
        "http://my_app:80",
    ],
)
def test_origins_are_accepted(origin: str) -> None:
    """With or without a port, in any case."""
    assert is_web_origin(origin)
    assert Settings(cors_origins=origin).cors_origins == (origin,)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("origin", "change"),
    [
        ("*", "a star is not allowed: name each origin."),
        ("https://*.example.com", "a star is not allowed: name each origin."),
        ("null", "A page that is opened from a file has no origin: serve it over HTTP."),
        ("http://a,http://b", "Give each origin with a --cors-origin of its own."),
        ("http://a http://b", "Give each origin with a --cors-origin of its own."),
        (" http://a", 'Did you mean "http://a"? Remove the spaces around it.'),
        ("app.example.com", 'Did you mean "https://app.example.com"? Put the scheme before it.'),
        ("localhost:3000", 'Did you mean "http://localhost:3000"? Put the scheme before it.'),
        ("box", 'Did you mean "http://box"? Put the scheme before it.'),
        ("10.0.0.5", 'Did you mean "http://10.0.0.5"? Put the scheme before it.'),
        ("//app.example", 'Did you mean "https://app.example"? Put the scheme before it.'),
        ("http:/app.example", 'Did you mean "http://app.example"? Put the scheme before it.'),
        ("http://app.example/", 'Did you mean "http://app.example"? Remove "/" from its end.'),
        ("https://a.b/c?d#e", 'Did you mean "https://a.b"? Remove "/c?d#e" from its end.'),
        ("app.example/", 'Did you mean "https://app.example"? Remove "/" from its end.'),
        ("http://me:secret@a.b", 'Did you mean "http://a.b"? Remove the user.'),
        ("http://b\u00fccher.example", 'Did you mean "http://xn--bcher-kva.example"?'),
        ("http://[::1]/", 'Did you mean "http://[::1]"? Remove "/" from its end.'),
        ("ftp://x", "Only pages of http and https can be allowed."),
        ("chrome-extension://x/", "Only pages of http and https can be allowed."),
        ("http://x:99999", "such as https://app.example.com."),
        ("http://[::1", "such as https://app.example.com."),
        ("http://", "such as https://app.example.com."),
        ("http://a..b", "such as https://app.example.com."),
        ("http://\u00fc..b", "such as https://app.example.com."),
    ],
)
def test_error_has_what_to_change(origin: str, change: str) -> None:
    """The text ends with the change, and names the origin where there is one."""
    with pytest.raises(InputError) as caught:
        Settings(cors_origins=(origin,))
    text = str(caught.value)
    assert text.startswith(f'"{origin}" is not a web origin. Expected a scheme, a name')
    assert text.endswith(change)


def test_all_flaws_are_reported() -> None:
    """Not only that of the first origin."""
    with pytest.raises(InputError) as caught:
        Settings(cors_origins=("http://a", "*", "http://b/"))
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize(
    ("origin", "normalised"),
    [
        ("HTTPS://App.Example:443", "https://app.example"),
        ("http://a:80", "http://a"),
        ("http://a:443", "http://a:443"),
        ("http://a:8080", "http://a:8080"),
        ("null", "null"),
    ],
)
def test_origins_are_normalised(origin: str, normalised: str) -> None:
    """As browsers write them."""
    assert normalise_origin(origin) == normalised
