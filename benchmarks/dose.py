"""Would fast-histogram add up the dose map faster?  Printed as ratios to the kernel beside it.

    python benchmarks/dose.py [--photons 400000 16000000] [--repeat 5]

Photons come as they do from an archive: in row groups, ordered by their place on the sky, which a
dither of an arcminute moves over the detector.  In turn, in the same run:

kernel    `dose_indices` and `add_ones`, which count in place, row group by row group
each      ``fast_histogram.histogram2d`` of each row group over the whole detector, added up
box       the same over the part of the detector that the row group lies in
once      all photons kept, and one call of ``fast_histogram.histogram2d`` in the end

All give the same map; medians of the repeats.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from fast_histogram import histogram2d
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from gphoton_db.products.kernels.placing import (  # noqa: E402
    DOSE_SCALE,
    DOSE_SIDE,
    add_ones,
    dose_indices,
)

Group = tuple[NDArray[np.float32], NDArray[np.float32]]
Dose = NDArray[np.int32]

FIELD = DOSE_SIDE // DOSE_SCALE
DITHER_PIXELS = 10.0


def row_groups(n: int) -> list[Group]:
    """Return columns and rows of photons on the detector, in ten row groups of neighbours."""
    rng = np.random.default_rng(1)
    radius, angle = 385.0 * np.sqrt(rng.random(n)), rng.uniform(0.0, 2 * np.pi, n)
    x, y = radius * np.cos(angle), radius * np.sin(angle)
    order = np.lexsort((y, np.floor(x / 25.0)))  # strips of the sky stand for its cells
    phase = rng.uniform(0.0, 2 * np.pi, n)
    col = (400.0 + x[order] + DITHER_PIXELS * np.cos(phase)).astype(np.float32)
    row = (400.0 + y[order] + DITHER_PIXELS * np.sin(phase)).astype(np.float32)
    parts = np.array_split(np.arange(n), 10)
    return [(col[part], row[part]) for part in parts]


def kernel(groups: list[Group]) -> Dose:
    dose = np.zeros(DOSE_SIDE * DOSE_SIDE, np.int32)
    for col, row in groups:
        add_ones(dose_indices(col, row, np.arange(len(col), dtype=np.int32)), dose)
    return dose.reshape(DOSE_SIDE, DOSE_SIDE)


def each(groups: list[Group]) -> Dose:
    dose = np.zeros((DOSE_SIDE, DOSE_SIDE), np.int32)
    for col, row in groups:
        dose += histogram2d(col, row, DOSE_SIDE, ((0, FIELD), (0, FIELD))).astype(np.int32)
    return dose


def box(groups: list[Group]) -> Dose:
    dose = np.zeros((DOSE_SIDE, DOSE_SIDE), np.int32)
    for group in groups:
        # Whole pixels, so that the scale is 4 without rounding.
        ranges = [(int(values.min()), int(values.max()) + 1) for values in group]
        sides = [DOSE_SCALE * (stop - start) for start, stop in ranges]
        part = tuple(slice(DOSE_SCALE * start, DOSE_SCALE * stop) for start, stop in ranges)
        dose[part] += histogram2d(*group, sides, ranges).astype(np.int32)
    return dose


def once(groups: list[Group]) -> Dose:
    col, row = (np.concatenate(values) for values in zip(*groups, strict=True))
    counts: NDArray[Any] = histogram2d(col, row, DOSE_SIDE, ((0, FIELD), (0, FIELD)))
    return counts.astype(np.int32)


WAYS: dict[str, Callable[[list[Group]], Dose]] = {
    "kernel": kernel,
    "each": each,
    "box": box,
    "once": once,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photons", type=int, nargs="+", default=[400_000, 16_000_000])
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    print(f"fast-histogram {version('fast-histogram')}")
    for n in options.photons:
        groups = row_groups(n)
        expected = kernel(groups)
        assert expected.sum() == n
        assert all(np.array_equal(way(groups), expected) for way in WAYS.values())
        seconds: dict[str, list[float]] = {name: [] for name in WAYS}
        for _ in range(options.repeat):
            for name, way in WAYS.items():
                start = time.perf_counter()
                way(groups)
                seconds[name].append(time.perf_counter() - start)
        median = {name: statistics.median(values) for name, values in seconds.items()}
        print(f"{n:,} photons: kernel {1e3 * median['kernel']:.0f} ms; as ratios to it: ", end="")
        print(", ".join(f"{name} {median[name] / median['kernel']:.1f}" for name in WAYS))


if __name__ == "__main__":
    main()
