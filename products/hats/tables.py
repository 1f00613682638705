"""What can be exported: which rows there are, in blocks, and how to read those of a block."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from gphoton_db.catalogue.records import LegRecord, leg_of
from gphoton_db.errors import ProductError
from gphoton_db.mission import Band
from gphoton_db.products.hats.rows import Block, Opened
from gphoton_db.products.photon_batches import Photons, read_row_group, row_groups
from gphoton_db.products.reader import ArchiveReader, photon_files
from gphoton_db.query.sql_files import literal
from gphoton_db.schemas import PHOTONS

OF_PHOTONS = [name for name in PHOTONS.names if name != "cell"]


@dataclass(frozen=True, eq=False)
class Rows:
    """A table of the archive, in blocks.

    Parameters
    ----------
    name : str
        Of the table.
    kind : str
        ``object`` or ``source``, as HATS has it.
    blocks : sequence of Block
        All of it.
    groups : tuple of str
        Groups of kernels that its rows need.
    at_once : int or None
        How many blocks one process may have open; None: any number.
    """

    name: str
    kind: str
    blocks: Sequence[Block]
    groups: tuple[str, ...] = ()
    at_once: int | None = None


@dataclass(frozen=True, eq=False)
class PhotonsOfLeg(Block):
    """All photons of a leg that have a position."""

    leg: LegRecord

    def opened(self, archive: ArchiveReader) -> Opened:
        """Return what reads them."""
        files = photon_files(archive, self.leg)

        def read(columns: Sequence[str]) -> Iterator[pa.Table]:
            for group in row_groups(files):
                yield _as_rows(self.leg, read_row_group(group, columns))

        return Opened(self, lambda: read(("ra", "dec")), lambda: read(OF_PHOTONS))


@dataclass(frozen=True, eq=False)
class RowsOfView(Block):
    """Rows of a view that have a position."""

    sql: str

    def opened(self, archive: ArchiveReader) -> Opened:
        """Return what reads them, which are few."""
        rows = archive.arrow(self.sql)
        return Opened(self, lambda: iter([rows]), lambda: iter([rows]))


def photons(archive: ArchiveReader, bands: Sequence[Band]) -> Rows:
    """Return all photons with a position, leg by leg."""
    names = ", ".join(literal(str(band)) for band in bands)
    rows = archive.rows(f"SELECT * FROM legs WHERE band IN ({names}) ORDER BY eclipse, band, leg")
    blocks = [
        PhotonsOfLeg(f"e{leg.eclipse:05d}-{leg.band.lower()}-{leg.leg}", leg.generation, leg)
        for leg in map(leg_of, rows)
    ]
    return Rows("photons", "source", blocks)


def _as_rows(leg: LegRecord, photons: Photons) -> pa.Table:
    """Return the photons that have a position, with columns as the view photons has them."""
    known = ~np.isnan(photons["ra"])
    n = int(known.sum())
    columns = {
        "eclipse": pa.array(np.full(n, leg.eclipse, np.int32)),
        "band": pa.array([leg.band]).take(pa.array(np.zeros(n, np.int64))),
        "leg": pa.array(np.full(n, leg.leg, np.int32)),
        **{
            name: pa.array(values[known], from_pandas=True)
            for name, values in photons.items()
            if name != "t_ms"
        },
    }
    if "t_ms" in photons:
        columns["t"] = pa.array(photons["t_ms"][known] / 1000.0)
    return pa.table(columns)


def sources(archive: ArchiveReader, bands: Sequence[Band]) -> Rows:
    """Return the detected sources of each leg, without those that have no position."""
    names = ", ".join(literal(str(band)) for band in bands)
    listed = archive.rows(
        "SELECT eclipse, band, leg, string_agg(path, ' ' ORDER BY path) AS state "
        f"FROM source_files WHERE kind = 'sources' AND band IN ({names}) "
        "GROUP BY ALL ORDER BY ALL"
    )
    blocks = [
        RowsOfView(
            f"e{row['eclipse']:05d}-{row['band'].lower()}-{row['leg']}",
            row["state"],
            f"SELECT * FROM sources WHERE eclipse = {row['eclipse']} "
            f"AND band = {literal(row['band'])} AND leg = {row['leg']} AND ra IS NOT NULL",
        )
        for row in listed
    ]
    return Rows("sources", "source", blocks)


def catalogue(archive: ArchiveReader, bands: Sequence[Band]) -> Rows:
    """Return the catalogue entries of each visit that were detected in one of the bands."""
    listed = archive.rows(
        "SELECT eclipse, leg, string_agg(path, ' ' ORDER BY path) AS state "
        "FROM source_files WHERE kind = 'entries' GROUP BY ALL ORDER BY ALL"
    )
    # Both bands are in one row: with other bands it is another block.
    chosen = "-".join(band.lower() for band in bands)
    names = ", ".join(literal(str(band)) for band in bands)
    blocks = [
        RowsOfView(
            f"e{row['eclipse']:05d}-{row['leg']}-{chosen}",
            row["state"],
            f"SELECT * FROM catalogue WHERE eclipse = {row['eclipse']} AND leg = {row['leg']} "
            f"AND ra IS NOT NULL AND list_has_any(string_split(bands, ' '), [{names}])",
        )
        for row in listed
    ]
    return Rows("catalogue", "source", blocks)


TABLES = {"photons": photons, "sources": sources, "catalogue": catalogue}
"""By name."""


def table_named(archive: ArchiveReader, name: str, bands: Sequence[Band]) -> Rows:
    """Return a table of the archive, one of `TABLES`.

    Raises
    ------
    ProductError
        If there is no row in it.
    """
    rows = TABLES[name](archive, bands)
    if not rows.blocks:
        wanted = " and ".join(map(str, bands))
        raise ProductError(f"{archive.root} has no {name} of {wanted}: nothing is exported")
    return rows
