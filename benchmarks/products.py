"""How fast are images?  Measured against reading the same columns, and nothing more.

    python benchmarks/products.py [--events 20000000] [--archive ARCHIVE]

Makes and ingests a NUV visit of that many events (or takes the first leg of NUV of an archive),
then, in this process:

read      the columns that an image needs, decoded from Parquet in as many threads as cores
image     `Archive.image`, which reads positions once more, for the size of the image
write     the image to a file, in each compression
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.telemetry import ECLIPSE, make_large_visit  # noqa: E402
from gphoton_db.archive import Archive  # noqa: E402
from gphoton_db.mission import Band  # noqa: E402
from gphoton_db.products.images.image import Image  # noqa: E402
from gphoton_db.products.images.placing import COLUMNS  # noqa: E402
from gphoton_db.products.photon_batches import photon_batches, row_groups  # noqa: E402
from gphoton_db.products.reader import choose_leg, photon_files  # noqa: E402
from gphoton_db.system.cores import usable_cores  # noqa: E402

Result = TypeVar("Result")


def best_of(repeat: int, function: Callable[[], Result]) -> tuple[float, Result]:
    """Return the shortest time of some runs, s, and what the last one returned."""
    seconds = []
    for _ in range(repeat):
        start = time.perf_counter()
        result = function()
        seconds.append(time.perf_counter() - start)
    return min(seconds), result


def ingested(folder: Path, n_events: int) -> Archive:
    """Return an archive with a large visit."""
    visit = make_large_visit(folder, n_events)
    archive = Archive(folder / "archive")
    archive.ingest(
        ECLIPSE,
        "NUV",
        raw6=visit.raw6,
        pointing=visit.pointing,
        calibration=visit.calibration,
    )
    return archive


def measure(archive: Archive, eclipse: int, repeat: int, folder: Path) -> None:
    """Print the times of reading, of the image and of its files."""
    reader = archive._product_reader()
    leg = choose_leg(reader, eclipse, Band.NUV)
    groups = row_groups(photon_files(reader, leg))

    def read() -> int:
        batches = photon_batches(groups, COLUMNS, threads=usable_cores())
        return sum(len(batch["ra"]) for batch in batches)

    archive.image(eclipse, "NUV")  # kernels are compiled or loaded before the clock runs
    reading, n_photons = best_of(repeat, read)
    making, image = best_of(repeat, lambda: archive.image(eclipse, "NUV"))
    print(f"{n_photons:,} photons; {image}; {usable_cores()} cores")
    print(f"{'read':24s} {reading:6.2f} s")
    print(f"{'image':24s} {making:6.2f} s  {making / reading:.2f} x read")
    for compression in ("rice", "gzip", "none"):
        write(image, folder, compression, reading, repeat)


def write(image: Image, folder: Path, compression: str, reading: float, repeat: int) -> None:
    """Print the time to write an image, and the size of the file."""
    seconds, path = best_of(repeat, lambda: image.write(folder, compression))
    megabytes = path.stat().st_size / 1e6
    print(
        f"{'write ' + compression:24s} {seconds:6.2f} s  {seconds / reading:.2f} x read  "
        f"{megabytes:.1f} MB"
    )


def main() -> None:
    """Run everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=20_000_000)
    parser.add_argument("--archive", type=Path, help="instead of making a visit")
    parser.add_argument("--repeat", type=int, default=3, help="the best of so many runs counts")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gphoton-bench-") as name:
        folder = Path(name)
        if options.archive:
            archive = Archive(options.archive)
            eclipse = next(leg.eclipse for leg in archive.legs() if leg.band == "NUV")
        else:
            archive, eclipse = ingested(folder, options.events), ECLIPSE
        with archive:
            measure(archive, eclipse, options.repeat, folder)


if __name__ == "__main__":
    main()
