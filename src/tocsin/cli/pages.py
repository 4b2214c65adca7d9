"""The pages of the commands in the documentation: `python -m tocsin.cli.pages docs/commands`.

They are written from the same help that `--help` shows, in English; a test holds that they are up to date.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextvars import copy_context
from pathlib import Path

from typer.core import TyperCommand, TyperGroup

from tocsin.cli.app import build
from tocsin.cli.usage import Entry, Page, Section, describe
from tocsin.files import asked_for, write_pages
from tocsin.text import set_language


def pages() -> dict[str, str]:
    """Return the Markdown of each page by file name: one a command, and an index."""
    return copy_context().run(_pages)


def write(folder: Path) -> None:
    """Write the pages into `folder`, making it if there is none."""
    write_pages(folder, pages())


def _pages() -> dict[str, str]:
    set_language("en")
    found = dict(_walk(build(), "tocsin"))
    made = {_file(path): _markdown(page) for path, page in found.items() if path != "tocsin"}
    return {"index.md": _index(found), **made}


def _walk(command: TyperCommand | TyperGroup, path: str) -> Iterator[tuple[str, Page]]:
    context = command.context_class(command, info_name=path)
    yield path, describe(command, path, context)
    if isinstance(command, TyperGroup):
        for name in sorted(command.commands):
            inner = command.commands[name]
            assert isinstance(inner, (TyperCommand, TyperGroup))
            yield from _walk(inner, f"{path} {name}")


def _file(path: str) -> str:
    return path.removeprefix("tocsin ").replace(" ", "-") + ".md"


def _index(found: dict[str, Page]) -> str:
    top = found["tocsin"]
    inner = {path: page for path, page in found.items() if path != "tocsin"}
    parts = [
        "# Commands", top.purpose, top.text, *(part for one in top.commands for part in _listed(one, inner)),
        *_table("Options of every command", top.options),
        "Exit codes: 0 success, 1 busy or any other error, 2 bad input or usage, 3 not assessed or stale, "
        "4 not reachable, 5 damaged, 70 a defect in Tocsin, 130 stopped by you, 141 a reader that closed the "
        "pipe. The errors are explained in [errors](../concepts/error.md).",
    ]  # fmt: skip
    return "\n\n".join(part for part in parts if part) + "\n"


def _listed(section: Section, inner: dict[str, Page]) -> Iterator[str]:
    """Yield a section of the index: its commands, each followed by those under it."""
    yield f"## {section.title}"
    names = [f"tocsin {entry.name}" for entry in section.entries]
    paths = [path for name in names for path in inner if path == name or path.startswith(f"{name} ")]
    rows = [f"| [`{path}`]({_file(path)}) | {inner[path].purpose} |" for path in paths]
    yield "\n".join(["| command | does |", "|---|---|", *rows])


def _markdown(page: Page) -> str:
    parts = [
        f"# `{page.name}`", page.purpose, page.text, f"```\n{page.usage}\n```",
        *_table("Arguments", page.arguments),
        *(part for one in page.commands for part in _table(one.title, one.entries)),
        *_table("Options", page.options),
        "## Examples", *(f"{remark}\n\n```sh\n{line}\n```" for remark, line in page.examples),
    ]  # fmt: skip
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(title: str, entries: tuple[Entry, ...]) -> Iterator[str]:
    if entries:
        rows = [f"| `{entry.name}` | {entry.text} |" for entry in entries]
        yield f"## {title}"
        yield "\n".join(["| | |", "|---|---|", *rows])


if __name__ == "__main__":
    write(asked_for(__doc__))
