"""What each path is answered with."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

import duckdb

from gphoton_db.errors import GPhotonError
from gphoton_db.serve.answers import Answer
from gphoton_db.serve.curves import CURVE_PARAMETERS, curves
from gphoton_db.serve.exports import (
    EVENT_PARAMETERS,
    IMAGE_PARAMETERS,
    curve_file,
    events,
    image_file,
)
from gphoton_db.serve.in_view import VIEW_PARAMETERS, begin_with, legs_in_view
from gphoton_db.serve.lists import LIST_PARAMETERS, listed
from gphoton_db.serve.names import resolved
from gphoton_db.serve.page_files import page_files
from gphoton_db.serve.parameters import Parameters, band_of
from gphoton_db.serve.refusals import NOT_FOUND, RequestError
from gphoton_db.serve.served import Served
from gphoton_db.serve.sky import TILE_PARAMETERS, float_tile, tile_request
from gphoton_db.serve.statements import relations
from gphoton_db.serve.visits import LISTS, cells_seen, coverage, leg_list, summary

HIGHEST_MOC_ORDER_SHOWN = 10
"""Cells of 3.4 arcmin."""


@dataclass(frozen=True)
class Asked:
    """A request.

    Parameters
    ----------
    served : Served
        What is served.
    parameters : Parameters
        Behind the question mark.
    path : mapping
        Parts of the path that vary.
    body : dict
        The JSON that came with it.
    """

    served: Served
    parameters: Parameters
    path: Mapping[str, str]
    body: dict[str, Any]


Work = Callable[[Asked], Answer]


def _info(asked: Asked) -> Answer:
    served, legs = asked.served, asked.served.archive.legs()
    found = served.summaries.get(legs.generation)
    if found is None:  # the page asks every few seconds
        with served.archive.reader() as reader:
            found = summary(reader, served.archive.name, legs, served.options)
        served.summaries.clear()
        served.summaries[legs.generation] = found
    return found | {"writable_notes": served.notes.writable}


def _legs(asked: Asked) -> Answer:
    return leg_list(legs_in_view(asked.served.archive.legs(), asked.parameters))


def _coverage(asked: Asked) -> Answer:
    legs, band = asked.served.archive.legs(), asked.parameters.band()
    with asked.served.archive.reader() as reader:
        return coverage(reader, legs_in_view(legs, asked.parameters, band))


def _moc(asked: Asked) -> Answer:
    legs, band = asked.served.archive.legs(), asked.parameters.band()
    order = asked.parameters.whole("order", 0, HIGHEST_MOC_ORDER_SHOWN, 9)
    with asked.served.archive.reader() as reader:
        return cells_seen(reader, legs_in_view(legs, asked.parameters, band), band, order)


def _tile(asked: Asked) -> Answer:
    asked.served.opening.is_drawn()
    request = tile_request(asked.parameters)
    return float_tile(asked.served.tiles, asked.served.archive.legs(), request)


def _curve(asked: Asked) -> Answer:
    with asked.served.archive.reader() as reader:
        return curves(reader, asked.parameters, asked.served.archive.legs())


def _list(view: str) -> Work:
    def rows(asked: Asked) -> Answer:
        with asked.served.archive.reader() as reader:
            return listed(reader, view, asked.parameters)

    return rows


def _name(asked: Asked) -> Answer:
    with asked.served.archive.reader() as reader:
        return resolved(reader, asked.served.notes, asked.parameters.text("q"))


def _image(asked: Asked) -> Answer:
    with asked.served.archive.reader() as reader:
        return image_file(reader, asked.parameters, asked.served.archive.legs())


def _curve_file(asked: Asked) -> Answer:
    with asked.served.archive.reader() as reader:
        return curve_file(reader, asked.parameters, asked.served.archive.legs())


def _events(asked: Asked) -> Answer:
    with asked.served.archive.reader() as reader:
        return events(reader, asked.parameters)


def _sql(asked: Asked) -> Answer:
    sql = asked.body.get("sql")
    if not isinstance(sql, str) or set(asked.body) != {"sql"}:
        raise RequestError('send {"sql": "a statement"}')
    return asked.served.statements.run(sql, asked.served.archive.legs().generation)


def _describe(asked: Asked) -> Answer:
    return relations()


def _notes(asked: Asked) -> Answer:
    return asked.served.notes.listing()


def _put_note(asked: Asked) -> Answer:
    return asked.served.notes.put(asked.path["note_id"], asked.body)


def _remove_note(asked: Asked) -> Answer:
    version = None
    if asked.parameters.has("version"):
        version = asked.parameters.whole("version", 0, 10**9)
    asked.served.notes.remove(asked.path["note_id"], version)
    return None


def _hips(asked: Asked) -> Answer:
    return asked.served.hips.file(band_of(asked.path["band"], "band"), asked.path["name"])


def _first_page(asked: Asked) -> Answer:
    """Return the page, and say what it will ask for first: that is on its way when it starts."""
    asked.served.opening.begins()
    page = page_files()["index.html"]
    try:
        first = begin_with(asked.served.archive.legs())
    except (GPhotonError, duckdb.Error):
        return page  # which says what is wrong, when it has asked
    links = ", ".join(f"</{each}>; rel=preload; as=fetch; crossorigin" for each in first)
    return replace(page, headers={"Link": links})


def _page(asked: Asked) -> Answer:
    """Return a file of the page, by the names that there are: no path is made of what is asked."""
    name = asked.path["name"]
    files = page_files()
    if name not in files:
        raise RequestError(f"there is nothing at /{name[:80]}", NOT_FOUND)
    return files[name]


class Line(Enum):
    """Where requests wait for others of their kind."""

    QUICK = "quick"
    """Soon answered."""
    TILES = "tiles"
    """Many at a time, and each of the first waits for its leg to be read."""
    HEAVY = "heavy"
    """It takes long, or much memory."""
    AT_HAND = "at hand"
    """In memory: it waits for nothing, and needs no thread."""


@dataclass(frozen=True)
class Place:
    """A path.

    Parameters
    ----------
    path : str
        As starlette writes it.
    work : callable
        Makes the answer.
    known : sequence of str
        Parameters that it takes.
    method : str
        GET, POST, PUT or DELETE.
    line : Line
        Where it waits: the others need not wait for it.
    """

    path: str
    work: Work
    known: Sequence[str] = ()
    method: str = "GET"
    line: Line = Line.QUICK


PLACES = (
    Place("/api/info", _info),
    Place("/api/legs", _legs, VIEW_PARAMETERS),
    Place("/api/coverage", _coverage, ("band", *VIEW_PARAMETERS)),
    Place("/api/moc", _moc, ("band", "order", *VIEW_PARAMETERS), line=Line.HEAVY),
    Place("/api/tile", _tile, TILE_PARAMETERS, line=Line.TILES),
    Place("/api/lightcurve", _curve, CURVE_PARAMETERS),
    Place("/api/events", _events, EVENT_PARAMETERS, line=Line.HEAVY),
    *(Place(f"/api/{view}", _list(view), LIST_PARAMETERS) for view in LISTS),
    Place("/api/name", _name, ("q",)),
    Place("/api/sql", _sql, method="POST", line=Line.HEAVY),
    Place("/api/describe", _describe),
    Place("/api/export/image", _image, IMAGE_PARAMETERS, line=Line.HEAVY),
    Place("/api/export/lightcurve", _curve_file, (*CURVE_PARAMETERS, "format"), line=Line.HEAVY),
    Place("/api/notes", _notes),
    Place("/api/notes/{note_id}", _put_note, method="PUT"),
    Place("/api/notes/{note_id}", _remove_note, ("version",), method="DELETE"),
    Place("/hips/{band}/{name:path}", _hips, line=Line.TILES),
    Place("/", _first_page),
    Place("/{name:path}", _page, line=Line.AT_HAND),
)
