"""`tocsin warn` and the commands under it."""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin import months
from tocsin.cli import archive, output, warn_rules
from tocsin.cli.clock import to_record
from tocsin.cli.options import Json, Where, optional
from tocsin.cli.usage import Group, command
from tocsin.errors import BadInput, Busy, NotReachable, TocsinError, UnknownName
from tocsin.text import number, percent, say

if TYPE_CHECKING:
    from rich.text import Text

    from tocsin.ledger import Ledger
    from tocsin.warn import Message, Status, Store


def add(app: typer.Typer) -> None:
    """Add the commands to the tree."""
    group = typer.Typer(cls=Group, help="warn.cli")
    app.add_typer(group, name="warn")
    for make in (_list, _show, _issue, _send):
        make(group)
    warn_rules.add(group)


def _list(group: typer.Typer) -> None:
    @command(group, "list", "warn.cli_list")
    def list_(
        status: Annotated[str, optional("warn.metavar.status", "warn.cli_list.status", "--status")] = "",
        everything: Annotated[bool, typer.Option("--all", help="warn.cli_list.all")] = False,
        as_json: Json = False,
    ) -> None:
        from tocsin import feeds
        from tocsin.warn import STATUSES

        if status and status not in STATUSES:
            raise UnknownName("warn.unknown_status", value=status, choices=", ".join(STATUSES))
        with _store() as store:
            held = [m for m in _told(store) if not status or m.status == status]
        if not everything and not status:
            held = [m for m in _latest(held) if m.status in ("draft", "issued")]
        if as_json:
            output.emit([feeds.values(message) for message in held])
        elif held:
            output.show(*_listed(held))
        else:
            output.show(say("warn.cli_list.none"))


def _show(group: typer.Typer) -> None:
    @command(group, "show", "warn.cli_show")
    def show(
        id: Annotated[str, typer.Argument(metavar="warn.metavar.id", help="warn.cli_show.id")],
        cap: Annotated[bool, typer.Option("--cap", help="warn.cli_show.cap")] = False,
        as_json: Json = False,
    ) -> None:
        from tocsin import feeds
        from tocsin.warn import WITHDRAWN

        with _store() as store:
            told = _told(store)
            message = next((m for m in reversed(told) if id in (m.id, m.warning)), None) or store.message(id)
        if cap:
            output.hand_on(feeds.cap(message))
        elif as_json:
            output.emit(feeds.values(message))
        else:
            _page(message)
            if any(m.id == f"{message.id}{WITHDRAWN}" for m in told):
                output.remark(say("warn.cli_show.is_withdrawn", id=f"{message.id}{WITHDRAWN}"))


def _issue(group: typer.Typer) -> None:
    @command(group, "issue", "warn.cli_issue")
    def issue(
        ids: Annotated[
            list[str] | None, typer.Argument(metavar="warn.metavar.id", help="warn.cli_issue.id")
        ] = None,
        by: Annotated[str, optional("warn.metavar.role", "warn.cli_issue.by", "--by")] = "",
        every: Annotated[bool, typer.Option("--all", help="warn.cli_issue.all")] = False,
        decline: Annotated[bool, typer.Option("--decline", help="warn.cli_issue.decline")] = False,
        ledger: Where = "",
        as_json: Json = False,
    ) -> None:
        from tocsin.warn import check_draft, record_issued

        if bool(ids) == every:
            raise BadInput("warn.cli_issue.which")
        now = dt.datetime.now(dt.UTC)
        stamp = now.isoformat(timespec="seconds")
        with _store() as store:
            chosen = [m.id for m in store.messages(status="draft")] if every else list(ids or ())
            # All are looked up before any is decided: a slip in the last id must not issue the first.
            named = [store.message(id) for id in chosen]
            for message in () if decline else named:
                check_draft(message, now.date())
            wanted = [message.id for message in named]
            verdict: Status = "declined" if decline else "issued"
            decided = [store.decide(id, verdict, by=by, at=stamp) for id in wanted]
            # What is decided stands, so it is told even where the ledger then refuses it.
            _decided(decided, as_json)
            record_issued(store, lambda: to_record(ledger), wanted=wanted or None, again=wanted)
        if not ledger and not decline:
            _remind(decided)


def _decided(messages: Sequence[Message], as_json: bool) -> None:
    if as_json:
        from tocsin import feeds

        output.emit([feeds.values(message) for message in messages])
        return
    for message in messages:
        output.show(say(f"warn.cli_issue.{message.status}", id=message.id, by=message.by or "–"))
    if not messages:
        output.show(say("warn.cli_list.none"))


def _remind(issued: Sequence[Message]) -> None:
    """Say how to put the watches that warnings came from on record, where one is not there yet."""
    from tocsin.watch import kept, lacking, on_record

    told = {(message.as_of, message.month) for message in issued}
    # What is decided is on record by now: nothing that is in the way of this may undo that.
    with suppress(TocsinError), _asked() as held:
        watches = [one for one in kept(archive.folder()).watches if (one.as_of, one.origin) in told]
        due = lacking(watches, on_record(held))
        if due:
            days = ", ".join(one.as_of.isoformat() for one in due)
            by = shlex.quote(issued[0].by or "")
            output.remark(say("warn.cli_issue.watch", count=len(due), days=days, by=by))


def _send(group: typer.Typer) -> None:
    @command(group, "send", "warn.cli_send")
    def send(
        ids: Annotated[
            list[str] | None, typer.Argument(metavar="warn.metavar.id", help="warn.cli_send.id")
        ] = None,
        to: Annotated[
            list[str] | None, optional("warn.metavar.recipient", "warn.cli_send.to", "--to")
        ] = None,
        drop: Annotated[
            list[str] | None, optional("warn.metavar.recipient", "warn.cli_send.drop", "--drop")
        ] = None,
        ledger: Where = "",
        as_json: Json = False,
    ) -> None:
        from tocsin import feeds
        from tocsin.ledger import Ledger
        from tocsin.warn import WITHDRAWN, on_record, record_issued, withdrawals

        recipients = [feeds.recipient(text) for text in to or ()]
        with _store() as store, feeds.Outbox.open(store.path.parent) as outbox:
            issued = store.messages(status="issued")
            newest = max((message.month for message in issued), default=0)
            named = [store.message(id.removesuffix(WITHDRAWN)) for id in ids or ()]
            chosen = named or [m for m in issued if m.month == newest]
            # Nothing goes out that is not on record; and what cannot be recorded does not hold up what is,
            # nor does a ledger out of reach. Where nothing is to be sent, no ledger is made for it.
            wanted = [message.id for message in chosen] if recipients else []
            some = bool(recipients or outbox.deliveries(unsent=True))
            record_issued(store, lambda: Ledger.open(ledger or None, create=some), wanted=wanted)
            origins = store.origins()
            with _asked(ledger) as held:
                on = on_record(issued, held, origins)
                wrong = {} if held is None else withdrawals(on, held, months.today())
            known = {message.id: message for message in (*on, *wrong.values())}
            # What is asked for by its id is told to be called wrong; of a whole month it is left out.
            if ids:
                chosen = [known.get(id) or store.message(id) for id in ids]
                for message in chosen:
                    if message.id in wrong:
                        raise BadInput("warn.called_wrong", id=message.id)
            else:
                chosen = [message for message in chosen if message.id not in wrong]

            def find(id: str) -> Message:
                if id not in known:
                    raise BadInput("warn.not_on_record", id=id)
                return known[id]

            server = feeds.server()
            feeds.check(chosen, recipients, server)
            dropped = feeds.drop(drop or (), outbox) + feeds.withdraw(wrong, outbox)
            try:
                done = feeds.send(chosen, recipients, outbox, find=find, server=server)
            except KeyboardInterrupt:
                if due := outbox.deliveries(unsent=True):
                    output.remark(say("warn.cli_send.stopped", count=len(due)))
                raise
            left = [d for d in outbox.deliveries() if d.state in ("waiting", "refused")]
        if as_json:
            told = {"sent": done.sent, "not_sent": left, "dropped": dropped}
            output.emit({name: [d.to_dict() for d in found] for name, found in told.items()})
        else:
            output.show(say("warn.cli_send.sent", count=len(done.sent)))
            for delivery in dropped:
                output.show(say("warn.cli_send.dropped", id=delivery.message, recipient=delivery.shown))
        if done.refused or done.waiting:
            reasons = (f"{d.shown}: {d.reason}" for d in (*done.refused, *done.waiting))
            raise NotReachable(
                "warn.cli_send.failed", refused=len(done.refused), waiting=len(done.waiting),
                days=number(feeds.GIVE_UP_DAYS), reasons="; ".join(dict.fromkeys(reasons)),
            )  # fmt: skip


def _store() -> Store:
    from tocsin.ledger import locate
    from tocsin.warn import Store

    return Store.open(locate().keys)


@contextmanager
def _asked(ledger: str = "") -> Iterator[Ledger | None]:
    """Open the ledger to ask it; None where there is none yet, or none that can be asked now."""
    from tocsin.ledger import existing

    held = None
    with ExitStack() as stack:
        with suppress(NotReachable, Busy):
            held = stack.enter_context(existing(ledger or None, new=True))
        yield held


def _told(store: Store) -> tuple[Message, ...]:
    """Return all messages, each with its withdrawal behind it where the ledger calls it wrong."""
    from tocsin.warn import retold

    with _asked() as held:
        return store.messages() if held is None else retold(store.messages(), held)


def _latest(messages: Sequence[Message]) -> list[Message]:
    """Return the last message of each warning that has not ended, drafts among them, in order."""
    from tocsin.warn import ENDS, upheld

    told = upheld(message for message in messages if message.status in ("draft", "issued"))
    last = {message.warning: message for message in told}
    return [m for m in last.values() if m.status == "draft" or m.act not in ENDS]


def _listed(messages: Sequence[Message]) -> Iterator[Text | str]:
    """Yield what each message is about, then its id whole on a line of its own, to be copied from there."""
    from rich.text import Text

    for message in messages:
        said = message.text()
        line = say(
            "warn.cli_list.line", area=said.area, rule=said.rule, act=say(f"warn.act.{message.act}"),
            month=months.label(message.month), status=say(f"warn.status.{message.status}"),
            chance="–" if message.probability is None else percent(message.probability),
        )  # fmt: skip
        yield Text(line, style="bold")
        yield f"  {message.id}"


def _page(message: Message) -> None:
    from rich.text import Text

    said = message.text()
    status = say(f"warn.status.{message.status}")
    output.show(Text(said.headline, style="bold"), "")
    for paragraph in said.paragraphs():
        output.show(paragraph, "")
    output.show(
        say("warn.cli_show.foot", id=message.id, status=status, by=message.by or "–", digest=message.digest),
        say("warn.cli_show.references", count=number(len(message.references))),
    )
