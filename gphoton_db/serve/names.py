"""Where something is that a person names."""

import re
from typing import Any

from gphoton_db.errors import ProductError
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.products.sky_places import position_of
from gphoton_db.serve.notes import Notes
from gphoton_db.serve.refusals import NOT_FOUND, RequestError

_SOURCE_ID = re.compile(r"\d{1,6}_\d{1,3}_\d{1,7}_[nf]{1,2}", re.ASCII)


def resolved(archive: ArchiveReader, notes: Notes, text: str) -> dict[str, Any]:
    """Return the position of a target in the notes, of a catalogue entry, or that a text says.

    Raises
    ------
    RequestError
        If it is none of these.
    """
    for note in notes.listed():
        if note["label"].strip().lower() == text.lower():
            return {"ra": note["ra"], "dec": note["dec"], "label": note["label"]}
    if _SOURCE_ID.fullmatch(text):
        return _entry(archive, text)
    try:
        ra, dec = position_of(text)
    except ProductError as error:
        raise RequestError(
            f"{text!r} is no position ({error}), no source_id of the catalogue, and no target of "
            "the notes",
            NOT_FOUND,
        ) from None
    return {"ra": ra, "dec": dec, "label": text}


def _entry(archive: ArchiveReader, source_id: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = []
    if archive.rows("SELECT 1 AS n FROM duckdb_views() WHERE view_name = 'catalogue'"):
        eclipse, leg, _, _ = source_id.split("_")
        found = archive.rows(
            f"SELECT ra, dec FROM catalogue WHERE eclipse = {int(eclipse)} AND leg = {int(leg)} "
            f"AND source_id = '{source_id}'"
        )
    if not found:
        raise RequestError(f"the catalogue has no entry {source_id}", NOT_FOUND)
    return {**found[0], "label": source_id}
