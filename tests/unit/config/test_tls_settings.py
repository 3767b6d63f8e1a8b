"""Which settings of HTTPS fit together."""

from typing import Any

import pytest

from understudy.config import Settings
from understudy.errors import InputError


@pytest.mark.parametrize(
    ("values", "scheme"),
    [
        ({}, "http"),
        ({"tls": True}, "https"),
        ({"tls": True, "tls_ca": "ca.pem", "tls_fault": "tls-expired"}, "https"),
        ({"cert": "server.pem", "key": "server.key"}, "https"),
        ({"cert": "server.pem", "tls": True}, "https"),
    ],
    ids=["none", "tls", "all of tls", "own", "own and tls"],
)
def test_scheme_of_the_urls(values: dict[str, Any], scheme: str) -> None:
    """A certificate of your own is enough to speak HTTPS."""
    assert Settings(**values).scheme == scheme


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"key": "a.key"}, "the setting key needs a certificate. Expected the setting cert too."),
        (
            {"tls_ca": "ca.pem"},
            "the setting tls_ca is without effect. Expected the setting tls too.",
        ),
        (
            {"tls_fault": "tls-expired"},
            "the setting tls_fault is without effect. Expected the setting tls too.",
        ),
        (
            {"tls": True, "tls_fault": "expired"},
            'unknown fault of a certificate "expired". Expected one of tls-expired, tls-self-signed, '
            'tls-wrong-host. Did you mean "tls-expired"?',
        ),
        (
            {"cert": "a.pem", "tls_ca": "ca.pem"},
            "the setting tls_ca is for a certificate that is made at the start. "
            "Expected either this setting or cert.",
        ),
        ({"cert": 7}, "the setting cert is 7. Expected a string or path."),
    ],
    ids=["key", "ca", "fault", "unknown fault", "own and ca", "type"],
)
def test_settings_that_do_not_fit(values: dict[str, Any], text: str) -> None:
    """The error says which other setting is needed."""
    with pytest.raises(InputError) as caught:
        Settings(**values)
    assert str(caught.value) == text
