"""Warnings that a correction in the ledger calls wrong: who is told so, and how they are shown."""

from __future__ import annotations

import json

import pytest
from cli_running import Run
from warn_home import BY, HOME, LEDGER, Hook, drafts
from warn_panels import MALI, NIGER

from tocsin import feeds
from tocsin.ledger import Ledger, examples


def _correct(id: str, target: str) -> None:
    """Record a correction under an id that calls an entry wrong."""
    with Ledger.open(LEDGER) as ledger:
        wrong = {**examples()["correction"], "id": id, "links": [{"role": "corrects", "id": target}]}
        ledger.append({**wrong, "date": "2020-01-01"})


def _called_wrong(run: Run) -> tuple[str, str]:
    """Issue two warnings, record that the first is wrong, and return the ids of both."""
    first, second = drafts(MALI, NIGER)
    assert run("warn", "issue", first, second, *BY)[0] == 0
    _correct("c1", first)
    return first, second


def test_what_a_correction_calls_wrong_is_not_sent(run: Run, hook: Hook) -> None:
    first, _ = _called_wrong(run)
    code, _, err = run("warn", "send", first, "--to", hook.url)
    assert (code, hook.got) == (2, [])
    assert f"{first} is called wrong by a correction" in err
    assert run("warn", "send")[0] == 0


def test_a_month_is_sent_without_what_a_correction_calls_wrong(run: Run, hook: Hook) -> None:
    _, second = _called_wrong(run)
    assert run("warn", "send", "--to", hook.url)[0] == 0
    assert hook.got == [second]


def test_who_was_sent_what_a_correction_calls_wrong_is_told_so_once(run: Run, hook: Hook) -> None:
    first, second = drafts(MALI, NIGER)
    assert run("warn", "issue", first, second, *BY)[0] == 0
    assert run("warn", "send", first, "--to", hook.url)[0] == 0
    assert run("warn", "send", second, "--to", f"{hook.url}?other")[0] == 0
    _correct("c1", first)
    for _ in range(2):
        assert run("warn", "send")[0] == 0
        assert hook.got == [first, second, f"{first}-withdrawn"]
    # A second correction of the same says nothing new to them.
    _correct("c2", first)
    assert run("warn", "send")[0] == 0
    assert len(hook.got) == 3
    with feeds.Outbox.open(HOME) as outbox:
        told = [(d.message, d.recipient) for d in outbox.deliveries()]
    assert told[2:] == [(f"{first}-withdrawn", hook.url)]
    assert run("warn", "send", f"{second}-withdrawn", "--to", hook.url)[0] == 2


@pytest.mark.parametrize(
    ("codes", "has"),
    [
        pytest.param([503] * 3, False, id="never taken"),
        pytest.param([404], False, id="refused"),
        pytest.param([503, 0, 503], True, id="silent after the last byte"),
        pytest.param([502, 503, 429], True, id="lost behind a gateway"),
        pytest.param([0, 404], True, id="refused what it may have"),
    ],
)
def test_what_still_waits_is_dropped_and_who_may_have_it_is_told(
    run: Run, hook: Hook, monkeypatch: pytest.MonkeyPatch, codes: list[int], has: bool
) -> None:
    monkeypatch.setattr("tocsin.feeds.sending.WAITS", (0.0,) * 3)
    (id,) = drafts(MALI)
    assert run("warn", "issue", id, *BY)[0] == 0
    hook.codes = list(codes)
    assert run("warn", "send", id, "--to", hook.url)[0] == 4
    _correct("c1", id)
    before = len(hook.got)
    code, out, _ = run("warn", "send", "--json")
    assert (code, hook.got[before:]) == (0, [f"{id}-withdrawn"] * has)
    told = json.loads(out)
    assert [d["message"] for d in told["dropped"]] == [id] * (404 not in codes)
    assert [d["message"] for d in told["not_sent"]] == [id] * (404 in codes)
    again = json.loads(run("warn", "send", "--json").out)
    assert again == {"sent": [], "not_sent": told["not_sent"], "dropped": []}
    assert len(hook.got) == before + has


def test_what_waits_for_a_recipient_that_is_gone_is_dropped_on_request(
    run: Run, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.feeds.sending.WAITS", (0.0,))
    (id,) = drafts(MALI)
    assert run("warn", "issue", id, *BY)[0] == 0
    hook.codes = [503]
    code, _, err = run("warn", "send", id, "--to", hook.url)
    assert code == 4
    assert "dropped with --drop RECIPIENT" in err
    code, _, err = run("warn", "send", "--drop", "old@example.org")
    assert code == 2
    assert "What waits is for: 127.0.0.1." in err
    code, out, _ = run("warn", "send", "--drop", "127.0.0.1")
    assert code == 0
    assert f"Dropped: {id} for 127.0.0.1" in " ".join(out.split())
    assert run("warn", "send")[0] == 0
    assert len(hook.got) == 1


def test_what_is_refused_drops_nothing(run: Run, hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tocsin.feeds.sending.WAITS", (0.0,))
    monkeypatch.delenv("TOCSIN_SMTP_URL", raising=False)
    first, second = drafts(MALI, NIGER)
    assert run("warn", "issue", first, *BY)[0] == 0
    hook.codes = [503]
    assert run("warn", "send", first, "--to", hook.url)[0] == 4
    _correct("c1", first)
    with feeds.Outbox.open(HOME) as outbox:
        before = outbox.deliveries()
        for words in ([first], [second], ["nobody"], ["--to", "ops@example.org"]):
            assert run("warn", "send", *words, "--drop", "127.0.0.1")[0] == 2
            assert outbox.deliveries() == before


def test_who_stops_sending_is_told_what_waits(run: Run, hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*given: object, **more: object) -> None:
        raise KeyboardInterrupt

    assert run("warn", "issue", *drafts(MALI, NIGER), *BY)[0] == 0
    with monkeypatch.context() as there:
        there.setattr("tocsin.feeds.hook.deliver", stop)
        code, _, err = run("warn", "send", "--to", hook.url)
    assert code == 130
    assert "Still waiting: 2. `tocsin warn send` sends them; --drop RECIPIENT drops them." in err
    assert run("warn", "send", "--drop", "127.0.0.1")[0] == 0
    assert hook.got == []


def test_a_withdrawal_that_was_refused_goes_out_when_it_is_named_again(run: Run, hook: Hook) -> None:
    (id,) = drafts(MALI)
    assert run("warn", "issue", id, *BY)[0] == 0
    assert run("warn", "send", id, "--to", hook.url)[0] == 0
    _correct("c1", id)
    hook.codes = [404]
    assert run("warn", "send")[0] == 4
    assert run("warn", "send")[0] == 0
    assert len(hook.got) == 2
    assert run("warn", "send", f"{id}-withdrawn", "--to", hook.url)[0] == 0
    assert hook.got == [id, *[f"{id}-withdrawn"] * 2]


def test_what_a_correction_calls_wrong_is_shown_as_withdrawn_and_stands_no_more(run: Run) -> None:
    first, second = _called_wrong(run)
    assert [m["id"] for m in json.loads(run("warn", "list", "--json")[1])] == [second]
    every = [m["id"] for m in json.loads(run("warn", "list", "--all", "--json")[1])]
    assert every == [first, f"{first}-withdrawn", second]
    warning = json.loads(run("warn", "show", first, "--json").out)["warning"]
    for id in (f"{first}-withdrawn", warning):
        shown = " ".join(run("warn", "show", id).out.split())
        assert "withdrawn as wrong" in shown
        assert "The correction c1 in the ledger" in shown
    assert f"tocsin warn show {first}-withdrawn" in run("warn", "show", first).err
    assert "withdrawn" not in "".join(map(str, run("warn", "show", second)))
