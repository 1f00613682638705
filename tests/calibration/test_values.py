"""Values that no calibration file can hold are refused; what is odd is said."""

import logging
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from numpy.typing import NDArray

from gphoton_db.archive import Archive
from gphoton_db.calibration import CalibrationSet
from gphoton_db.calibration.sets import all_files
from gphoton_db.calibration.verify import FileState, check_file
from gphoton_db.errors import CalibrationError
from gphoton_db.mission import Band

Image = NDArray[np.float32]


def change(directory: Path, name: str, edit: Callable[[Image], None], **header: float) -> None:
    """Replace an image by one with other values, or another header."""
    with fits.open(directory / name, memmap=False) as hdus:
        hdu = hdus[0].copy()
    edit(hdu.data)
    hdu.header.update(header)
    (directory / name).unlink()
    hdu.writeto(directory / name)


def refused(directory: Path, name: str, reason: str, band: Band, eclipse: int = 23500) -> None:
    """Check that an ingest refuses a file, and that `calibration verify` says the same."""
    with pytest.raises(CalibrationError, match=rf"{name}: .*{reason}"):
        CalibrationSet.load(directory, band, eclipse)
    checked = check_file(directory, all_files()[name], {}, {})
    assert checked.state is FileState.DAMAGED
    assert reason.replace("\\", "") in checked.message or reason in checked.message


AGAIN = pytest.mark.deep
"""Of what is looked at in the same way in another file."""


def put(value: float, *where: int | slice) -> Callable[[Image], None]:
    def edit(image: Image) -> None:
        image[where] = value

    return edit


@pytest.mark.parametrize(
    ("name", "edit", "reason"),
    [
        ("NUV_NLC_x_det2sky.fits", put(np.nan, slice(None, None, 10)), "23040 of 230400 values"),
        pytest.param(
            "NUV_NLC_y_det2sky.fits", put(1e6, 200, 200), "the first is 1e+06", marks=AGAIN
        ),
        ("NUV_wiggle_x.fits", put(-np.inf, 3, 3), "the first is -inf"),
        ("NUV_walk_y.fits", put(-998.0, 3, 240, 240), "the first is -998"),
        pytest.param("NUV_walk_x.fits", put(np.nan, 3, 240, 240), "the first is nan", marks=AGAIN),
        ("nuv_distortion_cube_dx.fits", put(-9999.0, 3, 120, 120), "the first is -9999"),
        ("NUV_flat.fits", put(-0.1, 10, 10), "the first is -0.1"),
        ("NUV_flat.fits", put(0.0, slice(None), slice(400, 600)), "inner part are 0"),
        ("NUV_flat.fits", put(1e-20, 400, 420), "a response of 1e-20"),
        ("NUV_mask.fits", put(0.5, 10, 10), "other values than 0"),
        ("NUV_mask.fits", put(0.0, slice(400, None)), "of the field are hotspots"),
    ],
)
def test_values_out_of_their_range(
    directory: Path, name: str, edit: Callable[[Image], None], reason: str
) -> None:
    change(directory, name, edit)
    refused(directory, name, reason.replace("+", r"\+"), Band.NUV)


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("DC_D0", 0.0),
        pytest.param("DC_X0", 1e300, marks=AGAIN),
        ("DC_DX", 5e4),
        pytest.param("DC_DD", -3e3, marks=AGAIN),
    ],
)
def test_a_cube_that_lies_nowhere(directory: Path, keyword: str, value: float) -> None:
    for axis in "xy":
        change(directory, f"nuv_distortion_cube_d{axis}.fits", lambda _: None, **{keyword: value})
    refused(directory, "nuv_distortion_cube_dx.fits", f"{keyword} = ", Band.NUV)


def test_corners_of_a_cube_may_hold_anything(directory: Path) -> None:
    change(directory, "nuv_distortion_cube_dx.fits", put(-9999.0, slice(None), 0, 0))
    assert CalibrationSet.load(directory, Band.NUV, 23500).warnings == ()


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("23500 0.1\n23500 0.2\n", "eclipse 23500 has 2 lines"),
        ("23500 -900\n", "the first is -900"),
        ("23500.5 0.1\n", "its first column must hold eclipses"),
        ("-4 0.1\n", "its first column must hold eclipses"),
    ],
)
def test_offsets_that_cannot_be(directory: Path, lines: str, reason: str) -> None:
    path = directory / "fuv_dx_fdttdc_coef_0.tbl"
    path.unlink()
    path.write_text("| ecl | coef_0 |\n1 0.0\n" + lines)
    refused(directory, path.name, reason, Band.FUV)


def clk2(directory: Path, ycor: list[float], yy: list[float], width: float = 40) -> None:
    path = directory / "CLK2_Sep2010.fits"
    path.unlink()
    primary = fits.PrimaryHDU()
    primary.header["Y_AS_0"], primary.header["Y_AS_INC"] = -2000, width
    columns = {"YB": [2.0] * len(yy), "yy": yy, "ycor": ycor}
    table = fits.BinTableHDU.from_columns(
        [fits.Column(name, "1D", array=values) for name, values in columns.items()]
    )
    fits.HDUList([primary, table]).writeto(path)


@pytest.mark.parametrize("value", [pytest.param(np.nan, marks=AGAIN), 1e4])
def test_post_csp_corrections_out_of_their_range(directory: Path, value: float) -> None:
    clk2(directory, [0.1, value], [5.0, 6.0])
    refused(directory, "CLK2_Sep2010.fits", "1 of 2 values lie outside", Band.NUV, 40000)


def test_two_corrections_of_one_bin(directory: Path) -> None:
    clk2(directory, [0.1, 0.2], [5.0, 5.0])
    with pytest.raises(CalibrationError, match=r"CLK2_Sep2010\.fits: two of its rows are of one"):
        CalibrationSet.load(directory, Band.NUV, 40000)


def test_bins_without_a_width(directory: Path) -> None:
    clk2(directory, [0.1], [5.0], width=1e-9)
    with pytest.raises(CalibrationError, match=r"CLK2_Sep2010\.fits: its y bins do not cover"):
        CalibrationSet.load(directory, Band.NUV, 40000)


def test_a_walk_table_with_large_gaps_is_said(
    directory: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    change(directory, "NUV_walk_x.fits", put(-999.0, slice(4)))
    with caplog.at_level(logging.WARNING):
        (said,) = CalibrationSet.load(directory, Band.NUV, 23500).warnings
    assert "NUV_walk_x.fits: 12 % of its values within the field are -999" in said
    assert said in caplog.messages
    with Archive(tmp_path / "archive", create=True) as archive:
        found = archive.verify_calibration(os.fspath(directory))
    assert [(file.name, file.state) for file in found.odd] == [("NUV_walk_x.fits", FileState.ODD)]
    assert found.odd[0].message == said
    assert found.wrong == ()


def test_a_cube_that_does_not_reach_over_the_field_is_said(directory: Path) -> None:
    for axis in "xy":
        name = f"nuv_distortion_cube_d{axis}.fits"
        change(directory, name, lambda _: None, DC_X0=-1500.0)
    (said,) = CalibrationSet.load(directory, Band.NUV, 23500).warnings
    assert "nuv_distortion_cube_dx.fits: does not cover the field" in said


def test_an_image_that_announces_more_axes_than_there_are(directory: Path) -> None:
    path = directory / "NUV_flat.fits"
    content = path.read_bytes()
    at = content.index(b"NAXIS   =") + 10
    path.unlink()
    path.write_bytes(content[:at] + b"2147483648".rjust(20) + content[at + 20 :])
    refused(directory, path.name, "NAXIS = 2147483648", Band.NUV)


@pytest.mark.parametrize(
    ("band", "eclipse"),
    [
        (Band.FUV, 23500),
        (Band.NUV, 40000),
        pytest.param(Band.NUV, 23500, marks=AGAIN),
        pytest.param(Band.FUV, 40000, marks=AGAIN),
    ],
)
def test_the_real_calibration_is_neither_wrong_nor_odd(
    reference_calibration: Path, band: Band, eclipse: int
) -> None:
    assert CalibrationSet.load(reference_calibration, band, eclipse).warnings == ()
