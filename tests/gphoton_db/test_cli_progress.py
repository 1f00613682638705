"""Bars on a terminal: for the work, and for each file that is fetched."""

import io

import pytest
from rich.console import Console

from gphoton_db.cli import progress
from gphoton_db.cli.console import Output
from gphoton_db.cli.progress import StageProgress


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    shown = io.StringIO()
    console = Console(file=shown, force_terminal=True, width=120, _environ={})
    monkeypatch.setattr(progress, "notes", Output(made=console))
    return shown


def test_a_download_has_a_bar_with_its_size(terminal: io.StringIO) -> None:
    with StageProgress("e23500 NUV") as bars:
        bars.download("e23500-nd-raw6.fits.gz", 20_000_000, 80_000_000)
    assert "e23500-nd-raw6.fits.gz: 20.0 of 80.0 MB" in terminal.getvalue()
    assert " 25 %" in terminal.getvalue()


def test_a_download_of_unknown_length_says_what_came(terminal: io.StringIO) -> None:
    with StageProgress("e23500 NUV") as bars:
        bars.download("NUV_flat.fits", 1_234_567, 0)
    assert "NUV_flat.fits: 1.2 MB" in terminal.getvalue()


def test_the_bar_of_a_file_that_is_there_goes(terminal: io.StringIO) -> None:
    with StageProgress("e23500 NUV") as bars:
        bars.download("NUV_flat.fits", 5_000_000, 5_000_000)
        bars("reading", 1, 2)
    assert "NUV_flat.fits: 5.0" not in terminal.getvalue()
    assert "e23500 NUV: reading" in terminal.getvalue()
