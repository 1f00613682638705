"""What a simulated detector does to stars, from telemetry on: none passes without a warning.

One visit after CSP.  Stars are where the detector has something: the rim of a masked hotspot, the
edge, a ghost beside them, a flat with a slope that the calibration does not know.  Hotspots that no
mask knows, one of them of low pulse heights, leave trails of entries on the sky.  One star, of 0.05
photons a second, has a flare of 5 s and 15 photons.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from gphoton_db.archive import Archive
from gphoton_db.mission import Band
from gphoton_db.products.images.options import ImageOptions
from gphoton_db.simulate.light_curves import Constant, LightCurve, Tabulated
from gphoton_db.simulate.plan import LegPlan
from gphoton_db.simulate.projection import plane_to_sky
from gphoton_db.simulate.scene import Ghost, Hotspot, Scene, Source
from gphoton_db.simulate.synthetic_calibration import HOTSPOTS
from gphoton_db.simulate.visit import simulate_visit

ECLIPSE = 40000
CUT = 4.5
NARROW_EDGE = float(ImageOptions.edges[1])
MASKED_COL, MASKED_ROW, _ = HOTSPOTS[1]
STEEP = (330.0, 300.0)
FLARE_S, FLARE_PHOTONS, QUIET = 5.0, 15.0, 0.05
CONSTANT = Constant()
LEG = LegPlan(150.1, 2.2, roll0=0.0, duration=600)


@dataclass(frozen=True)
class _Place:
    """A star by its place on the detector when the telescope does not dither; and its rate."""

    col: float
    row: float
    rate: float
    light_curve: LightCurve = CONSTANT


FLARE = Tabulated(
    (249.999, 250.0, 250.0 + FLARE_S, 250.001 + FLARE_S),
    (1.0, *(1 + FLARE_PHOTONS / FLARE_S / QUIET,) * 2, 1.0),
)
PLACES = {
    "flare": _Place(450.0, 450.0, QUIET, FLARE),
    "constant": _Place(470.0, 270.0, 4.0),
    "masked hotspot": _Place(MASKED_COL + 10.5, MASKED_ROW + 0.5, 2.0),
    "edge": _Place(396.0 + NARROW_EDGE, 400.0, 4.0),
    "ghost": _Place(420.0, 330.0, 0.5),
    "steep flat": _Place(*STEEP, 10.0),
}
SPOTS = {"hotspot": Hotspot(300.0, 500.0, 1.5), "low pulse height": Hotspot(380.0, 560.0, 1.5, 1.0)}
WARNING = {
    "masked hotspot": "hotspot",
    "hotspot": "dither",
    "low pulse height": "low_q",
    "edge": "edge",
    "ghost": "ghost",
    "steep flat": "dither",
}


def sky_of(place: _Place | Hotspot) -> tuple[float, float]:
    """Return ra, dec (deg)."""
    x, y = (np.array([6.0 * (each - 400)]) for each in (place.col, place.row))
    ra, dec = plane_to_sky(x, y, LEG.ra0, LEG.dec0, LEG.roll0)
    return float(ra[0]), float(dec[0])


def with_a_step(calibration: Path, folder: Path) -> Path:
    """Return the same calibration, but for a steep flat around `STEEP`."""
    folder.mkdir()
    for each in calibration.iterdir():
        (folder / each.name).symlink_to(each)
    flat = folder / "NUV_flat.fits"
    flat.unlink()
    shutil.copy(calibration / flat.name, flat)
    with fits.open(flat, mode="update") as file:
        col, row = (slice(round(each) - 15, round(each) + 15) for each in STEEP)
        file[0].data[col, row] *= np.linspace(1.0, 0.3, 30, dtype=np.float32)[:, None]
    return folder


def scene() -> Scene:
    ghost_ra, ghost_dec = sky_of(PLACES["ghost"])
    return Scene(
        sources=tuple(
            Source(*sky_of(each), rate=each.rate, light_curve=each.light_curve)
            for each in PLACES.values()
        ),
        hotspots=(
            Hotspot(MASKED_COL + 0.5, MASKED_ROW + 0.5, 4.0),
            *SPOTS.values(),
        ),
        ghosts=(Ghost(ghost_ra, ghost_dec + 14 / 3600, 3.0),),
        background=60.0,
    )


@pytest.fixture(scope="module")
def rows(
    synthetic_calibration: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, Any]]:
    """What the view `variables` says of each star: that of its nearest catalogue entry."""
    folder = tmp_path_factory.mktemp("artifacts")
    visit = simulate_visit(
        folder,
        calibration=with_a_step(synthetic_calibration, folder / "calibration"),
        band=Band.NUV,
        eclipse=ECLIPSE,
        legs=(LEG,),
        scene=scene(),
        event_truth=False,
    )
    with Archive(folder / "archive") as archive:
        archive.ingest(
            *(ECLIPSE, "NUV"),
            raw6=visit.raw6,
            pointing=visit.pointing,
            calibration=synthetic_calibration,
        )
        archive.catalogue(ECLIPSE)
        found = archive.variables(ECLIPSE).to_pylist()
        # The catalogue has nothing that the dither moved over the edge, but a list may.
        ra, dec = sky_of(PLACES["edge"])
        (edge,) = archive.variables(ECLIPSE, catalog={"ra": [ra], "dec": [dec]}).to_pylist()
    named = {"edge": edge}
    for name, place in (PLACES | SPOTS).items():
        ra, dec = sky_of(place)
        apart = [3600 * np.hypot(row["ra"] - ra, row["dec"] - dec) for row in found]
        assert min(apart) < 15 or name == "edge", name
        named.setdefault(name, found[int(np.argmin(apart))])
    return named | {"all": {"entries": found}}


def test_a_flare_of_fifteen_photons_has_no_warning(rows: dict[str, dict[str, Any]]) -> None:
    row = rows["flare"]
    assert row["score"] >= CUT
    assert row["warnings"] == []
    assert row["reasons"][0] == "flare"
    assert row["flare_window"] == FLARE_S
    assert row["flare_t0"] - row["t0"] == pytest.approx(250, abs=5)
    assert rows["constant"]["score"] < CUT
    assert rows["constant"]["warnings"] == []


@pytest.mark.parametrize("name", WARNING)
def test_each_artifact_has_its_own_warning(rows: dict[str, dict[str, Any]], name: str) -> None:
    assert WARNING[name] in rows[name]["warnings"]


def test_nothing_but_the_flare_passes_unwarned(rows: dict[str, dict[str, Any]]) -> None:
    candidates = [row for row in rows["all"]["entries"] if (row["score"] or 0) >= CUT]
    unwarned = [row["source_id"] for row in candidates if not row["warnings"]]
    assert unwarned == [rows["flare"]["source_id"]]
    # They do seem to vary, so that it is the warnings that tell them from the flare.
    for name in ("hotspot", "low pulse height", "steep flat"):
        assert rows[name]["score"] >= CUT
