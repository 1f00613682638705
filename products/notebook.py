"""Products as a notebook shows them: a few words and a picture."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from gphoton_db.errors import ArchiveError

if TYPE_CHECKING:
    import duckdb

_WIDTH = 640
"""Pixels of the screen."""


def as_html(title: str, facts: Mapping[str, str], draw: Callable[[Path], Path] | None) -> str:
    """Return what a notebook shows.

    Parameters
    ----------
    title : str
        What it is.
    facts : mapping of str to str
        What there is to know of it.
    draw : callable, optional
        Draws a picture to a file whose name it is given.
    """
    rows = "".join(
        f'<tr><th style="text-align:left">{escape(name)}</th>'
        f'<td style="text-align:left">{escape(text)}</td></tr>'
        for name, text in facts.items()
    )
    picture = "" if draw is None else picture_as_html(title, draw)
    return f"<div><strong>{escape(title)}</strong><table>{rows}</table>{picture}</div>"


def picture_as_html(title: str, draw: Callable[[Path], Path]) -> str:
    """Return a picture that is part of the page; `title` says what is on it."""
    with TemporaryDirectory(prefix="gphoton-db-picture-") as folder:
        content = b64encode(draw(Path(folder) / "picture.png").read_bytes()).decode()
    return (
        f'<img src="data:image/png;base64,{content}" alt="{escape(title)}" '
        f'style="max-width:{_WIDTH}px;width:100%">'
    )


def archive_as_html(title: str, connect: "Callable[[], duckdb.DuckDBPyConnection]") -> str:
    """Return what a notebook shows of an archive: how much there is of each band.

    Parameters
    ----------
    title : str
        Which it is.
    connect : callable
        Returns a connection to its catalogue.
    """
    from gphoton_db.calibration.identity import short_identifier
    from gphoton_db.catalogue.status import archive_status

    try:
        status = archive_status(connect(), newest=False, limit=0)
    except ArchiveError as error:
        return as_html(title, {"": str(error)}, None)
    facts = {
        f"{each.band} ({short_identifier(each.calibration or '')})": (
            f"{_counted(each.n_eclipses, 'eclipse')}, {_counted(each.n_legs, 'leg')}, "
            f"{each.n_photons:,} photons, {each.exposure:,.0f} s, {each.size_bytes / 1e6:,.1f} MB"
        )
        for each in status.totals
    }
    return as_html(title, facts or {"": "no eclipse was ingested yet"}, None)


def _counted(n: int, thing: str) -> str:
    return f"{n:,} {thing}{'s' * (n != 1)}"
