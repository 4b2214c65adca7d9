"""`tocsin serve`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tocsin.cli import output
from tocsin.cli.options import optional
from tocsin.cli.usage import command
from tocsin.errors import BadInput
from tocsin.text import say


def add(app: typer.Typer) -> None:
    """Add the command to the tree."""

    @command(app, "serve", "web.command")
    def serve(
        out: Annotated[Path, typer.Option(metavar="cli.metavar.folder", help="web.command.out")] = Path(
            "out"
        ),
        replay: Annotated[list[Path] | None, optional("cli.metavar.folder", "web.command.replay")] = None,
        host: Annotated[
            str, typer.Option(metavar="web.command.metavar_host", help="web.command.host")
        ] = "127.0.0.1",
        port: Annotated[
            int, typer.Option(metavar="cli.metavar.number", help="web.command.port", min=1, max=65535)
        ] = 8321,
        open_page: Annotated[bool, typer.Option("--open", help="web.command.open")] = False,
    ) -> None:
        import os
        import socket
        import webbrowser

        import uvicorn

        from tocsin.desk import Desk
        from tocsin.desk.replay import replays
        from tocsin.ledger import locate
        from tocsin.web import Settings, create_app

        for folder in replay or ():
            if not folder.is_dir():
                raise BadInput("web.no_replay_folder", folder=str(folder))
        desk = Desk(out, locate().keys, tuple(replay or ()))
        desk.current()
        replays(desk)
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            if os.name != "nt":
                # There it would let the probe have a port that another program listens at.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                reason = error.strerror or str(error)
                raise BadInput("web.cannot_listen", host=host, port=str(port), reason=reason) from error
        address = f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
        output.remark(say("web.serving", address=address))
        if open_page:
            webbrowser.open(address)
        made = create_app(Settings(results=out, replays=desk.replays, host=host, port=port))
        # Who asks is the other end of the connection: a header that says otherwise could be anyone's.
        uvicorn.run(
            made, host=host, port=port, log_level="warning", access_log=False, server_header=False,
            proxy_headers=False,
        )  # fmt: skip
