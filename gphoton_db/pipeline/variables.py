"""How the sources of some eclipses vary: one eclipse after the other, or several at a time."""

import logging
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
from gphoton_db.products.variables.kept import kept_variables, measured_before
from gphoton_db.products.variables.make import (
    OpenReader,
    eclipses_with_entries,
    make_variables,
    no_variables,
)
from gphoton_db.products.variables.options import MEASURED_BEFORE, VariableOptions

logger = logging.getLogger(__name__)

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
    again: bool,
    writer: Callable[[], ArchiveWriter],
) -> pa.Table:
    """Return how the sources of some eclipses vary; see `Archive.variables`.

    Those that were measured in the same way before are read from the archive, unless `again`.

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
    before = set() if again else measured_before(open_reader(), chosen, bands, options)
    left = [each for each in chosen if each not in before]
    if cluster == LOCAL:
        cluster = None
    if left and (cluster is not None or (jobs > 1 and len(chosen) > 1)):
        from gphoton_db.pipeline.variables_many import variables_many

        archive = open_reader()
        wanted = _first_bands(archive, left)
        tell = archive.on_progress
        variables_many(
            writer(), wanted, bands, options, jobs=jobs, cluster=cluster, on_progress=tell
        )
        table = kept_variables(open_reader(), chosen, bands, options)
    else:
        table = _one_by_one(open_reader, chosen, before, bands, options)
    return _noted(table, [each for each in chosen if each in before])


def _one_by_one(
    open_reader: OpenReader,
    eclipses: Sequence[int],
    before: set[int],
    bands: tuple[Band, ...],
    options: VariableOptions,
) -> pa.Table:
    """Return the rows of eclipses, those measured before as they are kept."""
    tables, left = [], [each for each in eclipses if each not in before]
    for eclipse in eclipses:
        if eclipse in before:
            tables.append(kept_variables(open_reader(), [eclipse], bands, options))
        else:
            of_part = _for_part(open_reader, left.index(eclipse), len(left))
            tables.append(make_variables(of_part, eclipse, bands, options))
    return pa.concat_tables(tables) if tables else no_variables()


def _noted(table: pa.Table, before: Sequence[int]) -> pa.Table:
    """Return the table with a note of the eclipses that were measured before, which is logged."""
    if not before:
        return table
    logger.info(
        "variables of %d eclipses were measured in the same way before, and are as they were: "
        "again=True measures them again",
        len(before),
    )
    return table.replace_schema_metadata({MEASURED_BEFORE: " ".join(map(str, before))})


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
