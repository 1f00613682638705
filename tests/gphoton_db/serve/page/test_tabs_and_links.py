"""Links, two tabs at once, and a server that goes away under the page."""

from pathlib import Path
from typing import TYPE_CHECKING

from gphoton_db.serve.server import Server
from tests.archives import SessionArchive, Star
from tests.gphoton_db.serve.page.look import Look, another_tab, look, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser


FOCUSED = """() => {
  const { id, className, value, textContent } = document.activeElement;
  return id || className || value || textContent;
}"""

UNNAMED = """() => {
  const kinds = "button, input, select, textarea, summary, [tabindex='0']";
  const isNamed = (each) => each.labels?.length || each.textContent.trim() || each.ariaLabel;
  const unnamed = [...document.querySelectorAll(kinds)].filter((each) => !isNamed(each));
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
    tab.page.wait_for_function("() => location.hash.includes('tab=sql')")
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
        first.page.evaluate(keep, {"ra": 150.2, "dec": 2.3, "label": "of two tabs"})
        second.page.evaluate("() => gphoton.targets.refresh()")
        for tab in (first, second):
            tab.page.click("#tab-targets")
        note = ".targets li:has-text('of two tabs') textarea"
        first.page.fill(note, "seen by the first")
        first.page.wait_for_function(
            "() => gphoton.targets.places().some((each) => each.note === 'seen by the first')"
        )
        assert first.problems == []
        # The second does not know of it: its change is refused, and it shows the first's.
        second.page.fill(note, "seen by the second")
        second.page.wait_for_function(
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
    page.evaluate("() => document.activeElement.blur()")
    page.evaluate("() => getSelection().collapse(document.body, 0)")
    reached: list[str] = []
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
