"""A real browser on the small world: a page, what went wrong in it, and how it is walked by keyboard."""

from __future__ import annotations

import os
import re
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from web_world import World

from tocsin.web import create_app

REQUIRED = os.environ.get("CI") == "true"


def chromium() -> str:
    """Return the browser on the path; a test is skipped without one, and fails in CI."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    reason = "no Chromium on the path (Debian and Ubuntu: apt-get install chromium)"
    if REQUIRED:
        pytest.fail(reason)
    pytest.skip(reason)


@dataclass
class Watched:
    """A page of a browser, and everything in it that should not have happened."""

    page: Page
    base: str
    wrong: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Go to a path and wait until the page has loaded, and its charts are drawn."""
        self.page.goto(f"{self.base}{path}", wait_until="load")
        if self.page.locator("[data-figure]").count():
            self.page.wait_for_selector("html[data-charts=drawn]", state="attached", timeout=60_000)

    def path(self) -> str:
        """Return where the page is."""
        return urlsplit(self.page.url).path

    def faults(self) -> list[str]:
        """Return what axe finds wrong with the page, be it a hindrance or only a nuisance."""
        found = Axe().run(self.page, options={"resultTypes": ["violations"]}).response["violations"]
        return [f"{one['id']}: {[node['target'] for node in one['nodes'][:3]]}" for one in found]


@pytest.fixture(scope="module")
def served(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, str]]:
    """Serve a copy of the world on a free port, for as long as the tests of this file last."""
    own = world.copy(tmp_path_factory.mktemp("served") / "home")
    with pytest.MonkeyPatch.context() as patch, socket.socket() as bound:
        patch.setenv("TOCSIN_HOME", str(own.home))
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        config = uvicorn.Config(create_app(own.settings(port=port)), log_level="error", lifespan="on")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.05)
        yield own, f"http://127.0.0.1:{port}"
        server.should_exit = True
        thread.join(20)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start the browser once."""
    words = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    path = chromium()
    with sync_playwright() as play:
        made = play.chromium.launch(executable_path=path, args=words)
        yield made
        made.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Return a fresh profile."""
    made = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    made.set_default_timeout(20_000)
    made.set_default_navigation_timeout(60_000)  # the first page of a country is made cold
    yield made
    made.close()


@pytest.fixture
def watched(context: BrowserContext, served: tuple[World, str]) -> Iterator[Watched]:
    """Return a page; afterwards nothing may have gone wrong in it, nor been asked of another host."""
    own = Watched(context.new_page(), served[1])
    host = urlsplit(served[1]).netloc

    def asked(url: str) -> None:
        if urlsplit(url).scheme not in ("data", "blob") and urlsplit(url).netloc != host:
            own.wrong.append(f"asked {url}")

    expected = re.compile(r"status of (400|404)")
    own.page.on(
        "console",
        lambda told: (
            own.wrong.append(told.text)
            if told.type in ("error", "warning") and not expected.search(told.text)
            else None
        ),
    )
    own.page.on("pageerror", lambda error: own.wrong.append(str(error)))
    own.page.on("request", lambda request: asked(request.url))
    own.page.on("dialog", lambda dialog: (own.wrong.append(f"dialog {dialog.message}"), dialog.dismiss()))
    yield own
    assert not own.wrong


def reach(page: Page, target: str, most: int = 400) -> None:
    """Press Tab until what a selector names has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", target):
            return
    pytest.fail(f"{target} cannot be reached with the Tab key")
