"""The bins of one band of one visit, as the search for flares needs them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gphoton_db.errors import ProductError
from gphoton_db.mission import Band
from gphoton_db.products.apertures.aperture import Aperture
from gphoton_db.products.apertures.position_columns import column_names

Floats = NDArray[np.float64]

NEEDED = ("band", "t0", "t1", "cps", "cps_err", "counts")

LEAST_PART, PUBLISHED_PART = 1 / 2, 2 / 3
"""Bins with less exposure than this part of their length say nothing: those with the flag 4; for
the flares of GJ 65 it was 20 of 30 s."""


@dataclass(frozen=True, eq=False)
class Series:
    """Bins of one band of one leg, in order of time.

    Parameters
    ----------
    eclipse, leg : int
        Of which visit; -1: not known.
    band : Band
        NUV or FUV.
    t0, t1 : (n,) float64
        Edges of the bins, GALEX s.
    exposure : (n,) float64
        Seconds, corrected for dead time; NaN counts as none.
    counts : (n,) float64
        Photons in the aperture.
    rate, rate_err : (n,) float64
        Photons a second, as they were measured: without aperture correction.
    flags, warnings : (n,) int64
        Bits of the light curve.
    correction : float
        What the aperture misses of a point source, mag; NaN: not known.
    """

    eclipse: int
    leg: int
    band: Band
    t0: Floats
    t1: Floats
    exposure: Floats
    counts: Floats
    rate: Floats
    rate_err: Floats
    flags: NDArray[np.int64]
    warnings: NDArray[np.int64]
    correction: float

    def __len__(self) -> int:
        return len(self.t0)

    @property
    def factor(self) -> float:
        """What rates are multiplied with to be of the whole star; 1 where it is not known."""
        return 1.0 if np.isnan(self.correction) else float(10 ** (0.4 * self.correction))

    @property
    def length(self) -> Floats:
        """Lengths of the bins, s."""
        return self.t1 - self.t0

    def exposed(self, part: float = LEAST_PART) -> NDArray[np.bool_]:
        """Return which bins have a rate, and are exposed for a part of their length at least."""
        known = np.isfinite(self.rate) & np.isfinite(self.rate_err)
        return np.asarray(known & (np.nan_to_num(self.exposure) >= part * self.length))

    def take(self, which: NDArray[Any]) -> "Series":
        """Return some of the bins."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        chosen = {n: v[which] if isinstance(v, np.ndarray) else v for n, v in values.items()}
        return Series(**chosen)

    def joined(self, others: "Sequence[Series]") -> "Series":
        """Return the bins of this and of others, of the same band; eclipse and leg are its own."""
        values = {}
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, np.ndarray):
                value = np.concatenate([value, *(getattr(other, each.name) for other in others)])
            values[each.name] = value
        return Series(**values)


def series_of(table: Any, radius: float | None) -> Iterator[Series]:
    """Yield the series of each leg and band of a light curve.

    Parameters
    ----------
    table : LightCurve, Table, DataFrame or mapping of arrays
        With the columns of a light curve; ``eclipse``, ``leg``, ``flags`` and ``warnings`` may be
        missing.
    radius : float, optional
        Of the aperture, arcsec; None: not known, and nothing is corrected for it.

    Raises
    ------
    ProductError
        If a column is missing.
    """
    columns = _columns(table)
    band = np.array([str(each).strip() for each in columns["band"]], str)
    keys = np.stack([columns["eclipse"], columns["leg"]], axis=1).astype(np.int64)
    for eclipse, leg in np.unique(keys, axis=0).tolist():
        of_leg = (keys == (eclipse, leg)).all(axis=1)
        for each in Band:
            found = np.flatnonzero(of_leg & (band == str(each)))
            if len(found):
                yield _series(columns, found, (eclipse, leg), each, radius)


def _columns(table: Any) -> dict[str, NDArray[Any]]:
    names = list(table) if isinstance(table, Mapping) else column_names(table)
    missing = [name for name in NEEDED if name not in names]
    if missing or not {"exposure", "exptime"} & set(names):
        wanted = ", ".join([*missing, *([] if missing else ["exposure"])])
        raise ProductError(f"the light curve has no column {wanted}: give one of `lightcurve`")
    found = {name: _plain(table[name]) for name in names if name in _USED}
    found.setdefault("exposure", found.get("exptime", np.empty(0)))
    n = len(found["t0"])
    for name, value in (("eclipse", -1), ("leg", -1), ("flags", 0), ("warnings", 0)):
        found.setdefault(name, np.full(n, value))
    return found


_USED = {
    *NEEDED,
    *("exposure", "exptime", "eclipse", "leg", "flags", "warnings"),
    *("cps_bgsub", "cps_bgsub_err"),
}


def _plain(column: Any) -> NDArray[Any]:
    values = getattr(column, "value", column)
    if isinstance(values, np.ma.MaskedArray):
        values = values.filled(np.nan) if values.dtype.kind == "f" else values.filled()
    return np.asarray(values)


def _series(
    columns: Mapping[str, NDArray[Any]],
    rows: NDArray[np.int64],
    key: tuple[int, int],
    band: Band,
    radius: float | None,
) -> Series:
    rows = rows[np.argsort(columns["t0"][rows], kind="stable")]

    def floats(name: str) -> Floats:
        return np.asarray(columns[name][rows], np.float64)

    def whole(name: str) -> NDArray[np.int64]:
        return np.asarray(columns[name][rows], np.int64)

    kind = ""
    if "cps_bgsub" in columns and np.isfinite(floats("cps_bgsub")).any():
        kind = "_bgsub"
    return Series(
        eclipse=key[0],
        leg=key[1],
        band=band,
        t0=floats("t0"),
        t1=floats("t1"),
        exposure=floats("exposure"),
        counts=floats("counts"),
        rate=floats(f"cps{kind}"),
        rate_err=floats(f"cps{kind}_err"),
        flags=whole("flags"),
        warnings=whole("warnings"),
        correction=float("nan") if radius is None else Aperture(radius).correction(band),
    )
