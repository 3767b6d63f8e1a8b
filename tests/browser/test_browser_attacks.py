"""What a page of another site tries in a real browser: nothing changes, nothing is read, no script runs."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from shutil import which
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from understudy import LiveServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow

EVIL = "evil.example"
"""A name under which the browser finds this machine, as after DNS rebinding."""
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>"
CONTRACT = f"""
openapi: 3.1.0
info: {{title: "t {SCRIPT}", version: "1", description: "{SCRIPT}"}}
paths:
  /things:
    get: {{operationId: listThings, summary: "{SCRIPT}", responses: {{'200': {{description: ok}}}}}}
    post: {{operationId: addThing, responses: {{'200': {{description: ok}}}}}}
"""
SCENARIO = f"""
understudy: 1
name: attacked
description: "{SCRIPT}"
"""
ATTACKS = {
    "simple POST": "await fetch(`${stub}/things`, {method: 'POST', mode: 'no-cors', body: 'x'})",
    "POST of JSON": """await fetch(`${stub}/things`, {
        method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{}'})""",
    "control by a simple POST": "await fetch(`${stub}/__admin/reset`, {method: 'POST', mode: 'no-cors'})",
    "control by JSON": """await fetch(`${stub}/__admin/settings`, {
        method: 'PATCH', headers: {'Content-Type': 'application/json'}, body: '{}'})""",
    "beacon": "navigator.sendBeacon(`${stub}/things`, 'x'); await fetch(`${stub}/things`)",
    "read of the API": "return (await fetch(`${stub}/things`)).status",
    "read of the control API": "return (await fetch(`${stub}/__admin/requests`)).status",
    "event stream": """await new Promise((resolve, reject) => {
        const stream = new EventSource(`${stub}/__admin/events`);
        stream.onopen = () => resolve(); stream.onerror = () => { stream.close(); reject('closed') }})""",
    "images": """await Promise.all([...Array(10).keys()].map(number => new Promise((resolve) => {
        const image = new Image(); image.onload = image.onerror = resolve;
        image.src = `${stub}/w/evil${number}/things?__delay=1h`})))""",
    "form": """await new Promise((resolve) => {
        const frame = document.createElement('iframe'); frame.name = 'target'; document.body.append(frame);
        const form = document.createElement('form'); form.method = 'POST'; form.target = 'target';
        form.action = `${stub}/things`; document.body.append(form);
        frame.onload = resolve; form.submit() })""",
    "opened window": """const opened = window.open(`${stub}/`); for (let count = 0; count < 200; count++) {
            opened.postMessage('reset', '*');
            const text = opened.document.body?.innerHTML;  // of the blank page at first
            if (text) return text;
            await new Promise((resolve) => setTimeout(resolve, 20)) }""",
    "cookie": """document.cookie = 'understudy-world=evil; domain=127.0.0.1';
        document.cookie = 'understudy=code=500; domain=127.0.0.1';
        await fetch(`${stub}/things`, {mode: 'no-cors', credentials: 'include'})""",
}
RUN = """async ([stub, body]) => {
  const attack = new (Object.getPrototypeOf(async function () {}).constructor)('stub', body);
  try { return ['done', (await attack(stub)) ?? null] } catch (error) { return ['failed', String(error)] }
}"""
READS = ("read of the API", "read of the control API", "event stream", "opened window")


class _BlankPage(BaseHTTPRequestHandler):
    """Serves an empty page at each path, without a log."""

    def do_GET(self) -> None:
        """Answer with an empty page."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Write no log."""


@pytest.fixture(scope="module")
def evil_site() -> Iterator[str]:
    """The URL of an empty page of another site."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _BlankPage) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://{EVIL}:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Debian's Chromium, for which the other site is on this machine."""
    api = pytest.importorskip(
        "playwright.sync_api", reason="no browser was tried: pip install playwright"
    )
    chromium = which("chromium") or which("chromium-browser")
    if chromium is None:
        pytest.skip("no browser was tried: apt-get install chromium")
    arguments = ["--no-sandbox", f"--host-resolver-rules=MAP {EVIL} 127.0.0.1"]
    with api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield started
        started.close()


@pytest.fixture(scope="module")
def stub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A stub that asks for no credentials, with scripts in its contract and its scenario."""
    folder = tmp_path_factory.mktemp("attacked")
    (folder / "contract.yaml").write_text(CONTRACT, "utf-8")
    (folder / "attacked.yaml").write_text(SCENARIO, "utf-8")
    with LiveServer(
        contract=folder / "contract.yaml", scenarios=folder, scenario="attacked", host="127.0.0.1"
    ) as server:
        yield server


@pytest.fixture
def page(browser: "Browser") -> Iterator["Page"]:
    """A page, whose scripts must open no dialog."""
    dialogs: list[str] = []
    context = browser.new_context()
    opened = context.new_page()
    opened.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    yield opened
    context.close()
    assert dialogs == []


@pytest.mark.parametrize("attack", ATTACKS)
def test_page_of_another_site_changes_nothing(
    stub: LiveServer, page: "Page", evil_site: str, attack: str
) -> None:
    """It reads nothing either; no world is created, no state changes, and no call waits."""
    before = stub.world("default").state()
    worlds = [world.name for world in stub.stub.worlds()]
    page.goto(evil_site)
    outcome, value = page.evaluate(RUN, [stub.url, ATTACKS[attack]])
    assert outcome == "failed" or attack not in READS, value
    assert stub.world("default").state() == before
    assert [world.name for world in stub.stub.worlds()] == worlds
    assert stub.stub.thread_limit.active == 0
    accepted = [
        exchange
        for exchange in stub.world("default").journal.exchanges()
        if exchange.response.status < 400 and exchange.request.method == "POST"
    ]
    assert accepted == []


@pytest.mark.parametrize(
    "path",
    ["/", "/things", "/__admin/", "/__admin/requests", "/__admin/reset", "/__admin/console/calls"],
)
def test_rebound_name_reaches_nothing(stub: LiveServer, page: "Page", path: str) -> None:
    """The page's own host leads to the stub: it is no host of the stub's."""
    answer = page.goto(stub.url.replace("127.0.0.1", EVIL) + path)
    assert answer is not None
    assert answer.status == 421


@pytest.mark.parametrize("path", ["/", "/__admin/", "/__admin/console/calls"])
def test_page_is_not_framed(stub: LiveServer, page: "Page", evil_site: str, path: str) -> None:
    """The browser shows an error in its place, or gets a problem document."""
    page.goto(evil_site)
    with page.expect_event("framenavigated", lambda frame: frame.parent_frame is not None):
        page.evaluate(
            "url => { document.body.append(Object.assign(document.createElement('iframe'), {src: url})) }",
            f"{stub.url}{path}",
        )
    frame = page.frames[1]
    assert frame.url.startswith("chrome-error:") or "foreign-origin" in frame.content()


def test_scripts_are_texts(stub: LiveServer, page: "Page") -> None:
    """Those of the contract, of the scenario, and of recorded requests: neither the console nor another page runs them."""
    page.goto(f"{stub.url}/things?q={SCRIPT}")
    page.goto(f"{stub.url}/nothing/{SCRIPT}")
    paths = [
        "",
        "requests",
        "requests/unmatched",
        "scenarios",
        "openapi.json",
        "findings",
        "worlds",
    ]
    console = [
        "",
        "calls",
        "calls/1",
        "scenarios",
        "scenarios/attacked",
        "contract",
        "contract/listThings",
        "rules",
    ]
    paths += [f"console/{path}" for path in console]
    for path in ["/", "/things", *(f"/__admin/{path}" for path in paths)]:
        answer = page.goto(stub.url + path)
        assert answer is not None
        kind = answer.header_value("content-type") or ""
        assert "html" not in kind or SCRIPT not in answer.text()
        assert page.locator("script:not([src]), img[onerror]").count() == 0, path
