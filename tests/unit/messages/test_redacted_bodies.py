"""Bodies and texts: secrets are replaced, everything else stays as it is."""

from urllib.parse import quote

import pytest

from understudy.messages import (
    Headers,
    Secrets,
    redact,
    redact_body,
    redact_headers,
    redact_target,
    redact_text,
)

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
X = redact("x-secret")


@pytest.mark.parametrize(
    ("media_type", "body", "expected"),
    [
        (JSON, '{"password": "x-secret", "a": 1}', f'{{"password": "{X}", "a": 1}}'),
        (JSON, '{"a":{"Token" :\n"x-secret"}}', f'{{"a":{{"Token" :\n"{X}"}}}}'),
        (JSON, '{"pin_key": 1234}', f'{{"pin_key": "{redact("1234")}"}}'),
        (JSON, '{"keys": ["x-secret", true, null, ""]}', f'{{"keys": ["{X}", true, null, ""]}}'),
        (JSON, '{"secret": {"a": "x-secret"}, "b": 1}', f'{{"secret": {{"a": "{X}"}}, "b": 1}}'),
        (JSON, '{"pass\\u0077ord": "x-secret"}', f'{{"pass\\u0077ord": "{X}"}}'),
        (JSON, '{"a": "{\\"key\\": \\"x-secret\\"}"}', f'{{"a": "{{\\"key\\": \\"{X}\\"}}"}}'),
        (JSON, '{"name": "pwd", "value": "x-secret"}', f'{{"name": "pwd", "value": "{X}"}}'),
        (JSON, '[{"token": "x-secret', f'[{{"token": "{X}"'),
        (JSON, '"https://bob:x-secret@host/"', f'"https://bob:{X}@host/"'),
        (JSON, '{"a": "Bearer x-secret1"}', f'{{"a": "Bearer {redact("x-secret1")}"}}'),
        (FORM, "a=1&pass%77ord=x-secret&b=", f"a=1&pass%77ord={X}&b="),
        ("", "a=1&token=x-secret", f"a=1&token={X}"),
        ("text/plain", "user: bob\ntoken: x-secret\n", f"user: bob\ntoken: {X}\n"),
        ("text/xml", "<a><key>x-secret</key></a>", f"<a><key>{X}</key></a>"),
        ("text/xml", '<a key="x-secret" b="c"/>', f'<a key="{X}" b="c"/>'),
    ],
)
def test_secret_is_replaced(media_type: str, body: str, expected: str) -> None:
    """Only the secret changes: white space, order and cut ends stay."""
    assert redact_body(body.encode(), media_type).decode() == expected


@pytest.mark.parametrize("secret", [b"\xff\x00\r\n-", b"x-secret"], ids=["bytes", "text"])
def test_multipart_form_is_redacted_by_part(secret: bytes) -> None:
    """The content of a part with a secret name is replaced, whatever it is; others stay."""
    head = b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n'
    pattern = head % b"apiKey" + b"%s\r\n" + head % b"a" + secret + b"\r\n--b--\r\n"
    digest = redact(secret.decode("utf-8", "surrogateescape")).encode()
    assert redact_body(pattern % secret, 'multipart/form-data; boundary="b"') == pattern % digest


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        (JSON, '{"keyword": "x", "a": [1, 2.50, "\\u00e9"], "author": {"n": null}}'),
        (JSON, '{"token": true, "key": "", "secret": null}'),
        (FORM, "keyword=x&a=%20&monkey"),
        ("text/plain", "Basic authentication needs the Bearer certificate: see https://host/a@b"),
        ("application/octet-stream", "\x00\x01"),
    ],
)
def test_body_without_secrets_is_the_same_object(media_type: str, body: str) -> None:
    """Nothing is written anew."""
    data = body.encode()
    assert redact_body(data, media_type) is data


def test_urls_of_header_fields_are_redacted() -> None:
    """A field that is not secret itself may have a URL with a secret."""
    fields = [("Referer", "http://a:x-secret@h/?q=1&key=x-secret"), ("Accept", "text/html;q=0.9")]
    redacted = redact_headers(Headers.of(fields))
    assert redacted.fields == (
        ("Referer", f"http://a:{X}@h/?q=1&key={X}"),
        ("Accept", "text/html;q=0.9"),
    )


def test_target_keeps_its_encoding() -> None:
    """Query, user information and parameters of the path are redacted, the rest is as received."""
    target = "http://a:x-secret@h/b%20c;sid=x-secret?d=%7e&pass%77ord=x-secret&key"
    assert redact_target(target) == f"http://a:{X}@h/b%20c;sid={X}?d=%7e&pass%77ord={X}&key"


def test_known_secret_is_replaced_everywhere() -> None:
    """A response may repeat a secret of its request; short ones could be any word."""
    secrets = Secrets()
    redact_headers(Headers.of([("X-Token", "x-secret-1"), ("X-Key", "short")]), secrets)
    expected = f'{{"message": "bad {redact("x-secret-1")}, short"}}'
    assert secrets.replace_known('{"message": "bad x-secret-1, short"}') == expected


@pytest.mark.parametrize(
    "text",
    [
        '"' * 60_000,
        '{"a":' * 20_000,
        "\\" * 60_000 + '"',
        "<a " * 20_000 + "</",
        "://a:" * 12_000 + "@",
        "eyJ" * 20_000,
        "Bearer " * 9_000,
        "<a =" * 15_000 + "/>",
        '{"key":' + "[" * 50_000,
        ('{"a":"' + "\\\\" * 9) * 3_000,
    ],
    ids=range(10),
)
def test_long_text_is_read_in_linear_time(text: str) -> None:
    """Texts for which a square of their length would take minutes are read, and have no secret."""
    assert redact_text(text) == text


def test_form_that_is_not_utf_8_is_redacted() -> None:
    """A byte beside a secret that is not UTF-8 becomes a question mark."""
    body = b'j=\xff{"pwd":"x-secret"}'
    assert redact_body(body, FORM) == f"j=%3F%7B%22pwd%22%3A%22{quote(X, '')}%22%7D".encode()
