"""Sources and photometry into the archive: Parquet files, which its views read."""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from gphoton_db.catalogue.records import LegRecord
from gphoton_db.catalogue.source_files import description
from gphoton_db.catalogue.sources import ENTRIES, VARIABLES, SourceFileRecord, source_file
from gphoton_db.errors import ArchiveError
from gphoton_db.mission import Band
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.products.sources.photometry import Photometry
from gphoton_db.schemas import OF_SOURCES
from gphoton_db.system.durable import hidden_beside
from gphoton_db.system.inside import inside

if TYPE_CHECKING:
    from astropy.table import Table

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class SourceFile:
    """What a file is to have, and what the archive is to know of it."""

    record: SourceFileRecord
    content: pa.Table


def store_sources(archive: ArchiveReader, leg: LegRecord, catalog: str, sources: "Table") -> None:
    """Keep the sources of a leg in the archive, in the place of those of the same catalogue.

    Where the archive cannot be changed, that is logged, and no error.
    """
    store(archive, [file_of_sources(leg, catalog, sources)])


def store_photometry(archive: ArchiveReader, photometry: Photometry) -> None:
    """Keep photometry and its sources in the archive.

    They take the place of those of the same leg and catalogue, method and depth; where positions
    have changed, of all of that leg and catalogue.
    """
    store(archive, files_of_photometry(photometry))


def file_of_sources(leg: LegRecord, catalog: str, sources: "Table") -> SourceFile:
    """Return the file of the sources of a leg; see `store_sources`."""
    digest = positions_digest(sources)
    record = _record(leg, "sources", catalog, len(sources), digest, None, None)
    return SourceFile(record, _arrow(sources, "sources", catalog))


def files_of_photometry(photometry: Photometry) -> list[SourceFile]:
    """Return the files of photometry and of its sources; see `store_photometry`."""
    leg, catalog = photometry.leg, photometry.catalog
    table = photometry.table.copy()
    table["method"] = photometry.method
    table["depth"] = np.where(
        np.asarray(table["frame"]) < 0, np.nan, photometry.depth or np.nan
    ).astype(np.float64)
    digest = positions_digest(photometry.sources)
    how = photometry.method, photometry.depth
    record = _record(leg, "photometry", catalog, len(table), digest, *how)
    sources = file_of_sources(leg, catalog, photometry.sources)
    return [sources, SourceFile(record, _arrow(table, "photometry", catalog))]


def file_of_entries(
    leg: LegRecord, other: str | None, entries: pa.Table, digest: str
) -> SourceFile:
    """Return the file of the catalogue entries of a leg, which takes the place of earlier ones.

    Parameters
    ----------
    leg : LegRecord
        Of the first band that there is.
    other : str or None
        Generation of the leg in the other band; None where there is none.
    entries : pyarrow.Table
        With the columns of `schemas.ENTRIES`.
    digest : str
        Hash of the positions.
    """
    return SourceFile(_record(leg, ENTRIES, ENTRIES, len(entries), digest, other, None), entries)


def file_of_variables(
    leg: LegRecord, other: str | None, table: pa.Table, catalog: str, digest: str, depth: float
) -> SourceFile:
    """Return the file with how the sources of a leg vary, which takes the place of earlier ones.

    Parameters
    ----------
    leg : LegRecord
        The leg and its band.
    other : str or None
        Generation of the leg in the other band; None where it was not looked at.
    table : pyarrow.Table
        With the columns of `schemas.VARIABLES`.
    catalog, digest : str
        Name of the list of sources, and hash of their positions.
    depth : float
        Length of the bins, s.
    """
    return SourceFile(_record(leg, VARIABLES, catalog, len(table), digest, other, depth), table)


def store(archive: ArchiveReader, files: Sequence[SourceFile]) -> None:
    """Write files, and enter all or none of them.

    Where the archive cannot be changed, that is logged, and no error.
    """
    try:
        with ExitStack() as stack:
            written = []
            for each in files:
                path = inside(archive.catalogue.incoming, each.record.path)
                path.parent.mkdir(parents=True, exist_ok=True)
                temporary = stack.enter_context(hidden_beside(path))
                described = each.content.replace_schema_metadata(
                    {**(each.content.schema.metadata or {}), **description(each.record)}
                )
                pq.write_table(described, temporary, compression="zstd")
                written.append((each.record, temporary))
            archive.catalogue.add_source_files(written)
    except (ArchiveError, OSError) as error:
        what = "; ".join(f"{each.record.kind} of {each.record.catalog}" for each in files)
        logger.warning("%s: not kept in the archive (%s)", what, error)


def _record(
    leg: LegRecord,
    kind: str,
    catalog: str,
    n_rows: int,
    digest: str,
    method: str | None,
    depth: float | None,
) -> SourceFileRecord:
    relative = source_file(kind, Band(leg.band), leg.eclipse, leg.leg, f"{catalog}-{uuid4().hex}")
    return SourceFileRecord(
        leg.eclipse,
        leg.band,
        leg.leg,
        leg.generation,
        kind,
        catalog,
        method,
        depth,
        relative,
        n_rows,
        digest,
    )


def _arrow(table: "Table", kind: str, catalog: str) -> pa.Table:
    wanted = OF_SOURCES[kind]
    columns = []
    for field in wanted:
        if field.name == "catalog":
            columns.append(pa.array([catalog] * len(table), field.type))
        elif field.name in table.colnames:
            columns.append(_column(table[field.name], field))
        else:
            columns.append(pa.nulls(len(table), field.type))
    return pa.Table.from_arrays(columns, schema=wanted)


def _column(column: Any, field: pa.Field) -> pa.Array:
    values = np.ma.asarray(getattr(column, "value", column))
    missing = np.ma.getmaskarray(values).copy()
    plain = np.asarray(values.filled() if missing.any() else values)
    if plain.dtype.kind == "f":
        missing |= np.isnan(plain)
    if field.name == "frame":
        missing |= plain < 0
    if plain.dtype.kind == "U":
        return pa.array(plain.tolist(), field.type)
    return pa.array(plain, mask=missing).cast(field.type)


def positions_digest(sources: "Table | Mapping[str, Any]") -> str:
    """Return a hash of the columns ``source``, ``ra`` and ``dec``, in deg."""
    digest = hashlib.sha256()
    for name in ("source", "ra", "dec"):
        digest.update(np.ascontiguousarray(np.asarray(sources[name])).tobytes())
    return digest.hexdigest()
