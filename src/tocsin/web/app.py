"""The application: pages, static files and errors, over one desk."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from tocsin import __version__, months
from tocsin.desk import Desk, Teller
from tocsin.errors import UnknownName
from tocsin.guard import Audit, Tokens
from tocsin.ledger import locate
from tocsin.text import LANGUAGES
from tocsin.web import security
from tocsin.web.api import feeds, forecasts, records, writing
from tocsin.web.pages import area, data, errors, ledger, replay, scores, signin, situation, static, warnings
from tocsin.web.rendering import preferred

PORT = 8321


@dataclass(frozen=True)
class Settings:
    """What is served, and where.

    results: folder written by `tocsin watch`. home: Tocsin's folder; None for the one of the environment.
    replays: folders written by `tocsin replay`. today: gives the day.
    """

    results: Path
    home: Path | None = None
    replays: tuple[Path, ...] = ()
    host: str = "127.0.0.1"
    port: int = PORT
    today: Callable[[], dt.date] = months.today


def create_app(settings: Settings) -> FastAPI:
    """Return the application; nothing is read before the first request."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        app.state.teller.close()

    app = FastAPI(
        title="Tocsin", version=__version__, docs_url=None, redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        lifespan=lifespan,
    )  # fmt: skip
    home = settings.home or locate().keys
    app.state.settings = settings
    app.state.desk = Desk(settings.results, home, settings.replays, settings.today)
    app.state.teller = Teller()
    app.state.tokens, app.state.audit = Tokens.of(home), Audit.of(home)
    security.protect(app, settings)
    for module in (
        static,
        situation,
        area,
        warnings,
        ledger,
        scores,
        replay,
        data,
        signin,
        forecasts,
        records,
        writing,
        feeds,
    ):
        app.include_router(module.router)
    errors.add(app)

    @app.get("/", include_in_schema=False)
    def root(request: Request) -> Response:
        return RedirectResponse(f"/{preferred(request)}/situation", status_code=302)

    @app.get("/{lang:str}", include_in_schema=False)
    def language_root(lang: str) -> Response:
        if lang not in LANGUAGES:
            raise UnknownName("web.no_page", path=f"/{lang}"[:80])
        return RedirectResponse(f"/{lang}/situation", status_code=302)

    return app
