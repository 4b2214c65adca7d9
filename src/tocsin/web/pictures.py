"""The pictures of the pages: `python -m tocsin.web.pictures FOLDER [RESULTS]`.

RESULTS is the folder that `tocsin watch` wrote, `out` unless given. The situation and one country are drawn
in both languages by Chromium, as they stood on the day of the watch. Needs playwright, of the extra `test`.
"""

from __future__ import annotations

import shutil
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from tocsin.desk import Desk
from tocsin.errors import BadInput, TocsinError
from tocsin.text import LANGUAGES, say
from tocsin.web.app import Settings, create_app

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WORDS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
AREA = "MLI"
PATIENCE = 180_000
"""Milliseconds to wait for charts, and for the reasons of a forecast to be worked out."""


@dataclass(frozen=True)
class Shot:
    """One picture: its name, the path of the page after the language, and its size in pixels."""

    name: str
    path: str
    width: int
    height: int


SHOTS = (Shot("situation", "situation", 1440, 860), Shot("area", f"area/{AREA}", 1440, 1180))


def main(words: list[str]) -> int:
    """Write the pictures and name them; return the exit code."""
    if not 1 <= len(words) <= 2:
        print(say("web_pictures.usage"), file=sys.stderr)
        return 2
    try:
        for file in draw(Path(words[0]), Path(words[1] if len(words) == 2 else "out")):
            print(file)
    except TocsinError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def draw(folder: Path, results: Path) -> tuple[Path, ...]:
    """Write situation and area in both languages into `folder`, and return the files.

    BadInput where results, playwright or a browser are not at hand.
    """
    path = browser()
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise BadInput("web_pictures.no_playwright") from error
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    with _served(results) as address, sync_playwright() as play:
        running = play.chromium.launch(executable_path=path, args=list(WORDS))
        for language in LANGUAGES:
            for shot in SHOTS:
                page = running.new_page(
                    viewport={"width": shot.width, "height": shot.height}, color_scheme="light"
                )
                page.goto(f"{address}/{language}/{shot.path}")
                if page.locator("[data-figure]").count():
                    page.wait_for_selector("html[data-charts=drawn]", state="attached", timeout=PATIENCE)
                page.wait_for_selector("[data-state=waiting]", state="detached", timeout=PATIENCE)
                file = folder / f"{shot.name}.{language}.png"
                page.screenshot(path=file)
                files.append(file)
                page.close()
        running.close()
    return tuple(files)


def browser() -> str:
    """Return the path of a Chromium; BadInput without one."""
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    raise BadInput("web_pictures.no_browser", choices=", ".join(BROWSERS))


@contextmanager
def _served(results: Path) -> Iterator[str]:
    """Serve results with an empty home, on the day of the watch, and yield the address."""
    with tempfile.TemporaryDirectory() as home, socket.socket() as bound:
        day = Desk(results, Path(home)).current().as_of
        bound.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{bound.getsockname()[1]}"
        app = create_app(Settings(results=results, home=Path(home), today=lambda: day))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.05)
        try:
            yield address
        finally:
            server.should_exit = True
            thread.join(20)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
