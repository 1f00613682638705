"""Archives of made-up visits in difficult places, and connections to their catalogues."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from gphoton_db.archive import Archive
from gphoton_db.ingest import photons
from gphoton_db.mission import Band
from gphoton_db.simulate.plan import LegPlan
from gphoton_db.simulate.scene import Hotspot, Scene, Source
from gphoton_db.simulate.visit import simulate_visit
from tests.gphoton_db.archives import Sources, ingest
from tests.shared import shared
from tests.sql.reference import LegPhotons, read_legs

STAR = (323.51, -1.99)
"""A star, deg, that two legs, an overlapping visit, and both bands see."""

ACROSS_ZERO = (0.0004, 10.0)
NEAR_POLE = (123.0, 89.9995)


@dataclass(frozen=True)
class Field:
    """One visit to be made: its legs, and what stands in the middle of them."""

    eclipse: int
    band: Band
    legs: tuple[LegPlan, ...]
    star: tuple[float, float]
    background: float = 60.0


FIELDS = (
    Field(
        23500,
        Band.NUV,
        (
            LegPlan(323.5, -2.0, duration=40, slew=5, dark=((20.0, 23.0),)),
            LegPlan(323.9, -2.0, duration=30),
        ),
        STAR,
    ),
    Field(
        23500,
        Band.FUV,
        (LegPlan(323.5, -2.0, duration=40, slew=5), LegPlan(323.9, -2.0, duration=30)),
        STAR,
        background=8.0,
    ),
    Field(23501, Band.NUV, (LegPlan(323.3, -1.8, duration=35),), STAR),
    Field(23502, Band.NUV, (LegPlan(0.05, 10.0, duration=35),), ACROSS_ZERO),
    Field(23503, Band.NUV, (LegPlan(40.0, 89.9, duration=35),), NEAR_POLE),
)


def _simulate(folder: Path, calibration: Path, field: Field) -> Sources:
    scene = Scene(
        sources=(Source(*field.star, rate=25.0),),
        hotspots=(Hotspot(400.0, 400.0, 3.0),),
        background=field.background,
    )
    return Sources.of(
        simulate_visit(
            folder,
            calibration=calibration,
            band=field.band,
            eclipse=field.eclipse,
            legs=field.legs,
            scene=scene,
        )
    )


@dataclass(frozen=True)
class Sky:
    """An archive, and what its visits were ingested from, by eclipse and band."""

    root: Path
    sources: dict[tuple[int, Band], Sources]


@pytest.fixture(scope="session")
def made_sky(synthetic_calibration: Path, tmp_path_factory: pytest.TempPathFactory) -> Sky:
    def make(folder: Path) -> Sky:
        root, sources = folder / "archive", {}
        with pytest.MonkeyPatch.context() as patch, Archive(root) as archive:
            patch.setattr(photons, "BATCH_PHOTONS", 400)
            patch.setattr(photons, "PART_PHOTONS", 800)
            for field in FIELDS:
                visit = folder / f"e{field.eclipse}-{field.band}"
                made = _simulate(visit, synthetic_calibration, field)
                ingest(archive, made)
                sources[field.eclipse, field.band] = made
        return Sky(root, sources)

    return shared(tmp_path_factory, "sky", make)


@pytest.fixture(scope="session")
def sky_root(made_sky: Sky) -> Path:
    """An archive with a visit of two legs in both bands, one over it, one at RA 0, one at a pole.

    Each leg lies in several files.  Not to be changed.
    """
    return made_sky.root


@pytest.fixture(scope="session")
def legs(sky_root: Path) -> list[LegPhotons]:
    """Its photons, as its files have them."""
    return read_legs(sky_root)


@pytest.fixture(scope="session")
def empty_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("empty") / "archive"
    Archive(root, create=True).close()
    return root


@pytest.fixture(scope="session")
def opened_sky(sky_root: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(sky_root / "gphoton.duckdb"), read_only=True) as connection:
        yield connection


@pytest.fixture
def sky(opened_sky: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """The catalogue as anybody opens it: a connection with settings and tables of its own."""
    with opened_sky.cursor() as connection:
        yield connection


@pytest.fixture(scope="session")
def opened_empty(empty_root: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(empty_root / "gphoton.duckdb"), read_only=True) as connection:
        yield connection


@pytest.fixture
def empty(opened_empty: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """That of an empty archive, likewise."""
    with opened_empty.cursor() as connection:
        yield connection
