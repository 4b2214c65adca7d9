"""The pages of the commands: `python -m tocsin.cli.pages docs/commands`, in French with `--lang fr`.

They are written from the same help that `--help` shows; a test holds that both languages are up to date.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextvars import copy_context
from pathlib import Path

from typer.core import TyperCommand, TyperGroup

from tocsin.cli.app import build
from tocsin.cli.usage import Entry, Page, Section, describe
from tocsin.files import write_pages
from tocsin.text import LANGUAGES, Language, say, set_language


def pages(language: Language = "en") -> dict[str, str]:
    """Return the Markdown of each page by file name: one a command, and an index."""
    return copy_context().run(_pages, language)


def write(folder: Path, language: Language = "en") -> None:
    """Write the pages into `folder`, making it if there is none."""
    write_pages(folder, pages(language))


def _pages(language: Language) -> dict[str, str]:
    set_language(language)
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
        "# " + say("cli.usage.commands_title"), top.purpose, top.text,
        *(part for one in top.commands for part in _listed(one, inner)),
        *_table(say("cli.pages.options_of_all"), top.options), say("cli.pages.exit_codes"),
    ]  # fmt: skip
    return "\n\n".join(part for part in parts if part) + "\n"


def _listed(section: Section, inner: dict[str, Page]) -> Iterator[str]:
    """Yield a section of the index: its commands, each followed by those under it."""
    yield f"## {section.title}"
    names = [f"tocsin {entry.name}" for entry in section.entries]
    paths = [path for name in names for path in inner if path == name or path.startswith(f"{name} ")]
    rows = [f"| [`{path}`]({_file(path)}) | {inner[path].purpose} |" for path in paths]
    yield "\n".join([say("cli.pages.head"), "|---|---|", *rows])


def _markdown(page: Page) -> str:
    parts = [
        f"# `{page.name}`", page.purpose, page.text, f"```\n{page.usage}\n```",
        *_table(say("cli.usage.arguments_title"), page.arguments),
        *(part for one in page.commands for part in _table(one.title, one.entries)),
        *_table(say("cli.usage.options_title"), page.options),
        "## " + say("cli.usage.examples_title"),
        *(f"{remark}\n\n```sh\n{line}\n```" for remark, line in page.examples),
    ]  # fmt: skip
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(title: str, entries: tuple[Entry, ...]) -> Iterator[str]:
    if entries:
        rows = [f"| `{entry.name}` | {entry.text} |" for entry in entries]
        yield f"## {title}"
        yield "\n".join(["| | |", "|---|---|", *rows])


def main() -> None:
    """Write the pages into the folder, and in the language, that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the folder that is written")
    parser.add_argument("--lang", choices=LANGUAGES, default="en", help="the language of the pages")
    asked = parser.parse_args()
    write(asked.folder, asked.lang)


if __name__ == "__main__":
    main()
