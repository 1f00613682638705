"""The page's links, tabs, keys and modules, and a server that goes away under it."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.wcs import WCS
from astropy_healpix import HEALPix

from gphoton_db.serve.in_view import begin_with
from gphoton_db.serve.page_files import PAGE
from gphoton_db.serve.server import Server
from tests.archives import SessionArchive, Star
from tests.gphoton_db.serve.page.look import Look, another_tab, look, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ASKED_FIRST = """() => performance.getEntriesByType("resource")
  .filter(({ name }) => !/notes|tile|page\\.|vendor/.test(name))
  .map(({ name, initiatorType }) => [name.replace(`${location.origin}/`, ""), initiatorType])"""
"""Addresses that a page that just came asked for, and what made it ask."""

FOCUSED = """() => {
  const { id, className, value, textContent } = document.activeElement;
  return id || className || value || textContent;
}"""

UNNAMED = """() => {
  const kinds = "button, input, select, textarea, summary, [tabindex='0']";
  const isNamed = (each) => each.labels?.length || each.textContent.trim() || each.ariaLabel;
  const found = [...document.querySelectorAll(kinds)];
  const unnamed = found.filter((each) => !each.hidden && !isNamed(each));
  return unnamed.map((each) => each.outerHTML);
}"""
"""What can be used, and a screen reader has no name for."""


def test_a_link_reproduces_the_view(
    browser: "Browser", server: Server, tab: Look, both: SessionArchive
) -> None:
    star = both.star(Star.FLARING)
    row = tab.page.evaluate("() => gphoton.archive.rows[0]")
    tab.set(
        **{"ra": star.ra, "dec": star.dec, "fov": 0.1, "band": "FUV", "plane": "intensity"},
        **{"t0": row["t0"] + 10, "t1": row["t0"] + 40, "at": f"{star.ra},{star.dec}"},
        **{"radius": 9, "annulus": "20,40", "step": 5, "scale": "log,0,0.01", "tab": "sql"},
    )
    tab.wait("() => location.hash.includes('tab=sql')")
    wanted, link = tab.state(), tab.page.url
    assert link.startswith(server.root)
    with look(browser, server) as other:
        other.page.goto("about:blank")
        other.page.goto(link)
        other.settle()
        got = other.state()
        for name in ("ra", "dec", "fov"):
            assert abs(got.pop(name) - wanted.pop(name)) < 2e-6
        assert got == wanted
        # What is no state is left out, and the page opens all the same.
        other.page.goto("about:blank")
        other.page.goto(f"{server.root}/#ra=NaN&dec=400&fov=-1&band=X&t0=5&t1=1&leg={'9' * 500}")
        other.settle()
        assert other.state()["band"] == "NUV"
        assert other.state()["t0"] is None
        assert other.problems == []


def test_two_tabs_see_each_others_notes_and_none_is_lost(
    browser: "Browser", server: Server
) -> None:
    keep = """(place) => gphoton.targets.keep(place)"""
    with look(browser, server) as first:
        second = another_tab(first.page.context.new_page(), server)
        # What the page begins with is asked for once, before any of it is run.
        asked = second.page.evaluate(ASKED_FIRST)
        begun = begin_with(server.served.archive.legs())
        assert sorted(asked[: len(begun)]) == sorted([name, "link"] for name in begun)
        assert not {name for name, _ in asked[len(begun) :]} & set(begun[1:])
        first.page.evaluate(keep, {"ra": 150.2, "dec": 2.3, "label": "of two tabs"})
        second.page.evaluate("() => gphoton.targets.refresh()")
        for tab in (first, second):
            tab.page.click("#tab-targets")
        note = ".targets li:has-text('of two tabs') textarea"
        first.page.fill(note, "seen by the first")
        first.wait(
            "() => gphoton.targets.places().some((each) => each.note === 'seen by the first')"
        )
        assert first.problems == []
        # The second does not know of it: its change is refused, and it shows the first's.
        second.page.fill(note, "seen by the second")
        second.wait(
            "() => document.querySelector('#panel-targets .hint').textContent.includes('elsewhere')"
        )
        listed = "() => gphoton.targets.places().map((each) => each.note)"
        assert "seen by the first" in second.page.evaluate(listed)
        assert len(second.problems) == 1


def test_a_server_started_anew_under_an_open_page(
    browser: "Browser", both: SessionArchive, tmp_path: Path
) -> None:
    ask = "() => gphoton.archive.load().catch(() => null)"
    with served(both.archive_path, tmp_path) as first, look(browser, first) as tab:
        star = both.star(Star.BRIGHT)
        tab.set(ra=star.ra, dec=star.dec, fov=0.2)
        view = tab.state()
        first.stop()
        tab.page.evaluate(ask)
        assert "does not answer" in tab.text("#banner")
        with served(both.archive_path, tmp_path, port=first.port) as second:
            tab.page.evaluate(ask)
            assert "new key" in tab.text("#banner")
            assert tab.state() == view
            another = another_tab(tab.page.context.new_page(), second)
            # The browser has the new cookie now, for the old tab as well.
            tab.page.evaluate(ask)
            tab.settle()
            assert not tab.page.locator("#banner").is_visible()
            assert tab.state() == view
            assert another.problems == []


def test_the_keyboard_reaches_all_in_the_order_of_the_page_and_all_has_a_name(tab: Look) -> None:
    page = tab.page
    page.evaluate("() => document.querySelector('.skip').focus()")
    reached: list[str] = [page.evaluate(FOCUSED)]
    while len(reached) < 60 and "tab-visits" not in reached:
        page.keyboard.press("Tab")
        reached.append(page.evaluate(FOCUSED))
    wanted = ["skip", "go-text", "NUV", "plane", "Display", "theme", "help", "sky", "zoom-in"]
    wanted += ["zoom-sky", "relative", "radius", "annulus-in", "annulus-out", "step", "visit"]
    wanted += ["splitter", "tab-visits"]
    assert [each for each in reached if each in wanted] == wanted
    # Tabs are one stop, with arrows among them.
    page.keyboard.press("ArrowRight")
    assert page.evaluate(FOCUSED) == "tab-sources"
    assert tab.state()["tab"] == "sources"
    assert page.evaluate(UNNAMED) == []


def run(tab: Look, module: str, body: str, given: Any) -> Any:
    """Run a function body with the module as `m` and what is given as `given`."""
    source = f'async (given) => {{ const m = await import("/{module}"); {body} }}'
    return tab.page.evaluate(source, given)


def test_healpix_is_that_of_astropy(tab: Look) -> None:
    random = np.random.default_rng(3)
    ra = np.r_[random.uniform(0, 360, 500), 0.0, 90.0, 359.9999999, 12.0, 200.0, 45.0]
    dec = np.r_[
        np.degrees(np.arcsin(random.uniform(-1, 1, 500))), 0.0, 41.81, -1e-9, 89.9999, -89.99, 89.0
    ]
    for order in (0, 3, 8, 13, 17, 20):
        healpix = HEALPix(nside=2**order, order="nested")
        expected = healpix.lonlat_to_healpix(ra * u.deg, dec * u.deg)
        places = np.stack([ra, dec], axis=1).tolist()
        body = "return given.places.map(([ra, dec]) => m.pixelAt(ra, dec, given.order));"
        assert run(tab, "healpix.js", body, {"places": places, "order": order}) == expected.tolist()
        body = "return given.pixels.map((p) => m.positionOf(m.centreOf(p, given.order)));"
        centres = run(tab, "healpix.js", body, {"pixels": expected.tolist(), "order": order})
        lon, lat = healpix.healpix_to_lonlat(expected)
        got = SkyCoord(np.array(centres) * u.deg)
        assert got.separation(SkyCoord(lon, lat)).arcsec.max() < 1e-6


def test_the_projection_is_the_orthographic_of_wcs(tab: Look) -> None:
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---SIN", "DEC--SIN"]
    wcs.wcs.crval = [359.9, 84.0]
    wcs.wcs.cdelt = [-3.0 / 640, 3.0 / 640]
    wcs.wcs.crpix = [320.5, 240.5]
    x, y = np.meshgrid(np.linspace(0, 640, 9), np.linspace(0, 480, 7))
    ra, dec = wcs.wcs_pix2world(x.ravel() + 0.5, 480 - y.ravel() + 0.5, 1)
    body = """
      const view = m.makeView(359.9, 84, 3, 640, 480);
      return given.map(([x, y]) => {
        const at = m.positionAt(view, x, y);
        return [...at, ...m.projectPosition(view, ...at)];
      });"""
    got = np.array(run(tab, "projection.js", body, np.stack([x.ravel(), y.ravel()], 1).tolist()))
    away = SkyCoord(got[:, :2] * u.deg).separation(SkyCoord(ra * u.deg, dec * u.deg))
    assert away.arcsec.max() < 1e-6
    assert np.abs(got[:, 2:] - np.stack([x.ravel(), y.ravel()], 1)).max() < 1e-6


def test_places_between_the_corners_of_blocks_are_right_at_a_pole_and_a_border(tab: Look) -> None:
    body = """
      const p = await import("/projection.js");
      const h = await import("/healpix.js");
      let wrong = 0;
      const at = [0, 0, 0];
      // All tiles have the places of their pixels as values.
      const data = Float64Array.from({ length: 512 * 512 }, (_, i) => i);
      const lookUp = () => ({ data, drop: 0, factor: 1 });
      for (const [ra, dec] of given) {
        const view = p.makeView(ra, dec, 1.5, 120, 96);
        const order = m.orderFor(view, 3, 9);
        const values = new Float64Array(120 * 96);
        m.rasterise(view, order, lookUp, values);
        const side = 2 ** (order + 9);
        const out = new Float64Array(3);
        for (let y = 0; y < 96; y += 3) {
          for (let x = 0; x < 120; x += 3) {
            p.unproject(view, x + 0.5, y + 0.5, at);
            h.faceOf(...at, out);
            const value = values[y * 120 + x];
            const dx = Math.floor(value / 512) + 0.5 - ((out[1] * side) % 512);
            const dy = (value % 512) + 0.5 - ((out[2] * side) % 512);
            if (Math.min(Math.abs(dx), 512 - Math.abs(dx)) > 0.8) wrong += 1;
            if (Math.min(Math.abs(dy), 512 - Math.abs(dy)) > 0.8) wrong += 1;
          }
        }
      }
      return wrong;"""
    places = [[0, 90], [10, -89.6], [45, 41.8], [90, 0], [0, 41.81], [180, 30]]
    assert run(tab, "raster.js", body, places) == 0


def test_positions_are_read_as_people_write_them(tab: Look) -> None:
    body = "return given.map((text) => m.parsePosition(text));"
    right = ["21:33:58.3 -02:03:50.4", "21h33m58.3s -02d03m50.4s", "21 33 58.3 -02 03 50.4"]
    wrong = ["x y", "400 0", "10 95", "10:75:00 3", "1 2 3", ""]
    read = run(tab, "format.js", body, [*right, "12.5,-3", *wrong])
    expected = SkyCoord("21h33m58.3s -02d03m50.4s")
    for each in read[:3]:
        assert np.allclose(each, [expected.ra.deg, expected.dec.deg], rtol=0, atol=1e-9)
    assert read[3] == [12.5, -3]
    assert read[4:] == [None] * 6


def test_a_stretch_and_its_inverse_and_what_smoothing_keeps(tab: Look) -> None:
    body = "return m.STRETCHES.map((s) => given.map((u) => m.unstretched(m.stretched(u, s), s)));"
    values = [0, 0.001, 0.3, 1]
    assert np.allclose(run(tab, "colours.js", body, values), [values] * 4, rtol=0, atol=1e-12)
    body = """
      const values = new Float32Array(40 * 30).fill(NaN);
      for (let y = 5; y < 25; y += 1) for (let x = 5; x < 35; x += 1) values[y * 40 + x] = 2;
      const done = m.smoothed(values, 40, 30, 2);
      const seen = done.filter((v) => v === v);
      return [done.length - seen.length, Math.min(...seen)];"""
    assert np.allclose(run(tab, "smooth.js", body, None), [40 * 30 - 600, 2.0])


def test_files_are_short_and_have_no_inline_code() -> None:
    for path in PAGE.glob("*.js"):
        assert len(path.read_text("utf-8").splitlines()) <= 300, path.name
    text = (PAGE / "index.html").read_text("utf-8")
    assert "style=" not in text
    assert "<style" not in text
    assert " on" + "click" not in text
    assert "MIT License" in (PAGE / "vendor" / "uPlot.LICENSE").read_text("utf-8")
