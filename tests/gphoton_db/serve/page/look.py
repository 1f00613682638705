"""The page in a browser, as tests see it: what it shows, and what a person does to it."""

import math
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import numpy as np
import pytest
from astropy import units as u
from astropy_healpix import HEALPix
from numpy.typing import NDArray

from gphoton_db.archive import Archive
from gphoton_db.serve.options import ServeOptions
from gphoton_db.serve.server import Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page, Route

Answer = Callable[["Route"], None]

FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]

SETTLED = "() => Boolean(window.gphoton) && window.gphoton.settled()"
LONGEST_MS = 60_000
POLLING_MS = 25
"""Waits look so often: by default at each frame, which has the browser draw all the time."""

KEPT = os.environ.get("GPHOTON_DB_SCREENSHOTS")
"""Folder of the pictures that tests take; none are taken without."""

SIZE = (1280, 720) if KEPT else (960, 600)
"""Of the page: the fewer pixels, the less to draw."""

GOOD = "flags = 0 AND NOT coalesce(mask, false) AND response > 0 AND detrad < 370"
"""Photons that count on the sky."""

TILE_SUM = """async ({ band, order, pixels }) => {
  const { layersOf } = await import("/layers.js");
  const { tileKey } = await import("/tiles.js");
  const { placeOf } = await import("/healpix.js");
  const layer = layersOf(gphoton.state.get(), gphoton.archive).find((each) => each.band === band);
  let sum = 0;
  for (const pixel of pixels) {
    const tile = gphoton.store.get(tileKey(layer, order, Math.floor(pixel / 4 ** 9)));
    if (!tile) throw new Error(`the tile of pixel ${pixel} is not there`);
    const [, x, y] = placeOf(pixel, order + 9);
    const value = tile.data ? tile.data[(x % 512) * 512 + (y % 512)] : NaN;
    if (!Number.isNaN(value)) sum += value;
  }
  return sum;
}"""

PLACE_OF = """async ([ra, dec]) => {
  const { projectPosition } = await import("/projection.js");
  return projectPosition(gphoton.sky.view(), ra, dec);
}"""


def chromium() -> str:
    """Return the path of the browser; skip the test where there is none.

    That without windows takes half of the time.
    """
    named = os.environ.get("GPHOTON_DB_CHROMIUM")
    path = named or shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if not path:
        pytest.skip("needs Debian's chromium-headless-shell, or its chromium")
    return path


@contextmanager
def served(path: Path, cache: Path, **options: Any) -> Iterator[Server]:
    """Serve an archive in a thread, with a folder of its own for tiles."""
    with Archive(path) as archive, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(cache))
        patch.setenv("XDG_DATA_HOME", str(cache))
        settings = {"port": 0, "browser": False} | options
        with Server(archive._catalogue, ServeOptions(**settings)) as server:
            yield server


@dataclass(frozen=True)
class Look:
    """A tab of the browser with the page in it.

    Parameters
    ----------
    page : Page
        The tab.
    root : str
        Address of the server.
    problems : list of str
        What the page wrote to the console as an error, and what it did not catch.
    """

    page: "Page"
    root: str
    problems: list[str]

    def go(self, **state: Any) -> None:
        """Open a link to a state."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.root}/#{urlencode(state)}")
        self.settle()

    def settle(self) -> None:
        """Wait until the picture and the light curve are there."""
        self.wait(SETTLED)

    def after(self, changed: str) -> None:
        """Wait until a function of the page is true, and then until all is there."""
        self.wait(changed)
        self.settle()

    def wait(self, condition: str, given: Any = None) -> None:
        """Wait until a function of the page is true."""
        self.page.wait_for_function(condition, arg=given, timeout=LONGEST_MS, polling=POLLING_MS)

    def state(self) -> dict[str, Any]:
        """Return what the page shows."""
        found: dict[str, Any] = self.page.evaluate("() => ({ ...gphoton.state.get() })")
        return found

    def set(self, **changes: Any) -> None:
        """Change what the page shows."""
        self.page.evaluate("(changes) => gphoton.state.set(changes)", changes)
        self.settle()

    def point(self, ra: float, dec: float) -> tuple[float, float]:
        """Return where on the screen a position is."""
        x, y = self.page.evaluate(PLACE_OF, [ra, dec])
        box = box_of(self.page.locator("#sky"))
        return box[0] + x, box[1] + y

    def click(self, ra: float, dec: float) -> None:
        """Click on a position, and wait for its light curve."""
        self.page.mouse.click(*self.point(ra, dec))
        self.after("() => gphoton.measure.curves() !== null && !gphoton.measure.busy()")

    def curves(self) -> dict[str, list[dict[str, Any]]]:
        """Return the light curves shown, by band a list of legs."""
        found: dict[str, list[dict[str, Any]]] = self.page.evaluate(
            "() => gphoton.measure.curves()"
        )
        return found

    def tile_sum(self, band: str, order: int, pixels: NDArray[Any]) -> float:
        """Return the sum of pixels (of order + 9) of the tiles that the page has."""
        asked = {"band": band, "order": order, "pixels": pixels.tolist()}
        return float(self.page.evaluate(TILE_SUM, asked))

    def order(self) -> int:
        """Return the order of the tiles shown."""
        found: int = self.page.evaluate(
            """async () => {
              const { orderFor } = await import("/raster.js");
              return orderFor(gphoton.sky.view(), 3, 9);
            }"""
        )
        return found

    def text(self, selector: str) -> str:
        """Return the text of an element."""
        return self.page.locator(selector).inner_text()


@contextmanager
def look(
    browser: "Browser", server: Server, change: tuple[str, Answer] | None = None, **options: Any
) -> Iterator[Look]:
    """Open the page in a tab of its own, without what other tabs know.

    `change` has the addresses of a file of the page, and answers in its place.
    """
    context = browser.new_context(
        viewport={"width": SIZE[0], "height": SIZE[1]}, locale="en-US", **options
    )
    if change is not None:
        context.route(*change)
    yield another_tab(context.new_page(), server)
    context.close()


def another_tab(page: "Page", server: Server) -> Look:
    """Open the page in a tab."""
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    page.goto(server.address)
    tab = Look(page, server.root, problems)
    tab.settle()
    return tab


def box_of(locator: "Locator") -> tuple[float, float, float, float]:
    """Return left, top, width and height of an element on the screen."""
    box = locator.bounding_box()
    assert box is not None
    return box["x"], box["y"], box["width"], box["height"]


def pixels_near(ra: float, dec: float, radius: float, order: int) -> NDArray[np.int64]:
    """Return the nested pixels of an order about a position, arcsec."""
    healpix = HEALPix(nside=2**order, order="nested")
    found = healpix.cone_search_lonlat(ra * u.deg, dec * u.deg, radius * u.arcsec)
    return np.asarray(found, np.int64)


def sum_by_sql(
    archive: Path, band: str, pixels: NDArray[Any], order: int, where: str = ""
) -> float:
    """Return the sum of weights of the photons that count on some pixels of an order."""
    with Archive(archive) as opened:
        rows = opened.query(
            f"SELECT ra, dec, 1 / response AS weight FROM photons WHERE band = '{band}' AND {GOOD} "
            + where
        ).df()
    healpix = HEALPix(nside=2**order, order="nested")
    on = healpix.lonlat_to_healpix(rows["ra"].to_numpy() * u.deg, rows["dec"].to_numpy() * u.deg)
    return float(rows["weight"].to_numpy(np.float64)[np.isin(on, pixels)].sum())


def numbers(values: Sequence[float | None]) -> NDArray[np.float64]:
    """Return a column of an answer, NaN where there is nothing."""
    return np.array([math.nan if value is None else value for value in values])
