"""How fast is the page?  Measured against reading the leg once.

    python benchmarks/serve.py [--events 20000000] [--archive ARCHIVE]

Makes and ingests a NUV visit of that many events (or takes the largest leg of NUV of an archive),
serves it on loopback, and asks as the page does.  Seconds of processor, medians of several runs,
and their ratios to reading the leg's columns.  What is asked:

first view   what the archive has, its legs, coverage, and the nine tiles of order 8 about the
             middle of the field, with the leg read into memory and nothing on disk
next view    the same again
tile k       a tile of order k, intensity; nothing on disk
time drag    the nine tiles of a part of the time, each time another one
click        the light curve of a position in the middle, in steps of 10 s
"""

import argparse
import http.client
import itertools
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.products import ingested  # noqa: E402
from gphoton_db.archive import Archive  # noqa: E402
from gphoton_db.catalogue.records import LegRecord  # noqa: E402
from gphoton_db.products.hips.photons import photon_columns  # noqa: E402
from gphoton_db.products.hips.tiles import tiles_in_disc  # noqa: E402
from gphoton_db.products.photon_batches import photon_batches, row_groups  # noqa: E402
from gphoton_db.products.reader import photon_files  # noqa: E402
from gphoton_db.serve.options import ServeOptions  # noqa: E402
from gphoton_db.serve.server import Server  # noqa: E402
from gphoton_db.system.cores import usable_cores  # noqa: E402

ORDER = 8
N_TILES = 9
RUNS = 5

Result = TypeVar("Result")


class Page:
    """Asks a server as the page does, over one connection."""

    def __init__(self, server: Server) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port)
        self._headers = {"Cookie": f"gphoton_db_{server.port}={server.token}"}

    def get(self, path: str, **parameters: object) -> bytes:
        """Return what is answered."""
        self._connection.request("GET", f"{path}?{urlencode(parameters)}", headers=self._headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status not in (200, 204):
            raise SystemExit(f"{path}: {answer.status} {content[:200]!r}")
        return content

    def view(self, leg: LegRecord, **time_range: float) -> None:
        """Ask what a view of the middle of the field needs."""
        for path in ("/api/info", "/api/legs"):
            json.loads(self.get(path))
        self.get("/api/coverage", band=leg.band)
        for tile in tiles_in_disc(ORDER, leg.ra0, leg.dec0, 0.25)[:N_TILES].tolist():
            self.tile(leg, ORDER, tile, **time_range)

    def tile(self, leg: LegRecord, order: int, tile: int, **time_range: float) -> None:
        """Ask for a tile."""
        asked = {"band": leg.band, "order": order, "npix": tile, "plane": "intensity"}
        self.get("/api/tile", **asked, **time_range)


def spent(function: Callable[[], Result]) -> tuple[float, Result]:
    """Return the processor's time of this process, the server included, s; and the result."""
    start = time.process_time()
    result = function()
    return time.process_time() - start, result


def parts_of(leg: LegRecord) -> Iterator[dict[str, float]]:
    """Yield ranges of time that were not asked for before."""
    for k in itertools.count(1):
        yield {"t0": leg.t0 + k, "t1": leg.t0 + (leg.t1 - leg.t0) / 2 + k}


def ask_next(page: Page, leg: LegRecord, order: int, tiles: Iterator[int]) -> None:
    """Ask for a tile that was not asked for."""
    page.tile(leg, order, next(tiles))


def measure(archive: Archive, folder: Path) -> None:
    """Print the table."""
    leg = max((each for each in archive.legs() if each.band == "NUV"), key=lambda e: e.n_photons)
    reader = archive._product_reader()
    groups, columns = row_groups(photon_files(reader, leg)), photon_columns(ORDER)

    def read() -> int:
        batches = photon_batches(groups, columns, threads=usable_cores())
        return sum(len(batch["ra"]) for batch in batches)

    reading, n_photons = min(spent(read) for _ in range(3))
    print(f"{n_photons:,} photons, {usable_cores()} cores; read {reading:.2f} s of processor")
    os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
    with Server(archive._catalogue, ServeOptions(port=0, browser=False)) as server:
        page, parts = Page(server), parts_of(leg)

        def show(name: str, function: Callable[[], object], runs: int = RUNS) -> None:
            middle = statistics.median(spent(function)[0] for _ in range(runs))
            print(f"{name:12s} {middle:7.3f} s  {middle / reading:6.3f} x read", flush=True)

        page.get("/api/lightcurve", ra=leg.ra0, dec=leg.dec0, step=10)  # kernels are loaded
        show("first view", lambda: page.view(leg), 1)
        show("next view", lambda: page.view(leg))
        for order in range(3, 10):
            # Those of the first view are on disk; at the end of the list none is.
            tiles = tiles_in_disc(order, leg.ra0, leg.dec0, 0.5).tolist()[::-1]
            each = iter(tiles)
            show(f"tile {order}", partial(ask_next, page, leg, order, each), min(RUNS, len(tiles)))
        show("time drag", lambda: page.view(leg, **next(parts)))
        show("click", lambda: page.get("/api/lightcurve", ra=leg.ra0, dec=leg.dec0, step=10))


def main() -> None:
    """Read the command line, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=20_000_000)
    parser.add_argument("--archive", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gphoton-bench-") as name:
        folder = Path(name)
        archive = Archive(options.archive) if options.archive else ingested(folder, options.events)
        with archive:
            measure(archive, folder)


if __name__ == "__main__":
    main()
