"""Checks of astrometry into the archive: shift, rotation and scatter of each leg."""

import json
import logging
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gphoton_db.arrow_columns import values_of
from gphoton_db.aspect.sphere import separation
from gphoton_db.errors import ArchiveError
from gphoton_db.mission import Band
from gphoton_db.products.objects.astrometry import LARGEST_SHIFT, AstrometryFit, fit_astrometry
from gphoton_db.products.objects.entries import visit_numbers
from gphoton_db.products.objects.keep import store_survey
from gphoton_db.products.objects.matching import Matches, MatchFlag
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.schemas import ASTROMETRY

logger = logging.getLogger(__name__)

Floats = NDArray[np.float64]
Row = dict[str, Any]

_KEY = ("eclipse", "band", "leg", "catalog")

SAME_ARCSEC = 6.0
"""How far a detection may be from its entry: sources that were detected anew have other numbers."""


def keep_astrometry(
    archive: ArchiveReader, entries: pa.Table, matches: Matches, name: str, radius: float
) -> list[Row]:
    """Fit each leg and band, warn of those that are off, keep the fits in the archive.

    Where the archive cannot be changed, that is logged, and no error.

    Parameters
    ----------
    archive : ArchiveReader
        The archive.
    entries : Table
        Catalogue entries with ``nuv_ra`` and so on: where each band detected them.
    matches : Matches
        Of the entries.
    name : str
        Of the table.
    radius : float
        Of the matches, arcsec.

    Returns
    -------
    list of dict
        Rows of `schemas.ASTROMETRY`.
    """
    rows = [
        row | {"catalog": name, "radius": radius, "chance_rate": matches.chance_rate}
        for row in _fits(archive, entries, matches)
    ]
    try:
        _store(archive, rows)
    except (ArchiveError, OSError) as error:
        logger.warning("astrometry: not kept in the archive (%s)", error)
    return rows


def _fits(archive: ArchiveReader, entries: pa.Table, matches: Matches) -> Iterator[Row]:
    """Yield what is known of each leg and band; entries are in the order of eclipse and leg."""
    eclipse, leg = (values_of(entries[name]) for name in ("eclipse", "leg"))
    _, first = np.unique(visit_numbers(eclipse, leg), return_index=True)
    places = [slice(*ends) for ends in pairwise([*first.tolist(), len(entries)])]
    good = (matches.row >= 0) & ((matches.flags & int(MatchFlag.SHARED)) == 0)
    generations = _generations(archive, np.unique(eclipse).tolist())
    for band in Band:
        ra, dec, detected = _detections(entries, band)
        for place in places:
            n_sources = int(detected[place].sum())
            if not n_sources:
                continue
            of_eclipse, of_leg = int(eclipse[place.start]), int(leg[place.start])
            used = place.start + np.flatnonzero(detected[place] & good[place])
            fit = fit_astrometry(ra[used], dec[used], matches.ra[used], matches.dec[used])
            _warn(fit, f"e{of_eclipse:05d} {band} leg {of_leg}")
            yield {
                "eclipse": of_eclipse,
                "band": str(band),
                "leg": of_leg,
                "generation": generations.get((of_eclipse, str(band), of_leg)),
                "n_sources": n_sources,
                **vars(fit),
            }


def _detections(entries: pa.Table, band: Band) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return where a band detected entries; their own positions where that is not known."""
    own_ra, own_dec = (values_of(entries[name]) for name in ("ra", "dec"))
    ra, dec = (values_of(entries[f"{band.lower()}_{axis}"]) for axis in ("ra", "dec"))
    bands = np.array(entries["bands"].to_pylist(), str)
    detected = (np.char.find(bands, str(band)) >= 0) & np.isfinite(own_ra) & np.isfinite(own_dec)
    near = separation(own_ra, own_dec, ra, dec) * 3600.0 <= SAME_ARCSEC  # not where it is NaN
    return np.where(near, ra, own_ra), np.where(near, dec, own_dec), detected


def _warn(fit: AstrometryFit, what: str) -> None:
    if fit.is_off:
        logger.warning(
            "%s: positions are %.2f arcsec off (%+.2f to the east, %+.2f to the north, each to "
            "%.2f, by %d matches): more than %g arcsec",
            *(what, fit.shift, fit.shift_ra, fit.shift_dec, fit.shift_err, fit.n_used),
            LARGEST_SHIFT,
        )


def _generations(archive: ArchiveReader, eclipses: list[int]) -> dict[tuple[int, str, int], str]:
    rows = archive.rows(f"SELECT eclipse, band, leg, generation FROM rows_of('legs', {eclipses})")
    return {(row["eclipse"], row["band"], row["leg"]): row["generation"] for row in rows}


def _store(archive: ArchiveReader, rows: list[Row]) -> None:
    """Put rows in the place of those of the same legs, bands and tables."""
    before = archive.rows("SELECT path FROM survey_files WHERE kind = 'astrometry'")
    new = pa.Table.from_pylist([_known(row) for row in rows], schema=ASTROMETRY)
    names = ", ".join(ASTROMETRY.names)
    old = archive.arrow(f"SELECT {names} FROM astrometry")
    mine = {tuple(row[name] for name in _KEY) for row in rows}
    keys = zip(*(old[name].to_pylist() for name in _KEY), strict=True)
    kept = old.filter(pa.array([key not in mine for key in keys], pa.bool_())).cast(ASTROMETRY)
    table = pa.concat_tables([kept, new]).sort_by([(name, "ascending") for name in _KEY])
    based_on = {"astrometry": before[0]["path"] if before else None}
    store_survey(archive.catalogue, [("astrometry", table, {})], based_on)


def _known(row: Row) -> Row:
    return {k: None if isinstance(v, float) and v != v else v for k, v in row.items()}


def off_legs(archive: ArchiveReader, eclipse: int) -> list[str]:
    """Return what is to be said of the legs of an eclipse that an earlier match found off."""
    rows = archive.rows(
        "SELECT band, leg, catalog, shift_ra, shift_dec, shift_err FROM astrometry "
        f"JOIN rows_of('legs', [{int(eclipse)}]) USING (eclipse, band, leg, generation) "
        "WHERE sqrt(shift_ra * shift_ra + shift_dec * shift_dec) > "
        f"greatest({LARGEST_SHIFT}, 3 * shift_err) "
        "ORDER BY band, leg, catalog"
    )
    return [
        f"e{eclipse:05d} {row['band']} leg {row['leg']}: positions are "
        f"{row['shift_ra']:+.2f} arcsec to the east and {row['shift_dec']:+.2f} to the north of "
        f"those of {json.dumps(row['catalog'])}"
        for row in rows
    ]
