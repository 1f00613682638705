"""The photometry of a leg: sources, and what each has in apertures, as tables."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gphoton_db.catalogue.records import LegRecord
from gphoton_db.errors import ProductError
from gphoton_db.products.file_names import outlines_name, photometry_name
from gphoton_db.products.fits.files import not_entered
from gphoton_db.products.masks.applied import STANDARD, Mask, mask_meta, mask_suffix
from gphoton_db.products.sources.catalog import DETECTED
from gphoton_db.products.sources.write import check_format, write_sources
from gphoton_db.system.durable import Move

if TYPE_CHECKING:
    from astropy.table import Table

POSITIONS = {"xcentroid": "x", "ycentroid": "y"}
"""Columns of sources, as wide tables call them."""

OF_FRAME = {
    "aperture_sum": "counts",
    "aperture_sum_err": "counts_err",
    "artifact_flag": "flags",
    "expt": "exposure",
    "t0": "t0",
    "t1": "t1",
}
"""What a wide table has of each frame, and its names in the tidy one."""

OF_LEG = {
    "aperture_sum": "counts",
    "aperture_sum_err": "counts_err",
    "artifact_flag": "flags",
    "exptime": "exposure",
    "stdcolrow_aperture_sum": "dispersion",
    "q_aperture_sum": "q_mean",
    "ya_aperture_sum": "ya_mean",
}
"""And of the whole leg."""

Entering = Callable[[], AbstractContextManager[Move]]
"""Gives what moves finished files to their places."""


@dataclass(frozen=True, eq=False)
class Photometry:
    """Aperture photometry of the sources of a leg.

    Parameters
    ----------
    leg : LegRecord
        The leg.
    catalog : str
        ``detected``, or the name of the list of positions.
    method : str
        ``image`` or ``photon``.
    depth : float or None
        Length of the frames, s; None: the whole leg only.
    sources : astropy.table.Table
        A row for each source: ``source``, ``ra``, ``dec``, ``x``, ``y``, ``coverage``,
        ``position_flags`` and, of detected ones, the columns of `detection.source_table`.
    table : astropy.table.Table
        Tidy: a row for each source, radius, and the whole leg or frame; columns as in the view
        ``photometry``, where -1 as ``frame`` is the whole leg.
    outlines : astropy.table.Table or None
        Of extended sources, where they were asked for.
    mask : str or Path
        As of `PhotometryOptions`.
    """

    leg: LegRecord
    catalog: str
    method: str
    depth: float | None
    sources: "Table"
    table: "Table"
    outlines: "Table | None" = None
    mask: Mask = STANDARD
    entering: Entering = field(default=not_entered, repr=False)

    def __repr__(self) -> str:
        leg = self.leg
        radii = ", ".join(f"{radius:g}" for radius in self.radii)
        return (
            f"<Photometry of eclipse {leg.eclipse} {leg.band} leg {leg.leg}: "
            f"{len(self.sources):,} sources, {radii} arcsec>"
        )

    @property
    def radii(self) -> tuple[float, ...]:
        """Of the apertures, arcsec."""
        return tuple(self.table.meta["RADII"])

    def wide(self, radius: float) -> "Table":
        """Return one row a source, with the columns of the predecessor's tables.

        Returns
        -------
        astropy.table.Table
            The columns of `sources` (``x``, ``y`` as ``xcentroid``, ``ycentroid``),
            ``aperture_sum``, ``aperture_sum_err``, ``artifact_flag``, ``exptime``, and of frame k
            ``aperture_sum_k``, ``aperture_sum_err_k``, ``artifact_flag_k``, ``expt_k``, ``t0_k``,
            ``t1_k``; with the extended set ``stdcolrow_aperture_sum``, ``q_aperture_sum`` and
            ``ya_aperture_sum``, which are means.

        Raises
        ------
        ProductError
            If it was not measured with that radius.
        """
        if radius not in self.radii:
            raise ProductError(
                f"there is no aperture of {radius:g} arcsec in it: there are "
                f"{', '.join(f'{each:g}' for each in self.radii)}"
            )
        chosen = self.table[np.asarray(self.table["radius"]) == radius]
        wide = self.sources.copy()
        named = ("ECLIPSE", "BANDNAME", "LEG", "CALHASH")
        wide.meta = {name: self.table.meta[name] for name in named} | {"RADIUS": radius}
        wide.meta |= mask_meta(self.mask)
        for theirs, ours in POSITIONS.items():
            wide.rename_column(ours, theirs)
        frames = np.asarray(chosen["frame"])
        for frame in range(-1, self.table.meta["N_FRAMES"]):
            names = OF_LEG if frame < 0 else OF_FRAME
            rows, end = chosen[frames == frame], "" if frame < 0 else f"_{frame}"
            for theirs, ours in names.items():
                if ours in rows.colnames:
                    wide[f"{theirs}{end}"] = rows[ours]
        return wide

    def name(self, radius: float, kind: str = "csv", *, suffix: str = "") -> str:
        """Return the usual name of a wide table: ``e23456-nd-f0030-b00-movie-photom-12_8.csv``.

        It ends with the suffix; without one, with the name of the list that was measured and
        ``photon`` if that is the method, so that no table takes the place of another.
        """
        lists = [self.catalog] if self.catalog != DETECTED else []
        methods = [self.method] if self.method != "image" else []
        return photometry_name(
            self.leg,
            radius,
            depth=self.depth,
            lists=lists + methods,
            suffix=suffix,
            kind=kind,
            mask=mask_suffix(self.mask),
        )

    def write(self, folder: str | Path, kind: str = "csv", *, suffix: str = "") -> tuple[Path, ...]:
        """Write a wide table for each radius, under its usual name.

        Parameters
        ----------
        folder : str or Path
            It is made where it is missing.
        kind : str
            ``csv`` or ``parquet``.
        suffix : str
            At the end of the names, after a hyphen, in the place of what `name` puts there.

        Raises
        ------
        ProductError
            If one cannot be written; no incomplete file is left then.
        """
        check_format(kind)
        place = Path(folder).expanduser()
        names = [self.name(radius, kind, suffix=suffix) for radius in self.radii]
        paths = tuple(place / name for name in names)
        with self.entering() as move:
            for path, radius in zip(paths, self.radii, strict=True):
                write_sources(self.wide(radius), path, move)
        return paths

    def write_outlines(self, path: str | Path) -> Path:
        """Write the outlines of extended sources: a row a corner, as CSV.

        Raises
        ------
        ProductError
            If they were not asked for, or it cannot be written.
        """
        from gphoton_db.products.sources.extended import corners_of

        if self.outlines is None:
            raise ProductError("extended sources were not looked for: ask for extended_sources")
        path = Path(path).expanduser()
        if path.is_dir():
            path = path / outlines_name(self.leg, mask_suffix(self.mask))
        with self.entering() as move:
            write_sources(corners_of(self.outlines), path, move)
        return path
