"""One visit of one detector: the scene, the pointing and the state of the detector together."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gphoton_db.mission import DEAD_TIME, POST_CSP_SEPARATION, Band, epoch_of
from gphoton_db.simulate.attitude import Attitude, fly
from gphoton_db.simulate.field import Field, read_field
from gphoton_db.simulate.kernels.inverse import ChainTables
from gphoton_db.simulate.lights import Lights, lights_of
from gphoton_db.simulate.plan import Detector, LegPlan, eclipse_start_ms
from gphoton_db.simulate.rates import ArrivalRates, arrival_rates
from gphoton_db.simulate.scene import Scene, rate_in
from gphoton_db.simulate.tables import read_tables
from gphoton_db.simulate.timeline import Timeline

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Observation:
    """All that decides which events arrive.

    Parameters
    ----------
    tables : ChainTables
        Of the detector chain, with the distortion cube of the planned stim separation.
    rates : ArrivalRates
        What the scene sends, second by second.
    """

    band: Band
    eclipse: int
    scene: Scene
    detector: Detector
    timeline: Timeline
    lights: Lights
    field: Field
    tables: ChainTables
    rates: ArrivalRates

    @property
    def stim_rate(self) -> float:
        """Return the stim events a second, of all four, with no dead time."""
        each = self.detector.stim_rate
        return DEAD_TIME[self.band].intercept if each is None else 4 * each

    @property
    def background(self) -> float:
        """Return the background, photons a second."""
        return rate_in(self.scene.background, self.band)

    @cached_property
    def live_fraction(self) -> Floats:
        """Return the part of the events that is recorded in each second of the visit."""
        return self.live_fraction_for(self.background)

    @cached_property
    def attitudes(self) -> tuple[Attitude, ...]:
        """Return the true attitude of each leg."""
        return tuple(Attitude.of(leg) for leg in self.timeline.legs)

    def live_fraction_for(self, background: float) -> Floats:
        """Return the live fraction with another background (photons a second)."""
        if not self.detector.dead_time:
            return np.ones(self.timeline.n_seconds)
        return self.rates.live_fraction(background, self.band)

    def live_at(self, time_ms: Integers) -> Floats:
        """Return the part of the events that is recorded at each time; all in the dark."""
        live = self.live_fraction[self.timeline.second(time_ms)]
        return np.where(self.timeline.dark(time_ms), 1.0, live)

    def separation_at(self, time_ms: Integers) -> Floats:
        """Return the separation of the stims at each time, arcsec."""
        elapsed = (time_ms - self.timeline.whole.start_ms) / 1000
        start = self.detector.separation_at(self.band, self.eclipse)
        return np.asarray(start + self.detector.drift * elapsed)

    def separation_in_reduction(self, time_ms: Integers) -> Floats:
        """Return the separation that a reduction assumes at each time, arcsec."""
        if epoch_of(self.eclipse).after_csp:
            start, slope = POST_CSP_SEPARATION
            return np.asarray(start + slope * time_ms / 1000)
        return self.separation_at(time_ms)


@dataclass(frozen=True, eq=False)
class Instrument:
    """What the calibration says of a detector: its chain, and what its places are worth."""

    tables: ChainTables
    field: Field


def read_instrument(calibration: Path, band: Band, eclipse: int, detector: Detector) -> Instrument:
    """Return a detector as the calibration has it at an eclipse.

    Raises
    ------
    SimulationError
        If a calibration file is missing.
    """
    separation = detector.separation_at(band, eclipse)
    tables = read_tables(
        calibration,
        band,
        eclipse,
        raw_separation=separation,
        fuv_temperature=detector.fuv_temperature,
    )
    field = read_field(calibration, band, tables, separation, response=detector.response)
    return Instrument(tables, field)


def observe(
    legs: Sequence[LegPlan],
    scene: Scene,
    detector: Detector,
    *,
    band: Band,
    eclipse: int,
    calibration: Path,
    instrument: Instrument | None = None,
) -> Observation:
    """Put together what a visit needs; the instrument is read where it is not given.

    Raises
    ------
    SimulationError
        If there is no leg, or a calibration file is missing.
    """
    timeline = Timeline(tuple(legs), fly(legs, eclipse_start_ms(eclipse)))
    if instrument is None:
        instrument = read_instrument(calibration, band, eclipse, detector)
    tables, field = instrument.tables, instrument.field
    lights = lights_of(scene, band)
    rates = arrival_rates(timeline, lights, scene.hotspots, field, band=band, eclipse=eclipse)
    return Observation(band, eclipse, scene, detector, timeline, lights, field, tables, rates)
