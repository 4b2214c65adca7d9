"""Which releases make the record whole up to a day, and the order in which they are asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Container
from dataclasses import dataclass

from tocsin import months
from tocsin.errors import BadInput, NotPublished
from tocsin.sources.fetching import DOWNLOADS
from tocsin.sources.release import Release


@dataclass(frozen=True)
class Renewal:
    """What came of bringing in all that is out.

    missing:  releases that were asked for and are not published.
    held:     monthly ones that were here, oldest first, of months that no annual release covers: under the
              names of such the publisher may have put other bytes since.
    withheld: releases that are not here and were not asked for.
    """

    missing: tuple[Release, ...]
    held: tuple[Release, ...]
    withheld: tuple[Release, ...]


def due(today: dt.date, *, withheld: Container[str] = ()) -> tuple[Release, ...]:
    """Return the releases that are assumed to be out on `today` and cover every month up to then together.

    withheld: names of releases that are not to be asked for.

    The newest annual one first, then the candidates of the months after it, oldest first; none where no
    annual one is to be had. From when on a release is assumed to be out is what `known_at` says.
    """

    def out(releases: tuple[Release, ...]) -> tuple[Release, ...]:
        return tuple(r for r in releases if r.known_at <= today and r.name not in withheld)

    newest = next(iter(out(_annual(today))), None)
    return (newest, *out(_monthly(newest, today))) if newest else ()


def renew(
    held: Callable[[Release], bool],
    bring: Callable[[Release], bool],
    *,
    today: dt.date,
    withheld: Container[str] = (),
) -> Renewal:
    """Bring in every release that is out and not held, and say which are not published and which were here.

    held:     whether what a release covers is there already.
    bring:    brings one in; False where the publisher does not have it. What it raises ends the whole.
    withheld: names of releases that are not to be asked for.

    This year's annual release may come out on any day and goes before last year's; each candidate is asked
    for once its month has ended. Raises NotPublished where neither annual release is to be had, BadInput
    where one that might be is withheld: without one, no month would be known.
    """
    missing: list[Release] = []
    here: list[Release] = []
    passed: list[Release] = []

    def there(release: Release) -> bool:
        if held(release):
            here.append(release)
            return True
        if release.name in withheld:
            passed.append(release)
            return False
        if bring(release):
            return True
        missing.append(release)
        return False

    newest = next((release for release in _annual(today) if there(release)), None)
    if newest is None and passed:
        raise BadInput("sources.annual_withheld", releases=", ".join(release.name for release in passed))
    if newest is None:
        names = ", ".join(release.name for release in missing)
        raise NotPublished("sources.no_annual", releases=names, url=f"{DOWNLOADS}/")
    for release in _monthly(newest, today):
        there(release)
    monthly = tuple(release for release in here if release is not newest)
    return Renewal(tuple(missing), monthly, tuple(passed))


def _annual(today: dt.date) -> tuple[Release, ...]:
    return tuple(Release.parse(f"{year % 100}.1") for year in (today.year, today.year - 1))


def _monthly(annual: Release, today: dt.date) -> tuple[Release, ...]:
    """Return the candidates of the months after an annual release that ended before `today`."""
    days = map(months.first_day, range(annual.span.last + 1, months.of_date(today)))
    return tuple(Release.parse(f"{day.year % 100}.0.{day.month}") for day in days)
