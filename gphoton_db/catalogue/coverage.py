"""The catalogue's table of coverage: which part of the sky each leg saw.

The regions are worked out where a leg is reduced, and a commit only enters them.  They follow from
the leg's aspect file: a catalogue that lacks them, because it was lost or is older than the table,
gets them from there.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from gphoton_db.catalogue.inserts import insert_or_replace
from gphoton_db.catalogue.records import LegRecord
from gphoton_db.errors import PointingError
from gphoton_db.query.query import fetch

if TYPE_CHECKING:
    from gphoton_db.aspect.coverage import CoverageRegions
    from gphoton_db.aspect.pointing import Aspect

logger = logging.getLogger(__name__)


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
    def of(cls, leg: LegRecord, regions: "CoverageRegions") -> "CoverageRecord":
        """Return the row of a leg whose regions are known."""
        return cls(
            leg.eclipse,
            leg.band,
            leg.leg,
            leg.generation,
            **regions.to_wkb(),
            source=regions.source,
        )


def pointing_coverage(leg: LegRecord, aspect: "Aspect") -> CoverageRecord | None:
    """Work out what a leg saw from where it pointed.

    Parameters
    ----------
    leg : LegRecord
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
    """Work out the coverage of legs that have none, from their aspect files.

    For a catalogue that was made anew, or by a gphoton-db that knew no coverage; an ingest brings
    that of its legs.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        To the catalogue, writable.
    root : Path
        The archive's folder.
    """
    insert_or_replace(connection, "coverage", list(_missing(connection, root)))


def _missing(connection: duckdb.DuckDBPyConnection, root: Path) -> Iterator[CoverageRecord]:
    # Only for what a catalogue lacks.
    import pyarrow as pa
    import pyarrow.parquet as pq

    from gphoton_db.arrow_columns import values_of
    from gphoton_db.aspect.pointing import Aspect
    from gphoton_db.schemas import ASPECT

    rows = fetch(
        connection,
        "SELECT legs.*, file.path AS aspect_path FROM legs "
        "JOIN leg_files AS file USING (eclipse, band, leg) "
        "WHERE file.kind = 'aspect' AND (eclipse, band, leg) NOT IN "
        "(SELECT (eclipse, band, leg) FROM coverage)",
    ).rows()
    for row in rows:
        path = root / row.pop("aspect_path")
        leg = LegRecord(**row)
        try:
            with pq.ParquetFile(path) as file:  # pq.read_table imports pandas
                table = file.read()
            aspect = Aspect(*(values_of(table[n]) for n in ASPECT.names))
        except (OSError, pa.ArrowException, PointingError) as error:
            _warn(leg, error)
            continue
        found = pointing_coverage(leg, aspect)
        if found is not None:
            yield found


def _warn(leg: LegRecord, error: Exception) -> None:
    logger.warning(
        "eclipse %d %s leg %d has no coverage: %s", leg.eclipse, leg.band, leg.leg, error
    )
