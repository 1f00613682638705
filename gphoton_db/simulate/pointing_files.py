"""Writers of pointing in its three local forms."""

import gzip
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from gphoton_db.aspect.pointing import Leg
from gphoton_db.mission import Band
from gphoton_db.paths import scst_name
from gphoton_db.simulate.attitude import slew
from gphoton_db.simulate.fits_tables import fits_table
from gphoton_db.system.durable import written_beside
from gphoton_db.times import utc

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

STANDBY_S = 30
"""Seconds of spacecraft state before the first leg and after the last."""

COARSE_ERROR_DEG = 0.0002
"""How far the coarse attitude is off the refined one, in ra and dec."""


@dataclass(frozen=True)
class Programme:
    """What an eclipse was planned for, and when the FUV detector was on.

    Parameters
    ----------
    plan_type, plan_subtype : str
        Survey, and kind of plan.
    visit, plan_id : int
        Number of the visit to the target, and of the target.
    fuv_late_s : int, optional
        Seconds after the start at which FUV comes on; None: it stays off.
    """

    plan_type: str = "MIS"
    plan_subtype: str = "mis"
    visit: int = 1
    plan_id: int = 1
    fuv_late_s: int | None = 0


def write_asprta(directory: Path, legs: Sequence[Leg], *, eclipse: int) -> list[Path]:
    """Write the refined aspect of each leg."""
    return [
        write_whole(directory / name, content)
        for name, content in asprta_files(legs, eclipse).items()
    ]


def asprta_files(legs: Sequence[Leg], eclipse: int) -> dict[str, bytes]:
    """Return name and content of the refined aspect of each leg."""
    files = {}
    for leg in legs:
        b, a = leg.boresight, leg.aspect
        header = {"ECLIPSE": eclipse, "LEG": leg.number, "RA_CENT": b.ra0, "DEC_CENT": b.dec0}
        columns = {
            "t": ("D", a.time_ms / 1000),
            "ra": ("D", a.ra),
            "dec": ("D", a.dec),
            "roll": ("D", a.roll),
            "status_flag": ("J", a.flags),
        }
        name = f"e{eclipse:05d}-b{leg.number:02d}-asprta.fits.gz"
        files[name] = _gzipped(fits_table({**header, "ROLL": b.roll0}, columns))
    return files


def write_scst(
    directory: Path,
    legs: Sequence[Leg],
    *,
    missing_ms: Integers,
    eclipse: int,
    fuv_temperature: float | None,
) -> Path:
    """Write the spacecraft's state for every second, slews included, but for those missing.

    `legs` have a row for every second.
    """
    content = scst_file(
        legs, missing_ms=missing_ms, eclipse=eclipse, fuv_temperature=fuv_temperature
    )
    return write_whole(directory / scst_name(eclipse), content)


def scst_file(
    legs: Sequence[Leg],
    *,
    missing_ms: Integers,
    eclipse: int,
    fuv_temperature: float | None,
    programme: Programme | None = None,
) -> bytes:
    """Return the content of the file of `write_scst`."""
    programme = programme or Programme()
    time, ra, dec, roll = _coarse_attitude(legs)
    there = ~np.isin(time, missing_ms)
    time, ra, dec, roll = time[there], ra[there], dec[there], roll[there]
    start_ms, stop_ms = legs[0].aspect.time_ms[0], legs[-1].aspect.time_ms[-1]
    on = {Band.NUV: (time >= start_ms) & (time <= stop_ms), Band.FUV: np.zeros(len(time), bool)}
    if programme.fuv_late_s is not None:
        on[Band.FUV] = on[Band.NUV] & (time >= start_ms + 1000 * programme.fuv_late_s)
    columns = {
        "pktime": ("D", time / 1000),
        "ptag": ("J", np.arange(len(time))),
        "eclipse": ("J", np.full(len(time), eclipse)),
        "hvnom_nuv": ("B", on[Band.NUV]),
        "hvnom_fuv": ("B", on[Band.FUV]),
        "flags": ("J", np.zeros(len(time), np.int64)),
        "ra_acs": ("D", ra),
        "dec_acs": ("D", dec),
        "roll_acs": ("D", roll),
    }
    seconds = {band: float(each.sum()) for band, each in on.items()}
    header = _state_header(legs, eclipse, fuv_temperature, time, seconds, programme)
    return _gzipped(fits_table(header, columns))


def write_consolidated(
    directory: Path, legs: Sequence[Leg], *, eclipse: int, fuv_temperature: float | None
) -> Path:
    """Write the `aspect`, `boresight` and `metadata` tables of users of the predecessor."""
    aspects, n_legs = [leg.aspect for leg in legs], len(legs)
    time = np.concatenate([a.time_ms for a in aspects]) / 1000
    aspect = {"eclipse": np.full(len(time), eclipse), "time": time}
    for name in ("ra", "dec", "roll", "flags"):
        aspect[name] = np.concatenate([getattr(a, name) for a in aspects])
    duration = float(time[-1] - time[0]) + 1
    metadata = {
        "eclipse": [eclipse],
        "plan_type": ["MIS"],
        "plan_subtype": ["mis"],
        "visit": [1],
        "plan_id": [1],
        "planned_legs": [n_legs],
        "observed_legs": [n_legs],
        "has_aspect": [True],
        "eclipse_start": [float(time[0]) - 1],
        "eclipse_duration": [duration],
        "nuv_det_on_time": [duration],
        "fuv_det_on_time": [duration],
        "nuv_tdc_temp": [30.0],
        "fuv_tdc_temp": pa.array([fuv_temperature], pa.float64()),
        "nuv_has_raw6": [True],
        "fuv_has_raw6": [True],
    }
    write_whole(directory / "aspect.parquet", _parquet(aspect))
    write_whole(directory / "boresight.parquet", _parquet(_boresights(legs, eclipse)))
    write_whole(directory / "metadata.parquet", _parquet(metadata))
    return directory


def _boresights(legs: Sequence[Leg], eclipse: int) -> dict[str, list[int] | list[float]]:
    """Return the columns of the `boresight` table; its legs count from 1."""
    ra0, dec0 = [leg.boresight.ra0 for leg in legs], [leg.boresight.dec0 for leg in legs]
    spans = [leg.aspect.time_ms[[0, -1]] / 1000 for leg in legs]
    return {
        "eclipse": [eclipse] * len(legs),
        "leg": [leg.number + 1 for leg in legs],
        # Half a second early, as the tables have it: the start is a bound, not a row.
        "time": [float(first) - 0.5 for first, _ in spans],
        "duration": [float(last - first) + 1 for first, last in spans],
        "ra0": ra0,
        "dec0": dec0,
        "roll0": [leg.boresight.roll0 for leg in legs],
        "planned_ra": ra0,
        "planned_dec": dec0,
    }


def _coarse_attitude(legs: Sequence[Leg]) -> tuple[Integers, Floats, Floats, Floats]:
    """Return time (ms), ra, dec, roll of every second from stand-by to stand-by."""
    first, last = legs[0].aspect, legs[-1].aspect
    parts = [_held(first.ra[0], first.dec[0], first.roll[0])]
    for k, leg in enumerate(legs):
        if k:
            parts.append(slew(legs[k - 1].aspect, leg.aspect))
        parts.append((leg.aspect.ra, leg.aspect.dec, leg.aspect.roll))
    parts.append(_held(last.ra[-1], last.dec[-1], last.roll[-1]))
    ra, dec, roll = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    time = first.time_ms[0] + 1000 * (np.arange(len(ra)) - STANDBY_S)
    return time, (ra + COARSE_ERROR_DEG) % 360, dec + COARSE_ERROR_DEG, roll


def _held(ra: float, dec: float, roll: float) -> tuple[Floats, Floats, Floats]:
    """Return one attitude for as long as stand-by lasts."""
    return np.full(STANDBY_S, ra), np.full(STANDBY_S, dec), np.full(STANDBY_S, roll)


def _state_header(
    legs: Sequence[Leg],
    eclipse: int,
    fuv_temperature: float | None,
    time_ms: Integers,
    seconds_at_voltage: Mapping[Band, float],
    programme: Programme,
) -> dict[str, int | float | str]:
    boresight = legs[0].boresight
    header: dict[str, int | float | str] = {
        "ECLIPSE": eclipse,
        "VISIT": programme.visit,
        "PLANID": programme.plan_id,
        "MPSTYPE": programme.plan_type,
        "MPSPLAN": programme.plan_subtype,
        "MPSNPOS": 0 if len(legs) == 1 else len(legs),
        "TRANGE0": _stamp(time_ms[0]),
        "TRANGE1": _stamp(time_ms[-1]),
        "NHVNOMN": seconds_at_voltage[Band.NUV],
        "NHVNOMF": seconds_at_voltage[Band.FUV],
        "NDTDET": 25.0,
        "NDTTDC": 30.0,
        "RA_CENT": boresight.ra0,
        "DEC_CENT": boresight.dec0,
        "ROLL": boresight.roll0,
    }
    if fuv_temperature is not None:
        header |= {"FDTDET": 24.0, "FDTTDC": fuv_temperature}
    for k, leg in enumerate(legs, start=1):
        header |= {f"RA_{k}": leg.boresight.ra0, f"DEC_{k}": leg.boresight.dec0}
    return header


def _stamp(time_ms: int) -> str:
    return utc(int(time_ms)).strftime("%y%m%dT%H%M%SZ")


def _gzipped(content: bytes) -> bytes:
    """Compress without a time stamp."""
    return gzip.compress(content, compresslevel=1, mtime=0)


def write_whole(path: Path, content: bytes) -> Path:
    """Write a file under a temporary name and move it into its place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_beside(path) as temporary:
        temporary.write_bytes(content)
    return path


def _parquet(columns: Mapping[str, Any]) -> bytes:
    content = io.BytesIO()
    pq.write_table(pa.table(dict(columns)), content)
    return content.getvalue()
