"""The OpenAPI document as a file: `python -m tocsin.web.api.document docs/api/openapi.json`."""

from __future__ import annotations

import json
from pathlib import Path

from tocsin.files import asked_for
from tocsin.web.app import Settings, create_app


def text() -> str:
    """Return the document as JSON text; it says nothing of this machine."""
    app = create_app(Settings(results=Path("out"), home=Path("home")))
    return json.dumps(app.openapi(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    target = asked_for(__doc__)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text(), encoding="utf-8", newline="\n")
