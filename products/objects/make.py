"""Objects of an archive: its catalogue entries linked, and kept in it; see `Archive.objects`."""

import json
import logging
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gphoton_db.arrow_columns import values_of
from gphoton_db.errors import ArchiveError, ProductError
from gphoton_db.mission import Band
from gphoton_db.products.objects.entries import Entries, Rates
from gphoton_db.products.objects.identities import Earlier
from gphoton_db.products.objects.keep import store_survey
from gphoton_db.products.objects.linking import checked_radius
from gphoton_db.products.objects.objects import Columns, Fields, ObjectFlag, Objects, link_objects
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.schemas import OF_SURVEY

logger = logging.getLogger(__name__)

RADIUS = 3.0
"""Of the links, arcsec: positions of one source in two visits are rarely further apart."""

_NAMES = "source_id, eclipse, leg, ra, dec, ra_err, dec_err"

_RATES = "{b}_cps_bgsub, {b}_cps_bgsub_err, {b}_exposure, {b}_source IS NOT NULL AS {b}_detected"

_ARTIFACT = "({b}_source IS NOT NULL AND ({b}_hotspot OR {b}_ghost OR {b}_narrow_edge))"

_FIELDS = (
    "SELECT any_value(ra0) AS ra0, any_value(dec0) AS dec0, max(radius) AS radius FROM legs "
    "GROUP BY eclipse, leg ORDER BY eclipse, leg"
)

_APERTURES = "SELECT DISTINCT radius FROM catalogue WHERE radius IS NOT NULL ORDER BY radius"

_STATE = (
    "SELECT (SELECT md5(string_agg(path, ' ' ORDER BY path)) FROM source_files "
    "WHERE kind = 'entries'), (SELECT md5(string_agg(concat(eclipse, band, leg, generation), ' ' "
    "ORDER BY eclipse, band, leg)) FROM legs)"
)
"""What objects are made of: where it is the same, so are they."""


@dataclass(frozen=True)
class LinkedObjects:
    """What was linked.

    Parameters
    ----------
    n_objects, n_new : int
        Objects, and those of them that were not there before.
    n_sources, n_visits : int
        Catalogue entries that are linked, and visits that have any.
    n_without_position : int
        Entries that are not linked, for they have no position.
    flagged : dict
        How many objects have each of the bits of `ObjectFlag` that any has.
    radius : float
        Of the links, arcsec.
    changed : bool
        Whether anything is not as the last run left it.
    """

    n_objects: int
    n_new: int
    n_sources: int
    n_visits: int
    n_without_position: int
    flagged: dict[str, int]
    radius: float
    changed: bool = True


def make_objects(archive: ArchiveReader, radius: Any = RADIUS) -> LinkedObjects:
    """Link the entries of all visits; see `Archive.objects`."""
    arcsec = checked_radius(radius)
    before = archive.rows("SELECT * FROM survey_files WHERE kind = 'objects'")
    said: dict[str, Any] = json.loads(before[0]["parameters"]) if before else {}
    ((entries_state, legs_state),) = (row.values() for row in archive.rows(_STATE))
    state = {"radius": arcsec, "entries": entries_state, "legs": legs_state}
    if {name: said.get(name) for name in state} == state:
        report = said["report"] | {"n_new": 0}
        return LinkedObjects(**report, radius=arcsec, changed=False)
    entries = read_entries(archive)
    if not len(entries):
        raise ProductError(
            f"{archive.root}: has no catalogue entries to link: make those of its eclipses with "
            "`gphoton-db catalogue`"
        )
    _say_apertures(archive)
    archive.on_progress("linking", 0, 1)
    earlier = _earlier(archive, int(said.get("next_id", 1)))
    found = link_objects(entries, arcsec, _fields(archive), earlier)
    report = _report(entries, found, earlier)
    parameters = state | {"next_id": found.next_id, "report": report}
    tables = [
        (kind, _table(kind, columns), parameters if kind == "objects" else {"radius": arcsec})
        for kind, columns in (("objects", found.objects), ("object_visits", found.visits))
    ]
    based_on = {"objects": before[0]["path"] if before else None}
    try:
        store_survey(archive.catalogue, tables, based_on)
    except OSError as error:
        raise ArchiveError(f"objects cannot be kept in {archive.root} ({error})") from None
    archive.on_progress("linking", 1, 1)
    return LinkedObjects(**report, radius=arcsec)


def read_entries(archive: ArchiveReader) -> Entries:
    """Return the catalogue entries of an archive."""
    columns = [_NAMES, *(_RATES.format(b=band.lower()) for band in Band)]
    artifact = " OR ".join(_ARTIFACT.format(b=band.lower()) for band in Band)
    sql = f"SELECT {', '.join(columns)}, coalesce({artifact}, false) AS artifact FROM catalogue"
    table = archive.arrow(sql)
    rates = {
        band: Rates(
            _floats(table, f"{band.lower()}_cps_bgsub"),
            _floats(table, f"{band.lower()}_cps_bgsub_err"),
            _floats(table, f"{band.lower()}_exposure"),
            values_of(table[f"{band.lower()}_detected"]),
        )
        for band in Band
    }
    return Entries(
        source_id=np.array(table["source_id"].to_pylist(), object),
        eclipse=np.asarray(values_of(table["eclipse"]), np.int64),
        leg=np.asarray(values_of(table["leg"]), np.int64),
        artifact=values_of(table["artifact"]),
        rates=rates,
        **{name: _floats(table, name) for name in ("ra", "dec", "ra_err", "dec_err")},
    )


def _say_apertures(archive: ArchiveReader) -> None:
    """Log that rates of visits are of different apertures, which makes constant stars vary."""
    found = [tuple(row.values()) for row in archive.rows(_APERTURES)]
    if len(found) > 1:
        logger.warning(
            "the rates of the visits are of different apertures (%s arcsec): their means and chi "
            "squared say nothing; measure all visits alike with `gphoton-db catalogue`",
            ", ".join(f"{radius:g}" for (radius,) in found),
        )


def _fields(archive: ArchiveReader) -> Fields:
    table = archive.arrow(_FIELDS)
    return Fields(*(_floats(table, name) for name in ("ra0", "dec0", "radius")))


def _earlier(archive: ArchiveReader, next_id: int) -> Earlier:
    """Return what the last run found."""
    sources = archive.arrow("SELECT source_id, object_id, ra, dec FROM object_visits")
    objects = archive.arrow("SELECT object_id, ra, dec FROM objects")
    return Earlier(
        np.array(sources["source_id"].to_pylist(), str),
        np.asarray(values_of(sources["object_id"]), np.int64),
        _floats(sources, "ra"),
        _floats(sources, "dec"),
        np.asarray(values_of(objects["object_id"]), np.int64),
        _floats(objects, "ra"),
        _floats(objects, "dec"),
        next_id,
    )


def _floats(table: pa.Table, name: str) -> NDArray[np.float64]:
    return np.asarray(values_of(table[name]), np.float64)


def _report(entries: Entries, found: Objects, earlier: Earlier) -> dict[str, Any]:
    """Return what `LinkedObjects` says."""
    there = np.isfinite(entries.ra) & np.isfinite(entries.dec)
    flags = found.objects["flags"]
    counts = {flag.name or "": int(np.count_nonzero(flags & int(flag))) for flag in ObjectFlag}
    return {
        "n_objects": len(flags),
        "n_new": int((~np.isin(found.objects["object_id"], earlier.object_id)).sum()),
        "n_sources": int(there.sum()),
        "n_visits": len(np.unique(entries.visit[there])),
        "n_without_position": int((~there).sum()),
        "flagged": {name.lower(): n for name, n in counts.items() if n},
    }


def _table(kind: str, columns: Columns) -> pa.Table:
    """Return columns as the archive keeps them; NaN becomes NULL."""
    return pa.Table.from_arrays(
        [
            pa.array(columns[field.name], from_pandas=True).cast(field.type)
            for field in OF_SURVEY[kind]
        ],
        schema=OF_SURVEY[kind],
    )
