"""The pictures of the documentation, from the figures that ship: `python docs/images/make.py`."""

from __future__ import annotations

import datetime as dt
import io
import re
import shutil
import tempfile
from pathlib import Path

from rich.console import Console

from tocsin.watch import current_panel, screen, watch
from tocsin.watch.charts import draw_charts

HERE = Path(__file__).parent
DAY = dt.date(2025, 7, 1)
WIDTH = 96
TOP = 12


def main() -> None:
    """Write watch.svg, what the terminal shows, and mali.png, one of the charts."""
    with tempfile.TemporaryDirectory() as folder:
        found = watch(current_panel(DAY, "figures"), as_of=DAY, language="en")
        list(draw_charts(found, Path(folder) / "charts", TOP, "en"))
        (chart,) = (Path(folder) / "charts").glob("*-MLI.png")
        shutil.copyfile(chart, HERE / "mali.png")
    console = Console(
        record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor"
    )
    console.print(screen(found, top=TOP, out=Path("out"), width=WIDTH, language="en"))
    picture = console.export_svg(title="tocsin watch --out out", unique_id="watch")
    # Rich names fonts on a remote host; the reader's own monospace font does as well, and asks nobody.
    (HERE / "watch.svg").write_text(re.sub(r"@font-face \{.*?\}", "", picture, flags=re.S), encoding="utf-8")


if __name__ == "__main__":
    main()
