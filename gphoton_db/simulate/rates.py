"""How many events arrive, second by second, and how many of them the electronics miss."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gphoton_db.mission import DEAD_TIME, Band, Epoch, epoch_of
from gphoton_db.simulate.attitude import Attitude
from gphoton_db.simulate.field import FIELD_ARCSEC, PIXEL_ARCSEC, Field, place_of
from gphoton_db.simulate.kernels.sky import rates_by_second
from gphoton_db.simulate.lights import Lights
from gphoton_db.simulate.scene import Hotspot, rate_in
from gphoton_db.simulate.timeline import Timeline

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ArrivalRates:
    """Events a second for every second of a visit, with no dead time; all (seconds,).

    Parameters
    ----------
    everything : float64
        All that arrives but the background and the stims.
    counted : float64
        What of it gets flag 0.
    background, background_counted : float64
        The same for a background of 1 photon a second.
    """

    everything: Floats
    counted: Floats
    background: Floats
    background_counted: Floats

    def live_fraction(self, background: float, band: Band) -> Floats:
        """Return the part of the events that the electronics record.

        A reduction takes the recorded rate g of events with flag 0 for the input of the mission's
        model: it expects stims at the rate ``slope * g + intercept``, and holds that the same
        fraction ``f = (slope * g + intercept) / intercept`` of everything was recorded.  With R
        events a second arriving, ``g = f R``, so ``f = 1 / (1 - slope / intercept * R)``.
        """
        model = DEAD_TIME[band]
        arriving = self.counted + background * self.background_counted
        return np.asarray(1 / (1 - model.slope / model.intercept * arriving))


def arrival_rates(
    timeline: Timeline,
    lights: Lights,
    hotspots: tuple[Hotspot, ...],
    field: Field,
    *,
    band: Band,
    eclipse: int,
) -> ArrivalRates:
    """Return what a scene sends to the detector; galaxies count as points at their centres."""
    middle_ms = timeline.whole.start_ms + 1000 * np.arange(timeline.n_seconds) + 500
    scale = field.scale(middle_ms)
    everything, counted = (
        _from_sky(timeline, lights, weight, rate) * scale
        for weight, rate in (
            (field.flat, lights.rate),
            (field.flat_counted, _counted_rate(lights, eclipse)),
        )
    )
    for spot in hotspots:
        rate = rate_in(spot.rate, band)
        everything += rate
        counted += rate * field.counts_at(*place_of(spot))
    of_flat, of_counted = field.means
    return ArrivalRates(everything, counted, of_flat * scale, of_counted * scale)


def _counted_rate(lights: Lights, eclipse: int) -> Floats:
    """Return the rates, without ghosts where a reduction takes their flag 0 away."""
    ghosts_count = epoch_of(eclipse) is Epoch.PRE_CSP
    return np.where(lights.ghostly & (not ghosts_count), 0.0, lights.rate)


def _from_sky(timeline: Timeline, lights: Lights, weight: Floats, rate: Floats) -> Floats:
    """Return the weighted photons a second of all lights, for every second of the visit."""
    found = np.zeros(timeline.n_seconds)
    directions = np.ascontiguousarray(lights.frames[:, 2])
    for leg in timeline.legs:
        attitude = Attitude.of(leg)
        first = int(timeline.second(leg.aspect.time_ms[:1])[0])
        seconds = first + np.arange(len(attitude.axes))
        found[seconds] = rates_by_second(
            directions,
            rate,
            lights.factors(seconds.astype(np.float64) + 0.5),
            lights.curve,
            attitude.axes,
            attitude.drift,
            weight,
            PIXEL_ARCSEC,
            FIELD_ARCSEC,
        )
    return found
