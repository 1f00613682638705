"""How the sources of some eclipses vary: one eclipse after the other, or several at a time."""

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa

from gphoton_db.errors import ProductError
from gphoton_db.intake.many.choose import Cluster
from gphoton_db.intake.many.eclipse_list import EclipseBand
from gphoton_db.intake.options import LOCAL
from gphoton_db.intake.writer import ArchiveWriter
from gphoton_db.mission import Band
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.products.variables.make import (
    OpenReader,
    eclipses_with_entries,
    make_variables,
    no_variables,
)
from gphoton_db.products.variables.options import VariableOptions
from gphoton_db.query.sql_files import literal

Eclipses = int | Sequence[int] | None
"""One, several, or None: all that have catalogue entries."""


def variables(
    open_reader: OpenReader,
    eclipses: Eclipses,
    bands: tuple[Band, ...],
    options: VariableOptions,
    *,
    jobs: int,
    cluster: Cluster | None,
    writer: Callable[[], ArchiveWriter],
) -> pa.Table:
    """Return how the sources of some eclipses vary; see `Archive.variables`.

    Raises
    ------
    ProductError
        As `make_variables`, or if `jobs` is none.
    """
    if jobs < 1:
        raise ProductError(f"{jobs} jobs do nothing: give 1 or more")
    if eclipses is None:
        chosen = eclipses_with_entries(open_reader())
    else:
        given = [eclipses] if isinstance(eclipses, int | np.integer) else eclipses
        chosen = [int(each) for each in dict.fromkeys(given)]
    if cluster == LOCAL:
        cluster = None
    if cluster is not None or (jobs > 1 and len(chosen) > 1):
        from gphoton_db.pipeline.variables_many import variables_many

        archive = open_reader()
        wanted = _first_bands(archive, chosen)
        tell = archive.on_progress
        variables_many(
            writer(), wanted, bands, options, jobs=jobs, cluster=cluster, on_progress=tell
        )
        return _kept(open_reader(), chosen, bands, options)
    tables = []
    for number, eclipse in enumerate(chosen):
        of_part = _for_part(open_reader, number, len(chosen))
        tables.append(make_variables(of_part, eclipse, bands, options))
    return pa.concat_tables(tables) if tables else no_variables()


def _for_part(open_reader: OpenReader, number: int, n_parts: int) -> OpenReader:
    return lambda: open_reader().for_part(number, n_parts)


def _first_bands(archive: ArchiveReader, eclipses: Sequence[int]) -> list[EclipseBand]:
    """Return eclipses with the first band that each has; NUV of those that are not there."""
    rows = archive.rows(
        "SELECT eclipse, max(band) AS band FROM "
        f"rows_of('legs', {list(eclipses)}::INTEGER[]) GROUP BY eclipse"
    )
    found = {int(row["eclipse"]): Band(row["band"]) for row in rows}
    return [EclipseBand(each, found.get(each, Band.NUV)) for each in eclipses]


def _kept(
    archive: ArchiveReader,
    eclipses: Sequence[int],
    bands: tuple[Band, ...],
    options: VariableOptions,
) -> pa.Table:
    """Return the rows of eclipses that are in the archive now."""
    from gphoton_db.catalogue.sources import ENTRIES
    from gphoton_db.products.sources.catalog import catalog_name

    catalog = ENTRIES if options.catalog is None else catalog_name(options.catalog).name
    names = ", ".join(literal(str(band)) for band in bands)
    order = "list_position($eclipses, eclipse), leg, band DESC, source"
    return archive.arrow(
        f"FROM variables WHERE eclipse IN {tuple(eclipses)} AND catalog = {literal(catalog)} "
        f"AND band IN ({names}) ORDER BY {order}".replace("$eclipses", str(list(eclipses)))
    )
