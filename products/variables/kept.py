"""What was measured of eclipses before, in the same way, and is in the archive."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from gphoton_db.catalogue.sources import ENTRIES, VARIABLES
from gphoton_db.mission import Band
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.products.sources.catalog import catalog_name
from gphoton_db.products.variables.options import VariableOptions
from gphoton_db.products.variables.sources import listed_sources
from gphoton_db.query.sql_files import literal

AT_A_TIME = 500
"""Eclipses that are asked about by one query."""

LegKey = tuple[int, int]
"""Eclipse, and number of the leg."""


@dataclass
class _Leg:
    """What there is of a leg: generations of its bands, files, hash of its entries' positions."""

    generation: dict[str, str] = field(default_factory=dict)
    made: dict[str, dict[str, Any]] = field(default_factory=dict)
    entries: str | None = None


def measured_before(
    archive: ArchiveReader,
    eclipses: Sequence[int],
    bands: Sequence[Band],
    options: VariableOptions,
) -> set[int]:
    """Return those eclipses whose variability is in the archive, measured in the very same way.

    That is: of all their legs and these bands as they are now, at the same positions, in the same
    apertures and bins, and with or without the other band.
    """
    done: set[int] = set()
    ordered = sorted({each for each in eclipses if 0 <= each < 2**31})
    for start in range(0, len(ordered), AT_A_TIME):
        some = ordered[start : start + AT_A_TIME]
        legs = _legs(archive, some, bands, options)
        by_eclipse: dict[int, list[_Leg]] = defaultdict(list)
        for (eclipse, _), leg in legs.items():
            by_eclipse[eclipse].append(leg)
        for eclipse, each in by_eclipse.items():
            # Without any row nothing was measured, or there is nothing to measure, which is said.
            if any(leg.made for leg in each) and _all_made(eclipse, each, options):
                done.add(eclipse)
    return done


def kept_variables(
    archive: ArchiveReader,
    eclipses: Sequence[int],
    bands: Sequence[Band],
    options: VariableOptions,
) -> pa.Table:
    """Return the rows of eclipses that are in the archive now, in their order."""
    numbers = f"{list(eclipses)}::INTEGER[]"
    return archive.arrow(
        "SELECT variables.* FROM variables SEMI JOIN ("
        f"SELECT eclipse, band, leg FROM rows_of('legs', {numbers}) WHERE {_usable(options)}"
        ") AS usable USING (eclipse, band, leg) "
        f"WHERE eclipse IN (SELECT unnest({numbers})) "
        f"AND catalog = {literal(_catalog(options))} AND band IN ({_in_sql(bands)}) "
        f"ORDER BY list_position({numbers}, eclipse), leg, band DESC, source"
    )


def _legs(
    archive: ArchiveReader, some: list[int], bands: Sequence[Band], options: VariableOptions
) -> dict[LegKey, _Leg]:
    """Return the legs that are to be measured, with what there is of each."""
    numbers, catalog = f"{some}::INTEGER[]", literal(_catalog(options))
    found: dict[LegKey, _Leg] = defaultdict(_Leg)
    for row in archive.rows(
        f"SELECT eclipse, leg, band, generation FROM rows_of('legs', {numbers}) "
        f"WHERE band IN ({_in_sql(bands)}) AND {_usable(options)}"
    ):
        found[row["eclipse"], row["leg"]].generation[row["band"]] = row["generation"]
    for row in _files(archive, numbers, catalog):
        key = row["eclipse"], row["leg"]
        if key in found and row["kind"] == ENTRIES:
            found[key].entries = row["sha256"]
        elif key in found:
            found[key].made[row["band"]] = row
    return found


def _files(archive: ArchiveReader, numbers: str, catalog: str) -> Iterator[dict[str, Any]]:
    """Yield the files of entries, and of variability with the radius of its apertures."""
    rows = archive.rows(
        "SELECT eclipse, leg, band, generation, kind, method, depth, sha256 "
        f"FROM rows_of('source_files', {numbers}) WHERE kind = {literal(ENTRIES)} "
        f"OR (kind = {literal(VARIABLES)} AND catalog = {catalog})"
    )
    radii = {
        (row["eclipse"], row["leg"], row["band"]): row["radius"]
        for row in archive.rows(
            "SELECT eclipse, leg, band, any_value(radius) AS radius FROM variables "
            f"WHERE eclipse IN (SELECT unnest({numbers})) AND catalog = {catalog} GROUP BY ALL"
        )
    }
    for row in rows:
        yield {**row, "radius": radii.get((row["eclipse"], row["leg"], row["band"]))}


def _all_made(eclipse: int, legs: Sequence[_Leg], options: VariableOptions) -> bool:
    listed = None
    if options.catalog is not None:
        listed = listed_sources(options.catalog, eclipse).digest
    for leg in legs:
        digest = leg.entries if listed is None else listed
        if digest is None:
            continue  # it has no entries, and so no rows
        for band, generation in leg.generation.items():
            others = [each for key, each in leg.generation.items() if key != band]
            wanted = {
                "generation": generation,
                "method": others[0] if others else None,
                "depth": options.depth,
                "sha256": digest,
                "radius": options.radius,
            }
            made = leg.made.get(band, {})
            if {name: made.get(name) for name in wanted} != wanted:
                return False
    return True


def _usable(options: VariableOptions) -> str:
    """Return the condition of legs that are measured, as `make_variables` has it."""
    return f"photon_t0 IS NOT NULL AND coalesce(exposure, 0) >= {options.min_exposure!r}::DOUBLE"


def _catalog(options: VariableOptions) -> str:
    return ENTRIES if options.catalog is None else catalog_name(options.catalog).name


def _in_sql(bands: Sequence[Band]) -> str:
    return ", ".join(literal(str(band)) for band in bands)
