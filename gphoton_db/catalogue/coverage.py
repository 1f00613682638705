"""The catalogue's table of coverage: which part of the sky each leg saw."""

import logging
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from gphoton_db.aspect.pointing import Aspect, Boresight
from gphoton_db.errors import PointingError

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


def update_coverage(connection: duckdb.DuckDBPyConnection, root: Path) -> None:
    """Make the table ``coverage`` one of the legs that the catalogue has now.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        To the catalogue, writable.
    root : Path
        The archive's folder; the aspect files of legs that are new must be in place.
    """
    connection.execute(
        "DELETE FROM coverage WHERE (eclipse, band, leg, generation) NOT IN "
        "(SELECT (eclipse, band, leg, generation) FROM legs)"
    )
    new = connection.execute(
        "SELECT file.path, ra0, dec0, roll0, eclipse, band, leg, generation FROM legs "
        "JOIN leg_files AS file USING (eclipse, band, leg) "
        "WHERE file.kind = 'aspect' AND (eclipse, band, leg) NOT IN "
        "(SELECT (eclipse, band, leg) FROM coverage)"
    ).fetchall()
    for path, ra0, dec0, roll0, *leg in new:
        try:
            regions = _encoded(root / path, Boresight(ra0, dec0, roll0))
        except (OSError, pa.ArrowException, PointingError) as error:
            # Products that need the coverage say so; everything else works without it.
            logger.warning("eclipse %d %s leg %d has no coverage: %s", *leg[:3], error)
            continue
        row = [*leg, *regions, "pointing"]
        places = ", ".join("?" * len(row))
        connection.execute(f"INSERT INTO coverage VALUES ({places})", row)


def _encoded(path: Path, boresight: Boresight) -> list[bytes]:
    # shapely is loaded only when there are legs without coverage.
    from gphoton_db.aspect.coverage import REGIONS, regions_of_pointing

    table = pq.read_table(path, partitioning=None)
    aspect = Aspect(*(table[n].to_numpy() for n in ("t_ms", "ra", "dec", "roll", "flags")))
    encoded = regions_of_pointing(aspect, boresight).to_wkb()
    return [encoded[name] for name in REGIONS]
