"""How long does a person wait?  The page, driven in a browser as a person drives it.

    python benchmarks/serve_page.py [--events 20000000] [--archive ARCHIVE] [--runs 7]

Makes and ingests a NUV visit of that many events (or takes the largest leg of NUV of an archive),
serves it by the command in a process of its own, without tiles on disk, and opens the page in
Debian's Chromium at 1280 x 720, without a GPU.  Each action is timed from the person's doing to the
page's being through with it, by the clock: medians and longest of several runs, next to the limit
(two idle cores, 18 M photons), and as ratios to reading the leg's columns once.

coverage       opening: until the visit's outline is there
first image    opening: until all tiles of the first view are there; the leg is read for it
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
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.products import ingested  # noqa: E402
from gphoton_db.archive import Archive  # noqa: E402
from gphoton_db.catalogue.records import LegRecord  # noqa: E402
from gphoton_db.products.hips.photons import photon_columns  # noqa: E402
from gphoton_db.products.photon_batches import photon_batches, row_groups  # noqa: E402
from gphoton_db.products.reader import photon_files  # noqa: E402
from gphoton_db.system.cores import usable_cores  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]

ORDER = 8
LONGEST_MS = 120_000

SETTLED = "() => Boolean(window.gphoton) && window.gphoton.settled()"
MEASURED = f"() => ({SETTLED})() && gphoton.measure.curves() !== null"
OUTLINED = "() => Boolean(window.gphoton) && gphoton.archive.drawn.NUV.some((leg) => leg.outline)"

FRAMES = """async ([name, by, n]) => {
  const times = [];
  for (let i = 0; i < n; i += 1) {
    const { [name]: before, fov } = gphoton.state.get();
    const frames = gphoton.sky.frames();
    const start = performance.now();
    gphoton.state.set({ [name]: name === "fov" ? before * by : before + by * fov });
    while (gphoton.sky.frames() === frames) await new Promise(requestAnimationFrame);
    times.push(performance.now() - start);
  }
  return times;
}"""
"""Milliseconds of frames that are changed and drawn one after the other."""

TILES = """async (queries) => {
  const times = [];
  for (const query of queries) {
    const start = performance.now();
    const answer = await fetch(`api/tile?${query}`, { cache: "no-store" });
    await answer.arrayBuffer();
    times.push(performance.now() - start);
  }
  return times;
}"""

POINT = """async ([ra, dec]) => {
  const { projectPosition } = await import("/projection.js");
  const [x, y] = projectPosition(gphoton.sky.view(), ra, dec);
  const box = document.getElementById("sky").getBoundingClientRect();
  return [box.left + x, box.top + y];
}"""

FINEST = """async () => {
  const { orderFor } = await import("/raster.js");
  const { pixelAt } = await import("/healpix.js");
  const { ra, dec } = gphoton.state.get();
  const order = orderFor(gphoton.sky.view(), 3, 9);
  return [order, pixelAt(ra, dec, order)];
}"""


@dataclass
class Times:
    """Prints what was timed.

    Parameters
    ----------
    reading : float
        Milliseconds that reading the leg takes.
    over : list of str
        What took longer than it may.
    """

    reading: float
    over: list[str] = field(default_factory=list)

    def show(self, name: str, limit: float | None, found: list[float]) -> None:
        """Print a line."""
        middle, longest = statistics.median(found), max(found)
        mark = "" if limit is None else f"{limit:7.0f}"
        ratio = middle / self.reading
        is_over = limit is not None and middle > limit
        if is_over:
            self.over.append(name)
        line = f"{name:12s} {middle:8.1f} {longest:8.1f} {mark:>7s}  {ratio:7.4f} x read"
        print(line + ("  OVER" if is_over else ""), flush=True)


def timed(action: Callable[[], object]) -> float:
    """Return how long an action took, ms."""
    start = time.perf_counter()
    action()
    return 1000 * (time.perf_counter() - start)


@dataclass(frozen=True)
class Person:
    """What a person does on the page, each until the page is through with it.

    Parameters
    ----------
    page : Page
        A tab.
    address : str
        With the token.
    """

    page: "Page"
    address: str

    def until(self, condition: str) -> None:
        """Wait for a function of the page to be true."""
        self.page.wait_for_function(condition, timeout=LONGEST_MS, polling="raf")

    def set(self, **changes: Any) -> None:
        """Change the state, and wait for all that follows."""
        self.page.evaluate("(changes) => gphoton.state.set(changes)", changes)
        self.until(SETTLED)

    def click(self, x: float, y: float) -> None:
        """Click on the sky."""
        self.page.mouse.click(x, y)
        self.until(MEASURED)

    def fill(self, **fields: object) -> None:
        """Write into fields of the light curve."""
        for name, value in fields.items():
            self.page.fill(f"#{name.replace('_', '-')}", str(value))
        self.page.press(f"#{list(fields)[-1].replace('_', '-')}", "Enter")
        self.until(MEASURED)

    def go_to(self, ra: float, dec: float) -> None:
        """Type a position."""
        self.page.fill("#go-text", f"{ra:.6f} {dec:.6f}")
        self.page.press("#go-text", "Enter")
        self.until(MEASURED)

    def drag_time(self, start: float, stop: float) -> float:
        """Drag over a part of the light curve; return how long its picture took, ms."""
        box = self.page.locator("#curve .u-over").bounding_box()
        assert box is not None
        y = box["y"] + box["height"] / 2
        self.page.mouse.move(box["x"] + start * box["width"], y)
        self.page.mouse.down()
        self.page.mouse.move(box["x"] + stop * box["width"], y, steps=3)
        before = self.page.evaluate("() => gphoton.state.get().t0")
        changed = f"() => gphoton.state.get().t0 !== {before or 'null'} && gphoton.settled()"

        def let_go() -> None:
            self.page.mouse.up()
            self.until(changed)

        return timed(let_go)


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


@contextmanager
def serving(archive: Path, folder: Path) -> Iterator[str]:
    """Serve an archive with the command; yield the address."""
    homes = {name: str(folder / name) for name in ("XDG_CACHE_HOME", "XDG_DATA_HOME")}
    command = [sys.executable, "-m", "gphoton_db", "--archive", str(archive), "serve"]
    with subprocess.Popen(
        [*command, "--port", "0", "--no-browser"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | homes,
    ) as running:
        assert running.stdout is not None
        try:
            lines = iter(running.stdout.readline, "")
            yield next(line.strip() for line in lines if line.startswith("http://"))
        finally:
            running.terminate()


def opening(person: Person, times: Times, runs: int) -> None:
    """Time the first view, and the same again."""
    start = time.perf_counter()
    person.page.goto(person.address)
    person.until(OUTLINED)
    coverage = time.perf_counter() - start
    person.until(SETTLED)
    image = time.perf_counter() - start
    times.show("coverage", 1000, [1000 * coverage])
    times.show("first image", 5000, [1000 * image])

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
    with serving(archive.paths.root, folder) as address:
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        person = Person(page, address)
        opening(person, times, runs)
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
