"""Files of every kind and format, and the programs of others that are to read them."""

import importlib
import os
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from astropy.table import Table

from gphoton_db.archive import Archive
from gphoton_db.products.lightcurves.lightcurve import LightCurve
from tests.archives import MakeArchive, SessionArchive, Star

FORMATS = ("ecsv", "csv", "fits", "parquet", "vot")

PACKAGES = {
    "stilts": "stilts",
    "fitsverify": "fitsverify",
    "ds9": "saods9",
    "xvfb-run": "xvfb",
}
"""The Debian package that has a program."""

Program = Callable[[str], str]
Library = Callable[[str], ModuleType]


def missing(what: str) -> None:
    """Skip a test for want of something; where the checks run automatically, fail."""
    if os.environ.get("CI"):
        pytest.fail(f"the automatic checks need {what}")
    pytest.skip(f"needs {what}")


@pytest.fixture(scope="session")
def program() -> Program:
    """Return where a program of others is."""

    def path_of(name: str) -> str:
        found = shutil.which(name)
        if found is None:
            missing(f"{name} (apt-get install {PACKAGES[name]})")
        return str(found)

    return path_of


@pytest.fixture(scope="session")
def library() -> Library:
    """Return a library of others."""

    def imported(name: str) -> ModuleType:
        try:
            # What a library has to say of itself when it is imported is no concern of ours.
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return importlib.import_module(name)
        except ImportError:
            missing(f"{name} (pip install 'gphoton-db[test]')")
            raise

    return imported


@pytest.fixture(scope="session")
def seen(session_archive: MakeArchive) -> SessionArchive:
    """The archive that the files are made of: NUV and FUV of one visit."""
    return session_archive("two_bands")


@pytest.fixture(scope="session")
def measured(seen: SessionArchive) -> dict[str, Table]:
    """A table of each kind that is written to files, by its name."""
    star = seen.star(Star.PULSATING)
    place = star.ra, star.dec
    with Archive(seen.archive_path) as archive:
        return {
            "lightcurve": archive.lightcurve(*place, step=2, bands="NUV", annulus=(30, 60)),
            "lightcurves": archive.lightcurves(Table({"ra": [star.ra], "dec": [star.dec]})),
            "events": archive.events(*place, 20, bands="NUV"),
            "no_events": archive.events(star.ra, star.dec + 0.01, 0.001, bands="NUV"),
            "find": archive.find(*place),
            "search": archive.search(),
        }


@pytest.fixture(scope="session")
def files(measured: dict[str, Table], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with each of them in every format: ``events.fits``, ..."""
    from gphoton_db.products.tables import EXTENSIONS, write_table

    folder = tmp_path_factory.mktemp("tables")
    for name, table in measured.items():
        extension, hdu_class = EXTENSIONS[table.meta.get("KIND", "lightcurve")]
        for ending in FORMATS:
            path = folder / f"{name}.{ending}"
            write_table(table, path, None, extension=extension, hdu_class=hdu_class)
    assert len(measured["no_events"]) == 0
    assert len(np.unique(np.asarray(measured["events"]["t"]))) > 100
    return folder


@pytest.fixture(scope="session")
def curve(measured: dict[str, Table]) -> LightCurve:
    """The light curve of the pulsating star."""
    made = measured["lightcurve"]
    assert isinstance(made, LightCurve)
    return made
