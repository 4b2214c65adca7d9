"""The parts of a page of skill, as Markdown in one language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tocsin.areas import region_name
from tocsin.skill.challenge import ChallengeTable
from tocsin.skill.evidence import REFERENCE, command_of, first_of, steps_name
from tocsin.skill.ratios import LEAST_YEARS, LEVEL, RESAMPLES, Ratio
from tocsin.skill.sums import MIDDLE
from tocsin.skill.tables import GROUP_OFFSET, LEVELS, RELIABLE_STEPS, Against, Coverage, Findings, off
from tocsin.text import Language, number, say

_GROUPS = ("horizon", "state", "region", "period", "kept")

_SCORES = (("crps", 2), ("ign", 3), ("interval", 1))

_SHOWN = 8
"""Published rows shown for each score of the challenge, beside one's own."""


class Writer:
    """Writes the parts of one page in one language."""

    def __init__(
        self, found: Sequence[Findings], links: dict[str, str], language: Language,
        against: dict[str, tuple[Against, ...]],
    ) -> None:  # fmt: skip
        self.found, self.links, self.language, self.against = found, links, language, against
        self.own, self.reference = found[0].pair.own.method, found[0].pair.reference.method

    def page(self, scores: ChallengeTable | None, tried: str | None, command: str) -> str:
        """Return the whole page."""
        parts = [
            f"# {self.tell('title')}",
            self.tell("intro", known=self.tell("intro_known") if self.reference == REFERENCE else ""),
            f"```\n{command}\n```",
            self.tell("made"),
            *self._headline(),
            *self._baselines(),
            *self._windows(),
            *self._groups(),
            *self._coverage(),
            *self._reliability(),
            *self._sums(),
            *(self._challenge(scores) if scores else ()),
            f"## {self.tell('how_title')}",
            self.tell(
                "how",
                offset=GROUP_OFFSET,
                resamples=RESAMPLES,
                level=round(100 * LEVEL),
                last=RELIABLE_STEPS,
                years=LEAST_YEARS,
            ).strip(),
            *self._files(),
        ]
        if tried:
            parts.append(tried.strip())
        return "\n\n".join(part for part in parts if part) + "\n"

    def tell(self, key: str, **values: object) -> str:
        """Return a sentence of the page, which may name both methods."""
        return say(f"skill.{key}", self.language, own=self.own, reference=self.reference, **values)

    def _labels(self) -> list[str]:
        return [item.pair.label(self.language) for item in self.found]

    def _headline(self) -> list[str]:
        rows = [self._summary(item) for item in self.found]
        columns = ("deaths", "windows", "ratio", "worse", "difference", "crps", "ign", "mis")
        table = _table([self.tell(f"column.{name}") for name in columns], rows)
        parts = [f"## {self.tell('short_title')}", self.tell("short"), table]
        if any(item.whole and not item.headline for item in self.found):
            parts.append(self.tell("short_whole", offset=self._number(GROUP_OFFSET, 2)))
        return [*parts, *self._verdicts()]

    def _summary(self, item: Findings) -> list[str]:
        """Return the line of a pair: of its windows, or of all its forecasts where there is no window."""
        label, head = item.pair.label(self.language), item.headline or item.whole
        if head is None:
            return [label, *["–"] * 7]
        gap = head.difference
        return [
            label,
            f"{item.windows[0].year}–{item.windows[-1].year}" if item.headline else "–",
            self._cell(head.ratio),
            self.tell("of", part=head.ratio.worse, whole=head.ratio.years),
            self.tell(
                "spread",
                value=self._number(gap.estimate, 2),
                low=self._number(gap.low, 2),
                high=self._number(gap.high, 2),
            ),
            *(self._both(head.scores[name], places) for name, places in _SCORES),
        ]

    def _verdicts(self) -> list[str]:
        """Say in which groups the method is worse, better, or neither: no group is left out."""
        lines = []
        for verdict in ("worse", "better", "open"):
            parts = []
            count = 0
            for item in self.found:
                entries = [
                    f"{name} ({self._number(ratio.value, 2)})"
                    for name, ratio in self._ratios(item)
                    if ratio.verdict == verdict
                ]
                count += len(entries)
                if entries:
                    label = item.pair.label(self.language)
                    parts.append(self.tell("listed", label=label, entries=", ".join(entries)))
            none = "" if parts else f" {self.tell('none')}"
            lines.append(f"* **{self.tell(f'verdict.{verdict}', count=count)}**{none}")
            lines.extend(f"  * {part}" for part in parts)
        return [self.tell("verdicts"), "\n".join(lines)]

    def _ratios(self, item: Findings) -> list[tuple[str, Ratio]]:
        groups = [
            (self._group_name(group, value), ratio)
            for group in _GROUPS
            for value, ratio in item.groups[group].items()
        ]
        return groups + [
            (self.tell("brier_of", deaths=deaths), ratio) for deaths, ratio in item.brier.items()
        ]

    def _baselines(self) -> list[str]:
        """The method beside every baseline it was compared with, in one table; nothing where there is one."""
        if not self.against:
            return []
        rows = []
        for item in self.found:
            cells = [self._cell(item.headline.ratio) if item.headline else "–"]
            for held in self.against.values():
                one = next((one for one in held if one.pair.name == item.pair.name), None)
                cells.append(self._cell(one.windows) if one and one.windows else "–")
            rows.append([item.pair.label(self.language), *cells])
        columns = [self.tell("column.deaths"), *(f"`{name}`" for name in (self.reference, *self.against))]
        text = self.tell("baselines")
        return [f"## {self.tell('baselines_title')}", text, _table(columns, rows)]

    def _windows(self) -> list[str]:
        years = sorted({window.year for item in self.found for window in item.windows})
        if not years:
            return []
        rows = []
        for year in years:
            row = [str(year)]
            for item in self.found:
                held = next((window for window in item.windows if window.year == year), None)
                if held is None:
                    row.append("–")
                    continue
                ratio = "–" if held.ratio is None else self._number(held.ratio, 2)
                scores = f"{self._number(held.crps, 2)} / {self._number(held.crps_r, 2)}"
                row.append(f"{self._marked(ratio, held.ratio)} ({scores})")
            rows.append(row)
        return [
            f"## {self.tell('windows_title')}",
            self.tell("windows"),
            self._image("windows"),
            _table([self.tell("column.window"), *self._labels()], rows),
        ]

    def _groups(self) -> list[str]:
        parts = [f"## {self.tell('groups_title')}", self.tell("groups")]
        for group in _GROUPS:
            values = list(dict.fromkeys(value for item in self.found for value in item.groups[group]))
            if group in ("horizon", "period"):
                values.sort(key=first_of)
            if not values:
                continue
            rows = [
                [
                    self._group_name(group, value),
                    *(
                        self._cell(item.groups[group][value]) if value in item.groups[group] else "–"
                        for item in self.found
                    ),
                ]
                for value in values
            ]
            parts += [f"### {self.tell(f'group.{group}.title')}", self.tell(f"group.{group}.text")]
            parts.append(_table([self.tell(f"group.{group}.column"), *self._labels()], rows))
        return parts

    def _coverage(self) -> list[str]:
        rows = [self._covered(item, row) for item in self.found for row in item.coverage]
        missed = sum(
            off(row.randomised[level], level)
            for item in self.found
            for row in item.coverage
            for level in LEVELS
        )
        return [
            f"## {self.tell('coverage_title')}",
            self.tell("coverage", off=missed, count=len(rows) * len(LEVELS)),
            self.tell("coverage_one_month") if self._one_month() else "",
            self._image("coverage"),
            _table(self._covered_columns("steps"), rows),
            self.tell("pit"),
            self._image("pit"),
        ]

    def _one_month(self) -> bool:
        return len({(origin - 1) % 12 for item in self.found for origin in item.pair.own.origins}) == 1

    def _covered(self, item: Findings, row: Coverage) -> list[str]:
        cells = [item.pair.label(self.language), row.horizon, number(row.rows, self.language)]
        for own, other in ((row.randomised, row.randomised_r), (row.closed, row.closed_r)):
            for level in LEVELS:
                share = self._percent(own[level])
                shown = f"**{share}**" if off(own[level], level) else share
                cells.append(f"{shown} / {self._percent(other[level])}")
        return cells

    def _covered_columns(self, second: str) -> list[str]:
        columns = [self.tell(f"column.{name}") for name in ("deaths", second, "rows")]
        for measure in ("level", "level_closed"):
            columns += [self.tell(f"column.{measure}", level=level) for level in LEVELS]
        return columns

    def _sums(self) -> list[str]:
        """Write what is said of sums over months; nothing where no result has all the months of one."""
        rows = [
            [
                item.pair.label(self.language),
                number(one.months, self.language),
                number(one.deaths, self.language),
                self._percent(one.said, 1),
                self._percent(one.happened, 1),
                self._percent(one.middle_said, 1) if one.middle else "–",
                self._percent(one.middle_happened, 1) if one.middle else "–",
                number(one.middle, self.language),
                f"{self._number(one.brier, 4)} / {self._number(one.brier_r, 4)}",
            ]
            for item in self.found
            for one in item.sums
        ]
        if not rows:
            return []
        names = (
            "deaths", "months", "at_least", "said", "rate", "middle_said", "middle_happened", "rows",
            "brier",
        )  # fmt: skip
        low, high = (round(100 * end) for end in MIDDLE)
        covered = [self._covered(item, row) for item in self.found for row in item.sum_coverage]
        return [
            f"## {self.tell('sums_title')}",
            self.tell("sums", low=low, high=high),
            _table([self.tell(f"column.{name}") for name in names], rows),
            self.tell("sums_coverage"),
            _table(self._covered_columns("months"), covered),
        ]

    def _reliability(self) -> list[str]:
        """Write what became of probabilities; nothing where no result has the steps that are counted."""
        rows = []
        for item in self.found:
            for own, other in zip(item.reliability, item.reliability_r, strict=True):
                ratio = item.brier.get(own.deaths)
                rows.append(
                    [
                        item.pair.label(self.language),
                        number(own.deaths, self.language),
                        self._percent(own.rate, 2),
                        self._cell(ratio) if ratio else "–",
                        f"{self._number(own.brier, 4)} / {self._number(other.brier, 4)}",
                        f"{self._percent(own.error, 1)} / {self._percent(other.error, 1)}",
                    ]
                )
        if not rows:
            return []
        names = ("deaths", "at_least", "rate", "brier_ratio", "brier", "error")
        images = [
            self._image(f"reliability-{item.pair.name}", item.pair.label(self.language))
            for item in self.found
        ]
        return [
            f"## {self.tell('reliability_title')}",
            self.tell("reliability", last=RELIABLE_STEPS),
            _table([self.tell(f"column.{name}") for name in names], rows),
            *images,
        ]

    def _challenge(self, scores: ChallengeTable) -> list[str]:
        parts = [f"## {self.tell('challenge_title')}", self.tell("challenge", model=scores.model)]
        for metric, lines in scores.rows.items():
            published = [line for line in lines if not line.own][:_SHOWN]
            rows = []
            for line in lines:
                if line.own or line in published:
                    cells = [line.model, *(self._number(value, 3) for value in (*line.values, line.mean))]
                    rows.append([f"**{cell}**" for cell in cells] if line.own else cells)
            parts.append(_table([metric, *scores.windows, self.tell("column.mean")], rows))
        if scores.other_vintage:
            parts.append(self.tell("challenge_vintage", windows=", ".join(scores.other_vintage)))
        return parts

    def _files(self) -> list[str]:
        rows = []
        for item in self.found:
            more = [
                one.pair.reference
                for held in self.against.values()
                for one in held
                if one.pair.name == item.pair.name
            ]
            for made in (item.pair.own, item.pair.reference, *more):
                rows.append(
                    [
                        f"`{command_of(made)}`",
                        ", ".join(made.facts["releases"]),
                        f"`{made.panel[:12]}`",
                        f"`{made.digest[:12]}`",
                    ]
                )
        columns = [self.tell(f"column.{name}") for name in ("file", "releases", "panel", "digest")]
        return [f"## {self.tell('files_title')}", self.tell("files"), _table(columns, rows, right=False)]

    def _both(self, scores: tuple[float, float], decimals: int) -> str:
        return " / ".join(self._number(value, decimals) for value in scores)

    def _group_name(self, group: str, value: str) -> str:
        if group == "horizon":
            return steps_name(value, self.language)
        if group == "period":
            return value
        if group == "region":
            return region_name(value, self.language)
        return self.tell(f"{group}.{value}")

    def _image(self, name: str, label: str = "") -> str:
        if name not in self.links:
            return ""
        alt = self.tell(f"alt.{name.split('-')[0]}", label=label)
        return f"![{alt}]({self.links[name]})"

    def _cell(self, ratio: Ratio) -> str:
        text = self._number(ratio.value, 2)
        spread = f"({self._number(ratio.low, 2)}–{self._number(ratio.high, 2)})"
        if ratio.verdict == "better":
            return f"**{text}** {spread}"
        return f"{text} ▲ {spread}" if ratio.verdict == "worse" else f"{text} {spread}"

    def _marked(self, text: str, ratio: float | None) -> str:
        return f"{text} ▲" if ratio is not None and ratio > 1.01 else text

    def _percent(self, share: float, decimals: int = 0) -> str:
        return say("text.percent", self.language, value=self._number(100 * share, decimals))

    def _number(self, value: float, decimals: int) -> str:
        return number(value, self.language, decimals=decimals)


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, right: bool = True) -> str:
    """Return a Markdown table, all columns but the first set to the right where they hold numbers."""
    marks = ["---", *["--:" if right else "---"] * (len(columns) - 1)]
    lines = [f"| {' | '.join(columns)} |", f"|{'|'.join(marks)}|"]
    lines.extend(f"| {' | '.join(cells)} |" for cells in rows)
    return "\n".join(lines)
