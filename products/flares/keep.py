"""Flares into the archive, for the view of that name."""

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np

from gphoton_db.errors import ArchiveError
from gphoton_db.products.apertures.targets import haversines
from gphoton_db.products.flares.stars import Looked
from gphoton_db.products.flares.table import archive_table, arrow_rows
from gphoton_db.products.objects.keep import store_survey
from gphoton_db.products.reader import ArchiveReader

logger = logging.getLogger(__name__)

SAME_ARCSEC = 1.0
"""Flares of positions that are nearer are of one star, and a later search replaces the earlier."""


def keep_flares(archive: ArchiveReader, looked: Sequence[Looked]) -> None:
    """Put the flares of some stars in the place of earlier ones of the same visits.

    Light curves of no known place or visit are left out, which is logged; so is that the archive
    cannot be changed, and no error.

    Parameters
    ----------
    archive : ArchiveReader
        The archive.
    looked : sequence of Looked
        Stars, visits and rows.
    """
    placed = [each for each in looked if _is_placed(each)]
    if len(placed) < len(looked):
        logger.warning(
            "%d light curves say no place or visit: their flares are not kept in the archive",
            len(looked) - len(placed),
        )
    if not placed:
        return
    try:
        _store(archive, placed)
    except (ArchiveError, OSError) as error:
        logger.warning("flares: not kept in the archive (%s)", error)


def _is_placed(each: Looked) -> bool:
    known = np.isfinite(each.star.ra) and np.isfinite(each.star.dec)
    return bool(known and each.visits and min(each.visits) >= (0, 0))


def _store(archive: ArchiveReader, looked: Sequence[Looked]) -> None:
    before = archive.rows("SELECT path FROM survey_files WHERE kind = 'flares'")
    rows = arrow_rows(archive.arrow("FROM flares"))
    if rows:
        gone = _replaced(rows, looked)
        rows = [row for row, is_gone in zip(rows, gone, strict=True) if not is_gone]
    rows += [row for each in looked for row in each.rows]
    rows.sort(key=lambda row: (row["eclipse"], row["leg"], row["dec"], row["ra"], row["t0"]))
    based_on = {"flares": before[0]["path"] if before else None}
    store_survey(archive.catalogue, [("flares", archive_table(rows), {})], based_on)


def _replaced(rows: list[dict[str, Any]], looked: Sequence[Looked]) -> Any:
    """Return which rows are of visits and places that were looked at again."""
    ra, dec = (np.array([row[name] for row in rows], np.float64) for name in ("ra", "dec"))
    visits = [(row["eclipse"], row["leg"]) for row in rows]
    nearest = np.sin(np.radians(SAME_ARCSEC / 3600) / 2) ** 2
    gone = np.zeros(len(rows), bool)
    for each in looked:
        near = haversines(each.star.ra, each.star.dec, ra, dec) <= nearest
        again = set(each.visits)
        for number in np.flatnonzero(near).tolist():
            gone[number] |= visits[number] in again
    return gone
