"""The catalogue's table of coverage: which part of the sky each leg saw.

The regions are worked out where a leg is reduced, and a commit only enters them.  A catalogue that
lacks them, because it was lost or is older than the table, gets them from the leg's ticks file,
which has them in its metadata; or, where that is of an older gphoton-db, works them out from the
aspect file, from which they follow.
"""

import base64
import binascii
import logging
import struct
import zlib
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from gphoton_db.catalogue.inserts import insert_records
from gphoton_db.catalogue.records import LegRecord
from gphoton_db.errors import PointingError
from gphoton_db.query.query import fetch
from gphoton_db.system.cores import usable_cores
from gphoton_db.system.threads import in_order

if TYPE_CHECKING:
    from gphoton_db.aspect.coverage import CoverageRegions
    from gphoton_db.aspect.pointing import Aspect

logger = logging.getLogger(__name__)

LEGS_AT_ONCE = 4000
"""Legs whose regions are in memory together, in 26 kB each."""


@dataclass(frozen=True)
class KnownLeg:
    """What the outlines of a leg need of its row: which leg it is, and its boresight, deg."""

    eclipse: int
    band: str
    leg: int
    generation: str
    ra0: float
    dec0: float
    roll0: float


SeenLeg = LegRecord | KnownLeg

_REGIONS = ("partial", "full_field", "full_370", "full_350")

_LENGTHS = "<4I"
"""Of the regions, before these themselves."""


@dataclass(frozen=True)
class CoverageRecord:
    """The sky that a leg saw; regions in well-known binary (`aspect.coverage`)."""

    eclipse: int
    band: str
    leg: int
    generation: str
    partial: bytes
    full_field: bytes
    full_370: bytes
    full_350: bytes
    source: str

    @classmethod
    def of(cls, leg: SeenLeg, regions: "CoverageRegions") -> "CoverageRecord":
        """Return the row of a leg whose regions are known."""
        return cls(
            leg.eclipse,
            leg.band,
            leg.leg,
            leg.generation,
            **regions.to_wkb(),
            source=regions.source,
        )

    def to_text(self) -> str:
        """Return the regions, but not which leg they are of, as text for a file's metadata."""
        regions = [bytes(getattr(self, name)) for name in _REGIONS]
        lengths = struct.pack(_LENGTHS, *map(len, regions))
        packed = zlib.compress(b"".join((lengths, *regions, self.source.encode())), 1)
        return base64.b64encode(packed).decode()

    @classmethod
    def from_text(cls, leg: SeenLeg, text: bytes) -> "CoverageRecord":
        """Return the row of a leg from what `to_text` gave.

        Raises
        ------
        ValueError
            If it is damaged.
        """
        try:
            content = zlib.decompress(base64.b64decode(text, validate=True))
            lengths = struct.unpack_from(_LENGTHS, content)
        except (binascii.Error, zlib.error, struct.error) as error:
            raise ValueError(f"its outlines are damaged ({error})") from None
        edges = [*accumulate(lengths, initial=struct.calcsize(_LENGTHS))]
        regions = {
            name: content[a:b] for name, (a, b) in zip(_REGIONS, pairwise(edges), strict=True)
        }
        return cls(
            leg.eclipse,
            leg.band,
            leg.leg,
            leg.generation,
            **regions,
            source=content[edges[-1] :].decode(),
        )


def pointing_coverage(leg: SeenLeg, aspect: "Aspect") -> CoverageRecord | None:
    """Work out what a leg saw from where it pointed.

    Parameters
    ----------
    leg : LegRecord or KnownLeg
        The leg; its boresight is where the regions are made flat.
    aspect : Aspect
        The attitude that it was reduced with.

    Returns
    -------
    CoverageRecord or None
        None, which is logged, where the leg has no good fix, or leaves the hemisphere of its
        boresight: products that need the coverage say so, and everything else works without it.
    """
    # shapely is loaded only when there are regions to be worked out.
    from gphoton_db.aspect.coverage import regions_of_pointing
    from gphoton_db.aspect.pointing import Boresight

    try:
        regions = regions_of_pointing(aspect, Boresight(leg.ra0, leg.dec0, leg.roll0))
    except PointingError as error:
        _warn(leg, error)
        return None
    return CoverageRecord.of(leg, regions)


def forget_outdated_legs(connection: duckdb.DuckDBPyConnection) -> None:
    """Take out what is of legs that are gone or were ingested anew."""
    connection.execute(
        "DELETE FROM coverage WHERE (eclipse, band, leg, generation) NOT IN "
        "(SELECT (eclipse, band, leg, generation) FROM legs)"
    )


def add_missing(connection: duckdb.DuckDBPyConnection, root: Path) -> None:
    """Add the coverage of legs that have none, from their files.

    For a catalogue that was made anew, or by a gphoton-db that knew no coverage; an ingest brings
    that of its legs.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        To the catalogue, writable.
    root : Path
        The archive's folder.
    """
    rows = fetch(
        connection,
        "SELECT legs.*, ticks.path AS ticks_path, aspect.path AS aspect_path FROM legs "
        "JOIN (FROM leg_files WHERE kind = 'aspect') AS aspect USING (eclipse, band, leg) "
        "LEFT JOIN (FROM leg_files WHERE kind = 'ticks') AS ticks USING (eclipse, band, leg) "
        "ANTI JOIN coverage USING (eclipse, band, leg) ORDER BY eclipse, band, leg",
    ).rows()
    for start in range(0, len(rows), LEGS_AT_ONCE):
        some = rows[start : start + LEGS_AT_ONCE]
        found = in_order(partial(_of_row, root), some, threads=usable_cores())
        insert_records(connection, "coverage", list(filter(None, found)))


def _of_row(root: Path, row: dict[str, Any]) -> CoverageRecord | None:
    ticks, aspect = row.pop("ticks_path"), row.pop("aspect_path")
    return coverage_in(LegRecord(**row), ticks and root / ticks, root / aspect)


def coverage_in(leg: SeenLeg, ticks: Path | None, aspect: Path) -> CoverageRecord | None:
    """Return the coverage of a leg, from its files; None, which is logged, where there is none."""
    # Only for what a catalogue lacks.
    import pyarrow as pa
    import pyarrow.parquet as pq

    from gphoton_db.schemas import OUTLINES_KEY

    stored = None
    try:
        if ticks:
            stored = (pq.read_metadata(ticks).metadata or {}).get(OUTLINES_KEY)
    except (OSError, pa.ArrowException) as error:
        logger.info("%s: its pointing is used instead (%s)", ticks, error)
    return stored_coverage(leg, stored) or _of_aspect(leg, aspect)


def stored_coverage(leg: SeenLeg, stored: bytes | None) -> CoverageRecord | None:
    """Return the coverage of a leg from what its ticks file has; None where that is nothing."""
    if stored is None:
        return None
    try:
        return CoverageRecord.from_text(leg, stored)
    except ValueError as error:
        logger.info(
            "eclipse %d %s leg %d: its pointing is used instead (%s)",
            *(leg.eclipse, leg.band, leg.leg, error),
        )
        return None


def _of_aspect(leg: SeenLeg, path: Path) -> CoverageRecord | None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from gphoton_db.arrow_columns import values_of
    from gphoton_db.aspect.pointing import Aspect
    from gphoton_db.schemas import ASPECT

    try:
        with pq.ParquetFile(path) as file:  # pq.read_table imports pandas
            table = file.read()
        aspect = Aspect(*(values_of(table[n]) for n in ASPECT.names))
    except (OSError, pa.ArrowException, PointingError) as error:
        _warn(leg, error)
        return None
    return pointing_coverage(leg, aspect)


def _warn(leg: SeenLeg, error: Exception) -> None:
    logger.warning(
        "eclipse %d %s leg %d has no coverage: %s", leg.eclipse, leg.band, leg.leg, error
    )
