"""A real browser and HTTPS: it trusts the authority when it is imported, and nothing else."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING, Any

import pytest

from understudy import LiveServer, OcpServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LIST = "/api/v2/tasks/instances"
LOG_ON = {"Authorization": "Basic YWRtaW46YWRtaW4="}
REASONS = {
    "tls-expired": "ERR_CERT_DATE_INVALID",
    "tls-self-signed": "ERR_CERT_AUTHORITY_INVALID",
    "tls-wrong-host": "ERR_CERT_COMMON_NAME_INVALID",
}
FETCH = """
async ([url, headers]) => {
  const answer = await fetch(url, { headers, credentials: "include" });
  return [answer.status, (await answer.json()).successful];
}
"""
Launch = Callable[..., "Browser"]


@pytest.fixture(scope="module")
def server() -> Iterator[OcpServer]:
    """A server with TLS, without logins."""
    pytest.importorskip(
        "playwright.sync_api", reason="no browser was tried: pip install playwright"
    )
    with OcpServer(tls=True) as running:
        yield running


@pytest.fixture(scope="module")
def launch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launch]:
    """A function that starts Chromium for a new user, who may trust an authority."""
    from playwright.sync_api import sync_playwright

    chromium = which("chromium") or which("chromium-browser")
    if chromium is None:
        pytest.skip("no browser was tried: apt-get install chromium")
    if which("certutil") is None:
        pytest.skip("no browser was tried: apt-get install libnss3-tools")
    browsers: list[Browser] = []

    def start(ca: str = "") -> "Browser":
        home = tmp_path_factory.mktemp("home")
        if ca:
            import_authority(home, ca)
        environment: dict[str, Any] = {**os.environ, "HOME": str(home)}
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox"], env=environment
        )
        browsers.append(browser)
        return browser

    with sync_playwright() as playwright:
        yield start
        for browser in browsers:
            browser.close()


def import_authority(home: Path, ca: str) -> None:
    """Import an authority as the guide says."""
    folder = home / ".pki" / "nssdb"
    folder.mkdir(parents=True)
    database = f"sql:{folder}"
    for arguments in (
        ["-N", "--empty-password"],
        ["-A", "-t", "C,,", "-n", "understudy", "-i", ca],
    ):
        subprocess.run(["certutil", "-d", database, *arguments], check=True, timeout=60)


@pytest.fixture(scope="module")
def browser(launch: Launch, server: OcpServer) -> "Browser":
    """A browser that trusts the authority of the server."""
    return launch(server.ca)


@pytest.fixture
def page(browser: "Browser") -> Iterator["Page"]:
    """A page with connections of its own."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


def test_browser_with_the_authority_connects(page: "Page", server: OcpServer) -> None:
    """The first page opens, by an address and by a name; its links are of HTTPS."""
    for host in ("127.0.0.1", "localhost"):
        answer = page.goto(server.url.replace("127.0.0.1", host))
        assert answer is not None
        assert answer.status == 200
        details = answer.security_details()
        assert details is not None
        assert details["protocol"] == "TLS 1.3"
    links = [link.get_attribute("href") or "" for link in page.get_by_role("link").all()]
    assert links
    assert {link.partition(":")[0] for link in links} == {"https"}


def test_browser_without_the_authority_does_not_connect(launch: Launch, server: OcpServer) -> None:
    """Nothing but the imported file makes the difference."""
    from playwright.sync_api import Error

    page = launch().new_page()
    with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
        page.goto(server.url)


@pytest.mark.parametrize("fault", REASONS)
def test_wrong_certificate_is_rejected(page: "Page", server: OcpServer, fault: str) -> None:
    """The browser gives the reason; with a valid certificate, it connects again."""
    from playwright.sync_api import Error

    with server.tls_fault(fault), pytest.raises(Error, match=REASONS[fault]):
        page.goto(server.url)
    answer = page.context.new_page().goto(server.url)  # the first one shows the error
    assert answer is not None
    assert answer.status == 200


def test_page_of_another_origin_calls(page: "Page", server: OcpServer) -> None:
    """CORS and its preflight are as without TLS; the page itself is of plain HTTP."""
    with LiveServer(scenario="demo", auth=False) as plain, server.world() as ocp:
        page.goto(f"{plain.url}{LIST}")
        assert page.evaluate(FETCH, [f"{ocp.url}{LIST}", LOG_ON]) == [200, True]
        ocp.assert_called("listTaskInstances", times=1, headers={"Origin": plain.url})


def test_secure_cookie_selects_a_world(page: "Page", server: OcpServer) -> None:
    """The page may restrict the cookie to HTTPS."""
    with server.world() as ocp:
        page.goto(f"{server.url}/__admin/health")  # a page of this origin
        page.evaluate(f"document.cookie = 'understudy-world={ocp.name}; Secure; Path=/'")
        assert page.evaluate(FETCH, [LIST, LOG_ON]) == [200, True]
        ocp.assert_called("listTaskInstances", times=1)
