"""What can be exported: which rows there are, in blocks, and how to read those of a block."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from gphoton_db.catalogue.records import LegRecord, leg_of
from gphoton_db.errors import ProductError
from gphoton_db.mission import Band
from gphoton_db.products.hats.rows import Block
from gphoton_db.products.photon_batches import Photons, read_row_group, row_groups
from gphoton_db.products.reader import ArchiveReader, photon_files
from gphoton_db.query.sql_files import literal
from gphoton_db.schemas import PHOTONS

Pieces = Callable[[], Iterator[pa.Table]]
"""Yields rows, a piece at a time; may be called in another thread."""

OF_PHOTONS = [name for name in PHOTONS.names if name != "cell"]


@dataclass(frozen=True, eq=False)
class Opened:
    """A block that can be read.

    Parameters
    ----------
    block : Block
        Which.
    positions : callable
        Yields the ``ra`` and ``dec`` of its rows, deg.
    rows : callable
        Yields its rows, with these.
    """

    block: Block
    positions: Pieces
    rows: Pieces


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
    open : callable
        Opens a block.
    """

    name: str
    kind: str
    blocks: Sequence[Block]
    open: Callable[[Block], Opened]


def photons(archive: ArchiveReader, bands: Sequence[Band]) -> Rows:
    """Return all photons with a position, leg by leg."""
    names = ", ".join(literal(str(band)) for band in bands)
    rows = archive.rows(f"SELECT * FROM legs WHERE band IN ({names}) ORDER BY eclipse, band, leg")
    legs = {f"e{leg.eclipse:05d}-{leg.band.lower()}-{leg.leg}": leg for leg in map(leg_of, rows)}

    def opened(block: Block) -> Opened:
        leg = legs[block.name]
        files = photon_files(archive, leg)

        def read(columns: Sequence[str]) -> Iterator[pa.Table]:
            for group in row_groups(files):
                yield _as_rows(leg, read_row_group(group, columns))

        return Opened(block, lambda: read(("ra", "dec")), lambda: read(OF_PHOTONS))

    blocks = [Block(name, leg.generation) for name, leg in legs.items()]
    return Rows("photons", "source", blocks, opened)


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
    states = {(row["eclipse"], row["band"], row["leg"]): row["state"] for row in listed}
    keys = {f"e{key[0]:05d}-{key[1].lower()}-{key[2]}": key for key in states}

    def opened(block: Block) -> Opened:
        eclipse, band, leg = keys[block.name]
        # Here, and not in the thread that writes: a connection serves one.
        rows = archive.arrow(
            f"SELECT * FROM sources WHERE eclipse = {eclipse} AND band = {literal(band)} "
            f"AND leg = {leg} AND ra IS NOT NULL"
        )
        return Opened(block, lambda: iter([rows]), lambda: iter([rows]))

    blocks = [Block(name, states[key]) for name, key in keys.items()]
    return Rows("sources", "source", blocks, opened)


def catalogue(archive: ArchiveReader, bands: Sequence[Band]) -> Rows:
    """Return the catalogue entries of each visit that were detected in one of the bands."""
    listed = archive.rows(
        "SELECT eclipse, leg, string_agg(path, ' ' ORDER BY path) AS state "
        "FROM source_files WHERE kind = 'entries' GROUP BY ALL ORDER BY ALL"
    )
    # Both bands are in one row: with other bands it is another block.
    chosen = "-".join(band.lower() for band in bands)
    names = ", ".join(literal(str(band)) for band in bands)
    visits = {f"e{row['eclipse']:05d}-{row['leg']}-{chosen}": row for row in listed}

    def opened(block: Block) -> Opened:
        visit = visits[block.name]
        rows = archive.arrow(
            f"SELECT * FROM catalogue WHERE eclipse = {visit['eclipse']} "
            f"AND leg = {visit['leg']} AND ra IS NOT NULL "
            f"AND list_has_any(string_split(bands, ' '), [{names}])"
        )
        return Opened(block, lambda: iter([rows]), lambda: iter([rows]))

    blocks = [Block(name, visit["state"]) for name, visit in visits.items()]
    return Rows("catalogue", "source", blocks, opened)


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
