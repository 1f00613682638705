"""One browser and one server for all tests of the page, and where its pictures go."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from tests.archives import SessionArchive
from tests.gphoton_db.serve.page.look import FLAGS, KEPT, Look, chromium, look, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

from gphoton_db.serve.server import Server


class Picture(Protocol):
    """Takes a picture; see `picture`."""

    def __call__(self, tab: Look, name: str, **state: Any) -> None: ...


@pytest.fixture(scope="package")
def browser() -> Iterator["Browser"]:
    """Debian's Chromium."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    path = chromium()
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def both(two_bands: SessionArchive, tmp_path_factory: pytest.TempPathFactory) -> SessionArchive:
    """A copy of the archive of both bands: tests change it."""
    folder = tmp_path_factory.mktemp("looked-at") / "archive"
    shutil.copytree(two_bands.archive_path, folder)
    return SessionArchive(folder, two_bands.visits)


@pytest.fixture(scope="package")
def server(
    browser: "Browser", both: SessionArchive, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """The server of that archive: it stops statements after four seconds and 50 rows."""
    cache = tmp_path_factory.mktemp("tiles")
    with served(both.archive_path, cache, sql_seconds=4.0, sql_rows=50) as running:
        yield running


@pytest.fixture(scope="package")
def shared_look(browser: "Browser", server: Server) -> Iterator[Look]:
    """A tab that tests share."""
    with look(browser, server) as tab:
        yield tab


@pytest.fixture
def tab(shared_look: Look) -> Iterator[Look]:
    """The shared tab, as it opens; nothing may go wrong in it."""
    shared_look.problems.clear()
    shared_look.page.evaluate("() => gphoton.home()")
    shared_look.settle()
    yield shared_look
    assert shared_look.problems == []


@pytest.fixture(scope="session")
def picture() -> Picture:
    """Write a picture of a tab, or of it in another state, to $GPHOTON_DB_SCREENSHOTS if set."""

    def write(tab: Look, name: str, **state: Any) -> None:
        if KEPT:
            tab.set(**state)
            Path(KEPT).mkdir(parents=True, exist_ok=True)
            tab.page.screenshot(path=Path(KEPT) / f"{name}.png")

    return write
