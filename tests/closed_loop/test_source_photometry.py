"""Stars of known rates are measured as bright as they are, with the errors that are claimed."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from astropy.table import Table
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from gphoton_db.archive import Archive
from gphoton_db.products.images.coverage import CoverageBit
from gphoton_db.simulate.field import FIELD_ARCSEC
from gphoton_db.simulate.scene import rate_in
from tests.closed_loop.conftest import FIELDS, MakeVisit
from tests.closed_loop.photometry import APERTURE_ARCSEC
from tests.closed_loop.star_fields import N_STARS, ingested

BANDS = ("NUV", pytest.param("FUV", marks=pytest.mark.deep))

Floats = NDArray[np.float64]


@pytest.fixture(scope="session")
def archive_of(
    visit_of: MakeVisit, synthetic_calibration: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Path]:
    """Ingest one of the fields, or give the archive that was made before."""
    made: dict[str, Path] = {}

    def archive(name: str) -> Path:
        if name not in made:
            folder = tmp_path_factory.mktemp("photometry") / "archive"
            made[name] = ingested(visit_of(name), folder, synthetic_calibration)
        return made[name]

    return archive


@pytest.mark.parametrize("method", ["image", "photon"])
@pytest.mark.parametrize("band", BANDS)
def test_pulls_of_isolated_stars_are_standard_normal(
    archive_of: Callable[[str], Path], visit_of: MakeVisit, band: str, method: str
) -> None:
    stars = visit_of(band).scene.sources[1:]  # the first one flares
    catalog = Table({"ra": [s.ra for s in stars], "dec": [s.dec for s in stars]})
    with Archive(archive_of(band)) as archive:
        made = archive.photometry(
            23500, band, radii=APERTURE_ARCSEC, catalog=catalog, method=method
        )
    rates = np.array([star.rate_in(FIELDS[band].band) for star in stars])
    background = (
        rate_in(visit_of(band).scene.background, FIELDS[band].band)
        * (APERTURE_ARCSEC / FIELD_ARCSEC) ** 2
    )
    expected = (rates + background) * np.asarray(made.table["exposure"])
    pulls = (np.asarray(made.table["counts"]) - expected) / np.asarray(made.table["counts_err"])
    assert len(pulls) == N_STARS
    assert abs(pulls.mean()) < 0.1
    assert 0.9 < pulls.std() < 1.1


@pytest.mark.parametrize("band", BANDS)
def test_isolated_stars_are_detected_and_little_else_is(
    archive_of: Callable[[str], Path], visit_of: MakeVisit, band: str
) -> None:
    stars = visit_of(band).scene.sources
    ra, dec = [star.ra for star in stars], [star.dec for star in stars]
    with Archive(archive_of(band)) as archive:
        image = archive.image(23500, band)
        found = archive.detect(image).sources
    x, y = image.geometry.pixel_of(ra, dec)
    seen = image.coverage.ravel()[image.geometry.index_of(ra, dec)] & CoverageBit.FULL_370 > 0
    places = np.column_stack([found["x"], found["y"]])
    distance, _ = cKDTree(places).query(np.column_stack([x - 1, y - 1])[seen])
    assert (distance * image.geometry.pixel < 3.0).mean() > 0.99
    assert len(found) < 1.02 * seen.sum()
