"""Redaction: secrets are replaced before an exchange is saved or shown.

`secret_names` says which names have secret values, `secret_texts` finds them in bodies. Everything
that shows a message uses these functions: journal, findings, explanations, log, failure files.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote_plus, unquote, unquote_plus

from understudy.messages.message import Headers, Request
from understudy.messages.secret_names import is_secret
from understudy.messages.secret_texts import Secrets, digest_secret, redact_text

_URL_PARAMETER = re.compile(r"([?&#])([^\s=&?#]+)=([^\s&#,\"'<>]+)")
"""A parameter of a URL inside of a text, such as the field Referer."""
_MATRIX_PARAMETER = re.compile(r";([^;/=]+)=([^;/]+)")
"""A parameter of a segment of a path: `/list;jsessionid=1A2B`."""
_PART_NAME = re.compile(rb"""\bname\*?=(?:"([^"\r\n]*)|([^";\r\n]*))""", re.IGNORECASE)
_FORM = re.compile(r"[^\s{}<>\"=&]+=[^\s{}<>\"]*\Z")
"""A body without a media type that is a form."""
_PLAIN_LINE = re.compile(r"(?m)^([ \t-]*([\w.-]{1,100})[ \t]*[:=][ \t]*)(\S.*)$")
"""A line of a text with name and value: YAML, properties."""


def redact(value: str) -> str:
    """Return a short digest in place of a secret: `<redacted:1a2b3c4d>`.

    Equal secrets have equal digests, so that a reader can still compare them.
    """
    return digest_secret(value)


def redact_headers(headers: Headers, secrets: Secrets | None = None) -> Headers:
    """Return header fields with the values of secret ones redacted: the same object without any.

    In other fields, the parameters and passwords of URLs are redacted.
    """
    secrets = secrets or Secrets()
    fields = tuple((name, _redact_field(name, value, secrets)) for name, value in headers)
    return headers if fields == headers.fields else Headers(fields)


def _redact_field(name: str, value: str, secrets: Secrets) -> str:
    if is_secret(name):
        return secrets.hide(value)
    if "=" in value and ("?" in value or "#" in value):
        value = _URL_PARAMETER.sub(lambda match: _redact_url_parameter(match, secrets), value)
    if "://" in value or "eyJ" in value or '"' in value:
        value = redact_text(value, secrets)
    return value


def _redact_url_parameter(match: re.Match[str], secrets: Secrets) -> str:
    mark, name, value = match.groups()
    return f"{mark}{name}={secrets.hide(value)}" if is_secret(name) else match[0]


def redact_fields(
    request: Request,
    headers: Collection[str],
    parameters: Collection[str],
    path_values: Mapping[str, str],
    secrets: Secrets,
) -> Request:
    """Return a request with the values of what its contract declares as secret redacted.

    `headers`, in lower case, and query `parameters` hold its API keys. Path variables are secret
    by their names. What `redact_headers` and `redact_target` redact stays, so that each is
    redacted once.
    """
    secret_values = [value for name, value in path_values.items() if value and is_secret(name)]
    if not headers and not parameters and not secret_values:
        return request
    fields = tuple(
        (name, secrets.hide(value) if name.lower() in headers and not is_secret(name) else value)
        for name, value in request.headers
    )

    def redact_query(query: str) -> str:
        return "&".join(_redact_named(part, parameters, secrets) for part in query.split("&"))

    path, mark, query = request.target.partition("?")
    return replace(
        request,
        headers=Headers(fields),
        target=f"{_redact_segments(path, secret_values, secrets)}{mark}{redact_query(query)}",
        path=_redact_segments(request.path, secret_values, secrets),
        query=redact_query(request.query),
    )


def _redact_named(part: str, names: Collection[str], secrets: Secrets) -> str:
    name, equals, value = part.partition("=")
    decoded = unquote_plus(name)
    if not equals or is_secret(decoded) or decoded not in names:
        return part
    return f"{name}={secrets.hide(value)}"


def _redact_segments(path: str, values: Collection[str], secrets: Secrets) -> str:
    """Return a path whose segments do not contain the values."""
    if not values:
        return path
    segments = [_redact_segment(segment, values, secrets) for segment in path.split("/")]
    return "/".join(segments)


def _redact_segment(segment: str, values: Collection[str], secrets: Secrets) -> str:
    decoded = unquote(segment)
    for value in values:
        if value in decoded:
            return decoded.replace(value, secrets.hide(value))
    return segment


def redact_path_values(values: Mapping[str, str]) -> dict[str, str]:
    """Return path variables with the values of secret ones redacted."""
    return {name: redact(value) if is_secret(name) else value for name, value in values.items()}


def redact_target(target: str, secrets: Secrets | None = None) -> str:
    """Return a request target with the secret parameters of its path and query redacted.

    The rest of the target stays byte for byte, percent-encoding included.
    """
    secrets = secrets or Secrets()
    path, mark, query = target.partition("?")
    if ";" in path:
        path = _MATRIX_PARAMETER.sub(lambda match: _redact_matrix(match, secrets), path)
    if "://" in path or "eyJ" in path:
        path = redact_text(path, secrets)
    return f"{path}?{redact_query(query, secrets)}" if mark else path


def _redact_matrix(match: re.Match[str], secrets: Secrets) -> str:
    name, value = match.groups()
    return f";{name}={secrets.hide(value)}" if is_secret(name) else match[0]


def redact_query(query: str, secrets: Secrets) -> str:
    """Return a query, or a form in its encoding, with its secret parameters redacted."""
    return "&".join([_redact_parameter(part, secrets) for part in query.split("&")])


def _redact_parameter(part: str, secrets: Secrets) -> str:
    name, equals, value = part.partition("=")
    if not equals:
        return part
    if is_secret(name):
        return f"{name}={secrets.hide(value)}"
    if "%" in value or '"' in value or ":" in value:  # JSON, or a URL
        decoded = unquote_plus(value)
        redacted = redact_text(decoded, secrets)
        if redacted != decoded:
            return f"{name}={quote_plus(redacted, errors='replace')}"
    return part


def redact_body(body: bytes, content_type: str, secrets: Secrets | None = None) -> bytes:
    """Return a body with its secrets redacted: members of JSON, fields of forms, elements of XML.

    A body that was cut is redacted too. Where there is nothing to redact, the result is the same
    object.
    """
    if not body:
        return body
    secrets = secrets or Secrets()
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type.startswith("multipart/"):
        return _redact_multipart(body, content_type, secrets)
    text = body.decode("utf-8", "surrogateescape")
    redacted = _redact_body_text(text, media_type, secrets)
    return body if redacted == text else redacted.encode("utf-8", "surrogateescape")


def _redact_body_text(text: str, media_type: str, secrets: Secrets) -> str:
    is_form = media_type == "application/x-www-form-urlencoded"
    if is_form or (not media_type and _FORM.match(text)):
        return redact_query(text, secrets)
    if not media_type and text.startswith("--"):
        boundary = text[2:].partition("\r\n")[0]
        body = text.encode("utf-8", "surrogateescape")
        content_type = f'multipart/form-data; boundary="{boundary}"'
        return _redact_multipart(body, content_type, secrets).decode("utf-8", "surrogateescape")
    redacted = redact_text(text, secrets)
    if redacted.lstrip()[:1] in ("{", "[", "<", '"'):
        return redacted
    return _PLAIN_LINE.sub(lambda match: _redact_line(match, secrets), redacted)


def _redact_line(match: re.Match[str], secrets: Secrets) -> str:
    head, name, value = match.groups()
    return f"{head}{secrets.hide(value)}" if is_secret(name) else match[0]


def _redact_multipart(body: bytes, content_type: str, secrets: Secrets) -> bytes:
    boundary = re.search(r"""\bboundary=(?:"([^"]+)"|([^\s;]+))""", content_type, re.IGNORECASE)
    if boundary is None:
        return redact_body(body, "text/plain", secrets)
    mark = b"--" + (boundary[1] or boundary[2]).encode("latin-1", "replace")
    return mark.join([_redact_part(part, secrets) for part in body.split(mark)])


def _redact_part(part: bytes, secrets: Secrets) -> bytes:
    head, blank, content = part.partition(b"\r\n\r\n")
    if not blank:
        return part
    end = b"\r\n" if content.endswith(b"\r\n") else b""
    content = content.removesuffix(end)
    name = _PART_NAME.search(head)
    if name is not None and is_secret((name[1] or name[2] or b"").decode("utf-8", "replace")):
        secret = content.decode("utf-8", "surrogateescape")
        return head + blank + secrets.hide(secret).encode("utf-8", "surrogateescape") + end
    media_type = re.search(rb"content-type:\s*([^\r\n]+)", head, re.IGNORECASE)
    own_type = media_type[1].decode("latin-1") if media_type else "text/plain"
    return head + blank + redact_body(content, own_type, secrets) + end


def redact_data(value: Any, secrets: Secrets) -> Any:
    """Return JSON data with every occurrence of known secrets in its texts replaced."""
    match value:
        case str():
            return secrets.replace_known(value)
        case Mapping():
            return {name: redact_data(member, secrets) for name, member in value.items()}
        case list() | tuple():
            return [redact_data(item, secrets) for item in value]
        case _:
            return value
