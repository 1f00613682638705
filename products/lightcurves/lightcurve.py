"""A light curve: an astropy TimeSeries that knows how it was made."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from astropy.table import QTable
from astropy.timeseries import TimeSeries

from gphoton_db.errors import ProductError, not_installed
from gphoton_db.mission import MJD_OF_GALEX_ZERO, Band
from gphoton_db.products.apertures.aperture import Aperture
from gphoton_db.products.bins import bin_lengths
from gphoton_db.products.lightcurves.rates import UNITS, BinRows, columns_of
from gphoton_db.times import as_time

if TYPE_CHECKING:
    import lightkurve
    import stingray
    from matplotlib.axes import Axes


class LightCurve(TimeSeries):  # type: ignore[misc]
    """Brightness of a position in time: one row for each visit, band and bin.

    A table like any of astropy's: ``time`` (UTC, middle of the bin) is a `Time`, other columns
    have units.  Rows are ordered by band and time.  ``meta`` says what was measured and of what.
    """

    _required_columns = None

    @classmethod
    def of_rows(cls, rows: BinRows, aperture: Aperture, meta: dict[str, Any]) -> "LightCurve":
        """Return the light curve of what was counted in bins."""
        columns = columns_of(rows, aperture, nonlinear=bool(meta.get("NONLINEAR")))
        curve = cls(
            [with_unit(name, values) for name, values in columns.items()],
            names=list(columns),
            time=as_time((rows.t0_ms + rows.t1_ms) // 2 * 1000),
            meta=meta,
        )
        return curve

    @property
    def bands(self) -> list[str]:
        """The bands that it has rows of."""
        return sorted({str(band) for band in self["band"]})

    def of_band(self, band: str | Band) -> "LightCurve":
        """Return the rows of one band."""
        chosen: LightCurve = self[np.asarray(self["band"] == str(Band.parse(band)))]
        return chosen

    def _repr_html_(self) -> str:
        from gphoton_db.products.lightcurves.plot import can_be_drawn
        from gphoton_db.products.notebook import picture_as_html

        table: str = super()._repr_html_()
        if not can_be_drawn(self):
            return table
        return picture_as_html("Light curve", self.write_png) + table

    def flag_names(self) -> list[list[str]]:
        """Return the names of the flags and warnings of each row."""
        from gphoton_db.products.lightcurves.bits import LightCurveFlag, LightCurveWarning
        from gphoton_db.products.lightcurves.flags import names_of

        return [
            names_of(int(flags), LightCurveFlag) + names_of(int(warnings), LightCurveWarning)
            for flags, warnings in zip(self["flags"], self["warnings"], strict=True)
        ]

    def bin(self, step: float | None) -> "LightCurve":
        """Return it with longer bins, from the same photons.

        Parameters
        ----------
        step : float, optional
            Seconds; a bin gets all those that start within `step` of the first one, so a multiple
            of the present length makes bins of equal length.  None: one bin a
            leg.  Those of different time ranges stay apart.

        Raises
        ------
        ProductError
            If that is shorter than the bins are.
        """
        from gphoton_db.products.lightcurves.rebin import rebinned

        annulus = self.meta.get("ANNULUS")
        aperture = Aperture(self.meta["RADIUS"], tuple(annulus) if annulus else None)
        rows = rebinned(self, aperture, step)
        return LightCurve.of_rows(rows, aperture, dict(self.meta) | {"STEP": step})

    def plot(self, ax: "Axes | None" = None, *, magnitudes: bool = False) -> "Axes":
        """Draw it, each band in its colour; bins with warnings are hollow."""
        from gphoton_db.products.lightcurves.plot import plot_light_curve

        return plot_light_curve(self, ax, magnitudes=magnitudes)

    def write_png(self, path: str | Path) -> Path:
        """Draw it to a PNG file.

        Raises
        ------
        ProductError
            If it cannot be written; nothing is left then.
        """
        from gphoton_db.products.lightcurves.plot import write_png

        return write_png(self, Path(path).expanduser())

    def write(self, path: str | Path, format: str | None = None) -> Path:
        """Write it to a file, which is replaced.

        Parameters
        ----------
        path : str or Path
            The file.
        format : str, optional
            ``ecsv``, ``csv``, ``fits``, ``parquet`` or ``votable``; by default from the ending.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        ProductError
            If there is no such format, or the file cannot be written.
        """
        from gphoton_db.products.tables import write_light_curve

        return write_light_curve(self, Path(path).expanduser(), format)

    def to_lightkurve(self) -> "lightkurve.LightCurve":
        """Return it as one of lightkurve's; one band only (`of_band`).

        Times are modified Julian dates in the scale TT, fluxes counts per second.

        Raises
        ------
        ProductError
            If lightkurve is not installed, or there are two bands.
        """
        try:
            import lightkurve
        except ImportError:
            raise _not_installed("lightkurve") from None
        self._check_one_band("lightkurve")
        return lightkurve.LightCurve(
            time=_julian(self["time"]),
            flux=self["cps"],
            flux_err=self["cps_err"],
            meta={"LABEL": f"GALEX {self.bands[0]}", **self.meta},
        )

    def to_stingray(self) -> "stingray.Lightcurve":
        """Return it as one of stingray's, weighted counts; one band only (`of_band`).

        Times are GALEX seconds, with the reference MJD 44244.  ``dt`` is the length of the bins:
        one number, or where they differ, that of each, with which stingray makes no spectra (and
        says so).  ``frac_exp`` is the part of each that was exposed: ``countrate / frac_exp`` are
        the rates ``cps``.

        Raises
        ------
        ProductError
            If stingray is not installed, or there are two bands.
        """
        try:
            import stingray
        except ImportError:
            raise _not_installed("stingray") from None
        self._check_one_band("stingray")
        t0, t1 = (self[name].to_value("s") for name in ("t0", "t1"))
        length = bin_lengths(t0, t1)
        return stingray.Lightcurve(
            (t0 + t1) / 2,
            self["flat_counts"].to_value("ct"),
            err=self["flat_counts_err"].to_value("ct"),
            err_dist="gauss",
            mjdref=MJD_OF_GALEX_ZERO,
            gti=np.array(self.meta["GTI"]) if self.meta.get("GTI") else None,
            dt=float(length[0]) if (length == length[:1]).all() and len(length) else length,
            frac_exp=self["exposure"].to_value("s") / length,
            skip_checks=True,
        )

    def _check_one_band(self, library: str) -> None:
        if len(self.bands) != 1:
            raise ProductError(
                f"{library} has light curves of one band: choose it, "
                "lightcurve.of_band('NUV') or .of_band('FUV')"
            )


def _julian(time: Any) -> Any:
    """Return times as numbers of days; UTC has days of 86,401 s, so in Terrestrial Time."""
    from astropy.time import Time

    # A new one: the column of a table drags its index along.
    days = Time(time.tt.jd1, time.tt.jd2, format="jd", scale="tt")
    days.format = "mjd"
    return days


def _not_installed(library: str) -> ProductError:
    return ProductError(not_installed(f"a light curve for {library}", library, library))


def with_unit(name: str, values: Any) -> Any:
    """Return a column with its unit."""
    from astropy.units import Quantity

    return Quantity(values, UNITS[name], copy=False) if name in UNITS else np.asarray(values)


def as_table(names: Sequence[str], columns: dict[str, Any], meta: dict[str, Any]) -> QTable:
    """Return columns of plain numbers as a table with units."""
    return QTable([with_unit(name, columns[name]) for name in names], names=names, meta=meta)
