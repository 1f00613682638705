"""The files of the page, ready in memory."""

import hashlib
import mimetypes
from functools import cache
from pathlib import Path

from gphoton_db.serve.answers import File
from gphoton_db.serve.bundle import bundled

PAGE = Path(__file__).with_name("page")

STYLES = ("vendor/uPlot.min.css", "style.css", "panels.css")
"""What ``page.css`` is made of."""

_KINDS = {".js": "text/javascript", ".html": "text/html; charset=utf-8", ".css": "text/css"}


@cache
def page_files() -> dict[str, File]:
    """Return all files of the page by name, as they were when they were asked for first.

    ``page.js`` and ``page.css`` are made of the modules and the sheets: a page of 40 files takes a
    browser several times as long as one of four.
    """
    files = {
        path.relative_to(PAGE).as_posix(): path.read_bytes()
        for path in PAGE.rglob("*.*")
        if path.is_file()
    }
    modules = {path.stem: path.read_text("utf-8") for path in PAGE.glob("*.js")}
    files["page.js"] = bundled(modules, "main").encode()
    files["page.css"] = b"\n".join(files[name] for name in STYLES)
    return {name: _file(name, content) for name, content in files.items()}


def _file(name: str, content: bytes) -> File:
    ending = Path(name).suffix
    kind = _KINDS.get(ending) or mimetypes.guess_type(name)[0] or "text/plain"
    return File(content, kind, tag=hashlib.sha256(content).hexdigest()[:16])
