"""What a person does on the page, each with the numbers that SQL gives."""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from gphoton_db.archive import Archive
from gphoton_db.products.hips.tiles import pixel_arcsec2
from tests.archives import SessionArchive, Star
from tests.gphoton_db.serve.page.conftest import Picture
from tests.gphoton_db.serve.page.look import (
    Look,
    box_of,
    numbers,
    pixels_near,
    sum_by_sql,
)

BANDS = ("NUV", "FUV")


def at_star(tab: Look, both: SessionArchive, star: Star, fov: float = 0.2) -> tuple[float, float]:
    """Look at a star."""
    source = both.star(star)
    tab.set(ra=source.ra, dec=source.dec, fov=fov)
    return source.ra, source.dec


def compare(tab: Look, both: SessionArchive, ra: float, dec: float, **options: Any) -> None:
    """Compare the light curves shown with those of the archive."""
    with Archive(both.archive_path) as archive:
        expected = archive.lightcurve(ra, dec, **options)
    rates = "cps_bgsub" if "annulus" in options else "cps"
    for band in BANDS:
        (leg,) = tab.curves()[band]
        of_band = expected.of_band(band)
        assert_array_equal(leg["counts"], np.asarray(of_band["counts"].value))
        assert_array_equal(leg["flags"], np.asarray(of_band["flags"]))
        assert_allclose(leg["t0"], of_band["t0"].value, rtol=0, atol=1e-6)
        assert_allclose(numbers(leg["cps"]), np.asarray(of_band[rates].value), rtol=1e-9)


def test_it_opens_on_the_visit_with_its_outline_and_all_its_photons(
    tab: Look, both: SessionArchive, picture: Picture
) -> None:
    visit = both.visit.scene.sources[0]
    state = tab.state()
    assert abs(state["dec"] - visit.dec) < 0.7
    drawn = tab.page.evaluate("() => gphoton.archive.drawn.NUV.map((leg) => leg.outline.length)")
    assert drawn == [1]
    assert "150000000" not in tab.text("#panel-visits")
    assert "23500.0" in tab.text("#panel-visits")
    assert "NUV FUV" in tab.text("#panel-visits")
    order = tab.order()
    pixels = pixels_near(150.1, 2.2, 240.0, order + 9)
    expected = sum_by_sql(both.archive_path, "NUV", pixels, order + 9)
    assert expected > 300
    assert tab.tile_sum("NUV", order, pixels) == pytest.approx(expected, rel=1e-6)
    picture(tab, "open")


def test_dragging_and_the_wheel_show_the_pixels_that_sql_has(
    tab: Look, both: SessionArchive
) -> None:
    ra, dec = at_star(tab, both, Star.BRIGHT, fov=0.4)
    page = tab.page
    x, y = tab.point(ra, dec)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 90, y - 60, steps=3)
    page.mouse.up()
    tab.settle()
    # The sky stays under the pointer, when it is dragged and when it is zoomed.
    assert tab.point(ra, dec) == pytest.approx((x + 90, y - 60), abs=0.7)
    page.mouse.wheel(0, -300)
    tab.after("() => gphoton.state.get().fov < 0.3")
    assert tab.point(ra, dec) == pytest.approx((x + 90, y - 60), abs=0.7)
    order = tab.order()
    (pixel,) = pixels_near(ra, dec, 0.0001, order + 9)[:1]
    shown = page.evaluate(
        """async ([ra, dec]) => {
          const { pixelArcsec2, pixelAt } = await import("/healpix.js");
          const { projectPosition, positionAt } = await import("/projection.js");
          const { orderFor } = await import("/raster.js");
          const view = gphoton.sky.view();
          const order = orderFor(view, 3, 9);
          const [x, y] = projectPosition(view, ra, dec).map(Math.floor);
          const at = positionAt(view, x + 0.5, y + 0.5);
          const value = gphoton.sky.valueAt("NUV", x, y) * pixelArcsec2(order);
          return [value, pixelAt(...at, order + 9)];
        }""",
        [ra, dec],
    )
    assert shown[1] in pixels_near(ra, dec, 6.0, order + 9)
    expected = sum_by_sql(both.archive_path, "NUV", np.array([shown[1]]), order + 9)
    assert pixel > 0
    assert shown[0] == pytest.approx(expected, rel=1e-6)
    assert expected > 0


def test_going_to_a_position_puts_the_star_on_the_middle_pixel(
    tab: Look, both: SessionArchive
) -> None:
    star = both.star(Star.BRIGHT)
    tab.page.fill("#go-text", f"{star.ra:.6f} {star.dec:.6f}")
    tab.page.press("#go-text", "Enter")
    tab.after("() => gphoton.state.get().at !== '' && !gphoton.measure.busy()")
    tab.set(fov=0.25, smooth=0)
    middle = tab.page.evaluate(
        """() => {
          const view = gphoton.sky.view();
          let [sum, sx, sy] = [0, 0, 0];
          const [cx, cy] = [view.width / 2, view.height / 2].map(Math.round);
          for (let y = cy - 12; y < cy + 12; y += 1) {
            for (let x = cx - 12; x < cx + 12; x += 1) {
              const value = gphoton.sky.valueAt("NUV", x, y) || 0;
              sum += value;
              sx += value * (x + 0.5);
              sy += value * (y + 0.5);
            }
          }
          return [sx / sum - view.width / 2, sy / sum - view.height / 2];
        }"""
    )
    assert np.hypot(*middle) < 1.0
    assert tab.state()["ra"] == pytest.approx(star.ra, abs=1e-6)


def test_a_click_on_the_flaring_star_gives_both_bands_as_sql_has_them(
    tab: Look, both: SessionArchive, picture: Picture
) -> None:
    ra, dec = at_star(tab, both, Star.FLARING)
    tab.click(ra, dec)
    clicked = [float(each) for each in tab.state()["at"].split(",")]
    assert np.hypot(clicked[0] - ra, clicked[1] - dec) * 3600 < 2.0
    compare(tab, both, *clicked)
    with Archive(both.archive_path) as archive:
        rows = archive.query(
            "SELECT band, list(counts ORDER BY t0) AS counts, list(cps ORDER BY t0) AS cps "
            f"FROM lightcurve({clicked[0]}, {clicked[1]}, radius := 12.8, step := 30) "
            "GROUP BY band"
        ).arrow()
    for row in rows.to_pylist():
        (leg,) = tab.curves()[row["band"]]
        assert leg["counts"] == row["counts"]
        assert_allclose(numbers(leg["cps"]), row["cps"], rtol=1e-9)
    assert sorted(rows["band"].to_pylist()) == ["FUV", "NUV"]
    picture(tab, "click")


def test_radius_annulus_and_step_are_measured_anew(tab: Look, both: SessionArchive) -> None:
    star = both.star(Star.FLARING)
    tab.set(ra=star.ra, dec=star.dec, fov=0.2, at=f"{star.ra},{star.dec}")
    for field, value in (
        ("radius", "9"),
        ("annulus-in", "30"),
        ("annulus-out", "60"),
        ("step", "5"),
    ):
        tab.page.fill(f"#{field}", value)
    tab.page.press("#step", "Enter")
    tab.after("() => gphoton.measure.curves()?.NUV[0].t0.length > 8 && !gphoton.measure.busy()")
    assert tab.state()["annulus"] == "30,60"
    compare(tab, both, star.ra, star.dec, radius=9.0, annulus=(30.0, 60.0), step=5.0)
    tab.page.click("#relative")
    tab.settle()
    low, high = tab.page.evaluate(
        "() => { const { y } = gphoton.measure.chart().chart.scales; return [y.min, y.max]; }"
    )
    (leg,) = tab.curves()["NUV"]
    rates, good = numbers(leg["cps"]), np.array(leg["flags"]) == 0
    relative = rates / rates[good if good.any() else slice(None)].mean()
    assert low < np.nanmin(relative)
    assert np.nanmax(relative) < high < 3 * np.nanmax(relative)


def test_a_drag_over_time_shows_the_photons_of_that_time(
    tab: Look, both: SessionArchive, picture: Picture
) -> None:
    star = both.star(Star.FLARING)
    tab.set(ra=star.ra, dec=star.dec, fov=0.2, at=f"{star.ra},{star.dec}", step=2)
    tab.after("() => document.querySelector('#curve .u-over') !== null")
    left, top, width, height = box_of(tab.page.locator("#curve .u-over"))
    tab.page.mouse.move(left + 0.45 * width, top + height / 2)
    tab.page.mouse.down()
    tab.page.mouse.move(left + 0.65 * width, top + height / 2, steps=4)
    tab.page.mouse.up()
    tab.after("() => gphoton.state.get().t0 !== null")
    state = tab.state()
    order = tab.order()
    pixels = pixels_near(star.ra, star.dec, 60.0, order + 9)
    # Times are stored in whole milliseconds; the range begins and ends on them.
    within = f"AND t_ms >= {round(state['t0'] * 1000)} AND t_ms < {round(state['t1'] * 1000)}"
    expected = sum_by_sql(both.archive_path, "NUV", pixels, order + 9, within)
    everything = sum_by_sql(both.archive_path, "NUV", pixels, order + 9)
    assert 0 < expected < everything
    assert tab.tile_sum("NUV", order, pixels) == pytest.approx(expected, rel=1e-6)
    assert tab.page.locator("#time-chip").is_visible()
    picture(tab, "time")
    tab.page.keyboard.press("Escape")
    tab.after("() => gphoton.state.get().t0 === null")
    assert tab.tile_sum("NUV", order, pixels) == pytest.approx(everything, rel=1e-6)


def test_another_band_has_the_same_place_and_time(tab: Look, both: SessionArchive) -> None:
    ra, dec = at_star(tab, both, Star.BLUE)
    row = tab.page.evaluate("() => gphoton.archive.rows[0]")
    tab.set(t0=row["t0"] + 10, t1=row["t0"] + 30, at=f"{ra},{dec}")
    before = tab.state()
    tab.page.keyboard.press("2")
    tab.after("() => gphoton.state.get().band === 'FUV'")
    assert tab.state() == before | {"band": "FUV"}
    order = tab.order()
    pixels = pixels_near(ra, dec, 20.0, order + 9)
    within = f"AND t >= {before['t0']} AND t < {before['t1']}"
    expected = sum_by_sql(both.archive_path, "FUV", pixels, order + 9, within)
    assert expected > 100
    assert tab.tile_sum("FUV", order, pixels) == pytest.approx(expected, rel=1e-6)


def test_intensity_is_that_of_the_map(tab: Look, both: SessionArchive, picture: Picture) -> None:
    ra, dec = at_star(tab, both, Star.BRIGHT, fov=0.3)
    tab.set(plane="intensity")
    order, radius = tab.order(), 60.0
    pixels = pixels_near(ra, dec, radius, order + 9)
    shown = tab.tile_sum("NUV", order, pixels) * pixel_arcsec2(order)
    with Archive(both.archive_path) as archive:
        (made,) = archive.map(ra, dec, 0.04, bands="NUV", pixel=1.5)
    rows, columns = np.indices(made.intensity.shape)
    x, y = made.wcs.world_to_pixel_values(ra, dec)
    near = np.hypot(columns - x, rows - y) * 1.5 < radius
    assert shown == pytest.approx(float(made.intensity[near].sum()), rel=0.01)
    picture(tab, "intensity")
