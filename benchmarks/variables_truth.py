"""Which stars that vary are found, and how many that do not: against the truth.

    python benchmarks/variables_truth.py [--sources 9000] [--constant 30000]
    python benchmarks/variables_truth.py --telemetry FOLDER [--visits 3] [--sources 9000]

Photons of stars, one in 50 of which varies: flares of 2 to 500 s, sinusoids, eclipses and slow
trends.  Prints false alarms of constant stars by score, for each statistic how often it is below
what it says, completeness and purity by fluence and by rate, and the same of the published recipe
on the very same light curves.

With ``--telemetry`` the stars are of visits whose telemetry is simulated, ingested, catalogued and
measured as a user does it (benchmarks/variables_telemetry.py); without, their photons' times are.
"""

import argparse
import sys
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.variable_times import Floats, dither_of, simulate_times  # noqa: E402
from gphoton_db.products.variables.scoring import REASON, scores  # noqa: E402
from gphoton_db.products.variables.statistics import band_statistics  # noqa: E402

SECONDS = 1500
DEPTH = 30
AT_A_TIME = 3_000
CUT = 4.5
KINDS = ("flare", "sinusoid", "eclipse", "trend")
RATES = (0.02, 0.1, 0.5, 2, 10)
FLUENCES = (3, 6, 12, 25, 50, 100, 320)
"""Edges of the bins of rates, 1/s, and of the photons of flares."""

NOMINAL = (1e-1, 1e-2, 1e-3, 1e-4)
TESTS = ("constant_p", "flare_p", "dip_p", "trend_p", "period_p", "dither_p", "anderson_darling_p")

Bools = NDArray[np.bool_]
Chosen = dict[str, Bools]
"""Which stars each way to select takes."""


@dataclass(frozen=True, eq=False)
class Truth:
    """What n stars do.

    Parameters
    ----------
    rate : (n,) float64
        Photons a second.
    kind : (n,) int64
        Number in `KINDS`; -1: constant.
    start, length : (n,) float64
        Of flares and eclipses; the period of sinusoids, s.
    size : (n,) float64
        Photons of a flare, amplitude of the others.
    """

    rate: Floats
    kind: NDArray[np.int64]
    start: Floats
    length: Floats
    size: Floats

    def factor(self, k: int, t: Floats) -> Floats:
        """Return the factor of a star's rate at times, s."""
        kind, start, length, size = self.kind[k], self.start[k], self.length[k], self.size[k]
        if kind == 0:
            since = t - start
            shape = np.where(since > 0, np.exp(-np.maximum(since, 0) / (length / 2)), 0)
            return np.asarray(1 + size * shape / (length / 2) / self.rate[k])
        if kind == 1:
            return np.asarray(1 + size * np.sin(2 * np.pi * (t - start) / length))
        if kind == 2:
            return np.where(np.abs(t - start) < length / 2, 1 - size, 1.0)
        if kind == 3:
            return np.asarray(1 + size * (2 * t / SECONDS - 1))
        return np.ones_like(t)


def draw(rng: np.random.Generator, n: int, part: float, brightest: float = 10.0) -> Truth:
    """Return stars of 0.02 photons a second up to the brightest; a part of them varies."""
    kind = np.where(rng.random(n) < part, rng.integers(0, len(KINDS), n), -1)
    rate = 10 ** rng.uniform(np.log10(0.02), np.log10(brightest), n)
    length = 10 ** rng.uniform(np.log10(2), np.log10(500), n)
    length = np.where(kind == 1, 10 ** rng.uniform(np.log10(15), np.log10(500), n), length)
    length = np.where(kind == 2, rng.uniform(60, 300, n), length)
    size = np.where(kind == 0, 10 ** rng.uniform(0.5, 2.5, n), rng.uniform(0.1, 1, n))
    return Truth(rate, kind, rng.uniform(100, SECONDS - 200, n), length, size)


def measure(rng: np.random.Generator, truth: Truth, background: float) -> dict[str, Any]:
    """Return the columns of the stars, and their scores."""
    parts = []
    for first in range(0, len(truth.rate), AT_A_TIME):
        rows = slice(first, first + AT_A_TIME)
        of = simulate_times(
            rng,
            truth.rate[rows],
            background,
            SECONDS,
            partial(_factor, truth, first),
        )
        dirty = np.zeros((len(of), SECONDS // DEPTH), np.bool_)
        found = band_statistics(of, dirty, dither_of(SECONDS), DEPTH).columns
        found["coincidence_p"] = np.full(len(of), np.nan)
        found["score"], _ = scores(found)
        parts.append(found)
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _factor(truth: Truth, first: int, k: int, t: Floats) -> Floats:
    return truth.factor(first + k, t)


def published(columns: dict[str, Any]) -> NDArray[np.bool_]:
    """Return which stars the published recipe takes."""
    bins = columns["n_clean"] >= 0.75 * (columns["n_bins"] + columns["n_dropped"])
    large = (columns["exposure"] >= 500) & (columns["max_cps"] > 0.5) & bins
    selected = large & (columns["n_high"] >= 3) & (columns["anderson_darling_p"] < 0.05)
    return np.asarray(selected, np.bool_)


def tell_false(columns: dict[str, Any]) -> None:
    """Print how often constant stars seem to vary."""
    n = len(columns["score"])
    print(f"\n{n:,} constant stars: measured rate by nominal rate")
    for name in TESTS:
        p = columns[name]
        ratios = " ".join(f"{each:g}: {np.mean(p < each) / each:6.2f}" for each in NOMINAL)
        print(f"  {name:20s} {ratios}")
    for cut in (3.0, 3.5, 4.0, CUT, 5.0):
        alarms = (columns["score"] >= cut).sum()
        print(f"  score >= {cut}: {alarms} = {1e4 * alarms / n:.2f} in 10,000")
    alarms = published(columns).sum()
    print(f"  published recipe: {alarms} = {1e4 * alarms / n:.2f} in 10,000")


def tell_found(columns: dict[str, Any], truth: Truth, ours: Chosen) -> None:
    """Print which stars that vary are found; `ours` are what we select, by name."""
    chosen = ours | {"published": published(columns)}
    varies = truth.kind >= 0
    print(", ".join(chosen))
    for name, found in chosen.items():
        right = (found & varies).sum()
        purity = right / max(found.sum(), 1)
        print(f"{name}: {right} of {varies.sum()} found ({right / varies.sum():.2f}), of ", end="")
        print(f"{found.sum()} selected, purity {purity:.3f}")
    for number, kind in enumerate(KINDS):
        mine = truth.kind == number
        _by(f"{kind} by rate (1/s)", truth.rate, mine, chosen, RATES)
    flares = truth.kind == 0
    for low, high in ((2, 8), (8, 40), (40, 500)):
        mine = flares & (truth.length >= low) & (truth.length < high)
        _by(f"flares of {low}-{high} s by photons", truth.size, mine, chosen, FLUENCES)
    # What is selected has a rate and photons as they were measured, whatever it is in truth.
    burst = columns["flare_p"] < REASON
    excess = np.where(burst, columns["flare_photons"] - columns["flare_expected"], np.nan)
    rates, bursts = (0, *RATES[1:-1], np.inf), (0, *FLUENCES[1:-1], np.inf)
    _purity("purity by measured rate (1/s)", columns["cps"], varies, chosen, rates)
    _purity("purity by photons of the burst", excess, varies, chosen, bursts)


def _by(title: str, value: Floats, of: Bools, chosen: Chosen, edges: tuple[float, ...]) -> None:
    """Print which part of some stars is selected."""
    print(title)
    for low, high in pairwise(edges):
        mine = of & (value >= low) & (value < high)
        if mine.any():
            told = " ".join(f"{each[mine].mean():5.2f}" for each in chosen.values())
            print(f"  {low:6g} - {high:6g}: {told} of {mine.sum()}")


def _purity(
    title: str, value: Floats, varies: Bools, chosen: Chosen, edges: tuple[float, ...]
) -> None:
    """Print how many of those that are selected do vary."""
    print(title)
    for low, high in pairwise(edges):
        inside = (value >= low) & (value < high)
        told = [(varies & each & inside, each & inside) for each in chosen.values()]
        print(f"  {low:6g} - {high:6g}:", end="")
        print("".join(f"  {right.sum():4d} of {each.sum():4d}" for right, each in told))


def main() -> None:
    """Make the stars, and print what is found of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sources", type=int, default=9_000)
    parser.add_argument("--constant", type=int, default=30_000)
    parser.add_argument("--varying", type=float, default=0.02, help="part of the sources")
    parser.add_argument("--background", type=float, default=0.5, help="photons a second")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--telemetry", type=Path, help="empty folder for simulated visits")
    parser.add_argument("--visits", type=int, default=3, help="that share the sources")
    chosen = parser.parse_args()
    if chosen.telemetry is not None:
        from benchmarks.variables_telemetry import tell_telemetry

        tell_telemetry(chosen.telemetry, chosen.visits, chosen.sources, chosen.varying, chosen.seed)
        return
    rng = np.random.default_rng(chosen.seed)
    if chosen.constant:
        tell_false(measure(rng, draw(rng, chosen.constant, 0.0), chosen.background))
    if chosen.sources:
        truth = draw(rng, chosen.sources, chosen.varying)
        print(f"\n{chosen.sources:,} stars, {(truth.kind >= 0).sum()} of which vary")
        found = measure(rng, truth, chosen.background)
        tell_found(found, truth, {"ours": found["score"] >= CUT})


if __name__ == "__main__":
    main()
