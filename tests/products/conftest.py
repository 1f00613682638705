"""Small archives for all tests of products; not to be changed: `copied` ones are."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from gphoton_db.archive import Archive
from gphoton_db.mission import Band
from gphoton_db.simulate.plan import LegPlan
from gphoton_db.simulate.scene import Hotspot, Scene, Source
from gphoton_db.simulate.visit import simulate_visit
from tests.gphoton_db.archives import Sources, ingest
from tests.gphoton_db.conftest import _own_settings as _own_settings
from tests.gphoton_db.conftest import cli as cli
from tests.shared import copied as copied_archive
from tests.shared import own_copy, shared

ECLIPSE = 23500

FIELDS = {
    "ordinary": (323.5, -2.0),
    "across RA 0": (0.02, 40.0),
    "near a pole": (120.0, 85.0),
    "over a pole": (200.0, 89.7),
}
"""Boresights of the fields that products are made of."""

Reference = Mapping[str, NDArray[Any]]


def simulated(
    folder: Path,
    calibration: Path,
    legs: tuple[LegPlan, ...],
    *,
    band: Band = Band.NUV,
    eclipse: int = ECLIPSE,
    background: float = 300.0,
) -> Sources:
    """Make telemetry of a scene with one bright source a leg and a hotspot."""
    return Sources.of(
        simulate_visit(
            folder,
            calibration=calibration,
            band=band,
            eclipse=eclipse,
            legs=legs,
            scene=Scene(
                sources=tuple(Source(leg.ra0 + 0.1, leg.dec0 - 0.1, 30.0) for leg in legs),
                background=background,
                hotspots=(Hotspot(500.0, 300.0, 5.0),),
            ),
        )
    )


@pytest.fixture(scope="session")
def products_root(synthetic_calibration: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive: e23500 with one leg of NUV and two of FUV; e23501 NUV with no good photons."""
    ra0, dec0 = FIELDS["ordinary"]
    one = (LegPlan(ra0, dec0, duration=40),)
    two = (LegPlan(ra0, dec0, duration=20, slew=5), LegPlan(ra0 + 1, dec0, duration=20))

    def make(folder: Path) -> Path:
        with Archive(folder / "archive") as archive:
            ingest(archive, simulated(folder / "nuv", synthetic_calibration, one))
            ingest(archive, simulated(folder / "fuv", synthetic_calibration, two, band=Band.FUV))
        return folder / "archive"

    return copied_archive(tmp_path_factory, "products", shared(tmp_path_factory, "products", make))


@pytest.fixture(scope="session")
def archive(products_root: Path) -> Iterator[Archive]:
    with Archive(products_root) as opened:
        yield opened


@pytest.fixture
def copied(products_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of the test's own, without the products that others entered meanwhile."""
    return own_copy(tmp_path_factory, products_root, _without_products)


def _without_products(root: Path) -> None:
    with Archive(root) as archive:
        if archive.query("FROM products").rows():
            with archive._catalogue.changing(["products"], None) as changed:
                changed.execute("DELETE FROM products")


@pytest.fixture(
    scope="session",
    params=[
        pytest.param("ordinary", marks=pytest.mark.deep),
        "across RA 0",
        pytest.param("near a pole", marks=pytest.mark.deep),
        "over a pole",
    ],
)
def field_root(
    request: pytest.FixtureRequest,
    synthetic_calibration: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """An archive with one leg of NUV, somewhere on the sky."""
    ra0, dec0 = FIELDS[request.param]

    def make(folder: Path) -> Path:
        sources = simulated(folder, synthetic_calibration, (LegPlan(ra0, dec0, duration=30),))
        with Archive(folder / "archive") as archive:
            ingest(archive, sources)
        return folder / "archive"

    root = shared(tmp_path_factory, f"field-{request.param}", make)
    return copied_archive(tmp_path_factory, "field", root)


@pytest.fixture(scope="session")
def e23500_root(
    shared_galex: Path, reference_calibration: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """An archive with the eclipse of the reference figures, nothing rounded."""

    def make(folder: Path) -> Path:
        with Archive(folder / "archive") as archive:
            archive.ingest(
                23500,
                "NUV",
                raw6=shared_galex / "e23500" / "e23500-nd-raw6.fits.gz",
                pointing=shared_galex / "e23500",
                calibration=reference_calibration,
                full_precision=True,
            )
        return folder / "archive"

    return copied_archive(tmp_path_factory, "e23500", shared(tmp_path_factory, "e23500", make))


@pytest.fixture(scope="session")
def reference(shared_galex: Path) -> Reference:
    """Figures of the reference implementation, by name."""
    with np.load(shared_galex / "e23500" / "reference-photons.npz") as figures:
        return {key.removeprefix("b0_"): figures[key] for key in figures}
