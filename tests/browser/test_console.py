"""The console in a real browser: each page, live, at two widths, and what a developer does with it."""

from collections.abc import Iterator
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING

import pytest
import requests

from traffic_builders import PETS
from understudy import LiveServer
from understudy.config import Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

PAGES = (
    *("calls", "calls/1", "rules", "tasks", "tasks/35000312", "worlds"),
    *("scenarios", "scenarios/demo", "contract", "contract/listTaskInstances", "recipes"),
)
LIST = "/api/v2/tasks/instances"
ADMIN = ("admin", "admin")


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    api = pytest.importorskip(
        "playwright.sync_api", reason="no browser was tried: pip install playwright"
    )
    chromium = which("chromium") or which("chromium-browser")
    if chromium is None:
        pytest.skip("no browser was tried: apt-get install chromium")
    with api.sync_playwright() as playwright:
        instance = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield instance
        instance.close()


@pytest.fixture
def server() -> Iterator[LiveServer]:
    with LiveServer(Settings(clock="virtual")) as live:
        yield live


@pytest.fixture
def page(browser: "Browser") -> Iterator["Page"]:
    """A page of 1280 pixels. An error or a warning in its console fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-US")
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))

    def note(line: "ConsoleMessage") -> None:
        # Chromium itself notes each answer that is an error: what some tests ask for.
        if line.type in ("error", "warning") and "Failed to load resource" not in line.text:
            errors.append(line.text)

    opened.on("console", note)
    yield opened
    context.close()
    assert errors == []


def call(server: LiveServer, target: str, method: str = "GET") -> requests.Response:
    return requests.request(method, f"{server.url}{target}", auth=ADMIN, timeout=10)


def open_console(page: "Page", server: LiveServer, path: str = "") -> None:
    page.goto(f"{server.url}/__admin/{f'console/{path}' if path else ''}")


@pytest.mark.parametrize("width", [1280, 390])
def test_each_page_fits_its_window(page: "Page", server: LiveServer, width: int) -> None:
    """No page is wider than its window; each has one heading and at most one primary action a panel."""
    call(server, f"{LIST}?stauts=FAILED")
    page.set_viewport_size({"width": width, "height": 900})
    for path in PAGES:
        open_console(page, server, path)
        size = page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert size[0] <= size[1], path
        assert page.locator("h1").count() == 1, path
        for panel in page.locator(".panel").all():
            assert panel.locator("button.primary").count() == 1, path


def test_calls_appear_live(page: "Page", server: LiveServer) -> None:
    """Without loading the page again."""
    open_console(page, server)
    page.get_by_text("No calls yet.").wait_for()
    call(server, f"{LIST}?status=DONE")
    row = page.locator("tr", has_text="status=DONE")
    row.wait_for(timeout=5000)
    assert 'expected one of "RUNNING", "FAILED", "SUCCESSFUL"' in row.inner_text()


def test_my_filter_does_nothing(page: "Page", server: LiveServer) -> None:
    """A journey: a developer finds the misspelt parameter, and why the answer was 200."""
    call(server, LIST)
    call(server, f"{LIST}?stauts=FAILED")
    open_console(page, server)
    page.locator("select[name=kind]").select_option("violations")
    page.get_by_role("button", name="Filter").click()
    rows = page.locator("tbody tr")
    assert rows.count() == 1
    assert rows.first.get_attribute("class") == "lenient"
    rows.first.locator("a").click()
    assert 'expected the parameter "status"' in page.locator("main").inner_text()
    assert "curl -i -u admin" in page.locator("#curl").inner_text()


def test_rollback_is_prohibited(page: "Page", server: LiveServer) -> None:
    """A journey: "show me FAILED with rollback prohibited"; the envelope that came back is shown."""
    open_console(page, server, "scenarios")
    row = page.locator("tr", has_text="rollback-prohibited")
    row.get_by_role("button", name="Activate").click()
    row.get_by_text("active", exact=True).wait_for()
    open_console(page, server, "tasks?status=FAILED")
    page.locator("tbody tr", has_text="Delete tenant").locator("a").click()
    page.get_by_role("button", name="Roll back").click()
    page.locator("#envelope", has_text="4009").wait_for()


def test_what_my_page_does_on_429(page: "Page", server: LiveServer) -> None:
    """A journey: one fault for the next call, with a badge that says so, and an off switch."""
    open_console(page, server, "rules?operation=listTaskInstances")
    fault = page.locator("form", has=page.get_by_role("heading", name="Fault"))
    fault.locator("select[name=fault]").select_option('{"status": 429}')
    fault.get_by_role("button", name="Add").click()
    page.locator("#badge", has_text="1").wait_for()
    assert [call(server, LIST).status_code for _ in range(2)] == [429, 200]
    reply = page.locator("form", has=page.get_by_role("heading", name="Reply"))
    reply.locator("[name='reply.body']").fill('{"mine": true}')
    reply.get_by_role("button", name="Add").click()
    page.locator("#rules tr", has_text="mine").wait_for()
    assert call(server, LIST).json() == {"mine": True}
    page.get_by_role("button", name="Remove all").click()
    page.get_by_text("No rules were added.").wait_for()
    assert call(server, LIST).status_code == 200


def test_wrong_input_is_answered_in_words(page: "Page", server: LiveServer) -> None:
    """By the control API; broken JSON does not leave the page."""
    open_console(page, server, "rules")
    reply = page.locator("form", has=page.get_by_role("heading", name="Reply"))
    reply.locator("[name='reply.body']").fill("{broken")
    reply.get_by_role("button", name="Add").click()
    page.locator("#message.bad", has_text="JSON").wait_for()


def test_task_moves_while_it_is_watched(page: "Page", server: LiveServer) -> None:
    """Retry it, step through its events, read its log."""
    open_console(page, server, "tasks/35000312")
    page.get_by_role("button", name="Retry", exact=True).first.click()
    page.locator("#envelope", has_text='"status": "RUNNING"').wait_for()
    page.locator("#head .RUNNING").wait_for()
    for _ in range(12):
        page.get_by_role("button", name="Step", exact=True).click()
        page.locator("#message").wait_for()
        if call(server, "/__admin/tasks/35000312").json()["status"] == "SUCCESSFUL":
            break
    page.locator("#head .SUCCESSFUL").wait_for()
    assert page.locator("#graph g.good").count() == 4
    page.get_by_role("button", name="Log 13000333").click()
    page.locator("#log", has_text="####").wait_for()


def test_time_is_driven(page: "Page", server: LiveServer) -> None:
    """Half a minute further, and to the next event."""
    open_console(page, server)
    before = page.locator("#clock b").inner_text()
    page.get_by_role("button", name="+30 s").click()
    page.locator("#clock b").filter(has_not_text=before).wait_for()
    moved = page.locator("#clock b").inner_text()
    page.get_by_role("button", name="Next event").click()
    page.locator("#clock b").filter(has_not_text=moved).wait_for()


def test_worlds_and_snapshots(page: "Page", server: LiveServer) -> None:
    """A snapshot, a reset, the snapshot again; another world, in one click."""
    call(server, f"/w/other{LIST}")
    open_console(page, server, "worlds")
    page.locator("form [name=name]").fill("before")
    page.get_by_role("button", name="Save a snapshot").click()
    page.locator("#snapshots", has_text="before").wait_for()
    page.locator("#snapshots").get_by_role("button", name="Restore").click()
    page.locator("#message", has_text="Done.").wait_for()
    row = page.locator("#worlds tr", has_text="other")
    row.get_by_role("button", name="Use in this browser").click()
    page.locator("#message", has_text="Done.").wait_for()
    open_console(page, server)
    assert page.locator(".bar b").first.inner_text() == "other"


def test_names_are_never_markup(page: "Page", server: LiveServer) -> None:
    """A task, a scenario's text, a query: HTML in them is text."""
    evil = "<img src=x onerror=\"document.title='hacked'\">"
    call(server, f"{LIST}?name={evil}&x={evil}")
    task = requests.post(
        f"{server.url}/__admin/tasks",
        json={
            "id": 7001,
            "name": evil,
            "subtasks": [{"id": 1, "name": evil, "runs": [{"takes": "10s"}]}],
        },
        timeout=10,
    )
    assert task.status_code == 201, task.text
    for path in ("calls", "calls/1", "tasks?name=img", "tasks/7001"):
        open_console(page, server, path)
        page.locator("main").wait_for()
        assert page.locator("main img").count() == 0, path
        assert page.title() != "hacked"
        assert "onerror" in page.locator("main").inner_text(), path


def test_pages_speak_chinese(page: "Page", server: LiveServer) -> None:
    """One click; the choice stays."""
    open_console(page, server)
    page.get_by_role("link", name="中文").click()
    page.get_by_role("heading", name="调用").wait_for()
    open_console(page, server, "tasks")
    page.get_by_role("heading", name="任务").first.wait_for()


def test_lost_connection_is_said_and_caught_up(browser: "Browser") -> None:
    """A stub that stops, and starts again on the same port."""
    with LiveServer(Settings(clock="virtual")) as first:
        port = first.port
        page = browser.new_context(locale="en-US").new_page()
        page.goto(f"{first.url}/__admin/")
        page.get_by_text("No calls yet.").wait_for()
    page.get_by_text("Connection lost. Trying again.").wait_for()
    with LiveServer(Settings(clock="virtual"), port=port) as second:
        call(second, f"{LIST}?page=2")
        page.locator("tr", has_text="page=2").wait_for(timeout=15_000)
        assert page.get_by_text("Connection lost. Trying again.").is_hidden()
    page.context.close()


def test_contract_without_a_service(page: "Page", tmp_path: Path) -> None:
    """What knows tasks is not shown; the rest works."""
    path = tmp_path / "pets.yaml"
    path.write_text(PETS)
    with LiveServer(Settings(contract=path)) as server:
        requests.get(f"{server.url}/pets", timeout=10)
        open_console(page, server)
        page.locator("tr", has_text="/pets").wait_for()
        assert page.get_by_role("link", name="Tasks").count() == 0
        for name in ("tasks", "rules", "worlds", "scenarios", "contract", "recipes"):
            open_console(page, server, name)
            assert page.locator("h1").count() == 1


def test_pages_are_read_without_javascript(browser: "Browser", server: LiveServer) -> None:
    """They come from the server as they are."""
    call(server, f"{LIST}?stauts=FAILED")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    for path in PAGES:
        open_console(page, server, path)
        assert page.locator("h1").is_visible(), path
    context.close()


def test_large_things_are_usable(page: "Page", server: LiveServer) -> None:
    """2 000 tasks in pages, and a graph of 200 subtasks."""
    requests.post(f"{server.url}/__admin/scenarios/crowd/activate", timeout=30)
    subtasks = [
        {"id": number, "name": f"Step {number}", "runs": [{"takes": "10s"}], "after": [number - 3]}
        if number > 3
        else {"id": number, "name": f"Step {number}", "runs": [{"takes": "10s"}]}
        for number in range(1, 201)
    ]
    task = {"id": 900_001, "name": "Large", "subtasks": subtasks}
    requests.post(f"{server.url}/__admin/tasks", json=task, timeout=30).raise_for_status()
    open_console(page, server, "tasks")
    assert page.locator("tbody tr").count() == 50
    page.get_by_role("link", name="→").click()
    page.get_by_text("2 / 41").wait_for()
    open_console(page, server, "tasks/900001")
    assert page.locator("#graph rect").count() == 200
