"""What the OpenAPI document promises, tried with generated requests."""

from __future__ import annotations

import schemathesis
from hypothesis import HealthCheck, given, settings
from web_world import World

from tocsin.web import create_app


def test_no_request_makes_the_server_fail(world: World) -> None:
    here = {"Host": "localhost"}
    schema = schemathesis.openapi.from_asgi(
        "/api/v1/openapi.json", create_app(world.settings()), headers=here
    )
    tried = []
    for found in schema.get_all_operations():
        operation = found.ok()

        @given(case=operation.as_strategy())
        @settings(max_examples=6, suppress_health_check=list(HealthCheck))
        def ask(case: schemathesis.Case) -> None:
            answer = case.call(headers=here)
            # The shipped figures are old: a refusal that says so, or a red light, is what is promised.
            refused = answer.status_code == 503 and answer.json()["reason"].startswith("api.")
            assert answer.status_code < 500 or refused, f"{case.method} {case.path} {case.query}"

        ask()
        tried.append(operation.path)
    assert {"/healthz", "/api/v1/forecasts", "/api/v1/ledger", "/api/v1/decide/{area}"} <= set(tried)
