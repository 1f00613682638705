"""Exports to HATS as users ask for them."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gphoton_db.errors import ProductError, not_installed
from gphoton_db.mission import parse_bands
from gphoton_db.products.hats.options import TABLE_NAMES, HatsOptions
from gphoton_db.products.lightcurves.options import LightCurveOptions, MeasurementChoices
from gphoton_db.products.reader import ArchiveReader

if TYPE_CHECKING:
    from gphoton_db.products.hats.doing import Doing
    from gphoton_db.products.hats.export import Exported
    from gphoton_db.products.hats.tables import Rows


def export_table(
    archive: ArchiveReader,
    table: str,
    folder: str | Path,
    options: HatsOptions,
    positions: Any = None,
    curves: MeasurementChoices | None = None,
    doing: "Callable[[Rows], Doing] | None" = None,
) -> "Exported":
    """Export a table of the archive; see `Archive.export_hats`.

    `doing` says who counts and writes the rows; by default it is threads of this process.
    """
    _check(table, positions)
    from gphoton_db.products.hats.doing import InThreads
    from gphoton_db.products.hats.export import export
    from gphoton_db.products.hats.tables import table_named

    if positions is None:
        rows = table_named(archive, table, parse_bands(options.bands))
    else:
        from gphoton_db.products.apertures.catalogs import read_positions
        from gphoton_db.products.hats.light_curves import light_curves
        from gphoton_db.products.lightcurves.measure import measurement_of

        chosen: MeasurementChoices = {"bands": options.bands}
        measured = LightCurveOptions(**(chosen | (curves or {})))
        targets, how = read_positions(positions), measurement_of(measured)
        rows = light_curves(archive, targets, how, mask_sources=measured.mask_sources)
    here = InThreads(archive, rows.at_once or options.threads)
    return export(
        rows,
        Path(folder).expanduser().absolute(),
        most_rows=options.most_rows,
        again=options.again,
        doing=here if doing is None else doing(rows),
        on_progress=archive.on_progress,
    )


def _check(table: str, positions: Any) -> None:
    """Raise an error for an unknown table, positions that are not asked for, a missing extra."""
    if table not in TABLE_NAMES:
        raise ProductError(f"{table!r} cannot be exported: choose {', '.join(TABLE_NAMES)}")
    if table == "lightcurves" and positions is None:
        raise ProductError("light curves are exported of a list of positions: give one (--catalog)")
    if table != "lightcurves" and positions is not None:
        raise ProductError(f"{table} are exported as they are: a list is for lightcurves")
    try:
        import cdshealpix  # noqa: F401
    except ImportError:
        raise ProductError(not_installed("an export to HATS", "cdshealpix", "hats")) from None
