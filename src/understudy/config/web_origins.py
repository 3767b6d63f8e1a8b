"""Web origins, as browsers send them and as users write them.

Source: RFC 6454, section 6.2: scheme, host, and a port unless it is the scheme's own.
"""

import re
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

from understudy.errors import InputError, Problem

_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]")
_MALFORMED_SCHEME = re.compile(r"(https?)(?::/*|/+)", re.IGNORECASE)
_LOCAL_NAME = re.compile(r"[^.]+|.*\.local|[0-9.]+|\[.*")
"""Hosts whose pages have no certificate, as a rule: names without a dot, and addresses."""
_EXPECTED = "a scheme, a name and perhaps a port, such as https://app.example.com"


def normalise_origin(origin: str) -> str:
    """Return an origin as browsers write it: in lower case, without the scheme's own port."""
    lowered = origin.lower()
    scheme = lowered.partition(":")[0]
    port = _DEFAULT_PORTS.get(scheme)
    if port is not None:
        lowered = lowered.removesuffix(f":{port}")
    return lowered


def check_origins(origins: Iterable[str]) -> None:
    """Raise InputError for texts that are not web origins, with what to change in each."""
    problems = [_describe_flaw(origin) for origin in origins if not is_web_origin(origin)]
    if problems:
        raise InputError(problems)


def is_web_origin(text: str) -> bool:
    """Return whether a text is an origin of http or https."""
    parts = _split(text)
    if parts is None or parts.scheme not in _DEFAULT_PORTS:
        return False
    return text.lower() == f"{parts.scheme}://{parts.netloc}" and _has_host_only(parts)


def _has_host_only(parts: SplitResult) -> bool:
    """Return whether the authority is a host and perhaps a port, without a user."""
    host = parts.netloc
    if parts.port is not None:
        host = host.removesuffix(f":{parts.port}")
    return _HOST.fullmatch(host) is not None


def _split(text: str) -> SplitResult | None:
    """Return the parts of a URL in lower case; None if it has a malformed host or port."""
    try:
        parts = urlsplit(text.lower())
        _ = parts.port, parts.hostname
    except ValueError:
        return None
    return parts


def _describe_flaw(origin: str) -> Problem:
    hint, nearest = _find_repair(origin)
    return Problem(
        "bad-origin",
        f'"{origin}" is not a web origin',
        expected=_EXPECTED,
        hint=hint,
        nearest=nearest,
    )


def _find_repair(origin: str) -> tuple[str, str]:
    """Return what to change in a text, and the origin that it then is; either may be empty."""
    if "*" in origin:
        return "Pages send credentials, so a star is not allowed: name each origin.", ""
    if origin.strip().lower() == "null":
        return "A page that is opened from a file has no origin: serve it over HTTP.", ""
    if len(re.split(r"[,;\s]+", origin.strip())) > 1:
        return "Give each origin with a --cors-origin of its own.", ""
    text, hint = origin.strip(), ""
    if "://" not in text:
        text, hint = _add_scheme(text), "Put the scheme before it."
    elif text != origin:
        hint = "Remove the spaces around it."
    parts = _split(text)
    if parts is None or not parts.hostname:
        return "", ""
    if parts.scheme not in _DEFAULT_PORTS:
        return "Only pages of http and https can be allowed.", ""
    if parts.username is not None:
        hint = "Remove the user."
    if parts.path or parts.query or parts.fragment:
        excess = text[len(f"{parts.scheme}://{parts.netloc}") :]
        hint = f'Remove "{excess}" from its end.'
    repaired = _build_origin(parts)
    if not is_web_origin(repaired):
        return "", ""
    return hint, repaired


def _add_scheme(text: str) -> str:
    """Return an authority as a URL: of https, unless it has a port or is a local name."""
    malformed = _MALFORMED_SCHEME.match(text)
    if malformed:
        return f"{malformed[1]}://{text[malformed.end() :]}"
    text = text.removeprefix("//")
    host = re.split(r"[/?#]", text)[0]
    is_local = ":" in host or _LOCAL_NAME.fullmatch(host)
    return f"{'http' if is_local else 'https'}://{text}"


def _build_origin(parts: SplitResult) -> str:
    """Return the origin of a URL; browsers write a name beyond ASCII as Punycode."""
    host = parts.hostname or ""
    if ":" in host:
        host = f"[{host}]"
    elif not host.isascii():
        try:
            host = host.encode("idna").decode()
        except UnicodeError:
            return ""
    port = "" if parts.port is None else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"
