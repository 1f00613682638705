"""The seconds of a visit: legs, slews, and when the detector or the telemetry was silent."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gphoton_db.aspect.pointing import Leg
from gphoton_db.simulate.attitude import inside
from gphoton_db.simulate.plan import LegPlan

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

TICK_MS = 5
"""Events are stamped in steps of this length."""

SLICE_MS = 16_000
"""Photons are made in slices of the visit no longer than this."""


@dataclass(frozen=True)
class Stretch:
    """A part of the visit from `start_ms` to before `stop_ms`; `leg` is -1 in a slew.

    Nothing but stims arrives where it is not `lit`.
    """

    start_ms: int
    stop_ms: int
    leg: int
    lit: bool = True

    @property
    def seconds(self) -> float:
        """Return how long it is, s."""
        return (self.stop_ms - self.start_ms) / 1000

    def ticks(self, n: int, rng: np.random.Generator) -> Integers:
        """Return n times in it, GALEX ms, in no order."""
        n_ticks = (self.stop_ms - self.start_ms) // TICK_MS
        return self.start_ms + TICK_MS * rng.integers(0, n_ticks, n)


@dataclass(frozen=True, eq=False)
class Timeline:
    """When a visit does what; its legs have an aspect row for every second."""

    plans: tuple[LegPlan, ...]
    legs: tuple[Leg, ...]

    @property
    def whole(self) -> Stretch:
        """Return the visit from its first aspect row to its last, and one tick more.

        So the last aspect row's own moment belongs to the leg.
        """
        first, last = self.legs[0].aspect.time_ms[0], self.legs[-1].aspect.time_ms[-1]
        return Stretch(int(first), int(last) + TICK_MS, -1)

    @property
    def n_seconds(self) -> int:
        """Return how many seconds it has, the last one cut short."""
        return int(self.second(np.array([self.whole.stop_ms - TICK_MS]))[0]) + 1

    def second(self, time_ms: Integers) -> Integers:
        """Return the second of the visit of each time."""
        return (time_ms - self.whole.start_ms) // 1000

    def stretches(self) -> list[Stretch]:
        """Return the legs, and the slews between them."""
        found: list[Stretch] = []
        for leg in self.legs:
            first, last = int(leg.aspect.time_ms[0]), int(leg.aspect.time_ms[-1])
            if found:
                found.append(Stretch(found[-1].stop_ms, first, -1))
            found.append(Stretch(first, last + TICK_MS, leg.number))
        return found

    def slices(self) -> list[Stretch]:
        """Return the stretches cut into pieces."""
        return [
            Stretch(start, min(start + SLICE_MS, stretch.stop_ms), stretch.leg)
            for stretch in self.stretches()
            for start in range(stretch.start_ms, stretch.stop_ms, SLICE_MS)
        ]

    def dark(self, time_ms: Integers) -> NDArray[np.bool_]:
        """Return at which times nothing but stims arrives."""
        return self._within([plan.dark for plan in self.plans], time_ms)

    def silent(self, time_ms: Integers) -> NDArray[np.bool_]:
        """Return at which times there is no telemetry."""
        return self._within([plan.gaps for plan in self.plans], time_ms)

    def lit_and_dark(self) -> tuple[Floats, Floats]:
        """Return the part of each second with photons, and with nothing but stims, in s."""
        time_ms = np.arange(self.whole.start_ms, self.whole.stop_ms, TICK_MS)
        dark, silent = self.dark(time_ms), self.silent(time_ms)
        lit, only_stims = (
            np.asarray(
                np.bincount(self.second(time_ms), which * (TICK_MS / 1000), self.n_seconds),
                np.float64,
            )
            for which in (~dark & ~silent, dark & ~silent)
        )
        return lit, only_stims

    def _within(
        self, intervals: Sequence[Sequence[tuple[float, float]]], time_ms: Integers
    ) -> NDArray[np.bool_]:
        found = np.zeros(len(time_ms), np.bool_)
        for leg, of_leg in zip(self.legs, intervals, strict=True):
            if of_leg:
                first, last = leg.aspect.time_ms[[0, -1]]
                found |= inside((time_ms - first) / 1000, of_leg) & (time_ms <= last)
        return found
