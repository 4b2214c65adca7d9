"""The situation: the ranking as table and map, and what is said of how far to trust it."""

from __future__ import annotations

import re
from pathlib import Path
from unittest.mock import Mock

import polars as pl
import pytest
from markupsafe import escape
from starlette.testclient import TestClient
from web_world import World, retell

from tocsin import local, months
from tocsin.desk import Desk
from tocsin.desk.telling import tell
from tocsin.errors import NotAssessed
from tocsin.figures.files import GROUPS
from tocsin.months import Span
from tocsin.sources import Coverage
from tocsin.text import LANGUAGES, Language, say
from tocsin.watch import current_panel, little, percent, watch
from tocsin.watch.tables import write_tables


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_table_and_the_map_tell_the_same_figures(reader: TestClient, world: World, lang: str) -> None:
    page = reader.get(f"/{lang}/situation").text
    told = re.findall(r'data-facts="([^"]*)"', page)
    lines = Desk(world.results, world.home).current().lines
    mali = next(line for line in lines if line.iso3 == "MLI")
    assert sum(text.startswith(f"{mali.rank}. ") for text in told) == 2
    assert percent(mali.probability, lang) in page  # type: ignore[arg-type]
    assert all(f'href="/{lang}/area/{line.iso3}"' in page for line in lines)
    # A cell that is hidden whole puts those after it under the headers of others for who hears the table.
    assert not re.search("<t[dh][^>]*aria-hidden", page)


def test_a_region_an_order_and_a_measure_are_kept_in_the_address(reader: TestClient, world: World) -> None:
    page = reader.get("/en/situation?region=Africa&measure=change&sort=name").text
    names = re.findall(r'<th scope="row"><a href="/en/area/(\w+)"', page)
    africa = [
        line for line in Desk(world.results, world.home).current().lines if line.country.region == "Africa"
    ]
    assert sorted(names) == sorted(line.iso3 for line in africa)
    assert names == [x.iso3 for x in sorted(africa, key=lambda x: x.country.name("en").casefold())]
    assert "measure=expected&amp;region=Africa" in page


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_page_says_how_little_a_ranking_on_few_months_rests_on(
    world: World, results: Path, lang: Language
) -> None:
    held = Desk(results, world.home).current()
    said = {}
    for count in (held.covered_months, 23, None):
        retell(results, covered_months=count, watch_sha256=f"{count}")
        client = world.client(results=results)
        told = escape(little(23, held.origin, lang))
        said[count] = [str(told) in client.get(f"/{lang}/{page}").text for page in ("situation", "area/MLI")]
    assert list(said.values()) == [[False, False], [True, True], [False, False]]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_page_says_how_many_countries_rest_on_few_months_and_theirs_on_how_few(
    world: World, results: Path, lang: Language
) -> None:
    retell(results, few_months={"432": 1}, watch_sha256="few")
    client = world.client(results=results)
    origin = Desk(results, world.home).current().origin
    mali = str(escape(little(1, origin, lang, of="Mali")))
    count = str(escape(say("watch.few", lang, count=1, least=24)))
    told = {page: client.get(f"/{lang}/{page}").text for page in ("situation", "area/MLI", "area/NER")}
    assert [count in text for text in told.values()] == [True, True, True]
    assert [mali in text for text in told.values()] == [False, True, False]


def test_beside_a_watch_that_was_told_what_to_read_stands_what_it_read(
    own: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A vault of some countries is read where a watch is told to, and not where nothing is said."""
    monkeypatch.setenv("TOCSIN_HOME", str(own.home))
    few = Coverage(Span.parse("2015-01:2022-05"), countries=(432,))
    own.bring_in("23.1", few, "2022-05", tmp_path, monkeypatch)
    today = months.today()
    said, places = [], Mock(side_effect=NotAssessed("desk.data_changed"))
    monkeypatch.setattr(local, "forecast", places)
    for data in ("vault", "figures"):
        folder = tmp_path / data
        folder.mkdir()
        panel = current_panel(today, data)
        write_tables(watch(panel, as_of=today, methods=("last",), steps=(1, 2, 3)), folder)
        held = Desk(folder, own.home).current()
        assert held.panel is not None
        said.append((held.data, int(held.panel.series("total")[held.panel.index(432), -1])))
        tell(held.as_of, held.lag, held.origin, 432, held.method, held.data)
    assert said == [("vault", 40), ("auto", int(panel.series("total")[panel.index(432), -1]))]
    by_province = [called.args[1] for called in places.call_args_list]
    assert [read.releases for read in by_province] == [("23.1",), GROUPS.releases]


@pytest.mark.parametrize(("mean", "said"), [(40.0, True), (20.0, False)])
def test_a_mean_above_its_interval_is_explained_below_the_ranking(
    world: World, results: Path, mean: float, said: bool
) -> None:
    rows = pl.read_parquet(results / "ranking.parquet").with_columns(high_80_next_3=pl.lit(30.0))
    usual = pl.when(pl.col("gw") == 432).then(mean).otherwise(20.0)
    rows.with_columns(expected_next_3=usual).write_parquet(results / "ranking.parquet")
    retell(results, watch_sha256=f"mean {mean}")
    client = world.client(results=results)
    assert (say("reasons.rare_among", "en") in client.get("/en/situation").text) is said
    assert say("reasons.rare_among", "en") not in client.get("/en/situation?region=Americas").text
