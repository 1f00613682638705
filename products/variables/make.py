"""From the photons of an eclipse to how its sources vary, kept in the archive."""

import logging
from collections.abc import Callable

import pyarrow as pa

from gphoton_db.catalogue.records import LegRecord
from gphoton_db.errors import ProductError
from gphoton_db.mission import Band
from gphoton_db.products.catalogue.make import legs_by_band
from gphoton_db.products.kernels.examples import VARIABLE_GROUPS
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.products.sources.catalog import problems_of
from gphoton_db.products.sources.store import file_of_variables, store
from gphoton_db.products.variables.of_leg import variables_of_leg
from gphoton_db.products.variables.options import VariableOptions
from gphoton_db.products.variables.sources import (
    VariableSources,
    entries_of_leg,
    listed_sources,
)
from gphoton_db.products.variables.table import with_key
from gphoton_db.progress import one_by_one
from gphoton_db.schemas import LEG, VARIABLES
from gphoton_db.system.compiling import compile_ahead

logger = logging.getLogger(__name__)

OpenReader = Callable[[], ArchiveReader]


def make_variables(
    open_reader: OpenReader, eclipse: int, bands: tuple[Band, ...], options: VariableOptions
) -> pa.Table:
    """Return how the sources of all legs of an eclipse vary, and keep it in the archive.

    Parameters
    ----------
    open_reader : callable
        Gives the archive as it is now.
    eclipse, bands, options
        See `Archive.variables`.

    Raises
    ------
    ProductError
        If the eclipse is not ingested in any of the bands, or has no sources.
    """
    found = legs_by_band(open_reader(), eclipse, "all", bands, "variables")
    legs = {key: leg for key, leg in found.items() if _usable(leg, options)}
    compile_ahead(VARIABLE_GROUPS, open_reader().on_progress)
    tables, n_sources = [], 0
    numbers = sorted({number for _, number in legs})
    for number in one_by_one(numbers, open_reader().on_progress, "legs"):
        of_leg = {band: legs[band, number] for band in Band if (band, number) in legs}
        sources = _sources(open_reader(), eclipse, number, options)
        n_sources += len(sources)
        if options.catalog is not None and number == numbers[0]:
            _say_problems(sources)
        if len(sources):
            tables += _make_leg(open_reader, of_leg, sources, options)
    if legs and not n_sources:
        raise ProductError(
            f"eclipse {eclipse} has no catalogue entries, so there is nothing to measure: run "
            f"`gphoton-db catalogue {eclipse}` first, or give a list of positions (--catalog FILE)"
        )
    return pa.concat_tables(tables) if tables else no_variables()


def no_variables() -> pa.Table:
    """Return a table without rows."""
    return pa.schema([*LEG, *VARIABLES]).empty_table()


def eclipses_with_entries(archive: ArchiveReader) -> list[int]:
    """Return the eclipses that have catalogue entries."""
    rows = archive.rows(
        "SELECT DISTINCT eclipse FROM source_files WHERE kind = 'entries' ORDER BY eclipse"
    )
    return [int(row["eclipse"]) for row in rows]


def _sources(
    archive: ArchiveReader, eclipse: int, leg: int, options: VariableOptions
) -> VariableSources:
    if options.catalog is None:
        return entries_of_leg(archive, eclipse, leg)
    return listed_sources(options.catalog, eclipse)


def _say_problems(sources: VariableSources) -> None:
    """Log what is wrong with the positions of a list."""
    problems = problems_of(sources.targets.flags)
    if problems:
        logger.warning(
            "variables of %s: of %d positions %s", sources.catalog, len(sources), problems
        )


def _usable(leg: LegRecord, options: VariableOptions) -> bool:
    of = (leg.eclipse, leg.band, leg.leg)
    if leg.photon_t0 is None:
        logger.warning("eclipse %d %s leg %d: has no photons on the detector, and is left out", *of)
        return False
    if (leg.exposure or 0.0) < options.min_exposure:
        logger.warning(
            "eclipse %d %s leg %d: %.0f s of exposure are less than %g s, so it is left out",
            *(*of, leg.exposure or 0.0, options.min_exposure),
        )
        return False
    return True


def _make_leg(
    open_reader: OpenReader,
    legs: dict[Band, LegRecord],
    sources: VariableSources,
    options: VariableOptions,
) -> list[pa.Table]:
    tables, files = [], []
    for band, table in variables_of_leg(open_reader(), legs, sources, options).items():
        others = [leg.generation for key, leg in legs.items() if key is not band]
        of = (sources.catalog, sources.digest, options.depth)
        files.append(file_of_variables(legs[band], others[0] if others else None, table, *of))
        tables.append(with_key(table, legs[band]))
    store(open_reader(), files)
    return tables
