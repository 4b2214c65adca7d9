"""The pages in a real browser: every page, both languages, by keyboard alone, and nothing from elsewhere."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from web_browser import Watched, reach
from web_world import World

from tocsin.desk.telling import SECONDS
from tocsin.guard import Tokens

SAME = ("ledger?type=warning", "warnings?group=resolved", "situation?measure=change&region=Africa", "replay")
"""Pages made like another: looked at in one language."""

PAGES = (
    "situation", "situation?measure=change&region=Africa", "area/MLI", "warnings", "warnings?group=resolved",
    "warnings/{issued}", "warnings/{draft}", "ledger", "ledger?type=warning", "ledger/mali-2012-dismissal",
    "ledger/nasty-0", "ledger/add", "ledger/add?type=commitment", "ledger/verify", "scores", "replay",
    "replay/small", "replay/small?month=2012-03", "data", "signin", "area/XYZ",
)  # fmt: skip


@pytest.fixture
def signed(watched: Watched, served: tuple[World, str]) -> Watched:
    """Return a page in which an admin has signed in, by keyboard."""
    tokens = Tokens.of(served[0].home)
    if any(name == "Duty desk" for name, _, _ in tokens.list()):
        tokens.revoke("Duty desk")
    secret = tokens.add("Duty desk", "admin")
    watched.open("/en/signin")
    reach(watched.page, "#secret")
    watched.page.keyboard.type(secret)
    watched.page.keyboard.press("Enter")
    watched.page.wait_for_url("**/en/situation")
    assert watched.page.get_by_role("link", name="Duty desk").count() == 1
    return watched


def _type(page: Page, target: str, text: str) -> None:
    reach(page, target)
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_every_page_is_whole_quiet_and_usable_by_everyone(
    watched: Watched, served: tuple[World, str], lang: str
) -> None:
    own, found = served[0], {}
    for path in PAGES:
        watched.open(f"/{lang}/{path.format(issued=own.issued, draft=own.draft)}")
        assert watched.page.locator("h1").count() == 1, path
        assert watched.page.locator("html").get_attribute("lang") == lang
        if (lang == "en" or path not in SAME) and (faults := watched.faults()):
            found[path] = faults
    assert not found, json.dumps(found, indent=1)


@pytest.mark.parametrize(("width", "theme"), [(360, "dark"), (768, "light"), (1920, "light")])
def test_pages_fit_a_telephone_and_a_wall_in_both_themes(watched: Watched, width: int, theme: str) -> None:
    watched.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    watched.page.set_viewport_size({"width": width, "height": 800})
    findings, wide = {}, {}
    for path in ("situation", "area/MLI", "warnings", "ledger", "scores", "replay/small", "data"):
        watched.open(f"/fr/{path}")
        over = watched.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if over > 0:
            wide[path] = over
        if theme == "dark" and (faults := watched.faults()):
            findings[path] = faults
    assert not wide
    assert not findings, json.dumps(findings, indent=1)


_SHIFTS = """
(() => { window.shifted = []; new PerformanceObserver(list => {
  for (const one of list.getEntries())
    for (const from of one.sources) window.shifted.push(from.node && (from.node.outerHTML || from.node.data));
}).observe({type: "layout-shift", buffered: true}); })()
"""


@pytest.mark.timeout(2 * SECONDS)
@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_moves_while_a_page_comes_in(watched: Watched, width: int) -> None:
    watched.page.add_init_script(_SHIFTS)
    watched.page.set_viewport_size({"width": width, "height": 800})
    moved = {}
    for path in ("situation", "area/MLI", "warnings", "ledger", "scores", "replay/small", "data"):
        watched.open(f"/en/{path}")
        if path.startswith("area"):
            # A busy machine takes as long over them as the server allows, and nothing may move meanwhile.
            watched.page.wait_for_selector("[data-state=waiting]", state="detached", timeout=1000 * SECONDS)
            assert watched.page.locator("[data-state=ready]").count() == 1
        if shifted := watched.page.evaluate("window.shifted"):
            moved[path] = [str(one)[:120] for one in shifted]
    assert not moved, json.dumps(moved, indent=1)


def test_what_is_printed_is_dark_on_light_whatever_the_theme(watched: Watched) -> None:
    watched.open("/en/theme/dark?back=/en/area/MLI")
    ink = "getComputedStyle(document.body).color"
    on_screen = watched.page.evaluate(ink)
    watched.page.emulate_media(media="print", color_scheme="dark")
    printed = watched.page.evaluate(ink)
    assert sum(map(int, re.findall(r"\d+", on_screen))) > 600
    assert sum(map(int, re.findall(r"\d+", printed))) < 150


def test_on_paper_charts_are_whole_and_a_map_stays_with_the_line_over_it(watched: Watched) -> None:
    watched.open("/en/replay/small")
    watched.page.emulate_media(media="print")
    for chosen in (".chart.history", "figure:has(.small):has(.around)", "figure:has(.small):has(.ground)"):
        inside = watched.page.evaluate(
            "chosen => getComputedStyle(document.querySelector(chosen)).breakInside", chosen
        )
        assert inside == "avoid-page", chosen


_FILLS = "[...document.querySelectorAll('.chart .bars path')].slice(0, 1).map(one => one.style.fill)[0]"


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_every_chart_is_drawn_within_its_place_and_told_in_words(watched: Watched, lang: str) -> None:
    for path, least in (("area/MLI", 1), ("scores", 20)):
        watched.open(f"/{lang}/{path}")
        charts = watched.page.locator(".chart")
        assert charts.count() >= least
        for place in range(charts.count()):
            chart = charts.nth(place)
            assert chart.locator("svg.main-svg .point").count() > 0
            label = chart.get_attribute("aria-label")
            assert label
            box, drawn = chart.bounding_box(), chart.locator("svg.main-svg").first.bounding_box()
            assert box
            assert drawn
            assert (box["width"], box["height"]) == pytest.approx((drawn["width"], drawn["height"]), abs=2)
    ticks = " ".join(watched.page.locator(".chart .xtick").all_text_contents())
    assert ("0,5" in ticks, "0.5" in ticks) == (lang == "fr", lang == "en")


def test_a_month_is_told_where_the_chart_is_pointed_at(watched: Watched) -> None:
    watched.open("/fr/area/MLI")
    box = watched.page.locator(".chart").bounding_box()
    assert box
    for share, said in ((0.5, "décès"), (0.96, "médiane")):
        watched.page.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] * 0.5)
        watched.page.wait_for_selector(".chart .hovertext", state="attached")
        watched.page.wait_for_function(
            "said => document.querySelector('.chart .hoverlayer').textContent.includes(said)", arg=said
        )
        assert watched.page.locator(".chart .hovertext").count() == 1


def test_charts_take_the_colours_of_the_theme_and_light_ones_on_paper(watched: Watched) -> None:
    page = watched.page
    page.emulate_media(color_scheme="light")
    watched.open("/en/area/MLI")
    light = page.evaluate(_FILLS)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"light => {_FILLS} !== light", arg=light)
    dark = page.evaluate(_FILLS)
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(_FILLS) == light
    page.emulate_media(media="print", color_scheme="dark")
    page.set_viewport_size({"width": 700, "height": 1000})
    box, drawn = page.locator(".chart").bounding_box(), page.locator(".chart svg").first.bounding_box()
    assert box
    assert drawn
    assert drawn["width"] == pytest.approx(box["width"], abs=2)
    page.emulate_media(media="screen", color_scheme="dark")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(_FILLS) == dark


def test_a_chart_library_that_does_not_come_is_said_and_the_table_is_there(watched: Watched) -> None:
    watched.page.route("**/plotly.min.js*", lambda route: route.abort())
    watched.open("/en/area/MLI")
    assert "could not be drawn" in watched.page.locator(".chart").inner_text()
    watched.page.click("details:has(table.months) summary")
    assert watched.page.locator("table.months tbody tr").count() == 12
    watched.wrong[:] = [one for one in watched.wrong if "ERR_FAILED" not in one]


def test_the_first_tab_leads_past_the_menu(watched: Watched) -> None:
    watched.open("/en/ledger")
    watched.page.keyboard.press("Tab")
    watched.page.keyboard.press("Enter")
    assert watched.page.evaluate("document.activeElement.id") == "main"


def test_a_country_is_reached_from_the_map_and_told_on_focus(watched: Watched) -> None:
    watched.open("/en/situation")
    reach(watched.page, ".map a")
    told = watched.page.evaluate("document.activeElement.dataset.facts")
    assert watched.page.locator("#facts").inner_text() == told
    watched.page.keyboard.press("Enter")
    watched.page.wait_for_url("**/en/area/*")


def test_the_language_is_changed_without_leaving_the_page(watched: Watched) -> None:
    watched.open("/en/replay/small?month=2012-03")
    reach(watched.page, ".tools a[hreflang=fr]")
    watched.page.keyboard.press("Enter")
    watched.page.wait_for_url("**/fr/replay/small?month=2012-03")


def test_a_warning_is_answered_by_keyboard(signed: Watched, served: tuple[World, str]) -> None:
    own = served[0]
    signed.open(f"/en/warnings/{own.issued}")
    page = signed.page
    reach(page, "details:has(form[action$=dismissal]) summary")
    page.keyboard.press("Enter")
    _type(page, "#by-dismissal", "A ministry")
    reach(page, "#reason-dismissal")
    page.keyboard.press("End")
    chosen = page.locator("#reason-dismissal").input_value()
    _type(page, "#text-dismissal", "We judged it <b>exaggerated</b>.")
    reach(page, "form[action$=dismissal] button")
    page.keyboard.press("Enter")
    page.wait_for_url("**?done=done")
    assert page.get_by_text("We judged it <b>exaggerated</b>.").count() == 1
    with own.ledger() as ledger:
        (held,) = (e.entry for e in ledger.entries(type="dismissal") if e.entry.text.startswith("We judged"))
    assert held.content()["reason"] == chosen
    page.reload()
    with own.ledger() as ledger:
        assert sum(e.entry.text.startswith("We judged") for e in ledger.entries(type="dismissal")) == 1


def test_an_entry_is_added_and_its_proof_verified_by_keyboard(signed: Watched) -> None:
    page = signed.page
    signed.open("/en/ledger/add?type=notice")
    _type(page, "#f-date", "2012-02")
    _type(page, "#f-areas", "Atlantis")
    _type(page, "#f-text", "A situation room took note, in its own words.")
    _type(page, "#f-sources", "A paper")
    reach(page, "#f-confidence")
    page.keyboard.press("End")
    _type(page, "#f-by", "A situation room")
    _type(page, "#f-links", "answers:mali-2011-sof-warning")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=alert]")
    assert page.evaluate("document.activeElement.id") == "f-areas"
    page.keyboard.press("Control+a")
    page.keyboard.type("Mali")
    page.keyboard.press("Enter")
    page.wait_for_url("**?done=done")
    assert page.locator("#proof .good").count() == 1
    reach(page, "#proof summary")
    page.keyboard.press("Enter")
    shown = page.locator("#proof pre").inner_text().splitlines()
    signed.open("/en/ledger/verify")
    assert page.locator(".good[role=status]").count() == 1
    assert shown[1] in page.locator("main").inner_text()


def test_a_bundle_is_taken_away(watched: Watched, tmp_path: Path) -> None:
    watched.open("/en/ledger/mali-2012-dismissal")
    with watched.page.expect_download() as taken:
        watched.page.locator("#proof a[download]").click()
    taken.value.save_as(tmp_path / "one.zip")
    assert (tmp_path / "one.zip").read_bytes()[:2] == b"PK"


def test_an_input_of_the_delay_table_is_edited_and_the_table_recomputed(watched: Watched) -> None:
    watched.open("/en/area/MLI")
    page = watched.page
    before = page.locator("table.delay tbody").inner_text()
    _type(page, "#moments", "0,9")
    page.keyboard.press("Enter")
    page.wait_for_url("**moments=0%2C9*")
    after = page.locator("table.delay tbody").inner_text()
    assert after != before
    assert "9 months" in after
    _type(page, "#moments", "soon")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=alert]")
    assert "soon" in page.locator("[role=alert]").inner_text()


def test_the_slider_moves_through_the_months_and_stays_in_hand(watched: Watched) -> None:
    watched.open("/en/replay/small?month=2012-01")
    page = watched.page
    reach(page, "#month-slider")
    for month in ("2012-02", "2012-03"):
        page.keyboard.press("ArrowRight")
        page.wait_for_url(f"**month={month}*")
        page.wait_for_function("document.activeElement && document.activeElement.id === 'month-slider'")
        assert page.locator("#month-shown").inner_text() == month


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_without_scripts_everything_is_there(browser: Browser, served: tuple[World, str], lang: str) -> None:
    plain = browser.new_context(java_script_enabled=False)
    page = plain.new_page()
    page.goto(f"{served[1]}/{lang}/replay/small?month=2012-01")
    page.click("a[rel=next]")
    assert page.url.endswith("month=2012-02")
    page.fill("noscript input[name=month]", "2012-04")
    page.press("noscript input[name=month]", "Enter")
    assert page.url.endswith("month=2012-04")
    page.goto(f"{served[1]}/{lang}/situation?measure=expected")
    assert page.locator(".ranking tbody tr").count() > 150
    page.goto(f"{served[1]}/{lang}/area/MLI")
    assert not page.locator(".chart").is_visible()
    page.click("details:has(table.months) summary")
    assert page.locator("table.months tbody tr").first.is_visible()
    plain.close()


def test_texts_of_the_ledger_do_nothing_in_a_browser(watched: Watched, served: tuple[World, str]) -> None:
    watched.open("/en/ledger?text=alert")
    page = watched.page
    links = page.locator(".entries a").evaluate_all("found => found.map(one => one.getAttribute('href'))")
    assert len(links) >= 5
    for link in links:
        watched.open(link)
        assert page.locator("main script, main iframe, main img, main svg[onload]").count() == 0


def test_arrow_keys_walk_through_a_choice_and_go_nowhere(signed: Watched) -> None:
    page = signed.page
    signed.open("/en/situation")
    reach(page, "#region")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.selectedIndex") == 2
    assert signed.path() == "/en/situation"
    reach(page, ".filters button")
    page.keyboard.press("Enter")
    page.wait_for_url("**region=*")
    signed.open("/en/ledger/add?type=notice")
    _type(page, "#f-text", "A situation room took note.")
    page.select_option("#type", "event")
    assert page.input_value("#f-text") == "A situation room took note."
    page.click("button[formaction]")
    page.wait_for_selector("form[action$='type=event']")
    assert page.input_value("#f-text") == "A situation room took note."
