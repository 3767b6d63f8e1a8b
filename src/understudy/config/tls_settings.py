"""The settings of HTTPS: which of them fit together, and the faults of certificates."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from understudy.errors import InputError, Problem, nearest_name

TLS_FAULTS: Final = ("tls-expired", "tls-self-signed", "tls-wrong-host")
"""What can be wrong with the certificate of a server that speaks HTTPS.

A certificate is chosen in the handshake, before the first request of a connection: so these are
settings of the whole server, and no rule selects them by the call.
"""
TLS_FAULT_HINT: Final = (
    "a fault of a call; a certificate is sent before the first request, so it is a fault of the "
    "server: use --tls-fault, ocp_server.tls_fault or PUT /__admin/tls"
)
"""What is expected in place of the fault of a certificate in a rule or preference."""


def check_tls(
    tls: bool, tls_ca: Path | None, tls_fault: str, cert: Path | None, key: Path | None
) -> None:
    """Raise InputError for settings of HTTPS that do not fit together."""
    problems = list(_find_problems(tls, tls_ca, tls_fault, cert, key))
    if problems:
        raise InputError(problems)


def _find_problems(
    tls: bool, tls_ca: Path | None, tls_fault: str, cert: Path | None, key: Path | None
) -> Iterator[Problem]:
    if key is not None and cert is None:
        yield _setting("the setting key needs a certificate", "the setting cert too")
    if tls_fault and tls_fault not in TLS_FAULTS:
        message = f'unknown fault of a certificate "{tls_fault}"'
        nearest = nearest_name(tls_fault, TLS_FAULTS)
        expected = f"one of {', '.join(TLS_FAULTS)}"
        yield Problem("no-such-tls-fault", message, expected=expected, nearest=nearest)
    for name, value in (("tls_ca", tls_ca), ("tls_fault", tls_fault)):
        if not value:
            continue
        if cert is not None:
            message = f"the setting {name} is for a certificate that is made at the start"
            yield _setting(message, "either this setting or cert")
        elif not tls:
            yield _setting(f"the setting {name} is without effect", "the setting tls too")


def _setting(message: str, expected: str) -> Problem:
    return Problem("bad-setting", message, expected=expected)
