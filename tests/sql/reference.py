"""What the macros should give, worked out with numpy from the Parquet files alone."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from tests.oracle.exposure import exposure

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Rows = list[dict[str, Any]]

ZERO_POINT = {"NUV": 20.08, "FUV": 18.82}
FLUX = {"NUV": 2.06e-16, "FUV": 1.4e-15}


@dataclass(frozen=True, eq=False)
class LegPhotons:
    """All photons of a leg, and its exposed span (GALEX ms) by its first and last good photon."""

    eclipse: int
    band: str
    leg: int
    columns: dict[str, NDArray[Any]]

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[name]

    @property
    def detrad(self) -> Floats:
        column, row = self["col"].astype(float), self["row"].astype(float)
        return np.asarray(np.hypot(column - 400, row - 400))

    @property
    def on_detector(self) -> Bools:
        return np.asarray((self["flags"] == 0) & (self.detrad < 400))

    @property
    def span_ms(self) -> tuple[int, int]:
        times = self["t_ms"][self.on_detector]
        return int(times.min()), int(times.max())

    def exposure(self, start_ms: int, stop_ms: int) -> float:
        return exposure(self["t_ms"], self["flags"], start_ms, stop_ms, band=self.band)

    def separation(self, ra: float, dec: float) -> Floats:
        """Return the distance of each photon from a position, arcsec; NaN without a position."""
        return separation(self["ra"], self["dec"], ra, dec)


def separation(ra: Any, dec: Any, ra0: Any, dec0: Any) -> Floats:
    """Return angles, arcsec: the angle whose tangent is |a x b| / a.b, in long double."""
    a, b = _vector(ra, dec), _vector(ra0, dec0)
    cross = np.linalg.norm(np.cross(a, b).astype(float), axis=-1)
    return np.asarray(np.degrees(np.arctan2(cross, (a * b).sum(-1).astype(float))) * 3600)


def _vector(ra: Any, dec: Any) -> NDArray[np.longdouble]:
    a, d = (np.asarray(x, dtype=np.longdouble) * np.pi / 180 for x in (ra, dec))
    return np.stack(
        np.broadcast_arrays(np.cos(d) * np.cos(a), np.cos(d) * np.sin(a), np.sin(d)), -1
    )


def read_legs(root: Path) -> list[LegPhotons]:
    """Read every leg of an archive, found by the names of its folders."""
    legs = []
    for folder in sorted((root / "photons").glob("band=*/eclipse=*/leg=*")):
        band, eclipse, leg = (part.partition("=")[2] for part in folder.parts[-3:])
        files = [pq.read_table(path, partitioning=None) for path in sorted(folder.iterdir())]
        table = pa.concat_tables(files)
        columns = {name: table[name].to_numpy() for name in table.column_names}
        for name in ("mask", "response"):
            columns[name] = np.where(table[name].is_null(), np.nan, columns[name]).astype(float)
        legs.append(LegPhotons(int(eclipse), band, int(leg), columns))
    return legs


def lightcurve(
    leg: LegPhotons,
    ra: float,
    dec: float,
    *,
    radius: float,
    step_ms: int,
    inner: float = 0.0,
    outer: float = 0.0,
) -> Rows:
    """Return the rows of one leg, by the formulas of the products page."""
    distance = leg.separation(ra, dec)
    good = leg.on_detector & (leg["response"] > 0)
    ratio = radius**2 / (outer**2 - inner**2) if outer else 0.0
    start, last = leg.span_ms
    rows = []
    for t0 in range(start, last + 1, step_ms):
        now = good & (leg["t_ms"] >= t0) & (leg["t_ms"] < t0 + step_ms)
        inside, around = now & (distance <= radius), now & (distance > inner) & (distance <= outer)
        some, seconds = bool(inside.any()), leg.exposure(t0, t0 + step_ms)
        row = {
            "t0": t0 / 1000,
            "t1": (t0 + step_ms) / 1000,
            "exposure": seconds,
            "counts": int(inside.sum()),
            "bg_counts": int(around.sum()),
            "detrad": leg.detrad[inside].mean() if some else np.nan,
            "t_mean": (leg["t_ms"][inside].mean() if some else t0 + step_ms / 2) / 1000,
        }
        row |= _rates(leg, inside, around, ratio, seconds)
        rows.append(row | {"flags": _flags(leg, inside, around, seconds, step_ms, row["cps"])})
    return rows


def _rates(
    leg: LegPhotons, inside: Bools, around: Bools, ratio: float, seconds: float
) -> dict[str, float]:
    weight, around_weight = 1 / leg["response"][inside], 1 / leg["response"][around]
    variance, around_variance = (weight**2).sum(), (around_weight**2).sum()
    per_second = 1 / seconds if seconds else np.nan
    cps, bg = weight.sum() * per_second, around_weight.sum() * ratio
    return {
        "flat_counts": weight.sum(),
        "bg": bg,
        "cps": cps,
        "cps_err": np.sqrt(variance) * per_second,
        "cps_bgsub": (weight.sum() - bg) * per_second,
        "cps_bgsub_err": np.sqrt(variance + around_variance * ratio**2) * per_second,
        "mag": ZERO_POINT[leg.band] - 2.5 * np.log10(cps) if cps > 0 else np.nan,
        "flux": cps * FLUX[leg.band],
    }


def _flags(
    leg: LegPhotons, inside: Bools, around: Bools, seconds: float, step_ms: int, cps: float
) -> int:
    nonlinear = {"NUV": 311, "FUV": 109}[leg.band]
    bits = (
        (leg["mask"][inside] == 1).any(),
        (leg.detrad[inside] > 350).any(),
        seconds < step_ms / 2000,
        (leg["response"][inside] < 0.7).any(),
        cps > nonlinear,
        (leg.detrad[inside] > 300).any(),
        (leg["mask"][around] == 1).any(),
        (leg.detrad[around] > 350).any(),
    )
    return sum(int(bool(bit)) << k for k, bit in enumerate(bits))


def rows_of(connection: Any, sql: str, parameters: Any = None) -> Rows:
    """Return the rows of a query as dictionaries."""
    table = connection.execute(sql, parameters).to_arrow_table()
    listed: Rows = table.to_pylist()
    return listed
