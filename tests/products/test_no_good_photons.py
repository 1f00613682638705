"""A leg without a photon on the detector: said plainly, by everything."""

from pathlib import Path

import pytest

from gphoton_db.archive import Archive
from gphoton_db.errors import ProductError
from gphoton_db.mission import Band
from gphoton_db.simulate.plan import LegPlan
from gphoton_db.simulate.scene import Scene
from gphoton_db.simulate.visit import simulate_visit
from tests.gphoton_db.archives import Sources, ingest
from tests.gphoton_db.conftest import Cli
from tests.products.conftest import ECLIPSE


@pytest.fixture(scope="module")
def root(synthetic_calibration: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with a leg of stims alone."""
    folder = tmp_path_factory.mktemp("dark")
    visit = simulate_visit(
        folder,
        calibration=synthetic_calibration,
        band=Band.NUV,
        eclipse=ECLIPSE,
        legs=(LegPlan(10.0, 5.0, duration=30),),
        scene=Scene(background=0.0),
    )
    with Archive(folder / "archive") as archive:
        ingest(archive, Sources.of(visit))
    return folder / "archive"


def test_images_and_exposure_say_so(root: Path) -> None:
    with Archive(root) as archive:
        for make in (archive.image, archive.exposure):
            with pytest.raises(ProductError, match="leg 0 has no good photons"):
                make(ECLIPSE, "NUV")


def test_the_command_says_so_and_leaves_nothing(root: Path, cli: Cli) -> None:
    done = cli("--archive", root, "image", ECLIPSE, "NUV")
    assert (done.code, done.out) == (1, "")
    assert "has no good photons" in done.err.splitlines()[-1]
    done = cli("--archive", root, "image", ECLIPSE, "NUV", "--leg", "all")
    assert (done.code, done.out) == (0, "")
    assert "leg 0: skipped, no photons on the detector" in done.err
    assert not (root / "products").exists()
