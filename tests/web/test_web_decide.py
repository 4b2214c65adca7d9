"""The price of delay in a browser and for programs: the numbers of the command."""

from __future__ import annotations

from html import unescape

import pytest
from starlette.testclient import TestClient
from web_world import PAST, World

from tocsin.decide import Decision, Evidence, decide, told
from tocsin.decide.words import span
from tocsin.desk import Desk
from tocsin.errors import NotAssessed


@pytest.fixture(scope="module")
def made(world: World) -> Decision:
    """Return the decision that Python and the command make by themselves."""
    held = Desk(world.results, world.home).current()
    assert held.panel is not None
    return decide(Evidence.of(held.panel, month=held.origin + 1, said=held.made), "MLI")


def test_the_page_prices_with_the_numbers_of_the_command(reader: TestClient, made: Decision) -> None:
    page = unescape(reader.get("/en/area/MLI").text)
    moments = [moment for row in made.options if not row.option.idle for moment in row.moments]
    assert all(span(moment.deaths, 90, "en") in page for moment in moments)
    assert told(made, "en") in page


def test_the_api_gives_the_record_of_the_command(reader: TestClient, made: Decision) -> None:
    answer = reader.get("/api/v1/decide/MLI", params=PAST).json()
    assert answer["decision_digest"] == made.digest
    held = {row["name"]: row for row in answer["decision"]["options"]}
    assert held["mediation"]["break_even"]["probability"] is not None
    assert held["mediation"]["tornado"]


@pytest.mark.parametrize("horizon", [12, 24])
def test_a_horizon_alone_asks_for_what_it_holds(reader: TestClient, horizon: int) -> None:
    page = reader.get(f"/en/area/MLI?moments=&horizon={horizon}").text
    assert 'role="alert"' not in page
    assert 'placeholder="0,1,3,6,12"' in page
    assert f"longer than the {horizon} months priced: " in page
    answer = reader.get("/api/v1/decide/MLI", params={**PAST, "horizon": horizon, "format": "csv"})
    assert answer.status_code == 200
    assert "development-aid" not in answer.text


def test_a_state_that_cannot_be_priced_is_told_with_its_command(
    reader: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*given: object) -> Decision:
        raise NotAssessed("decide.state_unknown", area="Mali", month="2021-12", missing="2021-09")

    monkeypatch.setattr("tocsin.web.pages.area.delay", refuse)
    page = reader.get("/en/area/MLI?horizon=119").text
    assert "these months with <code>tocsin ingest</code>." in page
