"""The page on an archive of visits far apart, across RA 0 and at the pole, and on an empty one."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gphoton_db.archive import Archive
from gphoton_db.serve.page_files import page_files
from gphoton_db.serve.server import Server
from gphoton_db.simulate.plan import LegPlan
from tests.archives import Observation, SessionArchive, Star
from tests.gphoton_db.serve.page.conftest import Picture
from tests.gphoton_db.serve.page.look import (
    Look,
    look,
    pixels_near,
    served,
    sum_by_sql,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

PLACES = {
    "across-ra-0": LegPlan(0.05, 30.0, duration=30),
    "at-the-pole": LegPlan(200.0, 89.9, duration=30),
    "far-away": LegPlan(90.05, 30.0, duration=30),
}


@pytest.fixture(scope="module")
def far_apart(
    synthetic_calibration: Path, tmp_path_factory: pytest.TempPathFactory
) -> SessionArchive:
    """Three short visits, the first and the last 76 degrees apart on the sky, 90 in RA."""
    folder = tmp_path_factory.mktemp("far-apart")
    visits = tuple(
        Observation((leg,), eclipse=23500 + number).make(
            folder / str(number), synthetic_calibration, seed=number
        )
        for number, leg in enumerate(PLACES.values())
    )
    with Archive(folder / "archive") as archive:
        for visit in visits:
            archive.ingest(
                visit.eclipse,
                visit.band,
                raw6=visit.raw6,
                pointing=visit.pointing,
                calibration=visit.calibration,
            )
    return SessionArchive(folder / "archive", visits)


@pytest.fixture(scope="module")
def far_server(
    far_apart: SessionArchive, browser: "Browser", tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    with served(far_apart.archive_path, tmp_path_factory.mktemp("tiles")) as server:
        yield server


@pytest.fixture(scope="module")
def far_tab(far_server: Server, browser: "Browser") -> Iterator[Look]:
    """A dark tab on it."""
    with look(browser, far_server, color_scheme="dark") as tab:
        yield tab
        assert tab.problems == []


@pytest.mark.parametrize(
    "name", ["across-ra-0", "at-the-pole", pytest.param("far-away", marks=pytest.mark.deep)]
)
def test_photons_are_where_they_came_from(
    name: str, far_apart: SessionArchive, far_tab: Look, picture: Picture
) -> None:
    number = list(PLACES).index(name)
    leg = PLACES[name]
    star = far_apart.visits[number].scene.sources[Star.PULSATING]
    picture(far_tab, name, ra=leg.ra0, dec=leg.dec0, fov=1.38)
    far_tab.set(ra=star.ra, dec=star.dec, fov=0.2)
    order = far_tab.order()
    pixels = pixels_near(star.ra, star.dec, 40.0, order + 9)
    expected = sum_by_sql(far_apart.archive_path, "NUV", pixels, order + 9)
    assert expected > 100
    assert far_tab.tile_sum("NUV", order, pixels) == pytest.approx(expected, rel=1e-6)
    # What is under the pointer is what was drawn there, on both sides of RA 0.
    far_tab.click(star.ra, star.dec)
    ra, dec = (float(each) for each in far_tab.state()["at"].split(","))
    away = (ra - star.ra + 180) % 360 - 180
    assert np.hypot(away * np.cos(np.radians(dec)), dec - star.dec) * 3600 < 2.0
    (curve,) = far_tab.curves()["NUV"]
    assert curve["eclipse"] == 23500 + number
    with Archive(far_apart.archive_path) as archive:
        assert curve["counts"] == archive.lightcurve(ra, dec)["counts"].value.tolist()


def test_visits_are_gone_through_and_chosen_on_the_whole_sky(
    far_tab: Look, picture: Picture
) -> None:
    page = far_tab.page
    rows = page.evaluate("() => gphoton.archive.rows")
    assert [row["eclipse"] for row in rows] == [23500, 23501, 23502]
    for row in rows:
        page.keyboard.press("]")
        far_tab.settle()
        assert (far_tab.state()["ra"], far_tab.state()["dec"]) == (row["ra"], row["dec"])
    far_tab.set(ra=45.0, dec=45.0, fov=125)
    picture(far_tab, "whole-sky")
    page.mouse.click(*far_tab.point(rows[0]["ra"], rows[0]["dec"]))
    far_tab.after("() => gphoton.state.get().fov < 5")
    assert (far_tab.state()["ra"], far_tab.state()["dec"]) == (rows[0]["ra"], rows[0]["dec"])
    # Only one visit's photons: elsewhere, there is nothing to ask for.
    star_of_the_last = rows[2]["ra"], rows[2]["dec"]
    far_tab.set(leg="23500.0", ra=star_of_the_last[0], dec=star_of_the_last[1], fov=1.0)
    assert page.evaluate("() => Number.isNaN(gphoton.sky.valueAt('NUV', 300, 300))")
    far_tab.set(leg="")
    assert page.evaluate("() => gphoton.sky.valueAt('NUV', 300, 300) >= 0")


def test_the_coverage_is_the_moc_of_the_archive(
    far_apart: SessionArchive, far_tab: Look, picture: Picture
) -> None:
    leg = PLACES["across-ra-0"]
    far_tab.set(ra=leg.ra0, dec=leg.dec0, fov=2.0, show="moc")
    far_tab.wait("() => gphoton.coverage.cells().length > 0")
    picture(far_tab, "moc")
    with Archive(far_apart.archive_path) as archive:
        expected = len(archive.moc("NUV", order=10).uniq())
    assert far_tab.page.evaluate("() => gphoton.coverage.cells().length") == expected
    far_tab.set(show="legs,sources,targets,grid")


def test_of_a_large_archive_the_page_knows_what_is_about_the_view(
    far_apart: SessionArchive, far_server: Server, browser: "Browser"
) -> None:
    def one_visit(route: "Route") -> None:
        text = page_files()["page.js"].content.decode()
        changed = text.replace("MOST_VISITS = 2000", "MOST_VISITS = 1")
        assert changed != text
        route.fulfill(body=changed, content_type="text/javascript")

    with look(browser, far_server, change=("**/page.js", one_visit)) as tab:
        for number in range(len(PLACES)):
            star = far_apart.visits[number].scene.sources[Star.PULSATING]
            tab.set(ra=star.ra, dec=star.dec, fov=0.2)
            # The first view of all, which is truncated, begins with the first visit, too.
            that = f"gphoton.archive.rows[0]?.eclipse === {23500 + number}"
            tab.after(f"() => {that} && !gphoton.archive.truncated")
            assert tab.page.evaluate("() => gphoton.archive.rows.length") == 1
            assert "The archive has 3." in tab.text("#panel-visits")
            order = tab.order()
            pixels = pixels_near(star.ra, star.dec, 40.0, order + 9)
            expected = sum_by_sql(far_apart.archive_path, "NUV", pixels, order + 9)
            assert tab.tile_sum("NUV", order, pixels) == pytest.approx(expected, rel=1e-6)
        tab.click(star.ra, star.dec)
        assert [leg["eclipse"] for leg in tab.curves()["NUV"]] == [23502]
        tab.set(ra=45.0, dec=45.0, fov=125)
        tab.after("() => document.getElementById('sky-note').textContent.startsWith('Some of')")
        assert tab.problems == []


def test_an_empty_archive_says_what_to_do(
    browser: "Browser", picture: Picture, tmp_path: Path
) -> None:
    with Archive(tmp_path / "new", create=True):
        pass
    with served(tmp_path / "new", tmp_path) as server, look(browser, server) as tab:
        assert "gphoton-db ingest" in tab.text("#panel-visits")
        assert tab.state()["fov"] > 90
        assert tab.page.evaluate("() => gphoton.archive.rows") == []
        tab.page.keyboard.press("0")
        tab.page.keyboard.press("]")
        tab.settle()
        assert tab.problems == []
        picture(tab, "empty")
