"""Server time of every page, first paint in a browser, and fifty readers at a hundred requests a second.

    python benchmarks/page_speed.py [--seconds N]

A watch of the shipped figures is made first (plain method: the pages do not depend on it), a ledger of some
600 entries, warnings of a plain rule on many countries, and a replay of sixty months. Then a real
`tocsin serve` answers on loopback. Pages: the situation in its measures and regions, every country, warnings,
one warning, the ledger, a search, an entry with its proof, scores, the replay's months, data; each asked for
once unmeasured, then measured: by a reader without a token, to whom pages are sent as they were kept, and by
one who has signed in, for whom each is made anew. The baseline, in the same run, is the style sheet, a file
that is only sent. First paint needs Chromium and playwright, and is left out without them. Beside the clock
stands the server's own processor time a request, which a busy machine does not change.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import polars as pl

from tocsin import months
from tocsin.replay.folder import COLUMNS

LIMITS = {"median_ms": 50, "p95_ms": 200, "memory_mb": 500, "first_paint_ms": 1000}
READERS, RATE = 50, 100

_WATCH = """
import datetime, sys
from pathlib import Path
from tocsin.watch import current_panel, watch
from tocsin.watch.tables import write_tables
day = datetime.date.fromisoformat(sys.argv[1])
found = watch(current_panel(day, "figures"), as_of=day, methods=("no-learning", "conflictology-12"))
Path(sys.argv[2]).mkdir()
write_tables(found, Path(sys.argv[2]))
"""


_HOME = """
import datetime, sys
from pathlib import Path
from tocsin import warn
from tocsin.guard import Tokens
from tocsin.ledger import Ledger, Place, entry, examples, make_key
from tocsin.warn import Store
from tocsin.watch import current_panel
home = Path(sys.argv[1])
panel = current_panel(datetime.date.today(), "figures").known(datetime.date(2022, 1, 20), 0)
rule = warn.Rule(
    name="plain", threshold=1, window=3, trigger=0.2, cancel=0.1, titles=("Plain rule", "Règle simple")
)
with Store.open(home) as store:
    held = warn.hold(
        panel, as_of=panel.as_of, rules=(rule,), method="conflictology-12",
        states=store.states(warn.series_of(panel)), made_at="2025-07-01T00:00:00+00:00", told=store.told,
    )
    for one in store.keep(held):
        store.decide(one.id, "issued", by="Duty desk", at="2025-07-01T09:00:00+00:00")
    make_key(home, "pages")
    place = Place(None, home / "ledger.sqlite", home)
    warn.record_issued(store, lambda: Ledger.open(place))
    with Ledger.open(place) as ledger:
        ledger.extend([entry(values) for values in examples().values()])
        ledger.extend([
            entry({
                "type": "event", "date": f"{2000 + n // 25}-{n % 12 + 1:02d}", "areas": ["MLI"],
                "form": "attack",
                "text": f"Event {n} of a long record.", "sources": ["A paper"], "language": "en",
                "author": "benchmark", "confidence": "low",
            })
            for n in range(500)
        ])
print(Tokens.of(home).add("reader", "reader"))
"""


def run(seconds: int = 60) -> dict[str, object]:
    """Return times in milliseconds by page, peak memory in MB, and what the load came to."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        day = months.today().isoformat()
        home = {**os.environ, "TOCSIN_HOME": str(work / "home"), "OMP_NUM_THREADS": "1"}
        subprocess.run([sys.executable, "-c", _WATCH, day, str(work / "out")], check=True, env=home)
        (work / "home").mkdir(exist_ok=True)
        words = [sys.executable, "-c", _HOME, str(work / "home")]
        made = subprocess.run(words, check=True, env=home, stdout=subprocess.PIPE, text=True)
        _replay(work / "mali")
        port = _free()
        words = ["-m", "tocsin", "serve", "--out", str(work / "out"), "--port", str(port)]
        words += ["--replay", str(work / "mali")]
        server = subprocess.Popen([sys.executable, *words], env=home, stderr=subprocess.DEVNULL)
        try:
            base = f"http://127.0.0.1:{port}"
            _wait(base)
            codes = pl.read_parquet(work / "out/ranking.parquet")["iso3"].drop_nulls().to_list()
            before = _processor_seconds(server.pid)
            pages = _pages(base, codes)
            signed = _pages(base, codes, made.stdout.split()[-1])
            spent = _processor_seconds(server.pid) - before
            load = asyncio.run(_load(base, codes, seconds))
            paint = _first_paint(base)
            memory = _peak_mb(server.pid)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=20)
    every = [t for name, times in pages.items() if name != "style_sheet" for t in times]
    told = {name: _summary(times) for name, times in pages.items()}
    fresh = {name: _summary(times) for name, times in signed.items() if name != "style_sheet"}
    asked = sum(map(len, pages.values())) + sum(map(len, signed.values()))
    return {
        "benchmark": "page_speed", "limits": LIMITS, "pages": told, "all_pages": _summary(every),
        "pages_signed_in": fresh, "processor_ms_a_request": round(1000 * spent / asked, 1),
        "ratio_to_baseline": round(_summary(every)["median_ms"] / told["style_sheet"]["median_ms"], 1),
        "load": load, "memory_mb": memory, "first_paint_ms": paint,
        "within": {
            "pages": all(
                s["median_ms"] < LIMITS["median_ms"] and s["p95_ms"] < LIMITS["p95_ms"]
                for s in (*told.values(), *fresh.values())
            ),
            "load": load["errors"] == 0, "memory": memory < LIMITS["memory_mb"],
            "first_paint": None if paint is None else paint < LIMITS["first_paint_ms"],
        },
    }  # fmt: skip


def _pages(base: str, codes: list[str], secret: str = "") -> dict[str, list[float]]:
    with httpx.Client(base_url=base, timeout=30) as client:
        day = {"as_of": months.today().isoformat()}
        warned = client.get("/api/v1/warnings", params={**day, "limit": 5}).json()["warnings"]
        entries = client.get("/api/v1/ledger", params={"limit": 5}).json()["entries"]
    paths = {
        "situation": [f"/{lang}/situation?measure={m}" for lang in ("en", "fr")
                      for m in ("probability", "expected", "change")] + ["/en/situation?region=Africa"],
        "area": [f"/en/area/{code}" for code in codes],
        "warnings": ["/en/warnings", "/fr/warnings"], "ledger": ["/en/ledger", "/fr/ledger"],
        "warning": [f"/en/warnings/{one['id']}" for one in warned],
        "search": ["/en/ledger?type=event&party=a&text=record", "/fr/ledger?area=MLI&p=3"],
        "entry": [f"/en/ledger/{one['entry']['id']}" for one in entries],
        "replay": [f"/en/replay/mali-2011-2015?month=2012-{month:02d}" for month in range(1, 7)],
        "scores": ["/en/scores", "/fr/scores"], "data": ["/en/data", "/fr/data"],
        "forecasts": [f"/api/v1/forecasts?as_of={months.today().isoformat()}"],
        "style_sheet": ["/static/tocsin.css"],
    }  # fmt: skip
    found: dict[str, list[float]] = {}
    sent = {"Authorization": f"Bearer {secret}"} if secret else {}
    with httpx.Client(base_url=base, timeout=30, headers=sent) as client:
        for name, asked in paths.items():
            for path in asked:
                client.get(path).raise_for_status()
            turns = 1 if name == "area" else max(60 // len(asked), 10)
            for _ in range(turns):
                for path in asked:
                    start = time.perf_counter()
                    client.get(path).raise_for_status()
                    found.setdefault(name, []).append(1000 * (time.perf_counter() - start))
    return found


async def _load(base: str, codes: list[str], seconds: int) -> dict[str, object]:
    """Send RATE requests a second by READERS readers, and return how long answers took and what failed."""
    paths = [
        "/en/situation",
        "/fr/warnings",
        "/en/ledger",
        "/en/data",
        "/en/scores",
        "/en/replay",
        *(f"/en/area/{c}" for c in codes[:20]),
    ]
    times: list[float] = []
    errors: list[str] = []
    begun = time.perf_counter()
    count = RATE * seconds

    async with httpx.AsyncClient(base_url=base, timeout=30) as client:
        waiting = asyncio.Semaphore(READERS)

        async def one(number: int) -> None:
            async with waiting:
                start = time.perf_counter()
                try:
                    answer = await client.get(paths[number % len(paths)])
                    if answer.status_code != 200:
                        errors.append(str(answer.status_code))
                except httpx.HTTPError as error:
                    errors.append(type(error).__name__)
                times.append(1000 * (time.perf_counter() - start))

        tasks = []
        for number in range(count):
            await asyncio.sleep(max(begun + number / RATE - time.perf_counter(), 0))
            tasks.append(asyncio.create_task(one(number)))
        await asyncio.gather(*tasks)
    elapsed = time.perf_counter() - begun
    return {
        "requests": count, "seconds": round(elapsed, 1), "errors": len(errors), "kinds": sorted(set(errors)),
        **_summary(times),
    }  # fmt: skip


def _summary(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {
        "median_ms": round(statistics.median(ordered), 1),
        "p95_ms": round(ordered[min(int(0.95 * len(ordered)), len(ordered) - 1)], 1),
        "worst_ms": round(ordered[-1], 1),
    }


def _first_paint(base: str) -> float | None:
    """Return milliseconds to the first contentful paint, the median of five; None without a browser."""
    browser = next((b for b in ("chromium", "chromium-browser", "google-chrome") if shutil.which(b)), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    if browser is None:
        return None
    asked = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
    with sync_playwright() as driver:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        opened = driver.chromium.launch(executable_path=shutil.which(browser), args=flags)
        found = []
        for _ in range(5):
            page = opened.new_page(viewport={"width": 1280, "height": 800})
            page.goto(f"{base}/en/situation")
            page.wait_for_timeout(300)
            found.append(float(page.evaluate(asked)))
            page.close()
        opened.close()
    return round(statistics.median(found), 1)


def _replay(folder: Path) -> None:
    """Write a replay of sixty months in two tracks, as far as its pages read it; the figures are invented."""
    folder.mkdir()
    tracks = [{"name": f"lag-{lag}", "label": "reconstructed", "lag": lag} for lag in (1, 7)]
    summary = {"case": "mali-2011-2015", "method": "last", "tracks": tracks}
    (folder / "replay.json").write_text(json.dumps(summary), encoding="utf-8")
    rows = [
        {
            "month": f"{2011 + n // 12}-{n % 12 + 1:02d}", "track": track["name"], "assessed": "True",
            "origin": "2011-01", "p_25_next_3": str(n / 60), "rank": "5", "of": "196",
            "expected_next_3": "10", "low_80_next_3": "0", "high_80_next_3": "40",
            "deaths_revealed": str(n), "deaths_sb": str(n),
            "deaths_ns": "0", "deaths_os": "0",
        }
        for n in range(60) for track in tracks
    ]  # fmt: skip
    lines = [",".join(COLUMNS), *(",".join(row.get(name, "") for name in COLUMNS) for row in rows)]
    (folder / "months.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _processor_seconds(process: int) -> float:
    """Return the processor time a process has used so far."""
    parts = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def _peak_mb(process: int) -> int:
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return round(int(peak.split()[1]) / 1024)


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(base: str) -> None:
    for _ in range(300):
        try:
            httpx.get(f"{base}/static/tocsin.css", timeout=2)
            return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise SystemExit("the server did not start")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=60, help="how long the load lasts")
    print(json.dumps(run(parser.parse_args().seconds), indent=2))
