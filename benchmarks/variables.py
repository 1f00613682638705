"""What do all statistics of a visit's sources take?  Measured against making their light curves.

    python benchmarks/variables.py --archive ARCHIVE [--sources 10000] [--repeat 3]

The archive has a visit with a catalogue (that of benchmarks/catalogue.py --folder, say).  In this
process, in turns, of NUV:

read         the columns that apertures need, decoded from Parquet once
curves       `Archive.lightcurves` of the sources in bins of 30 s
variables    `variables_of_leg`: one pass, all statistics, blocks of candidates
statistics   of these: all that comes after the pass over the photons

Processor time, ratios, and the largest memory of the process; what a mission's worth would take.
"""

import argparse
import resource
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from gphoton_db.archive import Archive  # noqa: E402
from gphoton_db.catalogue.records import LegRecord  # noqa: E402
from gphoton_db.mission import Band  # noqa: E402
from gphoton_db.products.apertures.targets import Targets  # noqa: E402
from gphoton_db.products.kernels.rings import FrameClock  # noqa: E402
from gphoton_db.products.photon_batches import photon_batches, row_groups  # noqa: E402
from gphoton_db.products.reader import ArchiveReader, observed_span_ms, photon_files  # noqa: E402
from gphoton_db.products.variables.apertures import COLUMNS, photons_of_sources  # noqa: E402
from gphoton_db.products.variables.of_leg import variables_of_leg  # noqa: E402
from gphoton_db.products.variables.options import VariableOptions  # noqa: E402
from gphoton_db.products.variables.sources import VariableSources, entries_of_leg  # noqa: E402

DEPTH_S = 30
MISSION_LEGS = 74_000
"""Of the whole mission; most are smaller."""


def measure(archive: Archive, n_sources: int, repeat: int) -> None:
    """Print the times of all of them."""
    reader = archive._product_reader()
    (leg,) = (each for each in archive.legs() if (each.band, each.leg) == (Band.NUV, 0))
    sources = _first(entries_of_leg(reader, leg.eclipse, leg.leg), n_sources)
    options = VariableOptions(depth=DEPTH_S)
    places = pa.table({"ra": sources.targets.ra, "dec": sources.targets.dec})
    work: dict[str, Callable[[], object]] = {
        "read": lambda: _read(reader, leg, options.threads),
        "pass": lambda: _pass(reader, leg, sources.targets, options),
        "variables": lambda: variables_of_leg(reader, {Band.NUV: leg}, sources, options),
    }
    times: dict[str, list[float]] = {name: [] for name in (*work, "curves")}
    work["pass"]()  # kernels are compiled, or loaded, before the clock runs
    work["variables"]()
    for _ in range(repeat):
        for name, run in work.items():
            times[name].append(_timed(run))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    curves = partial(archive.lightcurves, places, step=DEPTH_S, bands="NUV")
    curves()
    times["curves"] += [_timed(curves) for _ in range(repeat)]
    found = {name: float(np.median(each)) for name, each in times.items()}
    found["statistics"] = found["variables"] - found["pass"]
    print(f"{leg.n_photons:,} photons, {len(sources):,} sources, {options.threads} threads")
    for name, seconds in found.items():
        print(
            f"{name:11s} {seconds:7.2f} s of processor, {seconds / found['curves']:5.2f} x curves"
        )
    print(f"largest memory, without curves: {memory:.2f} GB")
    hours = found["variables"] * MISSION_LEGS / 3600
    print(f"{MISSION_LEGS:,} legs like this: {hours:,.0f} hours of a core")


def _first(sources: VariableSources, n: int) -> VariableSources:
    targets = Targets(sources.targets.ra[:n], sources.targets.dec[:n])
    return VariableSources(sources.catalog, sources.source[:n], sources.source_id[:n], targets)


def _timed(run: Callable[[], object]) -> float:
    start = time.process_time()
    run()
    return time.process_time() - start


def _read(reader: ArchiveReader, leg: LegRecord, threads: int) -> int:
    batches = photon_batches(row_groups(photon_files(reader, leg)), COLUMNS, threads=threads)
    return sum(len(batch["ra"]) for batch in batches)


def _pass(
    reader: ArchiveReader, leg: LegRecord, targets: Targets, options: VariableOptions
) -> object:
    first, last = observed_span_ms(leg)
    frames = FrameClock(first, 1000 * DEPTH_S, -(-(last - first + 1) // (1000 * DEPTH_S)))
    order = np.argsort(targets.dec)
    return photons_of_sources(
        reader, leg, targets.take(order), options.radius, frames, options.threads
    )


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--archive", type=Path, required=True)
    parser.add_argument("--sources", type=int, default=10_000)
    parser.add_argument("--repeat", type=int, default=3)
    chosen = parser.parse_args()
    with Archive(chosen.archive) as archive:
        measure(archive, chosen.sources, chosen.repeat)


if __name__ == "__main__":
    main()
