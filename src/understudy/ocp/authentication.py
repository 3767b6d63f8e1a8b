"""Who asks, for which world, and what they may do. Nothing is anonymous."""

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


class Permission(Enum):
    """What an account may be allowed. The values are the documents' words."""

    TASK_VIEWER = "TASK_VIEWER"
    TASK_MANAGER = "TASK_MANAGER"
    ADMIN = "ADMIN"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may log on: by password, or by access key and secret key."""

    name: str
    password: str
    permissions: frozenset[str]
    access_key: str = ""
    secret_key: str = ""

    def __repr__(self) -> str:
        return f"Account(name={self.name!r}, permissions={sorted(self.permissions)!r})"


@dataclass(frozen=True, slots=True)
class Identity:
    """The account that was proved, and the world that its name asked for (empty when none)."""

    account: Account
    world: str = ""


def authenticate(
    request: Request, accounts: Mapping[str, Account], *, wall: datetime, skew: timedelta = SKEW
) -> Identity:
    """Give who sent the request. Raises Refusal (401) when that is not proved.

    `wall` is the wall clock's moment: a signature's date is compared with it, whatever a world's clock says; `skew` is
    how far they may be apart, either way.
    """
    scheme, _, credentials = request.headers.get("Authorization").strip().partition(" ")
    identity: Identity | None = None
    if scheme.casefold() == "basic":
        identity = _by_password(credentials.strip(), accounts)
    elif scheme.casefold() == SCHEME.casefold():
        identity = _by_signature(request, credentials.strip(), accounts, wall, skew)
    if identity is None:
        raise OcpError(ErrorKind.NOT_AUTHENTICATED)
    return identity


def world_of(request: Request, accounts: Mapping[str, Account]) -> str:
    """Give the world that the user name or access key asks for, or an empty string. Proves nothing, never raises."""
    scheme, _, credentials = request.headers.get("Authorization").strip().partition(" ")
    if scheme.casefold() == "basic":
        return _split(_basic(credentials.strip())[0], accounts)[1]
    if scheme.casefold() == SCHEME.casefold():
        return _split(credentials.strip().rpartition(":")[0], _by_key(accounts))[1]
    return ""


def authorize(account: Account, permission: str) -> None:
    """Check that an account holds a permission. Raises Refusal (403). ADMIN holds all; a manager may also view."""
    held = account.permissions
    if permission in held or Permission.ADMIN.value in held:
        return
    if permission == Permission.TASK_VIEWER.value and Permission.TASK_MANAGER.value in held:
        return
    raise OcpError(ErrorKind.NOT_AUTHORIZED)


def _split(name: str, known: Mapping[str, Account]) -> tuple[str, str]:
    """Give account name and world. A name that exists in full wins over its split at the last `+`."""
    head, plus, tail = name.rpartition("+")
    if name in known or not plus or not WORLD_NAME.fullmatch(tail):
        return name, ""
    return head, tail


def _basic(credentials: str) -> tuple[str, str]:
    """Give user and password, empty when they cannot be read (RFC 7617, with UTF-8)."""
    try:
        text = base64.b64decode(credentials, validate=True).decode("utf-8")
    except (ValueError, binascii.Error):
        return "", ""
    user, colon, password = text.partition(":")
    return (user, password) if colon else ("", "")


def _by_password(credentials: str, accounts: Mapping[str, Account]) -> Identity | None:
    user, password = _basic(credentials)
    name, world = _split(user, accounts)
    account = accounts.get(name)
    # Compared also when there is no such account, so that the time does not tell which names exist.
    right = hmac.compare_digest(
        password.encode("utf-8"), (account.password if account else "").encode("utf-8")
    )
    return Identity(account, world) if account and right else None


def _by_key(accounts: Mapping[str, Account]) -> dict[str, Account]:
    return {account.access_key: account for account in accounts.values() if account.access_key}


def _by_signature(
    request: Request,
    credentials: str,
    accounts: Mapping[str, Account],
    wall: datetime,
    skew: timedelta,
) -> Identity | None:
    key, _, signature = credentials.rpartition(":")
    keys = _by_key(accounts)
    name, world = _split(key, keys)
    account = keys.get(name)
    expected = signature_of(request, account.secret_key if account else "")
    right = hmac.compare_digest(
        signature.encode("utf-8", "surrogateescape"), expected.encode("ascii")
    )
    return Identity(account, world) if account and right and is_fresh(request, wall, skew) else None
