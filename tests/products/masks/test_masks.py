"""Masks from data: every hot cell, no star, with much dither and with little; and cold cells."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from astropy.io import fits
from astropy.table import Table
from tests.examples import deep
from tests.gphoton_db.archives import Sources, ingest
from tests.gphoton_db.conftest import Cli

from gphoton_db.archive import Archive
from gphoton_db.errors import ProductError
from gphoton_db.mission import Band
from gphoton_db.products.images.image import Image
from gphoton_db.products.lightcurves.bits import LightCurveFlag
from gphoton_db.products.masks.mask import CellFlag, DetectorMask, classify
from gphoton_db.products.masks.options import MaskOptions
from gphoton_db.products.masks.planes import DetectorPlanes
from gphoton_db.products.run_leg import run_leg
from gphoton_db.products.run_options import RunOptions
from gphoton_db.progress import no_progress
from gphoton_db.simulate.plan import LegPlan, Spiral
from gphoton_db.simulate.scene import Hotspot, Scene, Source
from gphoton_db.simulate.visit import simulate_visit

RA0, DEC0 = 150.0, 2.0
SPOTS = ((210.5, 300.5, 2.5), (500.2, 410.7, 4.0), (420.0, 620.0, 10.0), (640.3, 330.9, 40.0))
"""Column, row and rate of hotspots that the calibration's mask does not know."""

MAGNITUDES = np.arange(12.0, 22.1)
MISSION, LITTLE, NONE = 23500, 23501, 23502
DITHER = {MISSION: 72.0, LITTLE: 18.0, NONE: 2.0}
"""Arcsec, radius of the spiral, which is not reached in a minute."""


@dataclass(frozen=True)
class Observed:
    """An archive with a visit for each dither."""

    root: Path


def stars() -> tuple[Source, ...]:
    """Return stars of all magnitudes, on a spiral, none near to another."""
    angle, distance = 2.4 * np.arange(len(MAGNITUDES)), 0.08 + 0.019 * np.arange(len(MAGNITUDES))
    return tuple(
        Source(
            RA0 + r * np.cos(a) / np.cos(np.radians(DEC0)),
            DEC0 + r * np.sin(a),
            10 ** ((20.08 - magnitude) / 2.5),
        )
        for a, r, magnitude in zip(angle, distance, MAGNITUDES, strict=True)
    )


@pytest.fixture(scope="module")
def observed(synthetic_calibration: Path, tmp_path_factory: pytest.TempPathFactory) -> Observed:
    folder = tmp_path_factory.mktemp("masks")
    scene = Scene(sources=stars(), background=400.0, hotspots=tuple(Hotspot(*s) for s in SPOTS))
    with Archive(folder / "archive") as archive:
        for eclipse, radius in DITHER.items():
            duration = 30 if eclipse == NONE else 60
            leg = LegPlan(RA0, DEC0, duration=duration, dither=Spiral(radius=radius))
            visit = simulate_visit(
                folder / str(eclipse),
                calibration=synthetic_calibration,
                band=Band.NUV,
                eclipse=eclipse,
                legs=(leg,),
                scene=scene,
            )
            ingest(archive, Sources.of(visit))
    return Observed(folder / "archive")


@pytest.fixture(scope="module")
def archive(observed: Observed) -> Iterator[Archive]:
    with Archive(observed.root) as opened:
        yield opened


@pytest.fixture(scope="module")
def standard(archive: Archive) -> Image:
    """The image with the mask of the calibration; not to be changed."""
    return archive.image(MISSION, "NUV")


def hot_cells(mask: DetectorMask) -> set[tuple[int, int]]:
    return {(int(col), int(row)) for col, row in np.argwhere(mask.cells & int(CellFlag.HOT))}


@pytest.mark.parametrize("eclipse", [MISSION, LITTLE])
def test_every_hotspot_is_found_and_no_star(archive: Archive, eclipse: int) -> None:
    mask = archive.mask(eclipse, "NUV")
    mission = np.hypot(0.0076, 0.0072) * 3600  # standard deviation of the mission's dither
    assert mask.header["DITHER"] == pytest.approx(mission if eclipse == MISSION else 9.4, rel=0.1)
    found = hot_cells(mask)
    near = {
        (col, row): min(np.hypot(col + 0.5 - x, row + 0.5 - y) for x, y, _ in SPOTS)
        for col, row in found
    }
    assert max(near.values()) < 2.5  # no cell but those of the spots
    for x, y, _ in SPOTS:
        assert any(np.hypot(col + 0.5 - x, row + 0.5 - y) < 1.5 for col, row in found)
    # Stars made more cells as bright as that, and are told apart with room to spare.
    bright = mask.rate >= MaskOptions.hot_rate
    of_stars = mask.spread[bright & (mask.cells == 0)]
    assert len(of_stars) > 30
    assert of_stars.max() < 0.65 < 0.85 < mask.spread[bright & (mask.cells > 0)].min()


def test_without_dither_stars_are_not_taken_for_hot_cells(
    archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert archive.mask(NONE, "NUV").n_hot == 0
        assert archive.mask([MISSION, NONE], "NUV").n_hot > 0
    assert "so that hot cells cannot be told from stars and it is left out" in caplog.text
    assert f"e{NONE:05d} NUV leg 0: the pointing moved by" in caplog.text


def test_a_mask_is_written_read_and_entered(archive: Archive, tmp_path: Path) -> None:
    made = archive.mask([MISSION, LITTLE], Band.NUV, path=tmp_path)
    read = DetectorMask.read(tmp_path / "nd-2-legs-mask.fits")
    assert np.array_equal(read.cells, made.cells)
    assert np.array_equal(read.spread, made.spread, equal_nan=True)
    assert (read.header["NLEGS"], read.header["BANDNAME"]) == (2, "NUV")
    (row,) = archive.query("SELECT parameters FROM products WHERE kind = 'mask'").rows()
    assert '"hot_rate": 0.85' in row["parameters"]
    assert f'"eclipses": [{MISSION}, {LITTLE}]' in row["parameters"]


def test_images_flag_the_photons_of_masked_cells_and_count_them(
    archive: Archive, standard: Image, tmp_path: Path
) -> None:
    masked = archive.image(MISSION, "NUV", mask="data")
    assert np.array_equal(masked.count, standard.count)
    assert (masked.flag & 1).sum() > (standard.flag & 1).sum() + 50
    assert np.array_equal(masked.flag & ~np.uint8(1), standard.flag & ~np.uint8(1))
    file = archive.mask(MISSION, "NUV").write(tmp_path / "mask.fits")
    assert np.array_equal(archive.image(MISSION, "NUV", mask=file).flag, masked.flag)
    wrong = DetectorMask.read(file)
    wrong.header["BANDNAME"] = "FUV"
    wrong.write(tmp_path / "fuv.fits")
    with pytest.raises(ProductError, match="is a mask of FUV, not of NUV"):
        archive.image(MISSION, "NUV", mask=tmp_path / "fuv.fits")


def test_whatever_measures_a_spot_flags_it(archive: Archive, tmp_path: Path) -> None:
    standard = archive.query(
        f"SELECT avg(ra) AS ra, avg(dec) AS dec FROM photons WHERE eclipse = {MISSION} "
        "AND sqrt((col - 640.3) ^ 2 + (row - 330.9) ^ 2) < 2"
    ).rows()[0]
    place = standard["ra"], standard["dec"]
    file = archive.mask(MISSION, "NUV").write(tmp_path / "mask.fits")
    here = Table({"ra": [place[0]], "dec": [place[1]]})
    hotspot = int(LightCurveFlag.HOTSPOT)
    for mask, of_spot in (("calibration", 0), ("data", hotspot), (file, hotspot)):
        times = archive.legs(MISSION)[0]
        how: Any = {"step": None, "time_ranges": [(times.t0, times.t1)], "mask": mask}
        curves = [archive.lightcurve(*place, **how)]
        if mask != file:  # which is that of the data, read
            curves.append(archive.lightcurves(here, **how))
            curves.append(archive.lightcurve(*place, method="image", **how))
        for curve in curves:
            assert int(curve["flags"][0]) & hotspot == of_spot
            assert curve["cps"][0].value > 0
            assert curve.meta.get("MASK") == {0: None}.get(of_spot, Path(mask).name)
        by_image = mask == "data" or (deep() and mask != file)
        for method in ("photon", "image") if by_image else ("photon",):
            made = archive.photometry(MISSION, "NUV", catalog=here, method=method, mask=mask)
            assert np.bitwise_or.reduce(np.asarray(made.table["flags"])) & 1 == of_spot
    assert len(curves[0].meta["MASKSHA"]) == 16
    missing = tmp_path / "missing.fits"
    with pytest.raises(ProductError, match=r"missing\.fits: cannot be read"):
        archive.photometry(MISSION, "NUV", mask=missing)
    with pytest.raises(ProductError, match=r"missing\.fits: .* give calibration, data, or"):
        archive.lightcurve(*place, mask=missing)


@pytest.mark.deep
def test_catalogues_take_the_mask_and_say_so(archive: Archive, tmp_path: Path) -> None:
    standard = archive.catalogue(MISSION, radii=(6.0,))
    masked = archive.catalogue(MISSION, radii=(6.0,), mask="data")
    # What was detected where the spots moved over the sky is no source any more.
    assert 0 < masked.num_rows < standard.num_rows, (masked.num_rows, standard.num_rows)
    archive.write_catalogue(masked, tmp_path / "masked.fits")
    archive.write_catalogue(standard, tmp_path / "standard.parquet")
    assert fits.getheader(tmp_path / "masked.fits", 1)["MASK"] == "data"
    assert b"MASK" not in pq.read_schema(tmp_path / "standard.parquet").metadata


def test_a_run_takes_the_mask_and_replaces_nothing(
    observed: Observed, archive: Archive, standard: Image
) -> None:
    folder = observed.root / f"products/e{MISSION:05d}"
    folder.mkdir(parents=True, exist_ok=True)
    standard.write(folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    legs = archive.legs(MISSION)
    run_leg(archive._product_reader, legs[0], RunOptions(mask="data", depth=50.0), no_progress)
    names = {path.name for path in folder.iterdir()}
    stem = f"e{MISSION:05d}-nd"
    assert {
        f"{stem}-ffull-b00-image-mask-data-r.fits",
        f"{stem}-f0050-b00-movie-mask-data-r.fits",
        f"{stem}-f0050-b00-movie-photom-12_8-mask-data.csv",
    } <= names
    assert {name: (folder / name).read_bytes() for name in before} == before
    for name in sorted(each for each in names if each.endswith("-mask-data-r.fits")):
        header = fits.getheader(folder / name)
        assert (header["MASK"], header["HOTRATE"]) == ("data", MaskOptions.hot_rate)
    (row,) = archive.query(
        "SELECT parameters FROM products WHERE path LIKE '%movie-mask-data-r.fits'"
    ).rows()
    assert '"mask": "data"' in row["parameters"]


def test_commands(cli: Cli, observed: Observed, tmp_path: Path) -> None:
    root = f"--archive={observed.root}"
    made = cli(root, "mask", "NUV", str(MISSION), "--output", str(tmp_path))
    assert "hot cells, 0 cold cells in" in made.out
    assert Path(made.out.splitlines()[-1]) in tmp_path.glob("*-mask.fits")
    coarse = ("--pixel=3", f"--output={tmp_path}/i.fits")
    image = cli(root, "image", str(MISSION), "NUV", "--mask=data", *coarse)
    assert image.code == 0
    assert (Image.read(tmp_path / "i.fits").flag & 1).sum() > 50
    assert cli(root, "mask", "NUV", str(MISSION), "--hot-rate", "-1").code == 1


def uniform(rate: float, exposure: float) -> DetectorPlanes:
    photons = np.full((800, 800), rate * exposure)
    dither = 0.01
    return DetectorPlanes(photons, photons * dither**2, photons * dither**2, exposure, dither)


def test_cold_cells_are_those_that_neighbours_say_should_have_photons() -> None:
    planes = uniform(0.02, 1500.0)
    photons = planes.photons.copy()
    photons[300:303, 500] = [0.0, 5.0, 20.0]  # 0, 0.0033 and 0.0133 a second
    photons[0, 0] = 0.0  # beyond the field
    cells = classify(replace(planes, photons=photons), MaskOptions())
    assert np.argwhere(cells).tolist() == [[300, 500], [301, 500]]
    assert cells[300, 500] == CellFlag.COLD
    # With few photons everywhere nothing is said; two such legs together say it.
    short = replace(planes, photons=photons / 5, exposure=300.0)
    assert classify(short, MaskOptions()).sum() == 0
    assert np.count_nonzero(classify(short + short, MaskOptions())) == 2


def test_options_that_cannot_be_are_refused() -> None:
    with pytest.raises(ProductError, match="hot_rate = -1: give a number above 0"):
        MaskOptions(hot_rate=-1)
    with pytest.raises(ProductError, match="would be hot, too"):
        MaskOptions(cold_rate=1.0)
