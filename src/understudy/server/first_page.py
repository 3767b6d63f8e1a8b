"""What a new user needs first: the terminal shows it at the start, and `/` to a browser.

Contract, scenario, the settings as they are, how to log in, and URLs that work.
"""

import textwrap
from collections.abc import Iterator
from html import escape
from itertools import islice

from understudy.clock import ClockState, WallClock
from understudy.config import Settings, UnknownQuery, ValidateRequest
from understudy.contract import Match
from understudy.messages import Headers, Request, Response
from understudy.replay import Stub

MAX_OPERATIONS = 10
"""How many operations and URLs are shown; an ellipsis stands for the others."""
_WIDTH = 100
_INDENT = " " * 12
_POLICY = (
    "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The page loads nothing, sends nothing, and cannot be framed. Source: CSP Level 3 (W3C)."""


def describe_stub(stub: Stub, url: str, *, shows_passwords: bool = True) -> Iterator[str]:
    """Yield contract, scenario, settings, accounts and example URLs as lines of text."""
    contract, settings = stub.contract, stub.settings
    names = f", {settings.dialect} names" if contract.service else ""
    count = len(contract.operations)
    yield f"  contract  {contract.title} ({contract.file}, {count} operations{names})"
    if stub.scenario is not None:
        scenario = stub.scenario
        text = ": ".join(part for part in (scenario.name, scenario.description) if part)
        yield from _wrap("  scenario  ", text)
    if contract.service:
        yield f"  clock     {_describe_clock(stub.setup.new_clock(WallClock().now()))}"
    if stub.is_watched:
        yield "  watch     files are reloaded when you save them"
    options = " ".join(_list_options(settings))
    if options:
        yield from _wrap("  options   ", options)
    yield from _describe_login(stub, shows_passwords=shows_passwords)
    if not contract.service:
        yield from _list_operations(stub)
    yield from _list_urls(stub, url)
    prefix = settings.admin_prefix
    yield f"  console   {url}{prefix}/  (what happens here, in your browser)"
    yield f"  calls     {url}{prefix}/requests  (add /1/explain to see why a call was answered so)"


def _wrap(label: str, text: str) -> list[str]:
    """Return a text behind a label, on as many lines as it needs."""
    return textwrap.wrap(text, _WIDTH, initial_indent=label, subsequent_indent=_INDENT)


def _list_options(settings: Settings) -> Iterator[str]:
    """Yield the options that change how calls are answered, where they are not the defaults."""
    if settings.validate_request is not ValidateRequest.ENFORCE:
        yield f"--validate-request {settings.validate_request.value}"
    if settings.unknown_query is not UnknownQuery.REPORT:
        yield f"--unknown-query {settings.unknown_query.value}"
    if settings.errors:
        yield "--errors"
    if settings.strict_preferences:
        yield "--strict-preferences"
    if settings.dynamic:
        yield "--dynamic"
    if settings.seed is not None:
        yield f"--seed {settings.seed}"
    if not settings.cors:
        yield "--cors off"
    for origin in settings.cors_origins:
        yield f"--cors-origin {origin}"
    if settings.tls_fault:
        yield f"--tls-fault {settings.tls_fault}"


def _describe_clock(clock: ClockState) -> str:
    if clock.mode == "virtual":
        return "virtual: it stands still until you move it"
    if clock.mode == "per-call":
        return "per-call: each call moves it"
    if clock.speed == 1:
        return "real"
    return f"real, {clock.speed:g} times as fast"


def _describe_login(stub: Stub, *, shows_passwords: bool) -> Iterator[str]:
    """Yield the accounts; the passwords are those of the file."""
    if not stub.settings.auth:
        yield "  login     off: every call may do everything"
        return
    if stub.scenario is None:
        return
    columns = "user / password" if shows_passwords else "users; the scenario has the passwords"
    yield f"  accounts  ({columns})"
    for account in stub.scenario.accounts.values():
        permissions = ", ".join(sorted(account.permissions)) or "no permissions"
        password = f" / {account.password}" if shows_passwords else ""
        yield f"    {account.name}{password}  {permissions}"


def _list_operations(stub: Stub) -> Iterator[str]:
    """Yield the first operations of the contract, by method and path."""
    operations = stub.contract.operations.values()
    if not operations:
        yield "  operations  none: every call is answered with 404"
        return
    yield "  operations"
    for operation in islice(operations, MAX_OPERATIONS):
        yield f"    {operation.method:<7} {operation.path}"
    if len(operations) > MAX_OPERATIONS:
        yield f"    … and {len(operations) - MAX_OPERATIONS} more: understudy routes"


def _list_urls(stub: Stub, url: str) -> Iterator[str]:
    """Yield URLs that work, the first of them also in a world of its own; nothing without any."""
    base = stub.contract.base_path
    paths = [f"{base}{path}" for _, path in islice(stub.example_calls(), MAX_OPERATIONS + 1)]
    if not paths:
        return
    yield "  try"
    for path in paths[:MAX_OPERATIONS]:
        yield f"    {url}{path}"
    if len(paths) > MAX_OPERATIONS:
        yield "    …"
    # The same call in a world of its own shows how the path selects one.
    yield f"    {url}{stub.settings.world_prefix}/mine{paths[0]}  (a world of your own)"


def is_first_page(stub: Stub, request: Request) -> bool:
    """Return whether a browser opens `/`, and neither contract nor scenario have an answer for it.

    Other clients than browsers do not ask for HTML: they get what the API answers.
    """
    if not wants_page(request):
        return False
    has_replies = bool(stub.setup.rule_set.replies)
    return not has_replies and not isinstance(stub.contract.route("GET", "/"), Match)


def wants_page(request: Request) -> bool:
    """Return whether a browser opens the path `/`."""
    if request.path != "/" or request.method not in ("GET", "HEAD"):
        return False
    return "text/html" in request.headers.get("Accept") and "Origin" not in request.headers


def build_first_page(stub: Stub, request: Request) -> Response:
    """Build the page: the lines of the terminal, with links."""
    url = f"{stub.settings.scheme}://{request.headers.get('Host', 'localhost')}"
    # With a token, other machines may reach the page.
    lines = describe_stub(stub, url, shows_passwords=not stub.settings.token)
    text = "\n".join(_link(line, url) for line in lines)
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>understudy</title>'
        f'<link rel="icon" href="data:,"><h1>understudy</h1><pre>{text}</pre></html>\n'
    )
    fields = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Security-Policy", _POLICY),
        ("Cache-Control", "no-store"),
    ]
    return Response(200, Headers.of(fields), page.encode())


def _link(line: str, url: str) -> str:
    """Return a line as HTML; its URL, if it has one, is a link."""
    before, _, rest = line.partition(url)
    if not rest:
        return escape(line)
    path, space, after = rest.partition(" ")
    target = escape(f"{url}{path}")
    return f'{escape(before)}<a href="{target}">{target}</a>{space}{escape(after)}'
