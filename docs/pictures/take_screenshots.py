"""Take the screenshots of the console: python docs/pictures/take_screenshots.py

They need playwright and Chromium. No test compares them: fonts differ from machine to machine.
"""

from pathlib import Path
from shutil import which

import requests
from playwright.sync_api import sync_playwright

from understudy import LiveServer
from understudy.config import Settings

HERE = Path(__file__).parent
SIZE = {"width": 1000, "height": 520}
LIST = "/api/v2/tasks/instances"
PAGES = {
    "console-calls": ("calls", "light"),
    "console-task": ("tasks/35000312", "dark"),
}


def main() -> None:
    """Write a picture of each page."""
    with LiveServer(Settings(clock="virtual")) as server, sync_playwright() as playwright:
        for target in ("", "?status=DONE", "?stauts=FAILED", "/35000312", "/999999"):
            requests.get(f"{server.url}{LIST}{target}", auth=("admin", "admin"), timeout=10)
        requests.get(f"{server.url}{LIST}", timeout=10)
        browser = playwright.chromium.launch(
            executable_path=which("chromium"), args=["--no-sandbox"]
        )
        for name, (path, scheme) in PAGES.items():
            page = browser.new_page(viewport=SIZE, color_scheme=scheme)  # type: ignore[arg-type]
            page.goto(f"{server.url}/__admin/console/{path}")
            page.locator("main").wait_for()
            page.screenshot(path=HERE / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
