"""Credentials of requests: whether a call carries those that the contract asks for.

A contract says which credentials are sent, not which are right: only their presence is checked.
Source: OpenAPI 3.1, Security Requirement Object and Security Scheme Object.
"""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from understudy.contract.operation.parameters import collect_raw_parameters
from understudy.contract.operation.violation import Violation, Violations
from understudy.messages import Request

# RFC 6750, section 2.1; some services have tokens with other visible characters.
_TOKEN = re.compile(r"[!-~]+")
_BEARER_KINDS = ("oauth2", "openIdConnect")


@dataclass(frozen=True, slots=True)
class SecurityScheme:
    """One way in which credentials are sent."""

    name: str
    """Its name in `components/securitySchemes`."""
    location: str
    """`header`, `query` or `cookie`."""
    field: str
    """The name of the header field, parameter or cookie."""
    http_scheme: str = ""
    """The scheme of the field Authorization, such as `Basic`; empty for an API key."""

    @property
    def place(self) -> str:
        """The place that a violation names, such as `header.Authorization`."""
        return f"{self.location}.{self.field}"

    def describe(self) -> str:
        """Return what a client has to send."""
        if self.http_scheme:
            return f"{self.http_scheme} credentials ({self.name})"
        return f"the API key {self.name} in the {self.location} {self.field}"

    def challenge(self) -> str:
        """Return the challenge of a response 401. Source: RFC 9110, section 11.6.1.

        No scheme is registered for API keys.
        """
        if self.http_scheme:
            is_basic = self.http_scheme == "Basic"
            # RFC 7617, section 2: Basic needs a realm.
            return 'Basic realm="*"' if is_basic else self.http_scheme
        return f'ApiKey in="{self.location}", name="{_quote(self.field)}"'

    def is_sent(self, request: Request) -> bool:
        """Return whether a request carries credentials of this scheme."""
        return any(self._is_usable(text) for text in self._iter_texts(request))

    def _iter_texts(self, request: Request) -> Iterator[str]:
        raw = collect_raw_parameters(request, {})
        match self.location:
            case "query":
                yield from raw.query.get(self.field, ())
            case "cookie":
                yield from raw.cookie.get(self.field, ())
            case _:
                yield from raw.header.get(self.field.lower(), ())

    def _is_usable(self, text: str) -> bool:
        if not self.http_scheme:
            return bool(text.strip())
        scheme, _, credentials = text.strip().partition(" ")
        # RFC 9110, section 11.1: the scheme has no case.
        if scheme.casefold() != self.http_scheme.casefold():
            return False
        check = _CHECKS.get(self.http_scheme, bool)
        return check(credentials.strip())


def _is_basic(credentials: str) -> bool:
    """Return whether credentials are a user's name and password. Source: RFC 7617, section 2."""
    try:
        return b":" in b64decode(credentials, validate=True)
    except (Base64Error, ValueError):
        return False


def _is_token(credentials: str) -> bool:
    return _TOKEN.fullmatch(credentials) is not None


_CHECKS: dict[str, Callable[[str], bool]] = {"Basic": _is_basic, "Bearer": _is_token}
"""By HTTP scheme; any other scheme needs credentials that are not empty."""


def _quote(text: str) -> str:
    # RFC 9110, section 5.6.4.
    return text.replace("\\", "\\\\").replace('"', '\\"')


@dataclass(frozen=True, slots=True)
class SecurityRequirement:
    """What an operation asks for: one of several combinations of schemes."""

    alternatives: tuple[tuple[SecurityScheme, ...], ...]
    """Each is a combination of which all are needed; an empty one lets every call in."""
    pointer: str
    source: str = ""

    def find_violations(self, request: Request) -> Violations:
        """Return the violation of a request without the credentials of any alternative.

        Its place is that of the first missing credentials of the alternative that lacks fewest. The
        violation shows no credentials.
        """
        missing: list[list[SecurityScheme]] = []
        for alternative in self.alternatives:
            lacking = [scheme for scheme in alternative if not scheme.is_sent(request)]
            if not lacking:
                return ()
            missing.append(lacking)
        if not missing:
            return ()
        nearest = min(missing, key=len)
        violation = Violation(
            place=nearest[0].place,
            rule="security",
            value=None,
            expected=self._describe(),
            pointer=self.pointer,
            source=self.source,
        )
        return (violation,)

    def query_names(self) -> frozenset[str]:
        """Return the names of a query that carry API keys."""
        schemes = [scheme for alternative in self.alternatives for scheme in alternative]
        return frozenset(scheme.field for scheme in schemes if scheme.location == "query")

    def header_names(self) -> frozenset[str]:
        """Return the names of header fields that carry credentials, in lower case."""
        schemes = [scheme for alternative in self.alternatives for scheme in alternative]
        return frozenset(scheme.field.lower() for scheme in schemes if scheme.location == "header")

    def challenges(self) -> tuple[str, ...]:
        """Return the challenge of each scheme, each once."""
        challenges = [scheme.challenge() for schemes in self.alternatives for scheme in schemes]
        return tuple(dict.fromkeys(challenges))

    def _describe(self) -> str:
        combinations = [
            " and ".join(scheme.describe() for scheme in schemes) for schemes in self.alternatives
        ]
        return ", or ".join(combinations)


def make_scheme(name: str, node: dict[str, object]) -> SecurityScheme | None:
    """Build a scheme from its node in the contract.

    None for one that is not seen in a request: a certificate (mutualTLS), or an unknown type.
    """
    kind, location, field = node.get("type"), node.get("in"), node.get("name")
    if kind == "apiKey":
        is_usable = location in ("header", "query", "cookie") and isinstance(field, str)
        return SecurityScheme(name, str(location), str(field)) if is_usable and field else None
    scheme = "Bearer" if kind in _BEARER_KINDS else node.get("scheme")
    if kind not in ("http", *_BEARER_KINDS) or not isinstance(scheme, str) or not scheme:
        return None
    usual = {known.casefold(): known for known in _CHECKS}
    http_scheme = usual.get(scheme.casefold(), scheme)
    return SecurityScheme(name, "header", "Authorization", http_scheme)
