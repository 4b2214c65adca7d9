"""Parameters of an address: those that its path takes, each once."""

from __future__ import annotations

from fastapi import Request

from tocsin.web.refusal import Refusal
from tocsin.web.rendering import taken


def check(request: Request) -> None:
    """Raise Refusal (400) for a parameter that the path does not take, or that is given twice.

    Passed over, one that is misspelt would answer another question than was asked.
    """
    known = taken(request)
    for name in request.query_params:
        if name not in known:
            told = {"value": name[:40], "choices": ", ".join(known)}
            raise Refusal(400, "api.no_parameter" if known else "api.no_parameters", **told)
        if len(request.query_params.getlist(name)) > 1:
            raise Refusal(400, "api.parameter_twice", field=name)
