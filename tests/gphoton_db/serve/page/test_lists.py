"""Lists, SQL and what can be taken away, each with the numbers that SQL and commands give."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from astropy.io import fits
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image

from gphoton_db.archive import Archive
from tests.archives import SessionArchive, Star
from tests.gphoton_db.serve.page.conftest import Picture
from tests.gphoton_db.serve.page.look import Look


def test_arrow_keys_go_on_in_the_targets_and_notes_survive_a_reload(
    tab: Look, both: SessionArchive, picture: Picture
) -> None:
    page = tab.page
    page.click("#tab-targets")
    for star, label in ((Star.BRIGHT, "bright"), (Star.FLARING, "flaring")):
        source = both.star(star)
        tab.set(at=f"{source.ra},{source.dec}", src=label)
        page.click("#keep-target")
        tab.wait(
            "(label) => gphoton.targets.places().some((at) => at.label === label && at.version)",
            label,
        )
    page.locator(".targets li", has_text="flaring").locator("textarea").fill("rises in two seconds")
    page.locator(".targets li", has_text="flaring").locator("select").select_option("flare")
    tab.wait("() => gphoton.targets.places().some((each) => each.verdict === 'flare' && each.note)")
    page.reload()
    tab.settle()
    kept = {note["label"]: note for note in page.evaluate("() => gphoton.targets.places()")}
    assert kept["flaring"]["note"] == "rises in two seconds"
    assert kept["flaring"]["verdict"] == "flare"
    assert kept["flaring"]["ra"] == both.star(Star.FLARING).ra
    page.locator(".targets").focus()
    for label, star in (("bright", Star.BRIGHT), ("flaring", Star.FLARING)):
        page.keyboard.press("ArrowDown")
        tab.after(f"() => gphoton.state.get().src === '{label}'")
        assert tab.state()["ra"] == both.star(star).ra
        assert tab.state()["at"] == f"{both.star(star).ra},{both.star(star).dec}"
    tab.wait("() => gphoton.measure.curves() !== null")
    assert tab.curves()["NUV"][0]["counts"] != []
    picture(tab, "targets")


def test_candidates_are_gone_through_each_centred_with_its_light_curve(
    tab: Look, both: SessionArchive, picture: Picture, tmp_path: Path
) -> None:
    page, stars = tab.page, tmp_path / "stars.csv"
    places = [f"{star.ra},{star.dec}" for star in map(both.star, Star)]
    stars.write_text("\n".join(["ra,dec", *places]) + "\n", encoding="utf-8")
    with Archive(both.archive_path) as archive:
        # The page sees what is committed while it is open.
        archive.variables(both.visit.eclipse, depth=5, catalog=stars)
        page.evaluate("() => gphoton.archive.load()")
        rows = archive.query(
            "SELECT source_id, ra, dec, score FROM variables WHERE band = 'NUV' "
            "ORDER BY score DESC NULLS LAST"
        ).rows()
        curve = archive.lightcurve(rows[1]["ra"], rows[1]["dec"])
    page.click("#tab-variables")
    tab.wait(
        "(n) => document.querySelectorAll('#panel-variables tbody tr').length === n", len(rows)
    )
    assert rows[0]["score"] > 10
    # The list stays as it is, though the view moves from one to the next.
    for key, row in zip(("]", "]", "[", "]"), (0, 1, 0, 1), strict=True):
        page.keyboard.press(key)
        tab.settle()
        state, expected = tab.state(), rows[row]
        assert (state["ra"], state["dec"]) == (expected["ra"], expected["dec"])
        assert (state["src"], tab.text("#place-name")) == (expected["source_id"],) * 2
    assert page.locator("#panel-variables tbody tr").count() == len(rows)
    chosen = page.locator("#panel-variables tr[aria-selected='true']").inner_text()
    assert rows[1]["source_id"] in chosen
    for band in ("NUV", "FUV"):
        (leg,) = tab.curves()[band]
        assert_array_equal(leg["counts"], np.asarray(curve.of_band(band)["counts"].value))
    # The flaring star is one of them; a click on its row is as good as a key.
    flaring = both.star(Star.FLARING)
    (name,) = (row["source_id"] for row in rows if abs(row["ra"] - flaring.ra) < 1e-6)
    page.locator("#panel-variables tbody tr", has_text=name).click()
    tab.after(f"() => gphoton.state.get().src === '{name}'")
    picture(tab, "variables")


def test_sql_has_its_rows_is_refused_and_stopped(
    tab: Look, both: SessionArchive, picture: Picture
) -> None:
    page = tab.page
    page.click("#tab-sql")

    def ask(sql: str) -> str:
        page.fill("#sql-text", sql)
        page.click("#sql-run")
        tab.wait("() => !document.getElementById('sql-run').disabled")
        return tab.text("#sql-status")

    sql = "SELECT band, n_photons, exposure FROM legs ORDER BY band"
    assert ask(sql).startswith("2 rows")
    cells = page.locator("#panel-sql tbody tr").all_inner_texts()
    with Archive(both.archive_path) as archive:
        rows = archive.query(sql).arrow().to_pylist()
    for text, row in zip(cells, rows, strict=True):
        band, n_photons, exposure = text.split()
        assert (band, int(n_photons)) == (row["band"], row["n_photons"])
        assert float(exposure) == pytest.approx(row["exposure"], rel=1e-9)
    assert "first 50 rows" in ask("SELECT range AS number FROM range(1000)")
    picture(tab, "sql")
    tab.problems.clear()
    assert "rows" not in ask("DROP TABLE legs")
    assert "longer than 4 s" in ask("SELECT count(*) FROM range(1000000) a, range(1000000) b")
    # The browser says of each refusal that the answer was 4xx.
    assert len(tab.problems) == 2
    tab.problems.clear()
    assert ask(sql).startswith("2 rows")
    page.click("#sql-describe summary")
    tab.wait("() => document.querySelectorAll('.relations details').length > 5")
    assert "legs" in page.locator(".relations").inner_text()


def test_what_is_taken_away_is_what_the_commands_write(
    tab: Look, both: SessionArchive, tmp_path: Path
) -> None:
    page = tab.page
    ra, dec = 150.1, 2.2
    tab.set(ra=ra, dec=dec, fov=0.05, at=f"{ra},{dec}", step=10)

    def take(button: str) -> Path:
        page.click("#export-menu summary")
        with page.expect_download() as download:
            page.click(button)
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        page.keyboard.press("Escape")
        page.evaluate("() => { document.getElementById('export-menu').open = false; }")
        return path

    with Archive(both.archive_path) as archive:
        (made,) = archive.map(ra, dec, 0.05, bands="NUV")
        curve = archive.lightcurve(ra, dec, step=10)
    (tmp_path / "command").mkdir()
    expected = made.write(tmp_path / "command")
    image = take("#export-fits")
    assert image.name == expected.name
    difference = fits.FITSDiff(
        str(image), str(expected), ignore_keywords=["DATE", "CHECKSUM", "DATASUM"]
    )
    assert difference.identical, difference.report()
    csv = pd.read_csv(take("#export-csv"), comment="#")
    assert_array_equal(csv["counts"], np.asarray(curve["counts"].value))
    assert_allclose(csv["cps"], np.asarray(curve["cps"].value), rtol=1e-12)
    with Image.open(take("#export-png")) as picture_of_sky:
        assert picture_of_sky.size == tuple(
            page.evaluate("() => [gphoton.sky.view().width, gphoton.sky.view().height]")
        )
        colours = np.unique(np.asarray(picture_of_sky.convert("RGB")).reshape(-1, 3), axis=0)
        assert len(colours) > 50


def test_choosing_a_visit_centres_it(tab: Look) -> None:
    page = tab.page
    tab.set(ra=0.0, dec=0.0, fov=0.5)
    page.click("#tab-visits")
    page.locator("#panel-visits tbody tr").first.click()
    tab.settle()
    row = page.evaluate("() => gphoton.archive.rows[0]")
    assert (tab.state()["ra"], tab.state()["dec"]) == (row["ra"], row["dec"])
    page.locator("#panel-visits tbody tr button").first.click()
    tab.after("() => gphoton.state.get().leg === '23500.0'")
    assert page.input_value("#visit") == "23500.0"
