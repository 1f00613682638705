"""The telemetry of another simulator, e23500 of the shared data, comes back to its own truth.

Its positions are compared in tests/ingest/test_reference.py.
"""

import csv
from pathlib import Path

import numpy as np

from gphoton_db.archive import Archive
from tests.closed_loop.photometry import Floats, Photons, brightnesses, distance

APART_ARCSEC = 60.0
"""From any other source: more than an annulus and a point spread."""
FIELD_ARCSEC = 2000.0
"""From the boresight: on the detector for the whole leg."""
LEAST_COUNTS = 15.0


def nearest(ra: Floats, dec: Floats) -> Floats:
    """Return how far from each source the next one is, arcsec."""
    apart = distance(ra[:, None], dec[:, None], ra, dec)
    np.fill_diagonal(apart, np.inf)
    return np.asarray(apart.min(axis=0))


def test_rates_come_back(shared_galex: Path, reference_calibration: Path, tmp_path: Path) -> None:
    folder = shared_galex / "e23500"
    with Archive(tmp_path / "archive") as archive:
        archive.ingest(
            23500,
            "NUV",
            raw6=folder / "e23500-nd-raw6.fits.gz",
            pointing=folder,
            calibration=reference_calibration,
        )
        photons, (leg,) = Photons.of(archive), archive.legs()
    with (folder / "e23500-nd-truth.csv").open() as file:
        rows = list(csv.DictReader(file))
    ra, dec, rate = (np.array([float(row[name]) for row in rows]) for name in ("ra", "dec", "rate"))
    # Its rates are of detected photons: that simulator has no dead time.
    expected = rate * leg.raw_exposure
    chosen = (
        (expected > LEAST_COUNTS)
        & (distance(ra, dec, leg.ra0, leg.dec0) < FIELD_ARCSEC)
        & (nearest(ra, dec) > APART_ARCSEC)
        & np.array([row["flare"] == "False" for row in rows])
    )
    measured = brightnesses(photons, ra[chosen], dec[chosen])
    excess = measured.counts - expected[chosen]
    variance = measured.variance(expected[chosen])
    assert chosen.sum() > 120
    # The chi-square of n sources is known to sqrt(2 / n), the sum to its standard deviation.
    assert abs(np.mean(excess**2 / variance) - 1) < 3 * np.sqrt(2 / chosen.sum())
    assert abs(excess.sum()) < 3 * np.sqrt(variance.sum())
