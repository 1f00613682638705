"""The whole reduction of one visit: raw events, pointing and calibration to photons."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gphoton_db.aspect.pointing import Leg
from tests.oracle.after_csp import correct_after_csp, ghosts
from tests.oracle.arrays import Booleans, Floats, Integers
from tests.oracle.calibration import Calibration, read_calibration
from tests.oracle.constants import LAST_PRE_CSP_ECLIPSE
from tests.oracle.detector import correct
from tests.oracle.raw6 import DetectorEvents, RawEvents, centre_and_scale
from tests.oracle.response import respond
from tests.oracle.rules import OURS, Rules
from tests.oracle.sky import locate
from tests.oracle.stims import (
    SeparationLine,
    mean_positions,
    separation,
    separation_line,
    stim_numbers,
)

FLAG_GHOST = 120


@dataclass(frozen=True, eq=False)
class Photons:
    """The photons of one leg in time order.

    Parameters
    ----------
    event : (n,) int64
        Row of each photon in the raw6 file.
    time_ms : (n,) int64
        GALEX milliseconds.
    q, ya, flag : (n,) int64
        Pulse height, Y wiggle phase, last step that failed (0: none).
    xi, eta : (n,) float64
        Detector-sky coordinates without the aspect's drift, 0.1 arcsec.
    col, row, detrad : (n,) float64
        Detector pixels, and their distance from the centre.
    ra, dec, roll : (n,) float64
        Deg; NaN where there is none.
    response : (n,) float64
        Relative response; NaN off the detector.
    mask : (n,) bool
        Whether the photon fell on a hotspot; false off the detector.
    """

    event: Integers
    time_ms: Integers
    q: Integers
    ya: Integers
    flag: Integers
    xi: Floats
    eta: Floats
    col: Floats
    row: Floats
    detrad: Floats
    ra: Floats
    dec: Floats
    roll: Floats
    response: Floats
    mask: Booleans

    def __len__(self) -> int:
        return len(self.time_ms)


@dataclass(frozen=True, eq=False)
class Reduction:
    """The photons of each leg, and what they were reduced with."""

    legs: tuple[Photons, ...]
    line: SeparationLine
    calibration: Calibration


def reduce_visit(
    raw: RawEvents,
    legs: Sequence[Leg],
    calibration_directory: Path,
    *,
    fuv_temperature: float | None = None,
    rules: Rules = OURS,
) -> Reduction:
    """Reduce a visit; `legs` are all of the eclipse's legs, in time order."""
    events = centre_and_scale(raw)
    raw_separation = None
    after_csp = raw.eclipse > LAST_PRE_CSP_ECLIPSE
    if after_csp:
        raw_separation = separation(*mean_positions(events, stim_numbers(raw, events)))
    line = separation_line(raw, events)
    tables = read_calibration(
        calibration_directory,
        raw.band,
        raw.eclipse,
        raw_separation=raw_separation,
        fuv_temperature=fuv_temperature,
    )
    if after_csp:
        events = correct_after_csp(raw, events, calibration_directory)
    if rules.single_precision:
        events = _in_single_precision(events)
    photons = tuple(
        _reduce_leg(raw, events, k, legs, line, tables, rules) for k in range(len(legs))
    )
    return Reduction(photons, line, tables)


def events_of_leg(raw: RawEvents, leg: Leg) -> Integers:
    """Return the rows of the events between the leg's first and last aspect time, inclusive."""
    first, last = leg.aspect.time_ms[[0, -1]]
    return np.flatnonzero((raw.time_ms >= first) & (raw.time_ms <= last))


def _in_single_precision(events: DetectorEvents) -> DetectorEvents:
    x, y = (v.astype(np.float32).astype(np.float64) for v in (events.x, events.y))
    return DetectorEvents(x, y, events.ya)


def _reduce_leg(
    raw: RawEvents,
    events: DetectorEvents,
    number: int,
    legs: Sequence[Leg],
    line: SeparationLine,
    tables: Calibration,
    rules: Rules,
) -> Photons:
    event = events_of_leg(raw, legs[number])
    if rules.drop_last_photon:
        event = event[:-1]
    time_ms, q, ya = raw.time_ms[event], raw.q[event], events.ya[event]
    x, y, phases = events.x[event], events.y[event], (raw.xa[event], ya, q)
    detector = correct(x, y, phases, line.at(time_ms), tables, band=raw.band, rules=rules)
    ra, dec, roll, flag = locate(time_ms, detector, legs, number)
    response, mask = respond(time_ms, detector.col, detector.row, tables, band=raw.band)
    if raw.eclipse > LAST_PRE_CSP_ECLIPSE:
        flag = np.where(ghosts(ra, dec, detector.col, detector.row, ya), FLAG_GHOST, flag)
    return Photons(
        event,
        time_ms,
        q,
        ya,
        flag,
        detector.xi,
        detector.eta,
        detector.col,
        detector.row,
        np.hypot(detector.col - 400, detector.row - 400),
        ra,
        dec,
        roll,
        response,
        mask,
    )
