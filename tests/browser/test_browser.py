"""A real browser, a small page on another origin, and a world for each browser context."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import which
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from understudy import LiveServer, Ocp, OcpServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PAGE = Path(__file__).parents[2] / "examples" / "browser"
FOREIGN_HOST = "app.example"
"""A name under which the browser finds the site, as if it were on another machine."""
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
            executable_path=chromium,
            args=["--no-sandbox", f"--host-resolver-rules=MAP {FOREIGN_HOST} 127.0.0.1"],
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


CONTRACT = """
openapi: 3.1.0
info: {title: t, version: "1"}
paths:
  /x:
    get: {operationId: readX, responses: {'200': {description: ok}, '503': {description: busy}}}
    delete: {operationId: deleteX, responses: {'204': {description: gone}}}
  /in: {post: {operationId: addIn, responses: {'200': {description: ok}}}}
"""
SCENARIO = """
understudy: 1
name: pages
replies:
  - when: {operation: readX}
    reply:
      status: 200
      headers: {X-Total-Count: "12", Content-Disposition: attachment}
      body: {a: 1}
"""
FETCH = """async ([url, options, name]) => {
  const form = {...options, body: options.size ? "x".repeat(options.size) : undefined};
  try {
    const answer = await fetch(url, {...form, credentials: "include"});
    const text = await answer.text();
    return [answer.status, answer.headers.get(name), text];
  } catch (error) {
    return [error.name, null, ""];
  }
}"""
"""Calls as a page does; the error of a call that the browser hides has no status."""
PREFLIGHTED = {"headers": {"X-Own": "a"}}
"""Options of a call for which the browser sends a preflight first."""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A small contract with a scenario; the world `gone` is closed."""
    folder = tmp_path_factory.mktemp("pages")
    (folder / "contract.yaml").write_text(CONTRACT, "utf-8")
    (folder / "scenario.yaml").write_text(SCENARIO, "utf-8")
    contract, scenario = folder / "contract.yaml", folder / "scenario.yaml"
    with LiveServer(contract=contract, scenario=str(scenario), host="127.0.0.1") as server:
        server.stub.drop("gone", closed=True)
        yield server


@pytest.fixture
def blank_page(browser: "Browser", site: str) -> Iterator["Page"]:
    """A page of an origin on this machine, which is allowed."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{site}/README.md")
    yield page
    context.close()


@pytest.mark.parametrize(
    ("target", "options", "status"),
    [
        ("/nothing", PREFLIGHTED, 404),
        ("/x", {"method": "PATCH"}, 405),
        ("/w/an%20na/x", PREFLIGHTED, 400),
        ("/w/gone/x", PREFLIGHTED, 410),
        ("/x?__code=abc", PREFLIGHTED, 400),
        (f"/x?long={'x' * 9000}", PREFLIGHTED, 414),
        ("/in", {"method": "POST", "size": 10_485_761}, 413),
        ("/x", {"method": "patch"}, 501),
        ("/x", {"headers": {"Prefer": "code=503"}}, 503),
    ],
    ids=lambda value: value[:12] if isinstance(value, str) else None,
)
def test_page_reads_errors_of_the_tool(
    small: LiveServer, blank_page: "Page", target: str, options: Any, status: int
) -> None:
    """The browser hides none of them, neither behind a preflight nor behind missing fields."""
    call = [f"{small.url}{target}", options, "content-type"]
    got, _, text = blank_page.evaluate(FETCH, call)
    assert got == status
    if "Prefer" not in str(options):
        assert f'"status":{status}' in text.replace(" ", "")


def test_page_reads_fields_of_a_scripted_reply(small: LiveServer, blank_page: "Page") -> None:
    """Any field that the reply sends, with and without a preflight."""
    for options in ({}, PREFLIGHTED):
        for name, value in (("X-Total-Count", "12"), ("Content-Disposition", "attachment")):
            call = [f"{small.url}/x", options, name]
            assert blank_page.evaluate(FETCH, call) == [200, value, '{"a":1}']


@pytest.mark.parametrize("options", [{}, PREFLIGHTED], ids=["simple", "preflight"])
def test_page_of_another_origin_reads_nothing(
    small: LiveServer,
    blank_page: "Page",
    options: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A line of the log has the option that allows it."""
    blank_page.goto(blank_page.url.replace("127.0.0.1", FOREIGN_HOST))
    origin = blank_page.evaluate("location.origin")
    call = [f"{small.url}/x", options, "date"]
    assert blank_page.evaluate(FETCH, call) == ["TypeError", None, ""]
    assert [text for text in caplog.messages if "--cors-origin" in text] == [
        f"/x: pages of {origin} may not read the answer. Allow them with --cors-origin {origin}"
    ]


@pytest.mark.parametrize("options", [{}, PREFLIGHTED], ids=["simple", "preflight"])
def test_page_of_an_allowed_origin_reads_the_answer(
    small: LiveServer, blank_page: "Page", options: Any
) -> None:
    """The same page, with the option from the log."""
    blank_page.goto(blank_page.url.replace("127.0.0.1", FOREIGN_HOST))
    settings = replace(small.stub.settings, cors_origins=(blank_page.evaluate("location.origin"),))
    with LiveServer(settings) as server:
        call = [f"{server.url}/x", options, "x-total-count"]
        assert blank_page.evaluate(FETCH, call) == [200, "12", '{"a":1}']


def test_control_api_is_hidden_from_pages(small: LiveServer, blank_page: "Page") -> None:
    """Also from those of this machine."""
    for path in ("/__admin/health", "/w/mine/__admin/health"):
        call = [f"{small.url}{path}", {}, "date"]
        assert blank_page.evaluate(FETCH, call) == ["TypeError", None, ""]
