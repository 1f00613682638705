"""How fast is a catalogue?  Measured against reading the same columns, and nothing more.

    python benchmarks/catalogue.py [--nuv 18000000] [--fuv 2000000] [--archive ARCHIVE]

Makes and ingests a visit of both bands with that many events and 12,000 stars, of which some 9,000
are detected (or takes the first leg of an archive), then, in this process, in turns:

read        the columns that apertures need, of both bands, decoded from Parquet once
catalogue   `Archive.catalogue`: images, detection, eight apertures, sky, models, the file
apertures   of these: one pass over the photons of both bands

Processor time and the clock, and ratios to reading.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.telemetry import ECLIPSE, LEGS  # noqa: E402
from gphoton_db.archive import Archive  # noqa: E402
from gphoton_db.catalogue.records import LegRecord  # noqa: E402
from gphoton_db.mission import Band  # noqa: E402
from gphoton_db.products.apertures.targets import Targets  # noqa: E402
from gphoton_db.products.catalogue.options import RADII  # noqa: E402
from gphoton_db.products.catalogue.ring_photons import (  # noqa: E402
    COLUMNS,
    free_sky,
    measure_sources,
    ring_limits,
)
from gphoton_db.products.photon_batches import photon_batches, row_groups  # noqa: E402
from gphoton_db.products.reader import photon_files  # noqa: E402
from gphoton_db.simulate.budget import scene_with_events  # noqa: E402
from gphoton_db.simulate.plan import Detector  # noqa: E402
from gphoton_db.simulate.scene import Scene  # noqa: E402
from gphoton_db.simulate.star_field import MagnitudeRanges, StarField, draw_stars  # noqa: E402
from gphoton_db.simulate.synthetic_calibration import write_synthetic_calibration  # noqa: E402
from gphoton_db.simulate.visit import simulate_visit  # noqa: E402
from gphoton_db.system.cores import usable_cores  # noqa: E402

N_STARS = 12_000

Seconds = tuple[float, float]
"""Of the processor and of the clock."""


def make_archive(folder: Path, n_events: dict[Band, int]) -> Archive:
    """Return an archive with a visit that both bands saw."""
    calibration = write_synthetic_calibration(folder / "calibration")
    stars = StarField(N_STARS, MagnitudeRanges((14.5, 23.5), (16.5, 25.5)), radius=0.6)
    sky = Scene(draw_stars(stars, LEGS[0].ra0, LEGS[0].dec0))
    archive = Archive(folder / "archive")
    for band, number in n_events.items():
        scene = scene_with_events(
            number,
            legs=LEGS,
            scene=sky,
            detector=Detector(),
            band=band,
            eclipse=ECLIPSE,
            calibration=calibration,
        )
        visit = simulate_visit(
            folder / band,
            calibration=calibration,
            band=band,
            eclipse=ECLIPSE,
            legs=LEGS,
            scene=scene,
            event_truth=False,
        )
        archive.ingest(
            ECLIPSE, band, raw6=visit.raw6, pointing=visit.pointing, calibration=calibration
        )
    return archive


def measure(archive: Archive, eclipse: int, repeat: int) -> None:
    """Print the times of reading and of the catalogue."""
    entries = archive.catalogue(eclipse, 0)  # kernels are compiled or loaded before the clock runs
    legs = [leg for leg in archive.legs(eclipse) if leg.leg == 0]
    targets = Targets(*(entries[name].to_numpy() for name in ("ra", "dec")))
    work: dict[str, Callable[[], object]] = {
        "read": lambda: [_read(archive, leg) for leg in legs],
        "catalogue": lambda: archive.catalogue(eclipse, 0),
        "apertures": lambda: [_apertures(archive, leg, targets) for leg in legs],
    }
    times: dict[str, list[Seconds]] = {name: [] for name in work}
    for _ in range(repeat):
        for name, run in work.items():
            times[name].append(_timed(run))
    photons = sum(leg.n_photons for leg in legs)
    print(f"{photons:,} photons, {len(entries):,} sources, {usable_cores()} cores")
    floor = np.median(times["read"], axis=0)
    for name, found in times.items():
        processor, clock = np.median(found, axis=0)
        ratios = f"{processor / floor[0]:6.2f} {clock / floor[1]:6.2f} x read"
        print(f"{name:10s} {processor:6.2f} s of processor {clock:6.2f} s {ratios}")


def _timed(run: Callable[[], object]) -> Seconds:
    processor, clock = time.process_time(), time.perf_counter()
    run()
    return time.process_time() - processor, time.perf_counter() - clock


def _read(archive: Archive, leg: LegRecord) -> int:
    groups = row_groups(photon_files(archive._product_reader(), leg))
    batches = photon_batches(groups, COLUMNS, threads=usable_cores())
    return sum(len(batch["ra"]) for batch in batches)


def _apertures(archive: Archive, leg: LegRecord, targets: Targets) -> object:
    reader, limits = archive._product_reader(), ring_limits(RADII, 5)
    free = free_sky(targets, limits)
    return measure_sources(reader, leg, targets, limits, free, None, None, usable_cores())


def main() -> None:
    """Make the archive, and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nuv", type=int, default=18_000_000)
    parser.add_argument("--fuv", type=int, default=2_000_000)
    parser.add_argument("--archive", type=Path, help="one that may be changed")
    parser.add_argument("--folder", type=Path, help="where to make it")
    parser.add_argument("--repeat", type=int, default=5)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if chosen.archive is not None:
            archive = Archive(chosen.archive)
        else:
            n_events = {Band.NUV: chosen.nuv, Band.FUV: chosen.fuv}
            archive = make_archive(chosen.folder or Path(folder), n_events)
        with archive:
            measure(archive, archive.legs()[0].eclipse, chosen.repeat)


if __name__ == "__main__":
    main()
