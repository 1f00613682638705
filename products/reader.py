"""Which leg a product is made of, and which files of the archive hold it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from gphoton_db.arrow_columns import values_of
from gphoton_db.aspect.pointing import Aspect
from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.catalogue.records import AnyLeg, LegRecord, leg_of
from gphoton_db.catalogue.session import reading_catalogue
from gphoton_db.errors import ProductError
from gphoton_db.exposure import Ticks
from gphoton_db.mission import Band
from gphoton_db.progress import Progress, no_progress, part_of
from gphoton_db.query.sql_files import literal
from gphoton_db.remote.files import file_state, for_arrow, shown
from gphoton_db.schemas import ASPECT, TICKS
from gphoton_db.system.inside import inside
from gphoton_db.system.seal import damaged_file, read_seal

Product = TypeVar("Product")

SeveralLegs = Literal["all"] | Sequence[int]
"""All legs, or those with these numbers: one product for each."""

LegChoice = int | SeveralLegs | None
"""The number of a leg; None: the only one; or several."""


@dataclass(frozen=True, eq=False)
class ArchiveReader:
    """What product builders need of an archive.

    Parameters
    ----------
    catalogue : Catalogue
        Knows where the archive is, and is told of finished products.
    connection : duckdb.DuckDBPyConnection
        Read-only, to the catalogue as it is now.
    on_progress : callable
        Told ``(stage, done, total)`` of work over many legs or positions.
    """

    catalogue: Catalogue
    connection: duckdb.DuckDBPyConnection
    on_progress: Progress = no_progress
    _last: dict[str, list[dict[str, Any]]] = field(default_factory=dict, repr=False)

    def for_part(self, number: int, n_parts: int) -> "ArchiveReader":
        """Return the same for a part of the work, whose progress is told as that of all."""
        return replace(self, on_progress=part_of(self.on_progress, number, n_parts))

    @property
    def root(self) -> Path:
        """The archive's folder."""
        return self.catalogue.paths.root

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """Return the rows of a query, each a dictionary."""
        # Without bound parameters: at the first one DuckDB imports pandas, which takes longer than
        # everything else that is asked here.
        with reading_catalogue():
            cursor = self.connection.execute(sql)
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def arrow(self, sql: str) -> pa.Table:
        """Return the rows of a query as a table of Arrow: for many of them."""
        with reading_catalogue():
            return self.connection.execute(sql).to_arrow_table()

    def rows_again(self, sql: str) -> list[dict[str, Any]]:
        """Return the rows of a query, like `rows`, which may be the last one that was asked here.

        The catalogue stays as it is for a reader, so what is asked of the same legs by turns
        need not be asked again.
        """
        found = self._last.get(sql)
        if found is None:
            found = self.rows(sql)
            self._last.clear()
            self._last[sql] = found
        return found


def legs_of(archive: ArchiveReader, eclipse: int, band: Band) -> list[LegRecord]:
    """Return the legs of a band of an eclipse.

    Raises
    ------
    ProductError
        If there are none; it says what there is, and what to run.
    """
    legs = f"rows_of('legs', [{int(eclipse)}])"
    found = archive.rows(f"SELECT * FROM {legs} WHERE band = {literal(str(band))} ORDER BY leg")
    if found:
        return [leg_of(row) for row in found]
    other = archive.rows(f"SELECT DISTINCT band FROM {legs}")
    there = f"has eclipse {eclipse} in {other[0]['band']} only" if other else "does not have it"
    raise ProductError(
        f"eclipse {eclipse} {band} is not ingested: {shown(archive.root)} {there}; "
        f"run `gphoton-db ingest {eclipse} {band}`"
    )


def choose_leg(
    archive: ArchiveReader, eclipse: int, band: Band, leg: int | None = None
) -> LegRecord:
    """Return one leg of a band of an eclipse.

    Parameters
    ----------
    leg : int, optional
        Its number, from 0; may be left out where there is only one.

    Raises
    ------
    ProductError
        If the eclipse is not ingested, has no such leg, or has several and none was named.
    """
    legs = legs_of(archive, eclipse, band)
    if leg is None and len(legs) == 1:
        return legs[0]
    for each in legs:
        if leg is not None and each.leg == leg:
            return each
    numbers = ", ".join(str(each.leg) for each in legs)
    if leg is None:
        raise ProductError(
            f"eclipse {eclipse} {band} has {len(legs)} legs ({numbers}): choose one "
            f"(leg={legs[0].leg}, --leg {legs[0].leg}) or all of them (leg='all', --leg all)"
        )
    raise ProductError(
        f"eclipse {eclipse} {band} has no leg {leg}: it has leg{'s' * (len(legs) > 1)} {numbers} "
        "(legs count from 0)"
    )


def legs_chosen(
    archive: ArchiveReader, eclipse: int, band: Band, leg: LegChoice
) -> list[LegRecord]:
    """Return the legs of a band of an eclipse that were asked for, each once.

    Raises
    ------
    ProductError
        As `choose_leg` and `legs_of`, or if the choice is none of those of `LegChoice`.
    """
    if isinstance(leg, str):
        if leg != "all":
            raise ProductError(f"{leg!r} is not a leg: give a number, a list of numbers or 'all'")
        return legs_of(archive, eclipse, band)
    if leg is None or isinstance(leg, int | np.integer):
        return [choose_leg(archive, eclipse, band, None if leg is None else int(leg))]
    if not len(leg):
        raise ProductError("the list of legs is empty: give at least one number, or 'all'")
    return [choose_leg(archive, eclipse, band, number) for number in dict.fromkeys(leg)]


def make_of_legs(
    open_reader: Callable[[], ArchiveReader],
    eclipse: int,
    band: str | Band,
    leg: LegChoice,
    make: Callable[[ArchiveReader, LegRecord], Product],
) -> Product | Iterator[Product]:
    """Make a product of one leg or, as they are asked for, of each of several.

    Parameters
    ----------
    open_reader : callable
        Gives the archive as it is now.
    eclipse, band, leg
        What to make it of.
    make : callable
        Makes it.

    Raises
    ------
    ProductError
        As `choose_leg` and `legs_of`: at once, not only when the first product is asked for.
    """
    reader = open_reader()
    legs = legs_chosen(reader, eclipse, Band.parse(band), leg)
    if leg is None or isinstance(leg, int | np.integer):
        return make(reader, legs[0])
    # The catalogue has another version as soon as a product is written: a reader for each.
    return (make(open_reader(), each) for each in legs)


def observed_span_ms(leg: AnyLeg) -> tuple[int, int]:
    """Return the times (GALEX ms) of a leg's first and last photon on the detector.

    Raises
    ------
    ProductError
        If there is no such photon.
    """
    if leg.photon_t0 is None or leg.photon_t1 is None:
        raise ProductError(
            f"eclipse {leg.eclipse} {leg.band} leg {leg.leg} has no good photons: none of its "
            f"{leg.n_photons:,} photons has a trusted position within the detector's field"
        )
    return round(leg.photon_t0 * 1000), round(leg.photon_t1 * 1000)


def leg_files(archive: ArchiveReader, leg: LegRecord, kind: str) -> tuple[Path, ...]:
    """Return the files of a leg, in order: `kind` is one of `paths.FILE_KINDS`."""
    rows = archive.rows(
        f"SELECT path, size_bytes FROM rows_of('leg_files', [{leg.eclipse}]) "
        f"WHERE kind = {literal(kind)} AND band = {literal(leg.band)} AND leg = {leg.leg} "
        "ORDER BY part"
    )
    return tuple(_listed_file(archive.root, row["path"], row["size_bytes"]) for row in rows)


def _listed_file(root: Path, name: str, size: int) -> Path:
    """Return a file of a leg that has the size that the catalogue says."""
    path = inside(root, name)
    try:
        found = file_state(path)[0]
    except OSError as error:
        raise damaged_file(path, error.strerror or str(error)) from None
    if found != size:
        raise damaged_file(path, f"it has {found:,} bytes, and {size:,} are listed")
    return path


def photon_files(archive: ArchiveReader, leg: LegRecord) -> tuple[Path, ...]:
    """Return the photon files of a leg, in order."""
    return leg_files(archive, leg, "photons")


def read_ticks(archive: ArchiveReader, leg: LegRecord) -> Ticks:
    """Return the events at each distinct time of a leg."""
    (path,) = leg_files(archive, leg, "ticks")
    return ticks_in(path)


def ticks_in(path: Path) -> Ticks:
    """Return the events at each distinct time of a leg, from its file."""
    table = _read(path, TICKS)
    columns = (values_of(table[name]).astype(np.int64) for name in TICKS.names)
    return Ticks(*columns)


def read_aspect(archive: ArchiveReader, leg: LegRecord) -> Aspect:
    """Return the pointing that a leg was reduced with."""
    (path,) = leg_files(archive, leg, "aspect")
    table = _read(path, ASPECT)
    columns = [values_of(table[name]) for name in ASPECT.names]
    return Aspect(*columns)


def _read(path: Path, schema: pa.Schema) -> pa.Table:
    seal = read_seal(path)
    if seal is not None:
        seal.check()
    try:
        # Not read_table, which imports pandas, and looks at it as a data set first.
        with pq.ParquetFile(for_arrow(path)) as file:
            table = file.read(use_threads=False)
    except (OSError, pa.ArrowException) as error:
        raise damaged_file(path, str(error)) from None
    if not set(schema.names) <= set(table.column_names):
        raise damaged_file(path, f"it has the columns {', '.join(table.column_names)}")
    return table
