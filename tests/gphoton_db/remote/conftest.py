"""A small archive, published once, and a web server for it; each test has a cache of its own."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from astropy.table import Table

from gphoton_db.archive import Archive
from gphoton_db.paths import raw6_name
from gphoton_db.remote import parts
from tests.archives import FIELD, Observation, SessionArchive, Star, known_sky
from tests.rangeserver import RangeServer
from tests.shared import shared

_STAR = known_sky(Observation(FIELD)).sources[Star.FAINT]
PLACE = (_STAR.ra, _STAR.dec)
"""Of a star in the archive."""


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPHOTON_DB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(parts, "PAUSE_S", 0.001)


@pytest.fixture(scope="session")
def full_root(one_leg: SessionArchive) -> Path:
    """An archive with stars, whose files are longer than what is read at their ends."""
    return one_leg.archive_path


@pytest.fixture(scope="session")
def full(full_root: Path) -> Iterator[Archive]:
    """The same, open."""
    with Archive(full_root) as archive:
        yield archive


@pytest.fixture(scope="session")
def published(full_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the archive of `full_root` was published in; not to be changed."""

    def make(folder: Path) -> Path:
        with Archive(full_root) as archive:
            archive.publish(folder)
        return folder

    return shared(tmp_path_factory, "published", make)


@pytest.fixture
def published_copy(published: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(published, tmp_path / "published"))


@pytest.fixture
def server(published: Path) -> Iterator[RangeServer]:
    with RangeServer(published) as server:
        yield server


@pytest.fixture
def served(one_leg: SessionArchive, tmp_path: Path) -> Path:
    """A folder with telemetry and calibration, as a server has them."""
    visit = one_leg.visit
    folder = Path(shutil.copytree(visit.calibration, tmp_path / "served"))
    shutil.copy(visit.raw6, folder / raw6_name(visit.eclipse, visit.band))
    return folder


def assert_same(found: Table, expected: Table) -> None:
    """Check that two tables are the same; DuckDB adds numbers up in any order."""
    assert found.colnames == expected.colnames
    assert len(found) == len(expected) > 0
    for name in found.colnames:
        one, two = np.asarray(found[name]), np.asarray(expected[name])
        assert one.dtype == two.dtype
        if one.dtype.kind == "f":
            np.testing.assert_allclose(one, two, rtol=1e-14, err_msg=name)
        else:
            np.testing.assert_array_equal(one, two, err_msg=name)
