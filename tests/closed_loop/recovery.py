"""How well an archive gives back what its telemetry was made from.

Everything measured comes out of the archive by SQL; everything expected is the scene's.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gphoton_db.archive import Archive
from gphoton_db.simulate.light_curves import Flare
from gphoton_db.simulate.visit import Visit
from tests.closed_loop.photometry import APERTURE_ARCSEC, Photons, brightnesses, distance

Floats = NDArray[np.float64]

OFFSET_LIMIT_ARCSEC = 0.01
"""Of the median position, on each axis."""
CHI_SQUARE_LIMITS = (0.9, 1.1)
"""Of the rates of 1,000 stars, per degree of freedom."""
PULL_LIMIT = 3.0
"""Of a single number, in standard deviations."""
FLARE_BIN_S = 1.0
MATCH_ARCSEC = 5.0
"""A photon belongs to an event of the same millisecond that is nearer than this."""


@dataclass(frozen=True)
class Recovery:
    """What came back of a visit.

    Parameters
    ----------
    n_matched, n_unmatched : int
        Unflagged photons of the archive that have, or lack, an event of the truth.
    east, north : float
        Median offset of the photons from the truth, arcsec.
    n_stars : int
        Steady stars that were measured.
    chi_square : float
        Of their rates, per degree of freedom, after response and dead-time correction.
    brightness_pull : float
        All their light together: measured minus true, in standard deviations.
    flare_delay : float
        Brightest bin of the flare minus the true one, s.
    fluence_pull : float
        Photons of the flare: measured minus true, in standard deviations.
    """

    n_matched: int
    n_unmatched: int
    east: float
    north: float
    n_stars: int
    chi_square: float
    brightness_pull: float
    flare_delay: float
    fluence_pull: float

    def shortcomings(self) -> tuple[str, ...]:
        """Return the names of the numbers that are worse than the issue allows."""
        low, high = CHI_SQUARE_LIMITS
        holds = {
            "n_unmatched": self.n_unmatched <= 1e-4 * self.n_matched,
            "east": abs(self.east) < OFFSET_LIMIT_ARCSEC,
            "north": abs(self.north) < OFFSET_LIMIT_ARCSEC,
            "chi_square": low <= self.chi_square <= high,
            "brightness_pull": abs(self.brightness_pull) < PULL_LIMIT,
            "flare_delay": abs(self.flare_delay) <= FLARE_BIN_S,
            "fluence_pull": abs(self.fluence_pull) < PULL_LIMIT,
        }
        return tuple(name for name, held in holds.items() if not held)


def recover(archive_path: Path, visit: Visit) -> Recovery:
    """Compare an archive with the truth of the one visit in it."""
    with Archive(archive_path) as archive:
        legs = archive.legs()
        photons = Photons.of(archive)
    n_unmatched, east, north = _offsets(photons, visit)
    ra, dec = np.array([(star.ra, star.dec) for star in visit.scene.sources[1:]]).T
    measured = brightnesses(photons, ra, dec)
    expected = _expected(visit, np.array([leg.exposure for leg in legs]))
    excess, variance = measured.counts - expected, measured.variance(expected)
    delay, fluence_pull = _flare(photons, visit, legs[0].exposure / legs[0].raw_exposure)
    return Recovery(
        n_matched=len(east),
        n_unmatched=n_unmatched,
        east=float(np.median(east)),
        north=float(np.median(north)),
        n_stars=len(excess),
        chi_square=float(np.mean(excess**2 / variance)),
        brightness_pull=float(excess.sum() / np.sqrt(variance.sum())),
        flare_delay=delay,
        fluence_pull=fluence_pull,
    )


def _offsets(photons: Photons, visit: Visit) -> tuple[int, Floats, Floats]:
    """Return how many photons have no event, and how far east and north the others are, arcsec.

    The archive doesn't number photons, but an event's time and place are as good as a number.
    """
    truth = visit.truth
    on_sky = np.flatnonzero(np.isfinite(truth.ra))
    # Both sorted by time: each photon's candidates are a stretch of events.
    first = np.searchsorted(truth.time_ms[on_sky], photons.t_ms, side="left")
    end = np.searchsorted(truth.time_ms[on_sky], photons.t_ms, side="right")
    best, event = np.full(len(first), np.inf), np.zeros(len(first), np.int64)
    for step in range(int((end - first).max())):
        rows = np.flatnonzero(first + step < end)
        candidate = on_sky[first[rows] + step]
        place = truth.ra[candidate], truth.dec[candidate]
        apart = distance(photons.ra[rows], photons.dec[rows], *place)
        closer = apart < best[rows]
        best[rows[closer]], event[rows[closer]] = apart[closer], candidate[closer]
    found = best < MATCH_ARCSEC
    event = event[found]
    stretch = np.cos(np.radians(truth.dec[event]))
    east = ((photons.ra[found] - truth.ra[event] + 180) % 360 - 180) * stretch
    return int((~found).sum()), east * 3600, (photons.dec[found] - truth.dec[event]) * 3600


def _expected(visit: Visit, exposures: Floats) -> Floats:
    """Return how many photons to expect of every star but the flare star."""
    rates = np.array([star.rate_in(visit.band) for star in visit.scene.sources[1:]])
    return rates * np.repeat(exposures, len(rates) // len(exposures))


def _flare(photons: Photons, visit: Visit, live_fraction: float) -> tuple[float, float]:
    """Return the delay of the flare's peak, s, and the pull of its fluence."""
    star = visit.scene.sources[0]
    flare, rate = star.light_curve, star.rate_in(visit.band)
    assert isinstance(flare, Flare)
    rows, apart = photons.around(star.ra, star.dec)
    inside = apart < APERTURE_ARCSEC
    seconds = (photons.t_ms[rows][inside] - visit.legs[0].aspect.time_ms[0]) / 1000
    weight = photons.weight[rows][inside] / live_fraction

    bins = np.arange(-5, int(flare.rise + 3 * flare.decay) + 1, dtype=np.float64)
    edges = flare.start + FLARE_BIN_S * bins
    true = _photons_between(flare, rate, edges)
    measured, _ = np.histogram(seconds, edges, weights=weight)
    variance, _ = np.histogram(seconds, edges, weights=weight**2)
    delay = edges[measured.argmax()] - edges[true.argmax()]
    excess = measured.sum() - true.sum()
    return float(delay), float(excess / np.sqrt(variance.sum()))


def _photons_between(flare: Flare, rate: float, edges: Floats) -> Floats:
    """Return the photons that a flare star gives between each two times (s into the visit)."""
    steps = 200
    fine = edges[:-1, None] + np.diff(edges)[:, None] * (np.arange(steps) + 0.5) / steps
    return np.asarray(rate * flare.factor(fine).mean(axis=1) * np.diff(edges))
