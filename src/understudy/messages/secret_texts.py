"""Secrets in texts: members of JSON, elements of XML, passwords in URLs, bearer tokens.

The text need not be well-formed: a body may have been cut, and a message quotes a part of one. All
that is not a secret stays as it is written.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from urllib.parse import unquote_plus

from understudy.messages.secret_names import is_secret

_MIN_KNOWN = 8
"""How many characters a secret has at least that is replaced wherever it occurs."""
_MAX_KNOWN = 100
"""How many secrets of an exchange are replaced wherever they occur."""
_MAX_NESTING = 3
"""How deep JSON inside of a string of JSON is read."""
_HARMLESS = frozenset(["", "true", "false", "null", "none", "undefined"])
"""Values that are shown whatever their name is."""
_MARK = re.compile(r"<redacted:[0-9a-f]{8}>")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*+)"(\s*:)?', re.DOTALL)
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[{}\[\],]|[^\s{}\[\],:"]+', re.DOTALL)
_COLON = re.compile(r"\s*:")
_NAMING = frozenset(["field", "header", "id", "name", "param", "parameter"])
_NAMED = frozenset(["content", "data", "text", "value", "values"])
"""Members that name a value and that hold it: `{"name": "password", "value": "…"}`."""
_USER_INFO = re.compile(r"""(://[^/?#\s@:"'\\]*:)([^/?#\s@"'\\]+)@""")
_LONE_USER_INFO = re.compile(r"""(://)([^/?#\s@:"'\\]{16,})@""")
_CREDENTIALS = re.compile(
    r"\b((?:Bearer|Basic) +)(?=[\w.~+/-]*[\d=])([\w.~+/-]{8,}=*)", re.IGNORECASE
)
_JWT = re.compile(r"\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*")
_ELEMENT = re.compile(r"(<([\w:.-]{1,100})(?:\s[^<>]*)?>)([^<>]+)(?=</)")
_ATTRIBUTE = re.compile(r"""([\s<?]([\w:.-]{1,100})\s*=\s*)("[^"<>]*"|'[^'<>]*')""")


def digest_secret(value: str) -> str:
    """Return a short digest in place of a secret, equal for equal secrets."""
    # A header field may hold bytes that are not UTF-8; they arrive as surrogates.
    digest = hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
    return f"<redacted:{digest[:8]}>"


class Secrets:
    """The secrets of one exchange that were replaced so far.

    A response may repeat a secret of its request under another name: a message about a wrong value,
    a template. So each longer one is also replaced wherever else it occurs.
    """

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def hide(self, value: str) -> str:
        """Return the digest of a secret; empty values, true and false are not secret."""
        if value.casefold() in _HARMLESS or _MARK.fullmatch(value):
            return value
        digest = digest_secret(value)
        for known in (value, *_split_credentials(value), *_decode_value(value)):
            if len(known) >= _MIN_KNOWN and len(self._known) < _MAX_KNOWN:
                self._known[known] = digest
        return digest

    @property
    def has_known(self) -> bool:
        """Whether there are secrets to replace."""
        return bool(self._known)

    def replace_known(self, text: str) -> str:
        """Return a text in which the known secrets are replaced."""
        for known, digest in self._known.items():
            if known in text:
                text = text.replace(known, digest)
        return text

    def replace_known_bytes(self, body: bytes) -> bytes:
        """Return a body in which the known secrets are replaced: the same object without any."""
        for known, digest in self._known.items():
            encoded = known.encode("utf-8", "surrogatepass")
            if encoded in body:
                body = body.replace(encoded, digest.encode())
        return body


def _split_credentials(value: str) -> Iterator[str]:
    """Yield the parts of the value of Authorization or of a cookie that are secret themselves."""
    if " " in value or "=" in value:
        for part in value.split("; "):
            yield part.partition("=")[2]
        yield value.partition(" ")[2]


def _decode_value(value: str) -> Iterator[str]:
    if "%" in value or "+" in value:
        yield unquote_plus(value)


def redact_text(text: str, secrets: Secrets | None = None, nesting: int = 0) -> str:
    """Return a text with its secrets redacted."""
    secrets = secrets or Secrets()
    if '"' in text and _may_have_secret_member(text):
        text = "".join(_JsonRedactor(text, secrets, nesting).parts())
    if "</" in text or "/>" in text:
        text = _redact_xml(text, secrets)
    if "://" in text and "@" in text:
        text = _USER_INFO.sub(lambda match: f"{match[1]}{secrets.hide(match[2])}@", text)
        text = _LONE_USER_INFO.sub(lambda match: f"{match[1]}{secrets.hide(match[2])}@", text)
    if "eyJ" in text:
        text = _JWT.sub(lambda match: secrets.hide(match[0]), text)
    return _CREDENTIALS.sub(lambda match: f"{match[1]}{secrets.hide(match[2])}", text)


def _may_have_secret_member(text: str) -> bool:
    """Return whether one of the members may be a secret: most texts have none."""
    names = set()
    for content, colon in _STRING.findall(text):
        if colon:
            names.add(content)
        elif "\\" in content:  # there may be JSON inside
            return True
    if not names.isdisjoint(_NAMED) and not names.isdisjoint(_NAMING):
        return True
    return any("\\" in name or is_secret(name) for name in names)


def _redact_xml(text: str, secrets: Secrets) -> str:
    def redact_element(match: re.Match[str]) -> str:
        opening, name, content = match.groups()
        return f"{opening}{secrets.hide(content)}" if is_secret(name) else match[0]

    def redact_attribute(match: re.Match[str]) -> str:
        head, name, quoted = match.groups()
        if not is_secret(name):
            return match[0]
        return f"{head}{quoted[0]}{secrets.hide(quoted[1:-1])}{quoted[0]}"

    return _ATTRIBUTE.sub(redact_attribute, _ELEMENT.sub(redact_element, text))


class _JsonRedactor:
    """Reads the tokens of one text, and yields it with its secrets redacted."""

    def __init__(self, text: str, secrets: Secrets, nesting: int) -> None:
        self._text = text
        self._secrets = secrets
        self._nesting = nesting
        self._containers: list[bool] = [False]
        """Of each open array and object, outermost first: whether all in it is secret."""
        self._is_secret = False
        """Whether the next value is a secret."""
        self._name = ""
        """The last name of a member."""
        self._names_secret = False
        """Whether a member of the object names a secret: its member `value` is one."""

    def parts(self) -> Iterator[str]:
        """Yield the parts of the text in order."""
        end = 0
        for match in _TOKEN.finditer(self._text):
            yield self._text[end : match.start()]
            yield self._read(match[0], match.end())
            end = match.end()
        yield self._text[end:]

    def _read(self, token: str, end: int) -> str:
        match token[0]:
            case "{" | "[":
                self._containers.append(self._is_secret)
                self._names_secret = False
            case "}" | "]":
                if len(self._containers) > 1:
                    self._containers.pop()
                self._is_secret = self._containers[-1]
            case ",":
                self._is_secret = self._containers[-1]
            case '"' if _COLON.match(self._text, end):
                self._read_name(_decode(token))
            case '"':
                return self._redact_string(token)
            case _ if self._is_secret:
                hidden = self._secrets.hide(token)
                return hidden if hidden == token else f'"{hidden}"'
        return token

    def _read_name(self, name: str) -> None:
        self._name = name.lower()
        self._is_secret = self._containers[-1] or is_secret(name)
        if self._name in _NAMED and self._names_secret:
            self._is_secret = True

    def _redact_string(self, token: str) -> str:
        value = _decode(token)
        if self._is_secret:
            hidden = self._secrets.hide(value)
            return token if hidden == value else f'"{hidden}"'
        if self._name in _NAMING and is_secret(value):
            self._names_secret = True
        if "\\" in token and self._nesting < _MAX_NESTING:
            redacted = redact_text(value, self._secrets, self._nesting + 1)
            if redacted != value:
                # A lone surrogate cannot be encoded: it stays an escape.
                return json.dumps(redacted, ensure_ascii=not redacted.isprintable())
        return token


def _decode(token: str) -> str:
    """Return the text of a string of JSON; of one that is not well-formed, as it is written."""
    content = token[1:].removesuffix('"')
    if "\\" not in content:
        return content
    try:
        return str(json.loads(f'"{content}"', strict=False))
    except ValueError:
        return content
