"""Exposure of a leg, as a whole or frame by frame, from its ticks."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gphoton_db.catalogue.records import LegRecord
from gphoton_db.exposure import Ticks, exposure_between
from gphoton_db.mission import Band
from gphoton_db.products.file_names import exposure_name
from gphoton_db.products.fits.files import being_written
from gphoton_db.products.frame_times import FrameTimes, plan_frames
from gphoton_db.products.quantities import seconds_of
from gphoton_db.products.reader import (
    ArchiveReader,
    choose_leg,
    observed_span_ms,
    read_ticks,
)
from gphoton_db.products.registry import entered

if TYPE_CHECKING:
    from astropy.table import Table


def exposure_table(archive: ArchiveReader, leg: LegRecord, depth: Any = None) -> "Table":
    """Return the exposure of a leg.

    Parameters
    ----------
    archive : ArchiveReader
        Holds it.
    leg : LegRecord
        Which it is.
    depth : float or Quantity, optional
        Length of a frame, s; None: one row, from the first to the last photon on the detector.

    Returns
    -------
    astropy.table.Table
        See `table_of_spans`.

    Raises
    ------
    ProductError
        If no photon is on the detector, or `depth` is not valid.
    """
    first_ms, last_ms = observed_span_ms(leg)
    ticks = read_ticks(archive, leg)
    if depth is None:
        return table_of_spans([(first_ms, last_ms)], ticks, leg)
    depth = seconds_of(depth, "depth")
    table = frame_exposures(plan_frames(first_ms, last_ms, depth), ticks, leg)
    table.meta["DEPTH"] = depth
    return table


def write_exposure(archive: ArchiveReader, table: "Table", path: str | Path) -> Path:
    """Write the exposure of a leg to a CSV file, and enter that into the archive's products.

    Parameters
    ----------
    archive : ArchiveReader
        Holds the leg.
    table : astropy.table.Table
        As `exposure_table` returns it.
    path : str or Path
        The file, which is replaced; or a folder, in which it gets its usual name.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ProductError
        If it cannot be written; nothing is left then.
    """
    meta = table.meta
    leg = choose_leg(archive, meta["ECLIPSE"], Band(meta["BANDNAME"]), meta["LEG"])
    depth = meta.get("DEPTH")
    path = Path(path).expanduser()
    if path.is_dir():
        path = path / exposure_name(leg, depth)
    parameters = exposure_parameters(depth, None if depth is None else float(table["t0"][0]))
    with (
        entered(archive.catalogue, kind="exposure", parameters=parameters, leg=leg) as move,
        being_written(path, move) as temporary,
    ):
        table.write(temporary, format="ascii.csv", overwrite=True)
    return path


def exposure_parameters(depth: float | None, start: float | None) -> dict[str, Any]:
    """Return what the archive's table of products says of how an exposure table was made.

    Parameters
    ----------
    depth : float or None
        Length of the frames, s; None: the leg as a whole.
    start : float or None
        Of the first frame, GALEX s.
    """
    return {"depth": depth, "start": start}


def frame_exposures(frames: FrameTimes, ticks: Ticks, leg: LegRecord) -> "Table":
    """Return the exposure of every frame; see `table_of_spans`."""
    return table_of_spans([frames.span_ms(k) for k in range(frames.n_frames)], ticks, leg)


def table_of_spans(spans_ms: list[tuple[int, int]], ticks: Ticks, leg: LegRecord) -> "Table":
    """Return the exposure of intervals ``t0 <= t < t1``.

    Parameters
    ----------
    spans_ms : list of (int, int)
        GALEX ms.
    ticks : Ticks
        Of the leg.
    leg : LegRecord
        Which it is.

    Returns
    -------
    astropy.table.Table
        ``frame``, from 0; ``t0``, ``t1``: GALEX s; ``raw_exposure``: s, without closed shutter;
        ``exposure``: s, corrected for dead time too; ``events``, ``unflagged``: photons, on the
        detector or not.  ``meta`` says what it is of.
    """
    from astropy import units
    from astropy.table import Table

    rows = list(_rows(spans_ms, ticks, Band(leg.band)))
    names = ("frame", "t0", "t1", "raw_exposure", "exposure", "events", "unflagged")
    kinds = (int, float, float, float, float, int, int)
    table = Table(rows=rows, names=names, dtype=kinds)
    for name in names[1:5]:
        table[name].unit = units.s
    table.meta.update(ECLIPSE=leg.eclipse, BANDNAME=leg.band, LEG=leg.leg)
    return table


def _rows(
    spans_ms: list[tuple[int, int]], ticks: Ticks, band: Band
) -> Iterator[tuple[int, float, float, float, float, int, int]]:
    for number, (start_ms, stop_ms) in enumerate(spans_ms):
        found = exposure_between(ticks, start_ms, stop_ms, band)
        lo, hi = ticks.t_ms.searchsorted([start_ms, stop_ms])
        yield (
            number,
            start_ms / 1000,
            stop_ms / 1000,
            found.raw,
            found.effective,
            int(ticks.events[lo:hi].sum()),
            int(ticks.unflagged[lo:hi].sum()),
        )
