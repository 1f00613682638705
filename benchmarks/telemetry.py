"""A large made-up visit for benchmarks: real layout, realistic rates, any number of events."""

import gzip
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from gphoton_db.mission import Band  # noqa: E402
from gphoton_db.simulate.plan import LegPlan  # noqa: E402
from gphoton_db.simulate.scene import Origin, Scene, Source  # noqa: E402
from gphoton_db.simulate.synthetic_calibration import write_synthetic_calibration  # noqa: E402
from gphoton_db.simulate.visit import Visit, simulate_visit  # noqa: E402

ECLIPSE = 23500
DURATION_S = 1680
SEED_RATE = 250.0
"""Sky events a second of the visit that is made properly, and then multiplied."""


@dataclass(frozen=True)
class LargeVisit:
    """A visit on disk; `n_events` rows of telemetry."""

    raw6: Path
    pointing: Path
    calibration: Path
    n_events: int


def make_large_visit(directory: Path, n_events: int) -> LargeVisit:
    """Make a NUV visit of one leg with about `n_events` events below `directory`.

    A small visit is simulated; then each of its sky events is repeated at the same time with
    other fine positions (+-18 arcsec) and pulse heights, so that table look-ups, sorting and
    compression meet what real telemetry would give them.  Stims are not repeated.
    """
    calibration = directory / "calibration"
    write_synthetic_calibration(calibration)
    visit = _small_visit(directory, calibration)
    header, rows = _read_plain(visit.raw6)
    sky = visit.truth.origin != Origin.STIM
    copies = max(round((n_events - int((~sky).sum())) / int(sky.sum())), 1)
    rows = np.repeat(rows, np.where(sky, copies, 1), axis=0)
    _jitter(rows, np.repeat(sky, np.where(sky, copies, 1)), np.random.default_rng(2))
    _write_gzip(visit.raw6, header, rows)
    return LargeVisit(visit.raw6, visit.pointing, calibration, len(rows))


def _small_visit(directory: Path, calibration: Path) -> Visit:
    rng = np.random.default_rng(1)
    offset = rng.uniform(-0.45, 0.45, (200, 2))
    sources = tuple(
        Source(323.5 + float(x), -2.0 + float(y), float(rate))
        for (x, y), rate in zip(offset, rng.uniform(0.05, 0.5, 200), strict=True)
    )
    return simulate_visit(
        directory,
        calibration=calibration,
        band=Band.NUV,
        eclipse=ECLIPSE,
        legs=(LegPlan(323.5, -2.0, duration=DURATION_S),),
        scene=Scene(sources=sources, background=SEED_RATE),
    )


def _read_plain(path: Path) -> tuple[bytes, NDArray[np.uint8]]:
    """Return everything before the table, and the table as (n, 14) bytes."""
    with gzip.open(path) as file:
        content = file.read()
    width = 14
    header_end = content.index(b"END" + b" " * 77, 2880) // 2880 * 2880 + 2880
    n = int(content[content.index(b"NAXIS2  =") + 10 :][:20])
    rows = np.frombuffer(content, np.uint8, n * width, header_end).reshape(n, width)
    return content[:header_end], rows


def _jitter(rows: NDArray[np.uint8], which: NDArray[np.bool_], rng: np.random.Generator) -> None:
    """Change fine positions and pulse heights of the packed rows `which`, in place."""
    n = int(which.sum())
    b = rows[which, 8:13].astype(np.int16)
    for high, low, keep_high, keep_low, shift in ((0, 1, 224, 1, 1), (2, 3, 192, 3, 2)):
        low_bits = 8 - shift
        fine = ((b[:, high] & (255 - keep_high)) << low_bits) | (b[:, low] >> shift)
        fine = np.where(fine > 2047, fine - 4096, fine)
        fine = np.clip(fine + rng.integers(-30, 31, n, np.int16), -2048, 2047) & 4095
        b[:, high] = (b[:, high] & keep_high) | (fine >> low_bits)
        b[:, low] = (b[:, low] & keep_low) | ((fine << shift) & 255)
    q = np.clip(rng.normal(14, 5, n), 0, 31).astype(np.int16)
    b[:, 3] = (b[:, 3] & 252) | (q >> 3)
    b[:, 4] = (b[:, 4] & 31) | ((q & 7) << 5)
    rows[which, 8:13] = b


def _write_gzip(path: Path, header: bytes, rows: NDArray[np.uint8]) -> None:
    at = header.rindex(b"NAXIS2  =") + 10
    header = header[:at] + f"{len(rows):>20d}".encode() + header[at + 20 :]
    padding = bytes(-rows.nbytes % 2880)
    with gzip.open(path, "wb", compresslevel=6) as file:
        file.write(header)
        file.write(rows.reshape(-1).data)
        file.write(padding)
