"""`tocsin warn rules` and `tocsin warn record`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin import months
from tocsin.cli import output, words
from tocsin.cli.options import Data, Json, optional
from tocsin.cli.reading import current_panel
from tocsin.cli.usage import command
from tocsin.errors import BadInput
from tocsin.text import percent, say

if TYPE_CHECKING:
    from tocsin.warn import Evidence, Record, Rule
    from tocsin.warn import Table as Readings


Rules = Annotated[Path | None, optional("cli.metavar.file", "cli.watch.rules", "--rules")]


def add(group: typer.Typer) -> None:
    """Add the commands to those of warnings."""
    for make in (_rules, _record):
        make(group)


def _rules(group: typer.Typer) -> None:
    @command(group, "rules", "warn.cli_rules")
    def rules_(rules: Rules = None, as_json: Json = False) -> None:
        chosen = _chosen(rules)
        if as_json:
            output.emit([vars(rule) | {"definition": rule.definition()} for rule in chosen])
            return

        for rule in chosen:
            output.show(
                say("warn.cli_rules.rule", title=rule.title(), name=rule.name),
                f"  {rule.definition()}",
                "  " + say(
                    "warn.cli_rules.levels", trigger=percent(rule.trigger), cancel=percent(rule.cancel),
                    days=rule.spacing_days,
                ),
            )  # fmt: skip


def _record(group: typer.Typer) -> None:
    @command(group, "record", "warn.cli_record")
    def record(
        name: Annotated[str, typer.Argument(metavar="warn.metavar.rule", help="warn.cli_record.name")] = "",
        rules: Rules = None,
        method: Annotated[str, optional("cli.metavar.method", "cli.method", "--method")] = "",
        until: Annotated[str, optional("cli.metavar.month", "warn.cli_record.until", "--until")] = "",
        compute: Annotated[bool, typer.Option("--compute", help="warn.cli_record.compute")] = False,
        backtest: Annotated[
            Path | None, optional("cli.metavar.file", "warn.cli_record.backtest", "--backtest")
        ] = None,
        write: Annotated[
            Path | None, optional("cli.metavar.file", "warn.cli_record.write", "--write")
        ] = None,
        data: Data = "auto",
        return_period: Annotated[
            float | None, optional("cli.metavar.number", "warn.cli_record.return_period", "--return-period")
        ] = None,
        precision: Annotated[
            float | None, optional("cli.metavar.number", "warn.cli_record.precision", "--precision")
        ] = None,
        cost: Annotated[
            float | None, optional("cli.metavar.number", "warn.cli_record.cost", "--cost")
        ] = None,
        loss: Annotated[
            float | None, optional("cli.metavar.number", "warn.cli_record.loss", "--loss")
        ] = None,
        effect: Annotated[
            float, typer.Option(metavar="cli.metavar.number", help="warn.cli_record.effect")
        ] = 1.0,
        as_json: Json = False,
    ) -> None:
        from tocsin import warn
        from tocsin.figures import attribution
        from tocsin.ledger import locate
        from tocsin.watch.record import METHODS

        chosen = _chosen(rules)
        wanted = (warn.named(name, chosen),) if name else chosen
        lead = method or METHODS[0]
        home = locate().keys
        if compute or backtest is not None:
            table = _computed(chosen, lead, data, backtest)
            warn.write(table, write or warn.kept(home, lead))
        else:
            table = warn.known(home, lead)
        last = words.month_or_none(until)
        aim = _check(_Aim(return_period, precision, cost, loss, effect))
        found = [_recorded(rule, table, last, aim) for rule in wanted]
        if as_json:
            output.emit([
                {
                    "rule": rule.name, "trigger": rule.trigger, "record": None if r is None else r.to_dict(),
                    "attribution": attribution(() if r is None else r.basis.releases).to_dict(),
                }
                for rule, r in found
            ])  # fmt: skip
            return
        for rule, held in found:
            title = say("warn.cli_rules.rule", title=rule.title(), name=rule.name)
            output.show(title, f"  {rule.definition()}")
            text = say("warn.record.absent", method=lead) if held is None else held.sentence()
            output.show(f"  {text}")
        if warn.outdated(home, lead):
            output.show(say("warn.record.outdated"))


@dataclass(frozen=True)
class _Aim:
    """What a trigger is chosen for, if anything."""

    return_period: float | None
    precision: float | None
    cost: float | None
    loss: float | None
    effect: float


def _check(aim: _Aim) -> _Aim:
    given = [aim.return_period is not None, aim.precision is not None, (aim.cost or aim.loss) is not None]
    if sum(given) > 1:
        raise BadInput("warn.cli_record.one_aim")
    if (aim.cost is None) != (aim.loss is None):
        raise BadInput("warn.cli_record.both")
    return aim


def _aimed(rule: Rule, table: Readings, until: int | None, aim: _Aim) -> Rule:
    """Return the rule with the trigger that the aim asks for."""
    from tocsin import warn

    if aim.cost is not None and aim.loss is not None:
        return warn.by_cost_loss(rule, cost=aim.cost, loss=aim.loss, effect=aim.effect).rule
    if aim.return_period is None and aim.precision is None:
        return rule
    readings = table.get(rule.criterion)
    if readings is None:
        raise BadInput("warn.cli_record.nothing", rule=rule.name)
    last = readings.until if until is None else until
    if aim.return_period is not None:
        return warn.by_return_period(rule, readings, aim.return_period, until=last).rule
    assert aim.precision is not None
    return warn.by_precision(rule, readings, aim.precision, until=last).rule


def _recorded(rule: Rule, table: Readings, until: int | None, aim: _Aim) -> tuple[Rule, Record | None]:
    from tocsin import warn

    chosen = _aimed(rule, table, until, aim)
    readings = table.get(rule.criterion)
    if readings is None:
        return chosen, None
    last = readings.until if until is None else until
    return chosen, warn.record(chosen, readings, until=last)


def _computed(rules: Sequence[Rule], method: str, data: str, backtest: Path | None) -> Readings:
    from tocsin import warn
    from tocsin.watch import current_groups

    today = months.today()
    evidence: Evidence = warn.Evidence.of(current_panel(today, data), rules, current_groups(today, data))
    if backtest is not None:
        from tocsin.backtest import read

        return warn.from_backtest(evidence, rules, read(backtest))
    with output.progress() as report:
        stage = say("warn.cli_record.stage", method=method)
        return warn.make(evidence, rules, method=method, progress=report, stage=stage)


def _chosen(rules: Path | None) -> tuple[Rule, ...]:
    from tocsin import warn

    return warn.built_in() if rules is None else warn.read(rules)
