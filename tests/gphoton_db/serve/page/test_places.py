"""The page on archives at odd places: across RA 0, near a pole, empty, two far apart."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gphoton_db.archive import Archive
from tests.archives import MakeArchive, Star
from tests.gphoton_db.serve.page.conftest import Picture
from tests.gphoton_db.serve.page.look import look, pixels_near, served, sum_by_sql

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.mark.parametrize("name", ["across_ra_0", "near_the_pole"])
def test_a_field_across_ra_0_and_one_near_the_pole(
    name: str, session_archive: MakeArchive, browser: "Browser", picture: Picture, tmp_path: Path
) -> None:
    seen = session_archive(name)
    star = seen.star(Star.PULSATING)
    with served(seen.archive_path, tmp_path) as server, look(browser, server) as tab:
        picture(tab, name)
        tab.set(ra=star.ra, dec=star.dec, fov=0.2)
        order = tab.order()
        pixels = pixels_near(star.ra, star.dec, 40.0, order + 9)
        expected = sum_by_sql(seen.archive_path, "NUV", pixels, order + 9)
        assert expected > 100
        assert tab.tile_sum("NUV", order, pixels) == pytest.approx(expected, rel=1e-6)
        # What is under the pointer is what was drawn there, on both sides of RA 0.
        tab.click(star.ra, star.dec)
        ra, dec = (float(each) for each in tab.state()["at"].split(","))
        away = (ra - star.ra + 180) % 360 - 180
        assert np.hypot(away * np.cos(np.radians(dec)), dec - star.dec) * 3600 < 2.0
        (leg,) = tab.curves()["NUV"]
        with Archive(seen.archive_path) as archive:
            assert leg["counts"] == archive.lightcurve(ra, dec)["counts"].value.tolist()
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


def test_visits_next_to_each_other_are_gone_through(
    session_archive: MakeArchive, browser: "Browser", picture: Picture, tmp_path: Path
) -> None:
    seen = session_archive("multi_leg")
    with (
        served(seen.archive_path, tmp_path) as server,
        look(browser, server, color_scheme="light") as tab,
    ):
        rows = tab.page.evaluate("() => gphoton.archive.rows")
        assert len(rows) == 4
        tab.page.keyboard.press("a")
        tab.settle()
        assert "Outlines" in tab.text("#sky-note") or tab.state()["fov"] > 90
        picture(tab, "whole-sky-light")
        for row in rows:
            tab.page.keyboard.press("]")
            tab.settle()
            assert (tab.state()["ra"], tab.state()["dec"]) == (row["ra"], row["dec"])
        tab.set(leg=f"{row['eclipse']}.{row['leg']}", fov=0.5)
        order = tab.order()
        pixels = pixels_near(row["ra"], row["dec"], 120.0, order + 9)
        expected = sum_by_sql(
            seen.archive_path, "NUV", pixels, order + 9, f"AND leg = {row['leg']}"
        )
        assert tab.tile_sum("NUV", order, pixels) == pytest.approx(expected, rel=1e-6)
        picture(tab, "one-visit-light")
        assert tab.problems == []
