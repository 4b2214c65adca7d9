"""Whose the data are: what all that is derived from them says of it, and the text beside the figures."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from tocsin.errors import BadInput
from tocsin.figures.files import COMMAND, MALI_VINTAGES, Table
from tocsin.panel import Panel
from tocsin.sources.release import Release, release_order

LICENCE = "CC BY 4.0"
URL = "https://creativecommons.org/licenses/by/4.0/"

UCDP = "Uppsala Conflict Data Program (UCDP)"
VIEWS = "Violence & Impacts Early-Warning System (VIEWS)"

PLACES = {UCDP: "https://ucdp.uu.se/downloads/", VIEWS: "https://viewsforecasting.org/"}
"""Where each publisher gives out its data."""

GED = (
    "Sundberg, R. & Melander, E. (2013). Introducing the UCDP Georeferenced Event Dataset. "
    "Journal of Peace Research 50(4): 523-532."
)
ORGANIZED_VIOLENCE = (
    "Davies, S., Pettersson, T., Sollenberg, M. & Öberg, M. (2025). Organized violence 1989–2024, and the "
    "challenges of identifying civilian victims. Journal of Peace Research 62(4): 1223-1240."
)
CANDIDATE = (
    "Hegre, H., Croicu, M., Eck, K. & Högbladh, S. (2020). Introducing the UCDP Candidate Events Dataset. "
    "Research & Politics 7(3). doi:10.1177/2053168020935257."
)
CHALLENGE = (
    "VIEWS Prediction Challenge 2023/24: published actuals. Peace Research Institute Oslo and Uppsala "
    "University."
)

_WITH_ORGANIZED_VIOLENCE = "25.1"
_VINTAGE = re.compile(r"vintage \d{4}-\d\d-\d\d")
_AROUND = re.compile(r"^(ged|organizedviolencecy)-| \(.*\)$")


@dataclass(frozen=True)
class Source:
    """A release: the name of its publisher and where that gives out its data, None where it is not known."""

    release: str
    publisher: str | None
    place: str | None


@dataclass(frozen=True)
class Attribution:
    """Whose data something is derived from; it says nothing of what else is in it.

    derived_from: the publishers. licence, licence_url: theirs; None where nothing is known of a release.
    citations: the works to cite, always with the releases. releases: their names, in order.
    """

    derived_from: tuple[str, ...]
    licence: str | None
    licence_url: str | None
    citations: tuple[str, ...]
    releases: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values for JSON."""
        return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self).items()}

    @cached_property
    def lines(self) -> dict[str, str]:
        """The fields that are known as text, for metadata of a file: of several values each on its line."""
        held = {n: v if isinstance(v, str) else "\n".join(v or ()) for n, v in asdict(self).items()}
        return {name: text for name, text in held.items() if text}

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """The releases one by one, in order."""
        known = [(name, _known(name)) for name in self.releases]
        return tuple(
            Source(name, None, None) if of is None else Source(name, of[0], PLACES[of[0]])
            for name, of in known
        )


def attribution(releases: Iterable[str]) -> Attribution:
    """Return whose data the releases of these names are.

    A name that no release of UCDP or VIEWS bears is named, and leaves the licence unknown.
    """
    names = sorted(set(releases), key=lambda name: (release_order(name), name))
    known = [_known(name) for name in names]
    told = [one for one in known if one is not None]
    free = bool(names) and None not in known
    return Attribution(
        derived_from=tuple(p for p in (UCDP, VIEWS) if any(publisher == p for publisher, _ in told)),
        licence=LICENCE if free else None, licence_url=URL if free else None,
        citations=tuple(
            work for work in (GED, ORGANIZED_VIOLENCE, CANDIDATE, CHALLENGE)
            if any(work in works for _, works in told)
        ),
        releases=tuple(names),
    )  # fmt: skip


def attribution_of(panel: Panel) -> Attribution:
    """Return whose the data of a panel are, and those of what stands beside it."""
    beside = () if panel.beside is None else panel.beside.releases
    return attribution([*panel.releases, *beside])


def _known(release: str) -> tuple[str, tuple[str, ...]] | None:
    """Return the publisher of a release and the works that it asks to cite; None for an unknown name."""
    if release.startswith("views-actuals-"):
        return VIEWS, (CHALLENGE,)
    if release in MALI_VINTAGES.releases or _VINTAGE.fullmatch(release):
        return UCDP, (GED, CANDIDATE)
    try:
        of = Release.parse(_AROUND.sub("", release))
    except BadInput:
        return None
    if of.product == "ucdp-candidate":
        return UCDP, (CANDIDATE,)
    return UCDP, (GED, ORGANIZED_VIOLENCE) if of.name == _WITH_ORGANIZED_VIOLENCE else (GED,)


_TEXT = """\
# Licence and sources of these figures

The tables in this folder are derived from data of the Uppsala Conflict Data Program (UCDP) and of the
Violence & Impacts Early-Warning System (VIEWS). They are under **{licence}**
({url}), as their sources are. They were changed: summed by month and
area, and where stated split by an estimate. The publishers' own files are not in this folder.

Please cite:

{citations}

Always name the release. The published actuals of the challenge are the rows of `views_history` marked
`official`. Made by `{command}`; digests of sources and tables are in `figures.json`.

| table | releases | taken to be known from | what is assessed |
|---|---|---|---|
{rows}
"""


def text(tables: Sequence[Table]) -> str:
    """Return the licence file, in Markdown."""
    rows = "\n".join(
        f"| `{table.file}` | {', '.join(table.releases)} | {table.known_at.isoformat()} "
        f"({'by row' if table.dated else 'assumed'}) | {table.coverage} |"
        for table in tables
    )
    cited = attribution(name for table in tables for name in table.releases).citations
    citations = "\n".join(textwrap.fill(f"- {work}", 110, subsequent_indent="  ") for work in cited)
    return _TEXT.format(licence=LICENCE, url=URL, citations=citations, command=COMMAND, rows=rows)
