"""A real browser, a small page on another origin, and a world for each browser context."""

from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import which
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from understudy import Ocp, OcpServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PAGE = Path(__file__).parents[2] / "examples" / "browser"
FAILED = 35000312
"""A task of the demo that has failed at its second step of four."""
Open = Callable[..., "Page"]


class _Quiet(SimpleHTTPRequestHandler):
    """Gives files, and keeps no log."""

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The page, on an origin of its own."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(PAGE))) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Debian's Chromium. For the module only: while Playwright is there, nobody else can run an event loop."""
    api = pytest.importorskip(
        "playwright.sync_api", reason="no browser was tried: pip install playwright"
    )
    chromium = which("chromium") or which("chromium-browser")
    if chromium is None:
        pytest.skip("no browser was tried: apt-get install chromium")
    with api.sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield made
        made.close()


@pytest.fixture
def logged_on(browser: "Browser", site: str) -> Iterator[Open]:
    """Opens the page in a browser context of its own, and logs on. An error in a page's script fails the test."""
    pages: list[Page] = []
    errors: list[str] = []

    def open_page(base: str, user: str = "admin", *, world: str = "") -> "Page":
        context = browser.new_context(locale="en-US")
        if world:  # cookies know no ports
            context.add_cookies([{"name": "understudy-world", "value": world, "url": base}])
        page = context.new_page()
        pages.append(page)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{site}/?ocp={base}&every=100")
        page.get_by_label("User").fill(user)
        page.get_by_label("Password").fill(user)
        page.get_by_role("button", name="Log on").click()
        return page

    yield open_page
    for page in pages:
        page.context.close()
    assert errors == []


def row(page: "Page", task: int) -> Any:
    """Give the row of a task."""
    return page.locator(f"tr[data-task='{task}']")


def sees(page: "Page", task: int, text: str) -> None:
    """Wait until the page shows a text in the row of a task."""
    row(page, task).filter(has_text=text).wait_for()


def retry(page: "Page", task: int) -> None:
    """Press the button of a task."""
    row(page, task).get_by_role("button", name="Retry").click()


def test_two_browsers_do_not_see_each_other(ocp_server: OcpServer, logged_on: Open) -> None:
    """One is in its world by the path, the other one by a cookie: what one of them does the other does not see."""
    with ocp_server.world("by path") as first, ocp_server.world("by cookie") as second:
        left = logged_on(first.url)
        right = logged_on(f"http://{second.address}", world=second.name)
        sees(left, FAILED, "FAILED")
        sees(right, FAILED, "FAILED")

        retry(left, FAILED)
        sees(left, FAILED, "RUNNING")
        seen = len(second.assert_called("listTaskInstances"))
        second.wait_for(
            "listTaskInstances", count=seen + 2
        )  # so the other page has looked again since
        sees(right, FAILED, "FAILED")

        first.assert_called("retryTask", times=1, path={"taskInstanceId": FAILED})
        second.assert_not_called("retryTask")


def test_the_page_shows_progress_when_the_clock_is_moved(ocp: Ocp, logged_on: Open) -> None:
    """The page polls; the test says how time passes."""
    task = ocp.task(
        "Upgrade",
        ocp.subtask("Prepare", takes="10s"),
        ocp.subtask("Install", after="Prepare", takes="1h"),
    )
    page = logged_on(ocp.url)
    sees(page, task.id, "0 of 2")
    ocp.clock.advance("15s")
    sees(page, task.id, "1 of 2")
    ocp.clock.advance_until(task.finished)
    sees(page, task.id, "SUCCESSFUL2 of 2")


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ({"reset": True, "acts": "before"}, "The server does not answer."),
        ({"status": 503}, "The server answers 503."),
        ({"truncate": "50%"}, "The answer cannot be read."),
    ],
    ids=["reset", "503", "truncated"],
)
def test_a_fault_is_shown(ocp: Ocp, logged_on: Open, fault: Any, text: str) -> None:
    """And goes when the next command works.

    The fault is there for a block, not `times=1`: a browser sends a call again by itself when a connection that it
    has used before is reset.
    """
    page, task = logged_on(ocp.url), 1001
    sees(page, FAILED, "FAILED")
    with ocp.fault("retryTask", fault=fault):
        retry(page, FAILED)
        page.get_by_role("alert").filter(has_text=text).wait_for()
    retry(page, task)
    sees(page, task, "RUNNING")
    page.get_by_role("alert").wait_for(state="hidden")


def test_what_an_account_may_not_do_is_shown(ocp: Ocp, site: str, logged_on: Open) -> None:
    """The error of the service comes through to a page of another origin (CORS), in the service's words."""
    page = logged_on(ocp.url, "viewer")
    retry(page, FAILED)
    page.get_by_role("alert").filter(has_text="You are not authorized").wait_for()
    ocp.assert_called("retryTask", times=1, account="viewer", status=403, headers={"Origin": site})
