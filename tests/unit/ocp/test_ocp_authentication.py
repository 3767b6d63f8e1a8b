"""Authentication: the account of a request, its world, its permissions."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from understudy.messages import Request
from understudy.ocp import (
    Account,
    ErrorKind,
    OcpError,
    authenticate,
    authorize,
    string_to_sign,
    world_of,
)

ACCOUNTS = {
    account.name: account
    for account in (
        Account("admin", "admin", frozenset({"TASK_MANAGER"}), "demo-ak", "demo-sk"),
        Account("a+b", "plus", frozenset()),
        Account("管理员", "密码:x", frozenset({"ADMIN"}), "ak+full", "sk2"),
    )
}
WALL = datetime(2021, 8, 25, 15, 9, 31, tzinfo=UTC)


def basic(text: str | bytes) -> str:
    raw = text.encode() if isinstance(text, str) else text
    return "Basic " + base64.b64encode(raw).decode()


def request_with(authorization: str, **more: str) -> Request:
    headers = [
        ("Authorization", authorization),
        *((k.replace("_", "-"), v) for k, v in more.items()),
    ]
    return Request.of(
        "GET", "/api/v2/tasks/instances?status=RUNNING,FAILED&page=1", headers=headers
    )


@pytest.mark.parametrize(
    ("user", "password", "name", "world"),
    [
        ("admin", "admin", "admin", ""),
        ("admin+w1", "admin", "admin", "w1"),
        ("a+b", "plus", "a+b", ""),
        ("a+b+w1", "plus", "a+b", "w1"),
        ("管理员", "密码:x", "管理员", ""),
    ],
)
def test_password_proves_account_and_world(user: str, password: str, name: str, world: str) -> None:
    """A correct password proves the account and selects the world.

    An account that exists in full wins over its split.
    """
    request = request_with(basic(f"{user}:{password}"))
    identity = authenticate(request, ACCOUNTS, wall=WALL)
    assert (name, world) == (identity.account.name, identity.world)
    assert world == world_of(request, ACCOUNTS)


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Basic",
        "Basic !!!",
        "Basic YWRtaW4",
        basic("admin"),
        basic("admin:"),
        basic("admin:Admin"),
        basic("admin:admin "),
        basic("Admin:admin"),
        basic("ghost:"),
        basic("ghost+w1:x"),
        basic("admin+:admin"),
        basic("admin+bad name:admin"),
        basic("admin+-w:admin"),
        basic(b"admin:\xff\xfe"),
        "Bearer YWRtaW46YWRtaW4=",
        "OCP-ACCESS-KEY-HMACSHA1 demo-ak:nonsense",
        "OCP-ACCESS-KEY-HMACSHA1 unknown-ak:nonsense",
        "OCP-ACCESS-KEY-HMACSHA1",
        "Basic ÿÿ",
    ],
)
def test_wrong_credentials_are_rejected(authorization: str) -> None:
    """Wrong and unreadable credentials give 401 and never crash."""
    with pytest.raises(OcpError) as caught:
        authenticate(request_with(authorization), ACCOUNTS, wall=WALL)
    assert caught.value.kind is ErrorKind.NOT_AUTHENTICATED
    world_of(request_with(authorization), ACCOUNTS)


def test_scheme_ignores_case() -> None:
    """The case of the scheme does not matter (RFC 9110, section 11.1)."""
    assert (
        authenticate(request_with("bAsIc YWRtaW46YWRtaW4="), ACCOUNTS, wall=WALL).account.name
        == "admin"
    )


SIGNED = {
    "Date": "Wed, 25 Aug 2021 15:09:31 GMT",
    "Host": "127.0.0.1:4010",
    "Content_Type": "application/json",
    "X_OCP_Origin": "mcp-server",
}


def test_string_to_sign() -> None:
    """Seven lines.

    The parameters are sorted and percent-encoded, the `x-ocp-` fields sorted by name.
    """
    expected = (
        "GET\n"
        "\n"
        "application/json\n"
        "Wed, 25 Aug 2021 15:09:31 GMT\n"
        "127.0.0.1:4010\n"
        "x-ocp-origin:mcp-server\n"
        "/api/v2/tasks/instances?page=1&status=RUNNING%2CFAILED"
    )
    assert expected == string_to_sign(request_with("", **SIGNED))


def test_string_to_sign_with_a_body() -> None:
    """A body is signed by its MD5 in upper-case hexadecimal digits.

    Each `x-ocp-` field has its own line.
    """
    request = Request.of(
        "post", "/x", headers=[("x-ocp-b", "2"), ("X-OCP-A", "1")], body=b'{"a":1}'
    )
    expected = "POST\nBB6CB5C68DF4652941CAF652A366F2D8\n\n\n\nx-ocp-a:1\nx-ocp-b:2\n/x"
    assert expected == string_to_sign(request)


@pytest.mark.parametrize(
    ("target", "canonical"),
    [
        ("/x", "/x"),
        ("/x?", "/x"),
        ("/w/w1/x?b=2&a=1", "/w/w1/x?a=1&b=2"),
        ("/x?a=b%20c&a=d+e", "/x?a=b%20c&a=d%20e"),
        ("/x?name=%E4%B8%AD", "/x?name=%E4%B8%AD"),
        ("/x?a=/~-_.", "/x?a=%2F~-_."),
        ("/x?a", "/x?a="),
        ("/x?a=%ff", "/x?a=%FF"),
    ],
)
def test_canonical_target(target: str, canonical: str) -> None:
    """The path is signed as received, with the world's prefix.

    The parameters in a canonical form.
    """
    assert canonical == string_to_sign(Request.of("GET", target)).rpartition("\n")[2]


# Computed over the text of test_string_to_sign with
# `openssl dgst -sha1 -hmac demo-sk -binary | base64`.
SIGNATURE = "SSqbi6f9FWgYvMmtEF4jgQxUCGE="


@pytest.mark.parametrize(("key", "world"), [("demo-ak", ""), ("demo-ak+w1", "w1")])
def test_signature_proves_account_and_world(key: str, world: str) -> None:
    """A signature proves the account of its access key.

    The key selects a world and is not signed itself.
    """
    request = request_with(f"OCP-ACCESS-KEY-HMACSHA1 {key}:{SIGNATURE}", **SIGNED)
    identity = authenticate(request, ACCOUNTS, wall=WALL)
    assert ("admin", world) == (identity.account.name, identity.world)
    assert world == world_of(request, ACCOUNTS)


@pytest.mark.parametrize(
    "change", [{"Host": "127.0.0.1:4011"}, {"X_OCP_Origin": "other"}, {"Content_Type": ""}]
)
def test_signature_of_another_request_is_rejected(change: dict[str, str]) -> None:
    """A signature is valid for the signed request only."""
    with pytest.raises(OcpError):
        authenticate(
            request_with(f"OCP-ACCESS-KEY-HMACSHA1 demo-ak:{SIGNATURE}", **SIGNED | change),
            ACCOUNTS,
            wall=WALL,
        )


@pytest.mark.parametrize(
    ("minutes", "fresh"),
    [(0, True), (15, True), (-15, True), (15.1, False), (-15.1, False), (60 * 24, False)],
)
def test_date_of_a_signature_may_be_15_minutes_off(minutes: float, fresh: bool) -> None:
    """The date may be 15 minutes from the wall clock, either way."""
    request = request_with(f"OCP-ACCESS-KEY-HMACSHA1 demo-ak:{SIGNATURE}", **SIGNED)
    try:
        authenticate(request, ACCOUNTS, wall=WALL + timedelta(minutes=minutes))
        accepted = True
    except OcpError:
        accepted = False
    assert fresh == accepted


def test_signature_without_a_date_is_rejected() -> None:
    """A signed request needs a readable date."""
    headers = [("Authorization", "OCP-ACCESS-KEY-HMACSHA1 demo-ak:x"), ("Date", "yesterday")]
    with pytest.raises(OcpError):
        authenticate(Request.of("GET", "/x", headers=headers), ACCOUNTS, wall=WALL)


@pytest.mark.parametrize(
    ("held", "wanted", "allowed"),
    [
        ({"TASK_VIEWER"}, "TASK_VIEWER", True),
        ({"TASK_VIEWER"}, "TASK_MANAGER", False),
        ({"TASK_MANAGER"}, "TASK_VIEWER", True),
        ({"TASK_MANAGER"}, "TASK_MANAGER", True),
        ({"TASK_MANAGER"}, "HOST_MANAGER", False),
        ({"ADMIN"}, "TASK_MANAGER", True),
        ({"ADMIN"}, "HOST_MANAGER", True),
        (set(), "TASK_VIEWER", False),
    ],
)
def test_permissions(held: set[str], wanted: str, allowed: bool) -> None:
    """TASK_MANAGER includes viewing, ADMIN includes everything; all else gives 403."""
    account = Account("x", "x", frozenset(held))
    if allowed:
        authorize(account, wanted)
    else:
        with pytest.raises(OcpError) as caught:
            authorize(account, wanted)
        assert caught.value.kind is ErrorKind.NOT_AUTHORIZED


def test_secrets_stay_out_of_repr() -> None:
    """The repr of an account has neither its password nor its secret key."""
    shown = repr(ACCOUNTS["admin"])
    assert "demo-sk" not in shown
    assert shown == "Account(name='admin', permissions=['TASK_MANAGER'])"
