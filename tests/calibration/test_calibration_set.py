"""Loading calibration sets, whole and broken; each broken one says which file and what is wrong."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from gphoton_db.calibration import CalibrationSet, files_for, short_identifier
from gphoton_db.calibration.kept import KeptCalibration
from gphoton_db.errors import CalibrationError
from gphoton_db.mission import Band

AGAIN = pytest.mark.deep
"""Of what is noticed by the same look at a file."""


def refused(directory: Path, reason: str, band: Band = Band.NUV, eclipse: int = 23500) -> None:
    with pytest.raises(CalibrationError, match=reason):
        CalibrationSet.load(directory, band, eclipse)


def rewrite(directory: Path, name: str, data: Any = None, **header: Any) -> None:
    """Replace an image: its data, or keywords of its header (None removes one)."""
    with fits.open(directory / name, memmap=False) as hdus:
        old = hdus[0].copy()
    hdu = fits.PrimaryHDU(old.data if data is None else data, old.header)
    for keyword, value in header.items():
        if value is None:
            del hdu.header[keyword]
        else:
            hdu.header[keyword] = value
    (directory / name).unlink()
    hdu.writeto(directory / name)


@pytest.mark.parametrize(
    ("band", "eclipse", "variants"),
    [(Band.NUV, 23500, {""}), (Band.FUV, 23500, {""}), (Band.NUV, 40000, {"a", "b", "c"})],
)
def test_a_complete_set_is_loaded(
    synthetic_calibration: Path, band: Band, eclipse: int, variants: set[str]
) -> None:
    loaded = CalibrationSet.load(synthetic_calibration, band, eclipse)
    assert {file.name for file in loaded.files} == {f.name for f in files_for(band, eclipse)}
    assert set(loaded.cubes) == variants
    assert loaded.walk.shape == (32, 480, 480, 2)
    for axis, name in enumerate("xy"):
        expected = fits.getdata(synthetic_calibration / f"{band}_walk_{name}.fits")
        assert np.array_equal(loaded.walk[..., axis], expected)
    assert (loaded.fuv_offsets is not None) == (band is Band.FUV)
    assert (loaded.post_csp is not None) == (eclipse > 37423)
    mask = fits.getdata(synthetic_calibration / f"{band}_mask.fits")
    assert np.array_equal(loaded.hotspot, mask == 0)


def test_a_set_is_named_by_its_content(synthetic_calibration: Path, directory: Path) -> None:
    original = CalibrationSet.load(synthetic_calibration, Band.NUV, 23500)
    assert CalibrationSet.load(directory, Band.NUV, 23500).identifier == original.identifier
    rewrite(directory, "NUV_flat.fits", np.ones((800, 800), np.float32))
    assert CalibrationSet.load(directory, Band.NUV, 23500).identifier != original.identifier


def test_a_kept_set_is_read_anew_when_a_file_changes_or_another_one_is_needed(
    directory: Path,
) -> None:
    load = KeptCalibration()
    first = load(directory, Band.NUV, 23500)
    assert first.identifier == CalibrationSet.load(directory, Band.NUV, 23500).identifier
    assert load(directory, Band.NUV, 23501) is first
    fuv = load(directory, Band.FUV, 23500)
    assert (fuv.band, load(directory, Band.NUV, 23500)) == (Band.FUV, first)
    assert set(load(directory, Band.NUV, 40000).cubes) == {"a", "b", "c"}, "of another epoch"
    rewrite(directory, "NUV_flat.fits", np.ones((800, 800), np.float32))
    assert (load(directory, Band.NUV, 23500).flat == 1).all()
    (directory / "NUV_flat.fits").unlink()
    with pytest.raises(CalibrationError, match=r"NUV_flat\.fits"):
        load(directory, Band.NUV, 23500)


def test_a_synthetic_set_says_so_in_its_name(synthetic_calibration: Path) -> None:
    loaded = CalibrationSet.load(synthetic_calibration, Band.NUV, 23500)
    assert loaded.synthetic
    assert re.fullmatch("synthetic-[0-9a-f]{64}", loaded.identifier)
    assert re.fullmatch("synthetic-[0-9a-f]{8}", short_identifier(loaded.identifier))


def test_a_real_set_is_named_by_its_hash_alone(reference_calibration: Path) -> None:
    loaded = CalibrationSet.load(reference_calibration, Band.NUV, 23500)
    assert not loaded.synthetic
    assert re.fullmatch("[0-9a-f]{64}", loaded.identifier)
    assert short_identifier(loaded.identifier) == loaded.identifier[:8]


@pytest.mark.parametrize("name", [pytest.param("NUV_mask.fits", marks=AGAIN), "CLK2_Sep2010.fits"])
def test_one_synthetic_file_makes_a_set_synthetic(
    reference_calibration: Path, synthetic_calibration: Path, tmp_path: Path, name: str
) -> None:
    mixed = tmp_path / "mixed"
    mixed.mkdir()
    for path in reference_calibration.iterdir():
        origin = synthetic_calibration if path.name == name else reference_calibration
        (mixed / path.name).symlink_to(origin / path.name)
    assert CalibrationSet.load(mixed, Band.NUV, 40000).synthetic


def test_files_of_the_other_band_do_not_matter(directory: Path) -> None:
    expected = CalibrationSet.load(directory, Band.NUV, 23500).identifier
    for path in directory.glob("FUV_*"):
        path.unlink()
    assert CalibrationSet.load(directory, Band.NUV, 23500).identifier == expected


def test_no_directory(tmp_path: Path) -> None:
    refused(tmp_path / "none", "none: no such calibration directory")


def test_all_missing_files_are_listed(directory: Path) -> None:
    for name in ("NUV_walk_x.fits", "NUV_flat.fits", "nuv_distortion_cube_dyb.fits"):
        (directory / name).unlink()
    refused(directory, r"2 of the 10 .* for NUV are missing: NUV_flat\.fits, NUV_walk_x\.fits")
    refused(directory, r"3 of the 17 .*nuv_distortion_cube_dyb\.fits", eclipse=40000)


def test_a_broken_link_is_a_missing_file(directory: Path) -> None:
    (directory / "NUV_mask.fits").unlink()
    (directory / "NUV_mask.fits").symlink_to(directory / "nowhere")
    refused(directory, r"missing: NUV_mask\.fits")


def test_a_wrong_shape(directory: Path) -> None:
    rewrite(directory, "NUV_wiggle_x.fits", np.zeros((32, 481), np.float32))
    refused(directory, r"NUV_wiggle_x\.fits: expected an array of 32 x 480, found 32 x 481")


def test_a_wrong_number_of_axes(directory: Path) -> None:
    rewrite(directory, "nuv_distortion_cube_dx.fits", np.zeros((9, 9), np.float32))
    refused(directory, r"cube_dx\.fits: expected an array of n x n x n, found 9 x 9")


@pytest.mark.parametrize("kind", ["float64", pytest.param("int16", marks=AGAIN)])
def test_a_wrong_type(directory: Path, kind: str) -> None:
    rewrite(directory, "NUV_flat.fits", np.zeros((800, 800), kind))
    refused(directory, rf"NUV_flat\.fits: expected float32 values, found {kind}")


def test_a_missing_keyword(directory: Path) -> None:
    for axis in "xy":
        rewrite(directory, f"nuv_distortion_cube_d{axis}.fits", DC_D0=None, DC_DX=None)
    refused(directory, r"nuv_distortion_cube_dx\.fits: its header lacks DC_DX, DC_D0")


def test_a_keyword_that_is_no_number(directory: Path) -> None:
    rewrite(directory, "nuv_distortion_cube_dx.fits", DC_D0="deep")
    refused(directory, r"nuv_distortion_cube_dx\.fits: .*DC_D0")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", marks=AGAIN),
        b"<html>404</html>",
        pytest.param(b"SIMPLE  =   T" + b" " * 2867, marks=AGAIN),
    ],
)
def test_a_file_that_is_not_fits(directory: Path, content: bytes) -> None:
    (directory / "NUV_flat.fits").unlink()
    (directory / "NUV_flat.fits").write_bytes(content)
    refused(directory, r"NUV_flat\.fits: not a readable FITS image")


def test_a_truncated_file(directory: Path) -> None:
    path = directory / "NUV_flat.fits"
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data[: len(data) // 2])
    refused(directory, r"NUV_flat\.fits: not a readable FITS image")


def test_an_image_larger_than_any_memory(directory: Path) -> None:
    path = directory / "NUV_flat.fits"
    content = path.read_bytes()
    at = content.index(b"NAXIS1  =") + 10
    path.unlink()
    path.write_bytes(content[:at] + b"999999999999".rjust(20) + content[at + 20 :])
    refused(directory, r"NUV_flat\.fits: not a readable FITS image")


def test_a_file_without_an_image(directory: Path) -> None:
    (directory / "NUV_flat.fits").unlink()
    fits.PrimaryHDU().writeto(directory / "NUV_flat.fits")
    refused(directory, r"NUV_flat\.fits: its primary HDU holds no image")


def test_cubes_that_differ_in_shape(directory: Path) -> None:
    rewrite(directory, "nuv_distortion_cube_dy.fits", np.zeros((17, 240, 239), np.float32))
    refused(directory, "NUV distortion cubes of x and y differ in shape or header")


def test_cubes_that_differ_in_place(directory: Path) -> None:
    rewrite(directory, "nuv_distortion_cube_dyb.fits", DC_D0=5081.0)
    refused(directory, "NUV distortion cubes b of x and y differ", eclipse=40000)


def test_a_cube_without_a_step(directory: Path) -> None:
    for axis in "xy":
        rewrite(directory, f"nuv_distortion_cube_d{axis}.fits", DC_DD=0.0)
    refused(directory, "NUV distortion cube has a step of 0")


@pytest.mark.parametrize(
    "text",
    [
        *("", "1.0 nan\n"),
        *(pytest.param(text, marks=AGAIN) for text in ("1.0 2.0 3.0\n", "one two\n")),
    ],
)
def test_offsets_that_are_no_table(directory: Path, text: str) -> None:
    path = directory / "fuv_dx_fdttdc_coef_0.tbl"
    path.unlink()
    path.write_text("| ecl | coef_0 |\n" + text)
    refused(directory, r"fuv_dx_fdttdc_coef_0\.tbl: ", band=Band.FUV)


def post_csp_table(directory: Path, *, start: float = -2000, **columns: Any) -> None:
    """Replace CLK2 by a table of these columns."""
    path = directory / "CLK2_Sep2010.fits"
    path.unlink()
    primary = fits.PrimaryHDU()
    primary.header["Y_AS_0"], primary.header["Y_AS_INC"] = start, 40
    table = fits.BinTableHDU.from_columns(
        [fits.Column(name, "1D", array=values) for name, values in columns.items()]
    )
    fits.HDUList([primary, table]).writeto(path)


def test_a_post_csp_table_without_a_column(directory: Path) -> None:
    post_csp_table(directory, YB=[2.0], ycor=[0.1])
    refused(directory, r"CLK2_Sep2010\.fits: lacks the columns yy", eclipse=40000)


def test_a_post_csp_table_with_an_impossible_key(directory: Path) -> None:
    post_csp_table(directory, YB=[9.0], yy=[5.0], ycor=[0.1])
    refused(directory, r"CLK2_Sep2010\.fits: YB lies outside 0\.\.7", eclipse=40000)


def test_a_post_csp_table_whose_bins_start_too_late(directory: Path) -> None:
    post_csp_table(directory, start=-1900, YB=[2.0], yy=[5.0], ycor=[0.1])
    refused(directory, r"CLK2_Sep2010\.fits: its y bins do not cover", eclipse=40000)


def test_a_post_csp_file_without_a_table(directory: Path) -> None:
    (directory / "WIG2_Sep2010.fits").unlink()
    fits.PrimaryHDU().writeto(directory / "WIG2_Sep2010.fits")
    refused(directory, r"WIG2_Sep2010\.fits: not a readable FITS table", eclipse=40000)
