"""The sheet in Chromium, from the disk: keys, verdicts, what comes back into the archive."""

import csv
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gphoton_db.archive import Archive

if TYPE_CHECKING:
    from playwright.sync_api import Page

FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


@pytest.fixture(scope="module")
def page(sheet: Path) -> Iterator["Page"]:
    """The opened sheet; nothing may go wrong in it."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    path = os.environ.get("GPHOTON_DB_CHROMIUM") or shutil.which("chromium")
    if not path:
        pytest.skip("needs Debian's chromium")
    problems: list[str] = []
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        opened = browser.new_page(viewport={"width": 1300, "height": 900}, color_scheme="dark")
        opened.on("pageerror", lambda error: problems.append(str(error)))
        opened.on("console", lambda said: problems.append(said.text))
        opened.on("request", lambda asked: problems.extend(_outside(asked.url)))
        opened.goto(sheet.as_uri())
        yield opened
        browser.close()
    assert problems == []


def _outside(url: str) -> list[str]:
    return [] if url.startswith(("file:", "data:", "blob:")) else [url]


def names(page: "Page") -> list[str]:
    """Return the names on the cards; those that were not drawn yet have no text on the screen."""
    found: list[str] = page.eval_on_selector_all(
        ".card .name", "all => all.map((each) => each.firstChild.data)"
    )
    return found


def test_the_contact_sheet_is_sorted(page: "Page") -> None:
    assert names(page) == ["flaring", "both", "</script><b>x"]
    page.select_option("#order", "source_id")
    page.click("#descending")
    assert names(page) == ["</script><b>x", "both", "flaring"]
    page.select_option("#order", "score")
    page.click("#descending")
    page.fill("#find", "flar")
    assert names(page) == ["flaring"]
    page.fill("#find", "")
    page.locator("#find").blur()
    # Pictures are drawn, each from the file itself.
    sizes = page.eval_on_selector_all(".card img", "all => all.map((each) => each.naturalWidth)")
    assert len(sizes) == 3
    assert min(sizes) > 20


def test_a_candidate_is_looked_at_and_judged_by_keys(page: "Page") -> None:
    page.keyboard.press("Enter")
    assert page.locator("#detail h2").inner_text() == "flaring"
    assert page.locator("svg.plot[aria-label='Light curve, NUV'] circle").count() > 20
    assert page.locator("svg.plot[aria-label='Light curve, FUV']").count() == 1
    assert "score" in page.locator(".statistics").inner_text()
    page.keyboard.press("r")
    page.keyboard.press("n")
    page.keyboard.type('rises, then "decays"; e is a letter here')
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    assert page.locator("#detail h2").inner_text() == "both"
    page.keyboard.press("u")
    page.keyboard.press("a")
    assert "1 real, 1 artifact, 0 unsure" in page.locator("#counts").inner_text()
    before = page.locator(".frame img").get_attribute("src")
    page.keyboard.press("b")
    assert page.locator(".frame img").get_attribute("src") != before
    still = page.locator(".thumbnail img").get_attribute("src") or ""
    page.keyboard.press(" ")
    page.wait_for_function(
        "still => document.querySelector('.thumbnail img').src !== still", arg=still
    )
    page.keyboard.press("Escape")
    assert page.locator(".card[data-verdict=artifact]").count() == 1


def test_dark_and_light_differ(page: "Page") -> None:
    colour = "() => getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(colour)
    page.emulate_media(color_scheme="light")
    assert page.evaluate(colour) != dark


def test_verdicts_survive_a_reload_and_come_into_the_archive(
    page: "Page", root: Path, tmp_path: Path
) -> None:
    page.reload()
    assert "1 real, 1 artifact, 0 unsure" in page.locator("#counts").inner_text()
    with page.expect_download() as started:
        page.keyboard.press("e")
    assert started.value.suggested_filename == "my-candidates-verdicts.csv"
    file = tmp_path / "verdicts.csv"
    started.value.save_as(file)
    with file.open(encoding="utf-8", newline="") as opened:
        assert len(list(csv.DictReader(opened))) == 3
    with Archive(root) as archive:
        done = archive.read_verdicts(file)
        assert (done.n_read, done.n_new) == (2, 2)
        rows = archive.query("FROM verdicts WHERE sheet = 'my, candidates' ORDER BY verdict").rows()
    assert [(row["source_id"], row["verdict"]) for row in rows] == [
        ("both", "artifact"),
        ("flaring", "real"),
    ]
    assert rows[1]["note"] == 'rises, then "decays"; e is a letter here'
    assert rows[1]["judged_at"].endswith("Z")
