"""How long does a person wait?  The page, driven in a browser as a person drives it.

    python benchmarks/serve_page.py [--events 20000000] [--archive ARCHIVE] [--runs 7]

Makes and ingests a NUV visit of that many events (or takes the largest leg of NUV of an archive),
serves it by the command in a process of its own, without tiles on disk, and opens the page in
Debian's Chromium at 1280 x 720, without a GPU.  Each action is timed from the person's doing to the
page's being through with it, by the clock: medians and longest of several runs, next to the limit
(two idle cores, 18 M photons), and as ratios to reading the leg's columns once.

coverage       opening, by a server that has just started: until the visit's outline is drawn
first image    the same: until all tiles of the first view are there; the leg is read for it
again          the page loaded once more
pan, zoom      a frame, from the change to what is drawn
tile           a tile of the finest order that was not asked for before
go to          a position typed: picture and both bands' light curves
click          on a star: both bands' light curves
measure        another radius, and an annulus
step           another step
time drag      a part of the time chosen in the light curve: the picture of it
band           the other band: the picture
list           another row of a list: centred, picture and light curves
sql            a count of the legs
stopped        a statement that goes on for ever: until its end is said

All but the first four are with the leg in memory.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.page_actions import (  # noqa: E402
    FINEST,
    FLAGS,
    FRAMES,
    MEASURED,
    NOTE_OUTLINE,
    POINT,
    SETTLED,
    TILES,
    Person,
    Times,
    serving,
    timed,
)
from benchmarks.products import ingested  # noqa: E402
from gphoton_db.archive import Archive  # noqa: E402
from gphoton_db.catalogue.records import LegRecord  # noqa: E402
from gphoton_db.products.hips.photons import photon_columns  # noqa: E402
from gphoton_db.products.photon_batches import photon_batches, row_groups  # noqa: E402
from gphoton_db.products.reader import photon_files  # noqa: E402
from gphoton_db.system.cores import usable_cores  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ORDER = 8

FIRST_VIEWS = 5
"""How often the first view is timed, each time with a server that has just started."""


def places_of(archive: Archive, leg: LegRecord, n: int) -> list[tuple[float, float]]:
    """Return positions of bright sources of a leg, else some in its middle."""
    for view in ("catalogue", "sources"):
        rows = archive.query(
            f"SELECT ra, dec FROM {view} WHERE eclipse = {leg.eclipse} AND leg = {leg.leg} "
            f'AND separation(ra, "dec", {leg.ra0}, {leg.dec0}) < 1500 ORDER BY hash(ra) LIMIT {n}'
        ).rows()
        if len(rows) == n:
            return [(row["ra"], row["dec"]) for row in rows]
    return [(leg.ra0 + 0.01 * k, leg.dec0 + 0.01 * k) for k in range(n)]


def read_once(archive: Archive, leg: LegRecord) -> tuple[float, int]:
    """Return how long reading the leg takes, ms, with all cores; and its photons."""
    groups = row_groups(photon_files(archive._product_reader(), leg))
    columns = photon_columns(ORDER)
    n_photons = 0

    def read() -> None:
        nonlocal n_photons
        batches = photon_batches(groups, columns, threads=usable_cores())
        n_photons = sum(len(batch["ra"]) for batch in batches)

    return min(timed(read) for _ in range(3)), n_photons


def opened(person: Person) -> tuple[float, float]:
    """Open the page; return how long its outline took, and its first image, ms."""
    person.page.add_init_script(NOTE_OUTLINE)
    start = 1000 * time.time()
    person.page.goto(person.address)
    person.until(SETTLED)
    image = 1000 * time.time() - start
    return person.page.evaluate("() => window.outlinedAt") - start, image


def opening(person: Person, times: Times, before: list[tuple[float, float]], runs: int) -> None:
    """Time the first view, as it was timed `before` with other servers, and the same again."""
    outlines, images = zip(*before, opened(person), strict=True)
    times.show("coverage", 1000, list(outlines))
    times.show("first image", 5000, list(images))

    def again() -> None:
        person.page.reload()
        person.until(SETTLED)

    times.show("again", 1000, [timed(again) for _ in range(runs)])


def looking(person: Person, times: Times, band: str) -> None:
    """Time frames and tiles."""
    for fov in (1.2, 0.3):
        person.set(fov=fov)
        times.show(f"pan {fov:g}", 100, person.page.evaluate(FRAMES, ["ra", 0.01, 30]))
    times.show("zoom", 100, person.page.evaluate(FRAMES, ["fov", 1.03, 30]))
    person.set(fov=0.1)
    order, number = person.page.evaluate(FINEST)
    # Others of the parent's: near, and of an order of which the page asked for a few.
    others = [each for each in range(number & ~15, (number & ~15) + 16) if each != number]
    asked = [f"band={band}&order={order}&npix={each}&plane=intensity" for each in others]
    times.show("tile", 300, person.page.evaluate(TILES, asked))


def measuring(
    person: Person, times: Times, places: list[tuple[float, float]], leg: LegRecord, runs: int
) -> None:
    """Time light curves and pictures of parts of the time."""
    person.go_to(*places[0])  # what is loaded with the first is no part of the others
    times.show("go to", None, [timed(lambda at=at: person.go_to(*at)) for at in places[1:runs]])
    person.set(ra=leg.ra0, dec=leg.dec0, fov=0.8, at="")
    points = [person.page.evaluate(POINT, list(at)) for at in places]
    box = person.page.locator("#sky-frame").bounding_box()
    assert box is not None
    seen = [
        (x, y)
        for x, y in points
        if 60 < x - box["x"] < box["width"] - 60 and 60 < y - box["y"] < box["height"] - 90
    ]
    times.show("click", 500, [timed(lambda at=at: person.click(*at)) for at in seen[:runs]])
    radii = [timed(lambda r=r: person.fill(radius=r)) for r in range(8, 8 + runs)]
    annuli = [
        timed(lambda r=r: person.fill(annulus_in=r, annulus_out=2 * r))
        for r in range(30, 30 + runs)
    ]
    times.show("measure", 500, radii + annuli)
    times.show("step", 500, [timed(lambda s=s: person.fill(step=s)) for s in range(5, 5 + runs)])
    person.fill(step=10)
    person.set(fov=1.2)
    drags = [person.drag_time(0.2 + 0.02 * k, 0.5 + 0.03 * k) for k in range(runs)]
    times.show("time drag", 300, drags)
    person.set(fov=0.3)
    drags = [person.drag_time(0.1 + 0.02 * k, 0.6 + 0.03 * k) for k in range(runs)]
    times.show("time, close", 300, drags)
    person.set(t0=None, t1=None)


def listing(person: Person, times: Times, bands: list[str], runs: int) -> None:
    """Time the other band, rows of lists, and SQL."""
    if len(bands) == 2:
        keys = ["2", "1"] * runs
        person.page.locator("#sky").focus()
        changes = [timed(lambda k=k: _press_and_wait(person, k)) for k in keys[:runs]]
        times.show("band", None, changes)
    tab = "variables" if person.page.evaluate("() => gphoton.archive.info.has.variables") else ""
    tab = tab or "sources"
    person.page.click(f"#tab-{tab}")
    row = f"#panel-{tab} tbody tr"
    try:
        person.page.wait_for_selector(row, timeout=10_000)
    except Exception:  # noqa: BLE001 -- an archive without lists
        print(f"{tab}: no rows")
    else:
        times.show("list", 1000, [timed(lambda: _press_and_wait(person, "]")) for _ in range(runs)])
    person.page.click("#tab-sql")
    times.show("sql", None, [timed(lambda: _ask(person, "SELECT count(*) FROM legs"))])
    endless = "SELECT count(*) FROM range(10000000) a, range(10000000) b"
    times.show("stopped", 11_000, [timed(lambda: _ask(person, endless))])


def _press_and_wait(person: Person, key: str) -> None:
    person.page.keyboard.press(key)
    person.page.wait_for_timeout(0)  # what follows of the key is asked for now
    person.until(MEASURED)


def _ask(person: Person, sql: str) -> None:
    person.page.fill("#sql-text", sql)
    person.page.click("#sql-run")
    person.until("() => !document.getElementById('sql-run').disabled")


def measure(archive: Archive, browser: "Browser", folder: Path, runs: int) -> bool:
    """Print the table; return whether all is within its limit."""
    leg = max((each for each in archive.legs() if each.band == "NUV"), key=lambda e: e.n_photons)
    bands = sorted({str(each.band) for each in archive.legs()}, reverse=True)
    reading, n_photons = read_once(archive, leg)
    places = places_of(archive, leg, 60)
    print(f"{n_photons:,} photons, {usable_cores()} cores; read in {reading:.0f} ms")
    print(f"{'ms':12s} {'median':>8s} {'longest':>8s} {'limit':>7s}", flush=True)
    times = Times(reading)
    root, size, before = archive.paths.root, {"width": 1280, "height": 720}, []
    for number in range(FIRST_VIEWS - 1):
        with (
            serving(root, folder / f"{number}") as address,
            browser.new_page(viewport=size) as page,
        ):
            before.append(opened(Person(page, address)))
    with serving(root, folder) as address:
        page = browser.new_page(viewport=size)
        person = Person(page, address)
        opening(person, times, before, runs)
        looking(person, times, str(leg.band))
        measuring(person, times, places, leg, runs)
        listing(person, times, bands, runs)
    print(f"over the limit: {', '.join(times.over) or 'nothing'}")
    return not times.over


def main() -> None:
    """Read the command line, and measure."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=20_000_000)
    parser.add_argument("--archive", type=Path)
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    path = os.environ.get("GPHOTON_DB_CHROMIUM") or shutil.which("chromium")
    if not path:
        raise SystemExit("needs Debian's chromium")
    with tempfile.TemporaryDirectory(prefix="gphoton-bench-") as name, sync_playwright() as driver:
        folder = Path(name)
        archive = Archive(options.archive) if options.archive else ingested(folder, options.events)
        browser = driver.chromium.launch(executable_path=path, args=FLAGS)
        with archive:
            measure(archive, browser, folder, options.runs)
        browser.close()


if __name__ == "__main__":
    main()
