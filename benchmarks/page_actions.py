"""What a person does on the page in a browser, timed by the clock: for `serve_page.py`."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]

LONGEST_MS = 120_000

SETTLED = "() => Boolean(window.gphoton) && window.gphoton.settled()"
MEASURED = f"() => ({SETTLED})() && gphoton.measure.curves() !== null"
NOTE_OUTLINE = """
const note = () => {
  const frames = window.gphoton?.sky.frames();
  const isThere = window.gphoton?.archive.drawn.NUV.some((leg) => leg.outline);
  if (isThere && window.withoutOutline === undefined) window.withoutOutline = frames;
  if (isThere && frames > window.withoutOutline) window.outlinedAt = Date.now();
  else window.requestAnimationFrame(note);
};
window.requestAnimationFrame(note);
"""
"""Notes when the first frame is drawn after an outline of NUV is there, in ms since 1970."""

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
