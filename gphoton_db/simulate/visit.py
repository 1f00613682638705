"""One made-up visit: its files on disk, and the truth behind them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gphoton_db.aspect.pointing import Leg
from gphoton_db.mission import DEAD_TIME, POST_CSP_SEPARATION, Band, Epoch, epoch_of
from gphoton_db.simulate.after_csp import solve
from gphoton_db.simulate.arrivals import (
    TICK_MS,
    SkyEvents,
    join_events,
    observe,
    slew_background,
    ticks,
)
from gphoton_db.simulate.attitude import fly
from gphoton_db.simulate.bits import RawFields, join
from gphoton_db.simulate.inverse import Chain, to_raw
from gphoton_db.simulate.plan import Detector, LegPlan, eclipse_start_ms
from gphoton_db.simulate.scene import Origin, Scene, rate_in
from gphoton_db.simulate.stims import Stims, pulse
from gphoton_db.simulate.tables import read_tables
from gphoton_db.simulate.visit_files import write_asprta, write_consolidated, write_raw6, write_scst

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Truth:
    """What each event of the raw6 file really was, in the file's order, all (n,).

    Parameters
    ----------
    time_ms : int64
        GALEX milliseconds.
    origin : int64
        Number of the source in the scene, or an `Origin`.
    leg : int64
        The leg it arrived in; -1 in a slew, and for stims.
    ra, dec : float64
        Where it came from, deg; NaN for stims and in slews.
    """

    time_ms: Integers
    origin: Integers
    leg: Integers
    ra: Floats
    dec: Floats

    def __len__(self) -> int:
        return len(self.time_ms)


@dataclass(frozen=True, eq=False)
class Visit:
    """A made-up visit on disk.

    Parameters
    ----------
    raw6 : Path
        The telemetry.
    pointing : Path
        Directory of the asprta files and the scst file.
    consolidated : Path
        Directory of the `aspect`, `boresight` and `metadata` tables.
    calibration : Path
        The calibration directory that it was made with.
    legs : tuple of Leg
        The pointing that was written.
    """

    eclipse: int
    band: Band
    raw6: Path
    pointing: Path
    consolidated: Path
    calibration: Path
    legs: tuple[Leg, ...]
    scene: Scene
    truth: Truth
    fuv_temperature: float


def simulate_visit(
    directory: Path,
    *,
    calibration: Path,
    band: Band,
    eclipse: int = 23500,
    legs: Sequence[LegPlan] = (LegPlan(323.4928, -2.064),),
    scene: Scene | None = None,
    detector: Detector | None = None,
    seed: int = 1,
) -> Visit:
    """Make the telemetry and the pointing of a visit below `directory`.

    Both bands of one visit have the same pointing files when their `legs` are the same.

    Parameters
    ----------
    directory : Path
        Gets ``raw6/``, ``pointing/`` and ``tables/``.
    calibration : Path
        Directory of the calibration set to invert, real or made up.
    """
    scene, detector = scene or Scene(), detector or Detector()
    rng = np.random.default_rng(seed)
    flown = fly(legs, eclipse_start_ms(eclipse))
    line = _SeparationLine(band, eclipse, detector, int(flown[0].aspect.time_ms[0]))
    stims = _stims(line, flown, rng)
    chain = _chain(line, stims, calibration, detector.fuv_temperature)
    sky = _sky(scene, legs, flown, chain, detector.response, rng)
    time_ms, fields, truth = _in_order(stims, sky, _raw(sky, line, chain, rng))

    pointing = directory / "pointing"
    write_asprta(pointing, flown, eclipse=eclipse)
    write_scst(pointing, flown, eclipse=eclipse, fuv_temperature=detector.fuv_temperature)
    return Visit(
        eclipse=eclipse,
        band=band,
        raw6=write_raw6(directory / "raw6", time_ms, fields, eclipse=eclipse, band=band),
        pointing=pointing,
        consolidated=write_consolidated(
            directory / "tables", flown, eclipse=eclipse, fuv_temperature=detector.fuv_temperature
        ),
        calibration=calibration,
        legs=flown,
        scene=scene,
        truth=truth,
        fuv_temperature=detector.fuv_temperature,
    )


@dataclass(frozen=True)
class _SeparationLine:
    """Stim separation of a visit against time."""

    band: Band
    eclipse: int
    detector: Detector
    start_ms: int

    @property
    def stim_rate(self) -> float:
        """Stim events a second, of all four."""
        each = self.detector.stim_rate
        return DEAD_TIME[self.band].intercept if each is None else 4 * each

    def at(self, time_ms: Integers) -> Floats:
        """Return the separation (arcsec) at each time."""
        elapsed = (time_ms - self.start_ms) / 1000
        start = self.detector.separation_at(self.band, self.eclipse)
        return np.asarray(start + self.detector.drift * elapsed)


def _stims(line: _SeparationLine, legs: Sequence[Leg], rng: np.random.Generator) -> Stims:
    first, last = int(legs[0].aspect.time_ms[0]), int(legs[-1].aspect.time_ms[-1]) + TICK_MS
    time_ms = ticks(first, last, line.stim_rate, rng)
    return pulse(
        time_ms,
        line.at(time_ms),
        band=line.band,
        eclipse=line.eclipse,
        detector=line.detector,
        rng=rng,
    )


def _chain(line: _SeparationLine, stims: Stims, calibration: Path, fuv_temperature: float) -> Chain:
    """Return the detector chain as a reduction of these stims will find it."""
    seen = stims.seen(line.band, line.eclipse)
    (x1, x2, x3, x4), (y1, y2, y3, y4) = seen.means()
    tables = read_tables(
        calibration,
        line.band,
        line.eclipse,
        raw_separation=(x2 + x4 - x1 - x3 + y1 + y2 - y3 - y4) / 4,
        fuv_temperature=fuv_temperature,
    )
    before = epoch_of(line.eclipse) is Epoch.PRE_CSP
    return Chain(
        line.band, line.eclipse, tables, None if before else solve(seen, line.band, calibration)
    )


def _sky(
    scene: Scene,
    plans: Sequence[LegPlan],
    legs: Sequence[Leg],
    chain: Chain,
    response: bool,
    rng: np.random.Generator,
) -> SkyEvents:
    """Return the photons of all legs and of the slews between them."""
    parts: list[SkyEvents] = []
    for plan, leg in zip(plans, legs, strict=True):
        if parts:
            before = int(legs[leg.number - 1].aspect.time_ms[-1]) + TICK_MS
            parts.append(
                slew_background(
                    rate_in(scene.background, chain.band), before, int(leg.aspect.time_ms[0]), rng
                )
            )
        parts.append(
            observe(
                scene,
                leg,
                plan,
                band=chain.band,
                flat=chain.tables.flat,
                response=response,
                rng=rng,
            )
        )
    return join_events(parts)


def _raw(
    sky: SkyEvents, line: _SeparationLine, chain: Chain, rng: np.random.Generator
) -> RawFields:
    """Digitise the photons; those of ghosts with the phases that they want."""
    n = len(sky.time_ms)
    q = np.clip(np.rint(rng.normal(12, 5, n)), 0, 31).astype(np.int64)
    xa = rng.integers(0, 32, n)
    separation = line.at(sky.time_ms)
    if chain.csp is not None:
        separation = np.full(n, POST_CSP_SEPARATION[0])
    free, ghostly = np.flatnonzero(sky.ya < 0), np.flatnonzero(sky.ya >= 0)
    parts = []
    for rows, ya in ((free, None), (ghostly, sky.ya[ghostly])):
        x, y = sky.x[rows], sky.y[rows]
        parts.append(to_raw(x, y, separation[rows], q[rows], xa[rows], chain, ya=ya))
    return join(parts).take(np.argsort(np.concatenate([free, ghostly])))


def _in_order(stims: Stims, sky: SkyEvents, raw: RawFields) -> tuple[Integers, RawFields, Truth]:
    """Return times, fields and truth of stims and photons together, in time order."""
    n = len(stims.time_ms)
    none, nowhere = np.full(n, -1), np.full(n, np.nan)
    time_ms = np.concatenate([stims.time_ms, sky.time_ms])
    order = np.argsort(time_ms, kind="stable")
    truth = Truth(
        time_ms[order],
        np.concatenate([np.full(n, int(Origin.STIM)), sky.origin])[order],
        np.concatenate([none, sky.leg])[order],
        np.concatenate([nowhere, sky.ra])[order],
        np.concatenate([nowhere, sky.dec])[order],
    )
    return time_ms[order], join([stims.raw, raw]).take(order), truth
