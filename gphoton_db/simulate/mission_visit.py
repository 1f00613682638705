"""One eclipse of a simulated mission: real files, with few photons.

Photons arrive for a few seconds in the middle of each leg, at a rate that leaves no pauses that a
reduction would take for a closed shutter; the rest of the time is dark.  Stims are as rare as a
reduction allows.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from gphoton_db.mission import FIRST_RECOVERED_ECLIPSE, LAST_PRE_CSP_ECLIPSE, Band, epoch_of
from gphoton_db.paths import raw6_name, scst_name
from gphoton_db.simulate.mission_plan import FUV_LATE_S, PlannedVisit
from gphoton_db.simulate.observation import Instrument, Observation, observe, read_instrument
from gphoton_db.simulate.plan import Detector, LegPlan
from gphoton_db.simulate.pointing_files import Programme, asprta_files, scst_file
from gphoton_db.simulate.raw6_file import write_raw6
from gphoton_db.simulate.scene import Scene, Source
from gphoton_db.simulate.tables import fuv_offset
from gphoton_db.simulate.telemetry import portions
from gphoton_db.simulate.timeline import TICK_MS, Stretch

RATE = 150.0
"""Photons a second while any arrive: one pause of 50 ms in 1,800."""

STAR_SHARE = 0.2
"""Part of them that come from a star at the boresight of each leg."""

N_STIMS = 2500
"""Of a visit: 10 standard deviations more than the 2,001 that a reduction needs."""


@dataclass(frozen=True)
class MadeVisit:
    """What was written of an eclipse: events of each band."""

    eclipse: int
    n_events: dict[Band, int]


def simulate_planned(
    folder: Path, visit: PlannedVisit, calibration: Path, *, photons: int, seed: int
) -> MadeVisit:
    """Write raw6 and pointing files of an eclipse below `folder`, whole or not at all.

    Parameters
    ----------
    folder : Path
        Has folders ``raw6`` and ``pointing``; the latter gets one for the eclipse.
    visit : PlannedVisit
        What it does.
    calibration : Path
        Directory of the calibration set to invert.
    photons : int
        About how many each leg gets in each band.
    seed : int
        Of the arrivals.
    """
    n_events = {}
    for band in visit.bands:
        observation = _observed(visit, band, calibration, photons)
        rows = (
            portion.rows
            for portion in portions(
                observation,
                calibration,
                seed=seed,
                event_truth=False,
                threads=1,
                slices=list(_slices(observation, photons)),
            )
        )
        path = folder / "raw6" / raw6_name(visit.eclipse, band)
        unfinished = path.with_name(f".{path.name}")
        n_events[band] = write_raw6(unfinished, rows, eclipse=visit.eclipse, band=band)
        unfinished.replace(path)
    _write_pointing(folder / "pointing" / f"e{visit.eclipse:05d}", visit, observation)
    return MadeVisit(visit.eclipse, n_events)


def legs_of(visit: PlannedVisit, band: Band) -> tuple[LegPlan, ...]:
    """Return the pointings of a planned visit; FUV telemetry begins later."""
    late = ((0.0, float(FUV_LATE_S)),) if band is Band.FUV else ()
    return tuple(
        LegPlan(
            ra,
            dec,
            roll0=visit.roll,
            duration=visit.duration,
            slew=visit.slew,
            gaps=late if number == 0 else (),
        )
        for number, (ra, dec) in enumerate(visit.boresights)
    )


def _observed(visit: PlannedVisit, band: Band, calibration: Path, photons: int) -> Observation:
    legs = legs_of(visit, band)
    seconds = sum(leg.duration + leg.slew for leg in legs) - legs[-1].slew
    rate = max(RATE, photons / visit.duration)
    stars = tuple(Source(leg.ra0, leg.dec0, rate=STAR_SHARE * rate) for leg in legs)
    return observe(
        legs,
        Scene(stars, background=(1 - STAR_SHARE) * rate),
        Detector(stim_rate=N_STIMS / 4 / seconds),
        band=band,
        eclipse=visit.eclipse,
        calibration=calibration,
        instrument=_instrument_at(calibration, band, visit.eclipse),
    )


def _slices(observation: Observation, photons: int) -> Iterator[Stretch]:
    """Yield the stretches of a visit, each leg with some seconds in its middle when it is lit."""
    for stretch in observation.timeline.stretches():
        length = min(round(1000 * photons / RATE), stretch.stop_ms - stretch.start_ms)
        start = (stretch.start_ms + stretch.stop_ms - length) // 2
        start -= (start - stretch.start_ms) % TICK_MS
        stop = start + length - length % TICK_MS
        if stretch.leg < 0 or stop <= start:
            yield Stretch(stretch.start_ms, stretch.stop_ms, stretch.leg, lit=False)
            continue
        if start > stretch.start_ms:
            yield Stretch(stretch.start_ms, start, stretch.leg, lit=False)
        yield Stretch(start, stop, stretch.leg)
        if stop < stretch.stop_ms:
            yield Stretch(stop, stretch.stop_ms, stretch.leg, lit=False)


def _instrument_at(calibration: Path, band: Band, eclipse: int) -> Instrument:
    """Return a detector at an eclipse, without reading its tables anew for each."""
    after_csp = epoch_of(eclipse).after_csp
    instrument = _instrument(calibration, band, after_csp=after_csp)
    if band is Band.NUV:
        return instrument
    x, y = fuv_offset(calibration, eclipse, Detector().fuv_temperature)
    return Instrument(instrument.tables._replace(offset_x=x, offset_y=y), instrument.field)


@lru_cache(maxsize=4)
def _instrument(calibration: Path, band: Band, *, after_csp: bool) -> Instrument:
    # All but the offset of FUV is the same for all eclipses on one side of the anomaly.
    eclipse = FIRST_RECOVERED_ECLIPSE if after_csp else LAST_PRE_CSP_ECLIPSE
    return read_instrument(calibration, band, eclipse, Detector())


def _write_pointing(folder: Path, visit: PlannedVisit, observation: Observation) -> None:
    legs = observation.timeline.legs
    late = FUV_LATE_S if Band.FUV in visit.bands else None
    files = asprta_files(legs, visit.eclipse)
    files[scst_name(visit.eclipse)] = scst_file(
        legs,
        missing_ms=np.zeros(0, np.int64),
        eclipse=visit.eclipse,
        fuv_temperature=observation.detector.fuv_temperature,
        programme=Programme(
            visit.survey, visit.survey.lower(), visit.visit, visit.target + 1, late
        ),
    )
    unfinished = folder.with_name(f".{folder.name}")
    for old in (unfinished, folder):
        shutil.rmtree(old, ignore_errors=True)
    unfinished.mkdir(parents=True)
    for name, content in files.items():
        (unfinished / name).write_bytes(content)
    unfinished.rename(folder)
