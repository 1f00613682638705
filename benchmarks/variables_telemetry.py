"""Which variable stars are found in visits that are simulated as telemetry.

Of `benchmarks/variables_truth.py --telemetry`: stars on a jittered grid over the field, raw6,
ingest, catalogue and variables of NUV, as a user does it.  The entries are matched with the stars;
what is no star counts as a constant one.  Some stars of 0.05 photons a second have a flare of 5 s
and 15 photons.
"""

import time
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from scipy.spatial import cKDTree

from benchmarks.variable_times import Floats
from benchmarks.variables_truth import CUT, SECONDS, Bools, Truth, draw, tell_found
from gphoton_db.archive import Archive
from gphoton_db.mission import Band
from gphoton_db.products.apertures.targets import unit_vectors
from gphoton_db.simulate.light_curves import (
    Constant,
    Dimming,
    Flare,
    LightCurve,
    Sinusoid,
    Tabulated,
)
from gphoton_db.simulate.plan import LegPlan
from gphoton_db.simulate.projection import plane_to_sky
from gphoton_db.simulate.scene import Scene, Source
from gphoton_db.simulate.synthetic_calibration import write_synthetic_calibration
from gphoton_db.simulate.visit import simulate_visit

FIRST_ECLIPSE, RA, DEC = 23500, 323.5, -2.0
RADIUS_ARCSEC = 2080.0
"""Of the field with stars: all of it stays within the edge as the telescope dithers."""

BRIGHTEST = 3.0
BACKGROUND = 1500.0
"""Photons a second over the field; 0.04 in an aperture of 12.8 arcsec."""

MATCH_ARCSEC = 5.0
SHORT_RATE, SHORT_S, SHORT_PHOTONS, SHORT_EACH = 0.05, 5.0, 15.0, 50
"""The short flares; so many stars of a visit, one of them has one."""


@dataclass(frozen=True, eq=False)
class Measured:
    """Stars, then entries that are none: the truth, the columns of the view, and what is special.

    Parameters
    ----------
    truth : Truth
        Entries that are no star have no kind.
    columns : dict of (n,) arrays
        NaN of stars without an entry.
    warned, detected, short : (n,) bool
        With warnings; in the catalogue; stars of the short flares.
    """

    truth: Truth
    columns: dict[str, Any]
    warned: Bools
    detected: Bools
    short: Bools


def places(rng: np.random.Generator, n: int) -> tuple[Floats, Floats]:
    """Return n places of a jittered grid over the field: x and y in the plane, arcsec."""
    step = RADIUS_ARCSEC * np.sqrt(np.pi / n)
    while True:
        axis = np.arange(-RADIUS_ARCSEC, RADIUS_ARCSEC, step) + step / 2
        x, y = (each.ravel() for each in np.meshgrid(axis, axis))
        inside = np.hypot(x, y) < RADIUS_ARCSEC
        if inside.sum() >= n:
            break
        step *= 0.995
    chosen = rng.permutation(np.flatnonzero(inside))[:n]
    x, y = (each[chosen] + rng.uniform(-0.15, 0.15, n) * step for each in (x, y))
    return x, y


def light_curve(truth: Truth, k: int) -> LightCurve:
    """Return how a star changes, as `Truth.factor` has it."""
    kind, start, length, size = (getattr(truth, n)[k] for n in ("kind", "start", "length", "size"))
    if kind == 0:
        peak = size / (length / 2) / truth.rate[k]
        return Flare(start=start, peak=peak, rise=0.01, decay=length / 2)
    if kind == 1:
        return Sinusoid(period=length, amplitude=size, maximum=start + length / 4)
    if kind == 2:
        return Dimming(middle=start, duration=length, depth=size)
    if kind == 3:
        return Tabulated((0.0, float(SECONDS)), (1 - size, 1 + size))
    return Constant()


def short_flare(start: float) -> LightCurve:
    """Return a flare that is as bright from its start to its end."""
    factor = 1 + SHORT_PHOTONS / SHORT_S / SHORT_RATE
    times = (start - 0.001, start, start + SHORT_S, start + SHORT_S + 0.001)
    return Tabulated(times, (1.0, factor, factor, 1.0))


def simulated(
    folder: Path, eclipse: int, truth: Truth, short: Bools, seed: int
) -> tuple[pa.Table, pa.Table]:
    """Return the places of the stars, and how the entries vary: from telemetry on."""
    rng = np.random.default_rng(seed)
    ra, dec = plane_to_sky(*places(rng, len(truth.rate)), RA, DEC, 0.0)
    sources = tuple(
        Source(
            float(ra[k]),
            float(dec[k]),
            rate=float(truth.rate[k]),
            light_curve=short_flare(float(truth.start[k])) if short[k] else light_curve(truth, k),
        )
        for k in range(len(ra))
    )
    visit = simulate_visit(
        folder / str(eclipse),
        calibration=write_synthetic_calibration(folder / "calibration"),
        band=Band.NUV,
        eclipse=eclipse,
        legs=(LegPlan(RA, DEC, duration=SECONDS),),
        scene=Scene(sources, background=BACKGROUND),
        seed=seed,
        event_truth=False,
    )
    print(f"eclipse {eclipse}: {visit.n_events:,} events", flush=True)
    with Archive(folder / "archive") as archive:
        archive.ingest(
            *(eclipse, Band.NUV),
            raw6=visit.raw6,
            pointing=visit.pointing,
            calibration=visit.calibration,
        )
        archive.catalogue(eclipse)
        found = archive.variables(eclipse)
    visit.raw6.unlink()
    return pa.table({"ra": ra, "dec": dec}), found


def matched(truth: Truth, stars: pa.Table, found: pa.Table, short: Bools) -> Measured:
    """Return stars and entries that are none."""
    directions = [
        unit_vectors(*(each[name].to_numpy() for name in ("ra", "dec"))) for each in (stars, found)
    ]
    reach = 2 * np.sin(np.radians(MATCH_ARCSEC / 3600) / 2)
    _, entry = cKDTree(directions[1]).query(directions[0], distance_upper_bound=reach)
    there = entry < len(found)
    others = np.setdiff1d(np.arange(len(found)), entry[there])
    row = np.concatenate([np.where(there, entry, -1), others])
    columns = {
        field.name: np.where(row >= 0, found[field.name].to_numpy().astype(np.float64)[row], np.nan)
        for field in found.schema
        if str(field.type) in ("double", "float", "int32", "int64")
    }
    warned = np.array([bool(each) for each in found["warnings"].to_pylist()])[row] & (row >= 0)
    more = {"kind": np.full(len(others), -1), "rate": np.full(len(others), np.nan)}
    every = {
        each.name: np.concatenate(
            [getattr(truth, each.name), more.get(each.name, np.zeros(len(others)))]
        )
        for each in fields(Truth)
    }
    detected = np.concatenate([there, np.ones(len(others), bool)])
    is_short = np.concatenate([short, np.zeros(len(others), bool)])
    return Measured(Truth(**every), columns, warned, detected, is_short)


def tell_telemetry(folder: Path, visits: int, n: int, part: float, seed: int) -> None:
    """Simulate visits that share n stars, and print what is found of them."""
    parts, started = [], time.process_time()
    for number in range(visits):
        rng = np.random.default_rng((seed, number))
        truth = draw(rng, n // visits, part, BRIGHTEST)
        short = np.arange(len(truth.rate)) % SHORT_EACH == 0
        truth.rate[short], truth.kind[short] = SHORT_RATE, -2
        eclipse = FIRST_ECLIPSE + number
        stars, found = simulated(folder, eclipse, truth, short, seed + number)
        parts.append(matched(truth, stars, found, short))
        _tell(parts)
    print(f"{time.process_time() - started:.0f} s of processor")


def _tell(parts: list[Measured]) -> None:
    """Print what is found in the visits so far."""
    short = np.concatenate([each.short for each in parts])
    warned, detected = (
        np.concatenate([getattr(each, name) for each in parts]) for name in ("warned", "detected")
    )
    columns = {
        name: np.concatenate([each.columns[name] for each in parts]) for name in parts[0].columns
    }
    truth = Truth(
        **{
            each.name: np.concatenate([getattr(part.truth, each.name) for part in parts])
            for each in fields(Truth)
        }
    )
    score = np.nan_to_num(columns["score"])
    stars = np.isfinite(truth.rate)
    print(
        f"\n{stars.sum():,} stars, {(detected & stars).sum():,} of them in the catalogue, ", end=""
    )
    print(f"{(~stars).sum():,} entries that are none")
    constant = detected & (truth.kind == -1)
    for cut in (4.0, CUT, 5.0):
        alarms = constant & (score >= cut)
        plain = (alarms & ~warned).sum()
        print(f"  score >= {cut}: {plain} of {constant.sum():,} constant entries", end="")
        print(f" = {1e4 * plain / constant.sum():.2f} in 10,000; with warnings {alarms.sum()}")
    ours = (score >= CUT) & ~warned
    found = score[short] >= CUT
    print(f"flares of {SHORT_S:g} s and {SHORT_PHOTONS:g} photons: {ours[short].sum()} of ", end="")
    print(f"{short.sum()} found, {found.sum()} with those that have warnings; ", end="")
    print(f"{detected[short].sum()} are in the catalogue")
    rest = ~short
    shown = {each.name: getattr(truth, each.name)[rest] for each in fields(Truth)}
    tell_found(
        {name: each[rest] for name, each in columns.items()},
        Truth(**shown),
        {"without warnings": ours[rest], "with warnings, too": (score >= CUT)[rest]},
    )
