"""An archive with candidates, and the sheet of them."""

import shutil
from pathlib import Path

import pytest
from astropy.table import Table

from gphoton_db.archive import Archive
from tests.archives import SessionArchive, Star


@pytest.fixture(scope="package")
def root(two_bands: SessionArchive, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the archive, which the tests of this folder share."""
    return Path(
        shutil.copytree(two_bands.archive_path, tmp_path_factory.mktemp("judged") / "archive")
    )


@pytest.fixture(scope="package")
def candidates(two_bands: SessionArchive) -> Table:
    """Three candidates, one of them with a name that would be markup, and a place nobody saw."""
    stars = [two_bands.star(each) for each in (Star.FLARING, Star.BRIGHT)]
    rows = [
        ("flaring", stars[0].ra, stars[0].dec, two_bands.visit.eclipse, "NUV", 9.5, "flare"),
        ("</script><b>x", stars[1].ra, stars[1].dec, two_bands.visit.eclipse, "FUV", 3.25, ""),
        ("both", stars[0].ra, stars[0].dec, two_bands.visit.eclipse, "FUV", 7.0, "flare"),
        ("nowhere", 10.0, 10.0, two_bands.visit.eclipse, "NUV", 99.0, ""),
    ]
    names = ["source_id", "ra", "dec", "eclipse", "band", "score", "reasons"]
    return Table(rows=rows, names=names)


@pytest.fixture(scope="package")
def sheet(root: Path, candidates: Table, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sheet of the candidates."""
    with Archive(root) as archive:
        path = tmp_path_factory.mktemp("sheet") / "qa.html"
        return archive.qa(candidates, path, title="my, candidates", step=2, frames=6)
