"""The command line: thin commands that parse, call one function of a room, and show what came back."""

from tocsin.cli.entry import main

__all__ = ["main"]
