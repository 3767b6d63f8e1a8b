"""`understudy serve` with HTTPS: banner, options, and one line for what cannot be used."""

import re
import sys
from pathlib import Path

import pytest
import requests

from cli_builders import run_broken_serve, start_server


def test_banner_has_the_authority_and_urls_that_work(tmp_path: Path) -> None:
    """All URLs are of HTTPS; SIGTERM removes the file."""
    with start_server("--tls") as (banner, process):
        [path] = re.findall(
            r"^  authority (\S+)  \(clients have to trust this file\)$", banner, re.M
        )
        urls = re.findall(r"https://\S+/api/\S+", banner)
        assert len(urls) >= 4
        assert "http://" not in banner
        assert {
            requests.get(url, auth=("admin", "admin"), timeout=10, verify=path).status_code
            for url in urls
        } == {200}
    assert process.returncode == 0
    assert not Path(path).exists()


def test_file_of_the_authority_is_chosen(tmp_path: Path) -> None:
    """Scripts know it before the server starts."""
    path = tmp_path / "ca.pem"
    with start_server("--tls", "--tls-ca", str(path), "--tls-fault", "tls-wrong-host") as (
        banner,
        _,
    ):
        url = re.findall(r"https://[0-9.:]+", banner)[0]
        with pytest.raises(requests.exceptions.SSLError, match="match"):
            requests.get(url, timeout=10, verify=str(path))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--key", "a.key"], "the setting key needs a certificate."),
        (["--tls-ca", "ca.pem"], "the setting tls_ca is without effect."),
        (["--tls", "--tls-ca", "."], "the certificate of the authority cannot be written: "),
        (["--tls", "--tls-fault", "expired"], "'expired' is not one of"),
        (["--cert", "no-such.pem"], "no-such.pem: the certificate cannot be read: "),
    ],
    ids=["key", "ca", "folder", "fault", "cert"],
)
def test_wrong_option_is_reported(arguments: list[str], message: str) -> None:
    """Exit 2, with the reason."""
    code, _, err = run_broken_serve("--port", "0", *arguments)
    assert (code, message in err, err) == (2, True, err)
    assert "Traceback" not in err


def test_missing_library_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 2, and one line with the command that installs it."""
    monkeypatch.setitem(sys.modules, "cryptography", None)
    monkeypatch.delitem(sys.modules, "understudy.live.tls.authority", raising=False)
    monkeypatch.delattr("understudy.live.tls.authority", raising=False)
    code, _, err = run_broken_serve("--port", "0", "--tls")
    assert (code, err) == (
        2,
        "HTTPS without a certificate of your own needs an optional library. "
        "Install it with: pip install 'understudy[tls]'\n",
    )
