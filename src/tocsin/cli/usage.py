"""How a command is used: its help in the reader's language, and what to say when it is used wrongly."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption
from typer.exceptions import Exit, TyperException

from tocsin.errors import BadInput, UnknownName
from tocsin.text import catalogue, current_language, say

if TYPE_CHECKING:
    from rich.console import RenderableType


Action = TypeVar("Action", bound=Callable[..., None])


@dataclass(frozen=True)
class Entry:
    """One argument, option or command in a help page: how it is written, and what it is for."""

    name: str
    text: str


@dataclass(frozen=True)
class Section:
    """Commands that belong together, under their title."""

    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Page:
    """The help of one command, in the current language."""

    name: str
    usage: str
    purpose: str
    text: str
    arguments: tuple[Entry, ...]
    options: tuple[Entry, ...]
    commands: tuple[Section, ...]
    examples: tuple[tuple[str, str], ...]


class Command(TyperCommand):
    """A command whose help sentences are keys of the locale files, said when the help is asked for."""

    def get_help(self, ctx: Any) -> str:
        """Return the help page as text."""
        return _rendered(describe(self, ctx.command_path, ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the words of the command; one option may be followed by several values."""
        ctx.allow_extra_args = True
        rest = super().parse_args(ctx, self._spread(args))
        if rest and not ctx.resilient_parsing:
            raise BadInput("cli.usage.extra", words=" ".join(rest), command=ctx.command_path)
        return rest

    def _spread(self, args: list[str]) -> list[str]:
        """Return `--windows 2018 2019` as `--windows 2018 --windows 2019`."""
        many = {name for p in self.params if isinstance(p, TyperOption) and p.multiple for name in p.opts}
        if not many or any(isinstance(p, TyperArgument) and p.nargs != 1 for p in self.params):
            return args
        spread: list[str] = []
        current: str | None = None
        fresh = False
        for word in args:
            if word in many:
                current, fresh = word, True
                spread.append(word)
            elif current is None or word.startswith("-"):
                current = None
                spread.append(word)
            else:
                spread.extend([word] if fresh else [current, word])
                fresh = False
        return spread


class Group(TyperGroup):
    """A group of commands, its help in the reader's language.

    sections: names of the commands by the key of the title they are listed under; all under one if empty.
    """

    sections: Mapping[str, tuple[str, ...]] = MappingProxyType({})

    def get_help(self, ctx: Any) -> str:
        """Return the help page as text."""
        return _rendered(describe(self, ctx.command_path, ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the words of the group; without any, show its help."""
        if not args and not ctx.resilient_parsing:
            print(self.get_help(ctx))
            raise Exit(0)
        rest = super().parse_args(ctx, args)
        if not ctx._protected_args and not ctx.resilient_parsing:
            raise BadInput("cli.usage.no_command", command=ctx.command_path, choices=", ".join(self.commands))
        return rest

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command named by the first word; UnknownName, with the choices, if there is none."""
        if args[0] not in self.commands:
            close = difflib.get_close_matches(args[0], self.commands, n=1)
            key = "cli.usage.close_command" if close else "cli.usage.unknown_command"
            raise UnknownName(
                key, value=args[0], close=close[0] if close else "", choices=", ".join(self.commands)
            )
        return super().resolve_command(ctx, args)


def describe(command: TyperCommand | TyperGroup, path: str, context: Any) -> Page:
    """Return the help page of a command, in the current language; `path` is how it is called."""
    key = str(command.help)
    arguments = [p for p in command.params if isinstance(p, TyperArgument)]
    options = [p for p in command.get_params(context) if isinstance(p, TyperOption)]
    inner = command.commands if isinstance(command, TyperGroup) else {}
    pieces = [
        path,
        *[_argument(p) for p in arguments],
        say("cli.usage.command") if inner else "",
        say("cli.usage.options"),
    ]
    return Page(
        name=path,
        usage=" ".join(piece for piece in pieces if piece),
        purpose=say(f"{key}.purpose"),
        text=say(f"{key}.text").strip(),
        arguments=tuple(Entry(_argument(p), _text(p)) for p in arguments),
        options=tuple(Entry(_option(p), _text(p)) for p in options),
        commands=tuple(_sections(command)) if isinstance(command, Group) else (),
        examples=tuple(_examples(key)),
    )


def _sections(group: Group) -> Iterator[Section]:
    titled = group.sections or {"cli.usage.commands_title": tuple(sorted(group.commands))}
    for key, names in titled.items():
        entries = (Entry(name, say(f"{group.commands[name].help}.purpose")) for name in names)
        yield Section(say(key), tuple(entries))


def explain(error: TyperException) -> str:
    """Return the sentence, in the current language, for a word the parser could not use."""
    kind = type(error).__name__
    parameter = getattr(error, "param", None)
    path = getattr(getattr(error, "ctx", None), "command_path", "tocsin")
    if kind == "NoSuchOption":
        close = sorted(getattr(error, "possibilities", None) or ())
        key = "cli.usage.close_option" if close else "cli.usage.unknown_option"
        return say(key, option=getattr(error, "option_name", ""), close=", ".join(close), command=path)
    if kind == "MissingParameter" and parameter is not None:
        return say("cli.usage.missing", parameter=_written(parameter), command=path)
    if kind == "BadParameter" and parameter is not None:
        return _unusable(parameter, error.__cause__, path)
    if kind in ("BadOptionUsage", "BadArgumentUsage"):
        return say("cli.usage.bad_option", option=getattr(error, "option_name", ""), command=path)
    return say("cli.usage.other", command=path)


def _unusable(parameter: TyperArgument | TyperOption, cause: Any, path: str) -> str:
    """Return which value cannot be used, and what would be valid; the parser says this in English alone."""
    problem = cause.errors()[0] if hasattr(cause, "errors") else {"type": ""}
    low, high = parameter.min, parameter.max
    if problem["type"].startswith("float"):
        key = "number"
    elif problem["type"].startswith(("int", "greater", "less")):
        key = "whole" if low is None else "whole_from" if high is None else "whole_between"
    else:
        return say("cli.usage.bad_value", parameter=_written(parameter), command=path)
    name = max(parameter.opts, key=len) if isinstance(parameter, TyperOption) else _argument(parameter)
    return say(f"cli.usage.{key}", parameter=name, value=problem["input"], low=low, high=high)


def _rendered(page: Page) -> str:
    from rich.text import Text

    from tocsin.cli.console import screen

    console = screen()
    with console.capture() as captured:
        for part in _parts(page):
            # A line that is to be copied is left whole.
            copied = isinstance(part, Text) and part.no_wrap
            console.print(part, crop=False, soft_wrap=bool(copied))
    # The parser writes help in UTF-8 to an output in ASCII: it is given what that output shows of it.
    encoding = sys.stdout.encoding or "utf-8"
    return captured.get().rstrip("\n").encode(encoding, sys.stdout.errors or "strict").decode(encoding)


def _parts(page: Page) -> Iterator[RenderableType]:
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    yield Text.assemble((say("cli.usage.usage") + " ", "bold"), page.usage)
    yield Text("\n" + page.purpose)
    if page.text:
        yield Text("\n" + page.text, style="dim")
    widest = max((len(entry.name) for section in page.commands for entry in section.entries), default=0)
    for title, entries in (
        (say("cli.usage.arguments_title"), page.arguments),
        *((section.title, section.entries) for section in page.commands),
        (say("cli.usage.options_title"), page.options),
    ):
        if entries:
            yield Text("\n" + title, style="bold")
            table = Table.grid(padding=(0, 3, 0, 0))
            table.add_column(style="cyan", no_wrap=True, min_width=widest)
            table.add_column(overflow="fold")
            for entry in entries:
                table.add_row(Text(entry.name), Text(entry.text))
            yield Padding(table, (0, 0, 0, 2))
    if page.examples:
        yield Text("\n" + say("cli.usage.examples_title"), style="bold")
        for remark, line in page.examples:
            yield Padding(Text(remark, style="dim"), (0, 0, 0, 2))
            yield Text(f"    {line}", style="green", no_wrap=True)


def _examples(key: str) -> Iterator[tuple[str, str]]:
    """Yield (what it does, the line to type) from a locale entry of alternating lines."""
    room, _, name = f"{key}.examples".partition(".")
    lines = [line.strip() for line in catalogue(current_language(), room).get(name, "").strip().splitlines()]
    yield from zip(lines[::2], lines[1::2], strict=True)


def _argument(parameter: TyperArgument) -> str:
    name = say(str(parameter.metavar)) if parameter.metavar else parameter.name.upper()
    shown = f"{name}..." if parameter.nargs != 1 else name
    return shown if parameter.required else f"[{shown}]"


def _option(parameter: TyperOption) -> str:
    names = ", ".join([*sorted(parameter.opts, key=len), *parameter.secondary_opts])
    if parameter.is_flag or not parameter.metavar:
        return names
    return f"{names} {say(str(parameter.metavar))}{'...' if parameter.multiple else ''}"


def _text(parameter: TyperArgument | TyperOption) -> str:
    if "--help" in parameter.opts:
        return say("cli.usage.help")
    parts = [say(str(parameter.help))]
    shown = parameter.default not in (None, "", ()) and not getattr(parameter, "is_flag", False)
    if shown and not callable(parameter.default) and parameter.show_default is not False:
        held = parameter.default
        value = ", ".join(str(v) for v in held) if isinstance(held, (list, tuple)) else str(held)
        parts.append(say("cli.usage.default", value=value))
    if parameter.min is not None:
        key = "from" if parameter.max is None else "between"
        parts.append(say(f"cli.usage.{key}", low=parameter.min, high=parameter.max))
    if parameter.required:
        parts.append(say("cli.usage.required"))
    return " ".join(parts)


def _written(parameter: TyperArgument | TyperOption) -> str:
    return _argument(parameter) if isinstance(parameter, TyperArgument) else _option(parameter)


def command(app: typer.Typer, name: str, key: str) -> Callable[[Action], Action]:
    """Return the decorator that adds a function to `app` as the command `name`, its help under `key`."""
    added: Callable[[Action], Action] = app.command(name, cls=Command, help=key)
    return added
