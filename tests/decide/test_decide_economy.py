from importlib import resources
from pathlib import Path

import pytest

from tocsin import areas, months
from tocsin.decide import PRICE_YEAR, economy_of
from tocsin.decide.economy import derive
from tocsin.errors import NotAssessed


def test_gdp_is_people_times_gdp_per_head_of_the_last_counted_year() -> None:
    january, july = (economy_of(432, month=months.parse(m)) for m in ("2012-01", "2012-07"))
    assert (january.year, july.year) == (2010, 2011)
    assert january.persons == areas.population(432, year=2010).persons
    assert january.gdp == pytest.approx(january.per_head * january.persons / 1e6)
    assert january.price_year == PRICE_YEAR
    assert economy_of(432, month=months.parse("2030-01")).year == 2021


def test_what_is_not_counted_is_not_assessed() -> None:
    for gw, month in ((223, "2012-01"), (626, "2011-12"), (432, "1980-01")):
        with pytest.raises(NotAssessed):
            economy_of(gw, month=months.parse(month))


def test_the_table_leaves_out_what_has_no_value(tmp_path: Path) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("gwcode,year,gdppc\n2.0,1990.0,10.6\n2.0,1980.0,5\n1.0,1991.0,7.4\n3.0,1991.0,\n")
    assert derive(source, out) == 2
    assert out.read_text() == "gw,year,gdp_per_head\n1,1991,7\n2,1990,11\n"


@pytest.mark.shared
def test_the_shipped_table_is_the_one_derived(shared: Path, tmp_path: Path) -> None:
    derive(shared / "data/covariates/gw_year_gdp_population_polyarchy_1980_2021.csv", tmp_path / "out.csv")
    shipped = resources.files("tocsin.decide") / "data" / "gdp_per_head.csv"
    assert (tmp_path / "out.csv").read_bytes() == shipped.read_bytes()
