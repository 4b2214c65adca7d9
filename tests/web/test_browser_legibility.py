"""Pages as they are seen: with large text, in forced colours, by keyboard on the map, and while one waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, Route
from web_browser import Watched, chromium, reach
from web_world import World


def test_the_country_told_of_is_outlined_in_two_tones_over_its_neighbours(watched: Watched) -> None:
    page = watched.page
    watched.open("/en/situation")
    page.focus('.map a[href$="/MLI"]')
    mali = page.get_attribute('.map a[href$="/MLI"] path', "d")
    last = "[...document.querySelector('.map').children].slice(-2).map(one => one.className.baseVal)"
    assert page.evaluate(last) == ["halo", "ring"]
    strokes = []
    for part in ("halo", "ring"):
        assert page.get_attribute(f".map .{part} path", "d") == mali
        strokes.append(page.eval_on_selector(f".map .{part} path", "one => getComputedStyle(one).stroke"))
    assert len(set(strokes)) == 2
    page.locator('.map a[href$="/BRA"] path').dispatch_event("mouseover")
    assert page.get_attribute(".map .ring path", "d") == page.get_attribute('.map a[href$="/BRA"] path', "d")
    page.locator("h1").dispatch_event("mouseover")
    assert page.get_attribute(".map .ring path", "d") == mali
    page.focus("#region")
    assert page.locator(".map .ring path").count() == 0


def test_the_map_can_be_passed_by_keyboard(watched: Watched) -> None:
    watched.open("/en/situation")
    reach(watched.page, ".mapside .skip", most=30)
    watched.page.keyboard.press("Enter")
    assert watched.page.evaluate("document.activeElement.id") == "table-title"
    reach(watched.page, ".ranking tbody a", most=12)


@pytest.mark.parametrize("size", [16, 24, 32])
def test_large_text_on_a_telephone_is_read_without_going_sideways(
    browser: Browser, served: tuple[World, str], size: int
) -> None:
    words = ["--no-sandbox", "--disable-gpu", f"--blink-settings=defaultFontSize={size}"]
    large = browser.browser_type.launch(executable_path=chromium(), args=words)
    try:
        page = large.new_page(viewport={"width": 360, "height": 800})
        page.set_default_navigation_timeout(60_000)
        wide = {}
        for path in ("situation", "area/MLI", "ledger"):
            page.goto(f"{served[1]}/fr/{path}", wait_until="load")
            if over := page.evaluate("document.documentElement.scrollWidth - window.innerWidth"):
                wide[path] = over
        assert not wide
        page.goto(f"{served[1]}/fr/situation", wait_until="load")
        width = page.eval_on_selector(".ranking tbody th", "one => one.getBoundingClientRect().width")
        assert width >= 7 * size
    finally:
        large.close()


def test_what_comes_from_abroad_is_read_on_a_telephone_without_going_sideways(watched: Watched) -> None:
    watched.page.set_viewport_size({"width": 360, "height": 800})
    watched.open("/fr/area/MLI")
    beyond = "one => one.scrollWidth - one.clientWidth"
    assert watched.page.eval_on_selector(".scroll[aria-labelledby=h-spill]", beyond) == 0


_PAINT = "one => getComputedStyle(one).backgroundColor"


def test_forced_colours_keep_what_only_a_colour_says(watched: Watched) -> None:
    watched.page.emulate_media(forced_colors="active")
    watched.open("/en/area/MLI")
    swatches = watched.page.eval_on_selector_all(".legend .swatch", f"all => all.map({_PAINT})")
    assert len(set(swatches)) == len(swatches) == 5
    watched.open("/en/situation")
    chosen = watched.page.eval_on_selector(".switch a[aria-current]", _PAINT)
    assert chosen != watched.page.eval_on_selector(".switch a:not([aria-current])", _PAINT)


@dataclass
class Awaited:
    """Answers to the script that waits for reasons, as a test gives them."""

    page: Page
    status: int
    body: str
    asked: int = 0

    def answer(self, route: Route) -> None:
        """Answer once more."""
        self.asked += 1
        route.fulfill(status=self.status, body=self.body)

    def until(self, there: Callable[[], bool]) -> None:
        """Let turns of waiting pass until something is so."""
        for _ in range(2000):
            if there():
                return
            self.page.clock.run_for(2000)
        pytest.fail(f"asked {self.asked} times in vain")


def _awaited(watched: Watched, country: str, status: int, body: str) -> Awaited:
    """Open a country that no other test asks for: reasons that are there already are not waited for."""
    made = Awaited(watched.page, status, body)
    watched.page.route(f"**/area/{country}/reasons", made.answer)
    watched.page.clock.install()
    watched.open(f"/en/area/{country}")
    return made


def test_reasons_are_waited_for_as_long_as_the_server_works_on_them(watched: Watched) -> None:
    awaited = _awaited(watched, "NZL", 202, '<p class="waiting" data-state="waiting">Soon.</p>')
    awaited.until(lambda: awaited.asked >= 150)
    awaited.body = '<p data-state="ready">Because.</p>'
    awaited.until(lambda: watched.page.get_by_text("Because.").count() == 1)


def test_a_server_that_is_gone_is_not_waited_for_in_silence(watched: Watched) -> None:
    awaited = _awaited(watched, "ISL", 503, "")
    awaited.until(lambda: watched.page.get_by_text("could not be worked out").count() == 1)
    assert awaited.asked == 30
    assert watched.page.locator("#reasons [data-state=waiting]").count() == 0
    watched.wrong[:] = [one for one in watched.wrong if "503" not in one]
