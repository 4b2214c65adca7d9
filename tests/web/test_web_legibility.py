"""What pages say is read as it is meant: points, months, outlines, colours, scripts of either direction."""

from __future__ import annotations

import dataclasses
import re

import pytest
from starlette.testclient import TestClient
from web_world import DAY, World

from tocsin.desk import Desk, Snapshot, direction, situation
from tocsin.ledger import entry, examples
from tocsin.text import points


@pytest.fixture(scope="module")
def snapshot(world: World) -> Snapshot:
    """Return the watch of the small world."""
    return Desk(world.results, world.home, (), lambda: DAY).current()


@pytest.mark.parametrize(("change", "told", "noted", "colour"), [
    (0.0249, "+2", "", "−3 to +3"), (0.0251, "+3", "up", "+3 to +10"), (0.028, "+3", "up", "+3 to +10"),
    (0.096, "+10", "up", "+10 to +20"), (-0.0251, "−3", "down", "−3 to +3"),
    (-0.034, "−3", "down", "−3 to +3"), (-0.036, "−4", "down", "−10 to −3"),
    (0, "0", "", "−3 to +3"), (None, None, "", None),
])  # fmt: skip
def test_a_change_is_named_listed_and_coloured_by_the_points_that_are_read(
    snapshot: Snapshot, change: float | None, told: str | None, noted: str, colour: str | None
) -> None:
    first, *rest = snapshot.lines
    line = dataclasses.replace(first, change=change)
    lines = (line, *(dataclasses.replace(one, change=0.0) for one in rest))
    found = situation(dataclasses.replace(snapshot, lines=lines), "en", measure="change")
    assert (None if change is None else points(change, "en")) == told
    assert direction(line) == noted
    assert found.rising == ((line,) if noted == "up" else ())
    labels = {one.colour: one.label for one in found.legend.classes}
    assert (None if change is None else labels[found.colour(line) or ""]) == colour


def test_the_map_says_what_each_of_its_colours_stands_for(reader: TestClient) -> None:
    legend = reader.get("/en/situation?region=Africa").text.partition('<ul class="legend">')[2]
    assert 'class="rest"/></svg> not ranked here</li>' in legend.partition("</ul>")[0]


def test_the_country_of_a_replay_is_outlined_over_its_neighbours(reader: TestClient) -> None:
    drawn = reader.get("/en/replay/small?month=2012-04").text.partition('class="ground around"')[2]
    country, halo, ring = (
        drawn.partition("</svg>")[0].partition('<g class="halo">')[::2][0],
        *re.findall(r'<g class="(?:halo|ring)">(.*?)</g>', drawn),
    )
    (own,) = re.findall(r'd="([^"]+)"[^>]*><title>Mali', country)
    assert halo == ring == f'<path d="{own}"/>'


@pytest.mark.parametrize(
    "path", ["en/area/MLI", "fr/area/MLI", "fr/situation", "en/replay/small?month=2012-04"]
)
def test_a_month_is_copied_from_a_page_as_a_command_takes_it(reader: TestClient, path: str) -> None:
    page = reader.get(f"/{path}").text
    assert not re.search("[\u00ad\u200b\u2060\u2011]", page)
    if "situation" not in path:
        assert re.search(r'class="nowrap">20\d\d-\d\d</', page)


@pytest.mark.parametrize("path", ["warnings", "warnings/{issued}"])
def test_commands_in_a_warning_are_code(world: World, reader: TestClient, path: str) -> None:
    page = reader.get("/fr/" + path.format(issued=world.issued)).text
    assert "<code>tocsin warn record --compute</code>" in page
    assert "`" not in page


def test_words_are_laid_out_in_the_direction_of_their_script(own: World) -> None:
    told = {"id": "right-to-left", "text": "وزارة الخارجية", "language": "ar", "author": "مكتب الإنذار"}
    with own.ledger() as ledger:
        held = examples()["assessment"] | told
        held.pop("translation", None)
        ledger.extend([entry(held)])
    client = own.client()
    page = client.get("/en/ledger/right-to-left").text
    assert f'<p class="prose" lang="ar" dir="auto">{told["text"]}</p>' in page
    assert f'<bdi lang="ar">{told["author"]}</bdi>' in page
    assert f'lang="ar" dir="auto">{told["text"]}</a>' in client.get("/en/ledger?type=assessment").text
