from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from gphoton_db.simulate.synthetic_calibration import CUBE_HEADER


def test_every_file_of_the_real_set_is_there(
    synthetic_calibration: Path, reference_calibration: Path
) -> None:
    made_up, real = (
        {path.name for path in directory.iterdir()}
        for directory in (synthetic_calibration, reference_calibration)
    )
    assert made_up == real


def test_layout_is_that_of_the_real_set(
    synthetic_calibration: Path, reference_calibration: Path
) -> None:
    for path in sorted(reference_calibration.glob("*.fits")):
        with fits.open(path) as real, fits.open(synthetic_calibration / path.name) as made_up:
            assert len(made_up) == len(real), path.name
            if len(real) == 1:
                assert made_up[0].data.shape == real[0].data.shape, path.name
                assert made_up[0].data.dtype == real[0].data.dtype, path.name
            else:
                assert made_up[1].columns.names == real[1].columns.names, path.name
                assert made_up[1].data.dtype == real[1].data.dtype, path.name
            for key in ("Y_AS_0", "Y_AS_INC", *CUBE_HEADER):
                assert made_up[0].header.get(key) == real[0].header.get(key), path.name


@pytest.mark.parametrize("axis", ["x", "y"])
def test_offset_tables_have_the_real_layout(
    synthetic_calibration: Path, reference_calibration: Path, axis: str
) -> None:
    name = f"fuv_d{axis}_fdttdc_coef_0.tbl"
    real = (reference_calibration / name).read_text().splitlines()
    made_up = (synthetic_calibration / name).read_text().splitlines()
    assert [line[:9] for line in made_up] == [line[:9] for line in real]
    assert {len(line) for line in made_up} == {len(line) for line in real}


@pytest.mark.parametrize("band", ["NUV", "FUV"])
def test_every_kind_of_loss_is_in_the_tables(synthetic_calibration: Path, band: str) -> None:
    walk = fits.getdata(synthetic_calibration / f"{band}_walk_x.fits")
    flat = fits.getdata(synthetic_calibration / f"{band}_flat.fits")
    mask = fits.getdata(synthetic_calibration / f"{band}_mask.fits")
    assert (walk[:, 0, 0] == -999).all()
    assert (walk[:, 240, 240] != -999).all()
    assert flat[301, 501] == 0
    assert 50 < (mask == 0).sum() < 2000
    assert np.ptp(flat[350:450, 350:450]) > 0.02
