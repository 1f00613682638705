"""How fast is a movie, and does memory stay low?  Printed as ratios to what was run beside it.

    python benchmarks/products_movie.py [--events 18500000] [--repeat 2]

Makes and ingests a visit of that many events (28 minutes), then, each in a process of its own:

floor     read the columns of the photons that a movie needs, and write as many bytes as the
          RICE-compressed movie has: what no movie could do without; spread over the cores
plain     without this package: astropy's projection, dense frames by ``numpy.bincount``,
          compressed by cfitsio; a part of it, scaled to all; the memory is that of the cubes alone
30 s      the whole movie of 30 s frames, made and written RICE-compressed
1 s       the same with thirty times as many frames: memory must not grow
"""

import argparse
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.ingest import CORES, in_own_process  # noqa: E402
from benchmarks.telemetry import ECLIPSE, make_large_visit  # noqa: E402

PLAIN_FRAMES = 3


@dataclass(frozen=True)
class Run:
    """Seconds, peak resident memory (MB), frames, bytes written, and what a run found."""

    seconds: float
    peak_mb: float
    n_frames: int
    size: int
    pixels: str


def measured(work: Callable[[], tuple[int, int, str]]) -> Run:
    """Time some work, in this process."""
    start = time.perf_counter()
    n_frames, size, pixels = work()
    seconds = time.perf_counter() - start
    unit = 1024 if sys.platform != "darwin" else 1024**2
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    return Run(seconds, peak, n_frames, size, pixels)


def ingest(folder: Path, n_events: int) -> int:
    """Make a visit and an archive with it; return the number of its photons."""
    from gphoton_db.archive import Archive

    visit = make_large_visit(folder / "visit", n_events)
    with Archive(folder / "archive") as archive:
        report = archive.ingest(
            ECLIPSE,
            "NUV",
            raw6=visit.raw6,
            pointing=visit.pointing,
            calibration=visit.calibration,
        )
        return sum(leg.n_photons for leg in report.legs)


def photon_files(folder: Path) -> list[Path]:
    """Return the photon files of the archive."""
    from gphoton_db.archive import Archive

    with Archive(folder / "archive") as archive:
        rows = archive.query("SELECT path FROM leg_files WHERE kind = 'photons'").rows()
    return [folder / "archive" / row["path"] for row in rows]


def movie(folder: Path, depth: float) -> Run:
    """Make a movie and write it."""
    from gphoton_db.archive import Archive

    def work() -> tuple[int, int, str]:
        with Archive(folder / "archive") as archive:
            made = archive.movie(ECLIPSE, "NUV", depth=depth)
            (path,) = made.write(folder / f"movie-{depth:g}.fits")
            rows, columns = made.geometry.shape
            return len(made), path.stat().st_size, f"{columns} x {rows}"

    return measured(work)


def plain(folder: Path, depth: float, n_frames: int) -> Run:
    """Do it the plain way for one file of photons and a few frames, and scale the time to all."""
    import fitsio
    import numpy as np
    import pyarrow.parquet as pq
    from astropy.io import fits
    from astropy.wcs import WCS

    with fits.open(folder / f"movie-{depth:g}.fits") as hdus:
        sky, shape = WCS(hdus["COUNT"].header).celestial, hdus["COUNT"].shape[1:]
    files = photon_files(folder)
    start = time.perf_counter()
    photons = pq.read_table(files[0], columns=["ra", "dec", "response", "flags"], partitioning=None)
    column = {name: photons[name].to_numpy() for name in photons.column_names}
    good = column["flags"] == 0
    x, y = sky.wcs_world2pix(column["ra"][good], column["dec"][good], 1)
    weight = 1.0 / column["response"][good]
    pixel = np.floor(y - 0.5).astype(int) * shape[1] + np.floor(x - 0.5).astype(int)
    projected = time.perf_counter()
    frame = np.random.default_rng(1).integers(0, n_frames // len(files), len(pixel))
    with fitsio.FITS(folder / "plain.fits", "rw", clobber=True) as file:
        for k in range(PLAIN_FRAMES):
            for weights, kind in ((weight[frame == k], np.float32), (None, np.uint8)):
                counted = np.bincount(pixel[frame == k], weights, shape[0] * shape[1])
                image = counted.reshape(shape).astype(kind)
                file.write(image, compress="rice", tile_dims=shape, qlevel=-(2.0**-10))
    written = time.perf_counter()
    seconds = (projected - start) * len(files) + (written - projected) / PLAIN_FRAMES * n_frames
    size = (folder / "plain.fits").stat().st_size * n_frames // PLAIN_FRAMES
    # All frames and their flags at once, as such programs hold them: 5 bytes a pixel.
    cube_mb = 5.0 * shape[0] * shape[1] * n_frames / 1e6
    return Run(seconds, cube_mb, n_frames, size, "")


def floor(folder: Path, size: int) -> Run:
    """Read and write what there is to be read and written."""
    import pyarrow.parquet as pq

    from gphoton_db.products.movies.frames import COLUMNS

    def work() -> tuple[int, int, str]:
        for path in photon_files(folder):
            pq.read_table(path, columns=list(COLUMNS), partitioning=None, use_threads=True)
        with (folder / "floor").open("wb") as file:
            for _ in range(size >> 20):
                file.write(os.urandom(1024) * 1024)
            os.fsync(file.fileno())
        return 0, size, ""

    return measured(work)


def best(repeat: int, function: Callable[..., Run], *arguments: Any) -> Run:
    """Return the fastest of some runs, each in a new process."""
    runs: list[Run] = [in_own_process(function, *arguments) for _ in range(repeat)]
    return min(runs, key=lambda run: run.seconds)


def main() -> None:
    """Run everything and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=18_500_000)
    parser.add_argument("--repeat", type=int, default=2, help="the best of so many runs counts")
    parser.add_argument("--folder", type=Path, help="one with archive/ in it: make no visit")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gphoton-bench-") as name:
        folder = options.folder or Path(name)
        if not options.folder:
            n_photons = in_own_process(ingest, folder, options.events)
            print(f"{n_photons:,} photons; {CORES} cores")
        in_own_process(movie, folder, 600.0)  # kernels are compiled before the clock runs
        half_minute = best(options.repeat, movie, folder, 30.0)
        second = best(options.repeat, movie, folder, 1.0)
        lowest = best(options.repeat, floor, folder, half_minute.size)
        way = in_own_process(plain, folder, 30.0, half_minute.n_frames)
        report(half_minute, second, lowest, way)


def report(half_minute: Run, second: Run, lowest: Run, way: Run) -> None:
    """Print what was measured."""
    lines = (
        ("floor: read columns, write bytes", lowest),
        ("plain way, scaled from a part", way),
        ("movie of 30 s frames", half_minute),
        ("movie of 1 s frames", second),
    )
    print(f"frames of {half_minute.pixels} pixels; ratios are to the movie of 30 s frames")
    for name, run in lines:
        print(
            f"{name:34s} {run.n_frames:5d} frames {run.size / 1e6:7.0f} MB written "
            f"{run.seconds:7.2f} s ({run.seconds / half_minute.seconds:5.2f} x) "
            f"{run.peak_mb:6.0f} MB memory ({run.peak_mb / half_minute.peak_mb:5.2f} x)"
        )


if __name__ == "__main__":
    main()
