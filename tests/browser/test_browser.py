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


class _QuietHandler(SimpleHTTPRequestHandler):
    """Serves files without a log."""

    def log_message(self, *args: Any) -> None:
        """Write no log."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The URL of the page, on an origin of its own."""
    with ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(_QuietHandler, directory=str(PAGE))
    ) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Debian's Chromium. It ends with the module: Playwright blocks other event loops."""
    api = pytest.importorskip(
        "playwright.sync_api", reason="no browser was tried: pip install playwright"
    )
    chromium = which("chromium") or which("chromium-browser")
    if chromium is None:
        pytest.skip("no browser was tried: apt-get install chromium")
    with api.sync_playwright() as playwright:
        chromium_browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox"]
        )
        yield chromium_browser
        chromium_browser.close()


@pytest.fixture
def open_page(browser: "Browser", site: str) -> Iterator[Open]:
    """A function that opens the page in its own browser context and logs on.

    An error in a page's script fails the test.
    """
    pages: list[Page] = []
    errors: list[str] = []

    def open_and_log_on(base: str, user: str = "admin", *, world: str = "") -> "Page":
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

    yield open_and_log_on
    for page in pages:
        page.context.close()
    assert errors == []


def find_row(page: "Page", task: int) -> Any:
    """Return the row of a task."""
    return page.locator(f"tr[data-task='{task}']")


def wait_for_text(page: "Page", task: int, text: str) -> None:
    """Wait until the row of a task shows a text."""
    find_row(page, task).filter(has_text=text).wait_for()


def press_retry(page: "Page", task: int) -> None:
    """Press the button of a task."""
    find_row(page, task).get_by_role("button", name="Retry").click()


def test_two_browsers_have_separate_worlds(ocp_server: OcpServer, open_page: Open) -> None:
    """One is selected by the path, the other by a cookie."""
    with ocp_server.world("by path") as first, ocp_server.world("by cookie") as second:
        left = open_page(first.url)
        right = open_page(f"http://{second.address}", world=second.name)
        wait_for_text(left, FAILED, "FAILED")
        wait_for_text(right, FAILED, "FAILED")

        press_retry(left, FAILED)
        wait_for_text(left, FAILED, "RUNNING")
        polls = len(second.assert_called("listTaskInstances"))
        # Two more polls: the other page has read the tasks after the command.
        second.wait_for("listTaskInstances", count=polls + 2)
        wait_for_text(right, FAILED, "FAILED")

        first.assert_called("retryTask", times=1, path={"taskInstanceId": FAILED})
        second.assert_not_called("retryTask")


def test_page_shows_progress_when_the_clock_moves(ocp: Ocp, open_page: Open) -> None:
    """The page polls, and the test moves the clock."""
    task = ocp.task(
        "Upgrade",
        ocp.subtask("Prepare", takes="10s"),
        ocp.subtask("Install", after="Prepare", takes="1h"),
    )
    page = open_page(ocp.url)
    wait_for_text(page, task.id, "0 of 2")
    ocp.clock.advance("15s")
    wait_for_text(page, task.id, "1 of 2")
    ocp.clock.advance_until(task.finished)
    wait_for_text(page, task.id, "SUCCESSFUL2 of 2")


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ({"reset": True, "acts": "before"}, "The server does not answer."),
        ({"status": 503}, "The server answers 503."),
        ({"truncate": "50%"}, "The answer cannot be read."),
    ],
    ids=["reset", "503", "truncated"],
)
def test_fault_is_shown(ocp: Ocp, open_page: Open, fault: Any, text: str) -> None:
    """The message disappears after the next command.

    The fault is active for a block instead of `times=1`: a browser repeats a call on its own when
    a connection that it has used before is reset.
    """
    page, task = open_page(ocp.url), 1001
    wait_for_text(page, FAILED, "FAILED")
    with ocp.fault("retryTask", fault=fault):
        press_retry(page, FAILED)
        page.get_by_role("alert").filter(has_text=text).wait_for()
    press_retry(page, task)
    wait_for_text(page, task, "RUNNING")
    page.get_by_role("alert").wait_for(state="hidden")


def test_authorization_error_is_shown(ocp: Ocp, site: str, open_page: Open) -> None:
    """A page of another origin can read the service's error (CORS)."""
    page = open_page(ocp.url, "viewer")
    press_retry(page, FAILED)
    page.get_by_role("alert").filter(has_text="You are not authorized").wait_for()
    ocp.assert_called("retryTask", times=1, account="viewer", status=403, headers={"Origin": site})
