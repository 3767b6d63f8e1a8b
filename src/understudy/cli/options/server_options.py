"""The options of `understudy validate --url`: which server is called, and how."""

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from understudy.cli.options.contract_options import FILE
from understudy.cli.options.number_options import AnyWholeNumber, Number, WholeNumber
from understudy.errors import InputError, Problem
from understudy.traffic.calls.http_caller import CallLimits, HttpCaller
from understudy.traffic.calls.planned_calls import CallPlan

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FIELD_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
"""The name and the value of a header field. Source: RFC 9110, sections 5.1 and 5.5."""
F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """A server to call."""

    url: str
    """Empty: no server is called."""
    caller: HttpCaller | None
    plan: CallPlan


def server_options(command: F) -> F:
    """Add the options that name a server and say how it is called.

    `read_server_options` takes their values.
    """
    options = [
        click.option("--url", default="", help="Call a server, and validate its answers."),
        click.option(
            "--user",
            default="",
            help="NAME:PASSWORD for HTTP Basic. The variable UNDERSTUDY_VALIDATE_USER is safer.",
        ),
        click.option(
            "--header",
            "headers",
            multiple=True,
            help="NAME: VALUE to send with each call, such as a token. Repeatable.",
        ),
        click.option("--unsafe", is_flag=True, help="Call operations that change something too."),
        click.option(
            "--samples",
            type=WholeNumber(0, 1000),
            default=2,
            show_default=True,
            help="Calls of each operation with sampled values, beside those with examples.",
        ),
        click.option(
            "--seed",
            type=AnyWholeNumber(),
            default=0,
            show_default=True,
            help="Another seed, other values.",
        ),
        click.option(
            "--rate",
            type=Number(min=0),
            default=20.0,
            show_default=True,
            help="The greatest number of calls a second; 0: no limit.",
        ),
        click.option(
            "--timeout",
            "timeout_s",
            type=Number(min=0.001),
            default=10.0,
            show_default=True,
            help="Seconds for a call, to the last byte.",
        ),
        click.option("--ca", type=FILE, default=None, help="The authority of an https server."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def read_server_options(
    *,
    url: str,
    user: str,
    headers: tuple[str, ...],
    unsafe: bool,
    samples: int,
    seed: int,
    rate: float,
    timeout_s: float,
    ca: Path | None,
) -> ServerOptions:
    """Return the options; raise InputError for a wrong URL, header or user. No value is printed."""
    plan = CallPlan(samples=samples, seed=seed, unsafe=unsafe)
    if not url:
        return ServerOptions("", None, plan)
    fields = [_parse_header(text) for text in headers]
    if user:
        fields.append(_basic(user))
    limits = CallLimits(timeout_s=timeout_s, calls_per_s=rate)
    ca_file = str(ca) if ca else None
    return ServerOptions(url, HttpCaller(url, fields, limits, ca_file=ca_file), plan)


def _parse_header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        message = "a value of --header has no name"
        raise InputError(Problem("bad-header", message, expected="NAME: VALUE"))
    if not _TOKEN.fullmatch(name.strip()):
        message = "a value of --header has a wrong name"
        raise InputError(Problem("bad-header", message, expected="letters, digits and hyphens"))
    if not _FIELD_VALUE.fullmatch(value.strip()):
        message = "a value of --header has a line end, or a character that no header field has"
        raise InputError(Problem("bad-header", message))
    return name.strip(), value.strip()


def _basic(user: str) -> tuple[str, str]:
    """Return the field of HTTP Basic. Source: RFC 7617."""
    if ":" not in user:
        message = "the value of --user has no password"
        raise InputError(Problem("bad-user", message, expected="NAME:PASSWORD"))
    return "Authorization", f"Basic {base64.b64encode(user.encode()).decode()}"
