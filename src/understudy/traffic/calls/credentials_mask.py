"""Hides credentials that a server sends back: an answer may echo the request."""

import base64
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from understudy.messages import Headers, Json, Response
from understudy.traffic.finding import Finding

_PLAIN = frozenset(
    ["accept", "accept-encoding", "accept-language", "content-type", "host", "origin", "user-agent"]
)
"""Header fields, in lower case, that hold no credentials."""
_MIN_LENGTH = 4
"""A shorter text is found in too many words."""
_LONG = 8
"""Texts of this length are hidden in the answer too, whose texts may be abbreviated later."""
_MASK = "<redacted>"


class CredentialsMask:
    """Hides the values of header fields, and the passwords in them."""

    def __init__(self, headers: Iterable[tuple[str, str]]) -> None:
        secrets = {text for name, value in headers for text in _list_secrets(name, value)}
        ordered = sorted((text for text in secrets if len(text) >= _MIN_LENGTH), key=len)
        self._secrets = ordered[::-1]
        alternatives = "|".join(re.escape(text) for text in self._secrets)
        self._pattern = re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)") if alternatives else None

    def hide_in_response(self, response: Response) -> Response:
        """Return an answer with asterisks in place of long secrets, of the same length."""
        body = response.body
        fields = list(response.headers)
        for secret in self._secrets:
            if len(secret) < _LONG:
                continue
            for form in _list_forms(secret):
                body = body.replace(form, b"*" * len(form))
            fields = [(name, value.replace(secret, "*" * len(secret))) for name, value in fields]
        return Response(response.status, Headers.of(fields), body)

    def hide_in_finding(self, finding: Finding) -> Finding:
        """Return a finding without secrets in its texts."""
        if self._pattern is None:
            return finding
        return replace(
            finding,
            place=self._hide(finding.place),
            text=self._hide(finding.text),
            value=self._hide_in_value(finding.value),
            expected=self._hide(finding.expected),
            nearest=self._hide(finding.nearest),
            origin=replace(finding.origin, call=self._hide(finding.origin.call)),
        )

    def _hide_in_value(self, value: Json) -> Json:
        match value:
            case str():
                return self._hide(value)
            case list():
                return [self._hide_in_value(item) for item in value]
            case dict():
                return {self._hide(name): self._hide_in_value(part) for name, part in value.items()}
        return value

    def _hide(self, text: str) -> str:
        return text if self._pattern is None else self._pattern.sub(_MASK, text)


def _list_secrets(name: str, value: str) -> Iterator[str]:
    """Yield the secret texts of a header field: all of it, and its parts."""
    if name.lower() in _PLAIN:
        return
    yield value
    if name.lower() == "cookie":
        for pair in value.split(";"):
            yield pair.partition("=")[2].strip()
    scheme, _, credentials = value.partition(" ")
    yield credentials.strip()
    if scheme.lower() == "basic":
        yield from _list_basic(credentials)


def _list_basic(credentials: str) -> Iterator[str]:
    """Yield the password of HTTP Basic; one that is the user's name too hides nothing."""
    try:
        pair = base64.b64decode(credentials, validate=True).decode()
    except ValueError:
        return
    user, _, password = pair.partition(":")
    yield pair
    if password != user:
        yield password


def _list_forms(secret: str) -> set[bytes]:
    """Return how a secret may be written in a body: as it is, or escaped in JSON."""
    escaped = json.dumps(secret)[1:-1]
    whole = json.dumps(secret, ensure_ascii=False)[1:-1]
    forms = {secret, escaped, whole, escaped.replace("/", "\\/"), whole.replace("/", "\\/")}
    return {form.encode("utf-8", "surrogatepass") for form in forms}
