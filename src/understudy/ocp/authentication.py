"""Authentication: the account of a request, its world, and its permissions.

No request is anonymous. A caller proves an account by password (Basic, RFC 7617) or by a
signature with an access key.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from understudy.messages import Request
from understudy.ocp.error_catalogue import ErrorKind, OcpError
from understudy.ocp.signature import SCHEME, SKEW, is_fresh, signature_of

WORLD_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)
"""The name of a world, after the last `+` of a user name or access key."""


class Permission(Enum):
    """A permission of an account; the values are the documents' words."""

    TASK_VIEWER = "TASK_VIEWER"
    TASK_MANAGER = "TASK_MANAGER"
    ADMIN = "ADMIN"


@dataclass(frozen=True, slots=True)
class Account:
    """An account that can log on: by password, or by access key and secret key."""

    name: str
    password: str
    permissions: frozenset[str]
    access_key: str = ""
    secret_key: str = ""

    def __repr__(self) -> str:
        # Without the password and the secret key: a repr ends in logs.
        return f"Account(name={self.name!r}, permissions={sorted(self.permissions)!r})"


@dataclass(frozen=True, slots=True)
class Identity:
    """An authenticated account, and the world that the user name selects (empty: none)."""

    account: Account
    world: str = ""


def authenticate(
    request: Request,
    accounts: Mapping[str, Account],
    *,
    wall: datetime,
    skew: timedelta = SKEW,
) -> Identity:
    """Return the account of a request. Raises OcpError (401) when the credentials are wrong.

    `wall` is the moment of the wall clock: a signature's date is compared with it, not with
    the clock of a world. `skew` is how far the two may be apart, either way.
    """
    scheme, credentials = _split_authorization(request)
    identity: Identity | None = None
    if scheme == "basic":
        identity = _check_password(credentials, accounts)
    elif scheme == SCHEME.casefold():
        identity = _check_signature(request, credentials, accounts, wall, skew)
    if identity is None:
        raise OcpError(ErrorKind.NOT_AUTHENTICATED)
    return identity


def world_of(request: Request, accounts: Mapping[str, Account]) -> str:
    """Return the world that the user name or access key selects; empty: none.

    Checks no password and no signature. Never raises.
    """
    scheme, credentials = _split_authorization(request)
    if scheme == "basic":
        user, _ = _decode_basic(credentials)
        return _split_world(user, accounts)[1]
    if scheme == SCHEME.casefold():
        key = credentials.rpartition(":")[0]
        return _split_world(key, _accounts_by_key(accounts))[1]
    return ""


def authorize(account: Account, permission: str) -> None:
    """Check that an account has a permission. Raises OcpError (403).

    ADMIN includes every permission; TASK_MANAGER includes TASK_VIEWER.
    """
    permissions = account.permissions
    if permission in permissions or Permission.ADMIN.value in permissions:
        return
    is_manager = Permission.TASK_MANAGER.value in permissions
    if is_manager and permission == Permission.TASK_VIEWER.value:
        return
    raise OcpError(ErrorKind.NOT_AUTHORIZED)


def _split_authorization(request: Request) -> tuple[str, str]:
    """Return the scheme in lower case and the credentials; both empty without the field.

    The case of a scheme does not matter (RFC 9110, section 11.1).
    """
    field = request.headers.get("Authorization").strip()
    scheme, _, credentials = field.partition(" ")
    return scheme.casefold(), credentials.strip()


def _split_world(name: str, known: Mapping[str, Account]) -> tuple[str, str]:
    """Return account name and world: `admin+w1` is the account `admin` in the world `w1`.

    A name that exists in full wins over its split at the last `+`.
    """
    account, plus, world = name.rpartition("+")
    if name in known or not plus or not WORLD_NAME.fullmatch(world):
        return name, ""
    return account, world


def _decode_basic(credentials: str) -> tuple[str, str]:
    """Return user and password; both empty when the text is not base64 of UTF-8 (RFC 7617)."""
    try:
        text = base64.b64decode(credentials, validate=True).decode("utf-8")
    except (ValueError, binascii.Error):
        return "", ""
    user, colon, password = text.partition(":")
    if not colon:
        return "", ""
    return user, password


def _check_password(credentials: str, accounts: Mapping[str, Account]) -> Identity | None:
    """Return the identity of a user and password, or None when they are wrong."""
    user, password = _decode_basic(credentials)
    name, world = _split_world(user, accounts)
    account = accounts.get(name)
    expected = account.password if account else ""
    # Compared even without an account, so that the time does not reveal which names exist.
    matches = hmac.compare_digest(password.encode("utf-8"), expected.encode("utf-8"))
    if account is None or not matches:
        return None
    return Identity(account, world)


def _accounts_by_key(accounts: Mapping[str, Account]) -> dict[str, Account]:
    return {account.access_key: account for account in accounts.values() if account.access_key}


def _check_signature(
    request: Request,
    credentials: str,
    accounts: Mapping[str, Account],
    wall: datetime,
    skew: timedelta,
) -> Identity | None:
    """Return the identity of a signed request, or None when signature or date are wrong.

    The credentials are `<access key>:<signature>`.
    """
    key, _, signature = credentials.rpartition(":")
    by_key = _accounts_by_key(accounts)
    name, world = _split_world(key, by_key)
    account = by_key.get(name)
    # Computed even without an account, so that the time does not reveal which keys exist.
    secret_key = account.secret_key if account else ""
    expected = signature_of(request, secret_key).encode("ascii")
    actual = signature.encode("utf-8", "surrogateescape")
    matches = hmac.compare_digest(actual, expected)
    if account is None or not matches or not is_fresh(request, wall, skew):
        return None
    return Identity(account, world)


def choose_challenge(request: Request) -> tuple[str, str]:
    """Return the header field WWW-Authenticate of a 401. Source: RFC 9110, section 11.6.1.

    A script's own request must not make the browser open its login dialog: the page has a login
    of its own. It gets the challenge of the signed scheme, which no browser answers.
    """
    navigates = request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
    if navigates:
        return "WWW-Authenticate", 'Basic realm="OCP", charset="UTF-8"'
    return "WWW-Authenticate", "OCP-ACCESS-KEY-HMACSHA1"
